//! The credentials that were revoked, in memory, so that every door can ask at no cost.

use std::collections::HashMap;

use parking_lot::RwLock;
use pilothouse_core::time::Timestamp;
use pilothouse_protocols::Denied;

use super::credential::Credential;

/// How many are kept at most. Overflow rule: a further one is refused, and whoever asked is told.
const MOST: usize = 100_000;
/// A row is kept a little longer than the credential counts, since clocks differ.
const MARGIN: u64 = 60_000;

/// The list is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the list of revoked credentials is full; change auth.secret to end all tokens at once")]
pub(crate) struct Full;

/// Credentials that count no longer, and when they would have expired.
#[derive(Debug, Default)]
pub(crate) struct Revoked {
    entries: RwLock<HashMap<Credential, Option<Timestamp>>>,
}

impl Revoked {
    /// Adds one. It is refused at every door from now on.
    pub(crate) fn insert(
        &self,
        credential: Credential,
        expires_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), Full> {
        let mut entries = self.entries.write();
        if entries.len() >= MOST {
            entries.retain(|_, expires_at| is_kept(*expires_at, now));
        }
        if entries.len() >= MOST && !entries.contains_key(&credential) {
            return Err(Full);
        }
        entries.entry(credential).or_insert(expires_at);
        Ok(())
    }

    /// Refuses a credential that was revoked.
    pub(crate) fn check(&self, credential: &Credential) -> Result<(), Denied> {
        if self.entries.read().contains_key(credential) {
            return Err(Denied { reason: "the token was revoked" });
        }
        Ok(())
    }
}

/// The moment before which a stored entry may be forgotten.
pub(crate) fn forgotten_before(now: Timestamp) -> Timestamp {
    Timestamp(now.0.saturating_sub(MARGIN))
}

fn is_kept(expires_at: Option<Timestamp>, now: Timestamp) -> bool {
    expires_at.is_none_or(|at| at >= forgotten_before(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_list_forgets_what_has_expired_and_nothing_else() {
        let now = Timestamp(1_700_000_000_000);
        let revoked = Revoked::default();
        for number in 0..MOST - 1 {
            let credential = Credential::of(&number.to_string());
            assert_eq!(revoked.insert(credential, None, now), Ok(()));
        }
        let (old, new) = (Credential::of("old"), Credential::of("new"));
        assert_eq!(revoked.insert(old, Some(Timestamp(now.0 + 1)), now), Ok(()));
        assert_eq!(revoked.insert(new, None, now), Err(Full));
        assert!(revoked.check(&old).is_err());
        let later = Timestamp(now.0 + 2 * MARGIN);
        assert_eq!(revoked.insert(new, None, later), Ok(()));
        assert!(revoked.check(&new).is_err());
        assert!(revoked.check(&old).is_ok());
        assert!(revoked.check(&Credential::of("0")).is_err());
    }
}
