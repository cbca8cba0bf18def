//! Replies that are kept under a key of the client's, so that a request that is sent again is not done again.
//!
//! Here is what has to be kept and who is under way; HTTP and SQL are elsewhere.

use std::{collections::HashMap, fmt::Write, sync::Arc};

use bytes::Bytes;
use parking_lot::Mutex;
use pilothouse_core::{
    ports::{PortFuture, StoreError},
    time::Timestamp,
};
use sha2::{Digest, Sha256};

use crate::auth::secret::Secret;

/// How many requests with a key may be under way at once. Overflow rule: further ones are refused.
const MOST_UNDER_WAY: usize = 1_000;
/// How many keys of one caller are kept. Overflow rule: the oldest goes.
pub(crate) const MOST_KEPT: usize = 10_000;
/// The largest body that is kept, in bytes.
pub(crate) const LARGEST_BODY: usize = 64 << 10;

/// A request that names itself by a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyed {
    /// Who asks: keys of others are others.
    pub caller: Arc<str>,
    /// What they call the request.
    pub name: Arc<str>,
    /// Its method and target.
    pub request: Arc<str>,
    /// Of its body.
    pub fingerprint: Arc<str>,
}

impl Keyed {
    /// Whether it asks for the same.
    fn asks_the_same(&self, other: &Self) -> bool {
        (&self.request, &self.fingerprint) == (&other.request, &other.fingerprint)
    }
}

/// Tells bodies apart by their SHA-256, in a way of this server: there may be a password in a body, and whoever reads the
/// database must not be able to try out which.
pub(crate) struct Fingerprints([u8; 32]);

impl Fingerprints {
    /// Those of servers with that secret.
    pub(crate) fn new(secret: &Secret) -> Self {
        let own = Sha256::new().chain_update(b"idempotency").chain_update(secret.bytes());
        Self(own.finalize().into())
    }

    /// The fingerprint of a body, in hexadecimal digits.
    pub(crate) fn of(&self, body: &[u8]) -> String {
        let inner = Sha256::new().chain_update(self.0).chain_update(body).finalize();
        let outer = Sha256::new().chain_update(self.0).chain_update(inner).finalize();
        outer.iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// What a request was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptReply {
    /// The status.
    pub status: u16,
    /// Where what was made is found.
    pub location: Option<String>,
    /// What the body is.
    pub content_type: Option<String>,
    /// The body, or why there is none.
    pub body: KeptBody,
}

/// A body, or why it was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeptBody {
    /// All of it.
    Whole(Bytes),
    /// There was a secret in it, which is shown once.
    Secret,
    /// It was longer than bodies that are kept.
    TooLong,
}

/// What is known of a request that is about to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Nothing; now it stands there as begun.
    Now,
    /// The key stands for another request.
    OtherRequest,
    /// It was begun before, and nobody knows what became of it.
    Unanswered,
    /// It was done before.
    Answered(KeptReply),
}

/// Where replies are kept. Whatever a call answered with `Ok` survives a crash.
pub trait Replies: Send + Sync {
    /// Keeps that a request is begun at `now`, unless its key is known since `forget` or later.
    fn begin<'a>(
        &'a self,
        keyed: &'a Keyed,
        now: Timestamp,
        forget: Timestamp,
    ) -> PortFuture<'a, Result<Begun, StoreError>>;

    /// Keeps what it was answered.
    fn answer<'a>(
        &'a self,
        keyed: &'a Keyed,
        reply: &'a KeptReply,
    ) -> PortFuture<'a, Result<(), StoreError>>;

    /// Forgets that it was begun.
    fn free<'a>(&'a self, keyed: &'a Keyed) -> PortFuture<'a, Result<(), StoreError>>;

    /// Deletes those that were begun before that moment, a bounded piece per call. Returns how many.
    fn forget(&self, before: Timestamp) -> PortFuture<'_, Result<u64, StoreError>>;
}

/// Why a request does not get under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotEntered {
    /// The same request is under way.
    Same,
    /// Another one of the same key is.
    Other,
    /// Too many are.
    Crowded,
}

/// The requests that are being done in this life of the server.
#[derive(Default)]
pub(crate) struct UnderWay {
    by_key: Mutex<HashMap<(Arc<str>, Arc<str>), Keyed>>,
}

impl UnderWay {
    /// Takes a request's place, until what comes back is dropped.
    pub(crate) fn enter(self: &Arc<Self>, keyed: &Keyed) -> Result<Entered, NotEntered> {
        let key = (keyed.caller.clone(), keyed.name.clone());
        let mut by_key = self.by_key.lock();
        if let Some(known) = by_key.get(&key) {
            return Err(match known.asks_the_same(keyed) {
                true => NotEntered::Same,
                false => NotEntered::Other,
            });
        }
        if by_key.len() >= MOST_UNDER_WAY {
            return Err(NotEntered::Crowded);
        }
        by_key.insert(key.clone(), keyed.clone());
        Ok(Entered { under_way: self.clone(), key })
    }
}

/// A request that is under way.
pub(crate) struct Entered {
    under_way: Arc<UnderWay>,
    key: (Arc<str>, Arc<str>),
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.under_way.by_key.lock().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyed(caller: &str, name: &str, fingerprint: &str) -> Keyed {
        Keyed {
            caller: caller.into(),
            name: name.into(),
            request: "POST /api/v1/commands".into(),
            fingerprint: fingerprint.into(),
        }
    }

    #[test]
    fn the_same_body_has_the_same_fingerprint_on_this_server_alone() {
        let own = |byte| Fingerprints::new(&Secret::new([byte; 32]).unwrap());
        assert_eq!(own(1).of(b"{}"), own(1).of(b"{}"));
        assert_ne!(own(1).of(b"{}"), own(1).of(b"{ }"));
        assert_ne!(own(1).of(b"{}"), own(2).of(b"{}"));
    }

    #[test]
    fn one_at_a_time_gets_under_way() {
        let under_way = Arc::new(UnderWay::default());
        let first = under_way.enter(&keyed("ann", "k", "1")).ok();
        let refused = |keyed| under_way.enter(&keyed).err();
        assert_eq!(refused(keyed("ann", "k", "1")), Some(NotEntered::Same));
        assert_eq!(refused(keyed("ann", "k", "2")), Some(NotEntered::Other));
        assert_eq!(refused(keyed("ben", "k", "2")), None);
        drop(first);
        assert_eq!(refused(keyed("ann", "k", "2")), None);
        let crowd: Vec<_> = (0..MOST_UNDER_WAY)
            .map(|number| under_way.enter(&keyed("ann", &number.to_string(), "1")))
            .collect();
        assert!(crowd.iter().all(Result::is_ok));
        assert_eq!(refused(keyed("ann", "k", "1")), Some(NotEntered::Crowded));
    }
}
