//! Passwords: hashed slowly, beside the event loops, and never by more than two threads at once.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use argon2::{
    Argon2, PasswordHasher, PasswordVerifier,
    password_hash::{self, Salt, SaltString},
};
use pilothouse_core::people::PasswordHash;
use tokio::sync::Semaphore;

/// How many are hashed at once; each takes 19 MiB and a core for tens of milliseconds.
const AT_ONCE: usize = 2;
/// How many may wait for that. Overflow rule: further ones are refused.
const MOST_WAITING: usize = 64;
/// What a password is compared with that belongs to nobody: as much work as any other, and no password fits.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$cGlsb3Rob3VzZSBub2JvZHk$\
                       AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Why a password was not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unhashed {
    /// Too many are waiting already.
    #[error("too many people sign in at once; try again in a moment")]
    Crowded,
    /// There are no random numbers, or no threads.
    #[error("passwords cannot be checked now")]
    Failed,
}

/// Where passwords are hashed and compared.
#[derive(Debug)]
pub(crate) struct Passwords {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// Counts who waits, also when they give up.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(AT_ONCE)), waiting: AtomicUsize::new(0) }
    }
}

impl Passwords {
    /// The hash of a new password.
    pub(crate) async fn hash(&self, password: String) -> Result<PasswordHash, Unhashed> {
        self.beside(move || hash(&password)).await?.map_err(|_| Unhashed::Failed)
    }

    /// Whether it is the password of that hash. Without a hash it is not, after the same work.
    pub(crate) async fn is(
        &self,
        password: String,
        known: Option<PasswordHash>,
    ) -> Result<bool, Unhashed> {
        self.beside(move || is(&password, known.as_ref())).await
    }

    async fn beside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Unhashed> {
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= MOST_WAITING {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(Unhashed::Crowded);
        }
        let _waiting = Waiting(&self.waiting);
        let place = self.places.clone().acquire_owned().await.map_err(|_| Unhashed::Failed)?;
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        });
        done.await.map_err(|_| Unhashed::Failed)
    }
}

fn hash(password: &str) -> Result<PasswordHash, password_hash::Error> {
    let mut random = [0; Salt::RECOMMENDED_LENGTH];
    getrandom::fill(&mut random).map_err(|_| password_hash::Error::Crypto)?;
    let salt = SaltString::encode_b64(&random)?;
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt)?;
    Ok(PasswordHash::new(hash.to_string()))
}

fn is(password: &str, known: Option<&PasswordHash>) -> bool {
    let text = known.map_or(NOBODYS, PasswordHash::reveal);
    let parsed = password_hash::PasswordHash::new(text);
    parsed.is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_is_the_password() {
        let passwords = Passwords::default();
        let known = passwords.hash("correct horse".into()).await.unwrap();
        assert!(known.reveal().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{known:?}");
        for (text, expected) in [("correct horse", true), ("correct horsf", false), ("", false)] {
            assert_eq!(passwords.is(text.into(), Some(known.clone())).await, Ok(expected));
        }
        let again = passwords.hash("correct horse".into()).await.unwrap();
        assert_ne!(known, again, "each has a salt of its own");
        assert_eq!(passwords.is("x".into(), Some(PasswordHash::new("damaged"))).await, Ok(false));
    }

    #[tokio::test]
    async fn nobodys_password_costs_what_any_other_costs() {
        let parsed = password_hash::PasswordHash::new(NOBODYS).unwrap();
        let real = hash("x").unwrap();
        let real = password_hash::PasswordHash::new(real.reveal()).unwrap();
        assert_eq!((parsed.algorithm, &parsed.params), (real.algorithm, &real.params));
        assert_eq!(parsed.hash.unwrap().len(), real.hash.unwrap().len());
        assert_eq!(Passwords::default().is(String::new(), None).await, Ok(false));
    }

    #[tokio::test]
    async fn a_crowd_is_refused_and_forgotten() {
        let passwords = Passwords::default();
        passwords.waiting.store(MOST_WAITING, Ordering::Relaxed);
        assert_eq!(passwords.is("x".into(), None).await, Err(Unhashed::Crowded));
        assert_eq!(passwords.waiting.load(Ordering::Relaxed), MOST_WAITING);
        passwords.waiting.store(0, Ordering::Relaxed);
        let _ =
            tokio::time::timeout(std::time::Duration::ZERO, passwords.is("x".into(), None)).await;
        assert_eq!(passwords.waiting.load(Ordering::Relaxed), 0);
    }
}
