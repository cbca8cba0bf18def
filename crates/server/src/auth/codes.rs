//! Codes that open the page once: for the link that a starting server prints. Kept in memory, as hashes.

use std::{collections::HashMap, io, time::Duration};

use pilothouse_core::time::Steady;

use super::{credential::Credential, random};

/// How many may be open. Overflow rule: the oldest goes.
const MOST: usize = 100;

/// The codes that were made and not used.
#[derive(Debug, Default)]
pub(crate) struct Codes {
    open: HashMap<Credential, Steady>,
}

impl Codes {
    /// A new code.
    pub(crate) fn make(&mut self, lifetime: Duration, now: Steady) -> io::Result<String> {
        let code = random::secret()?;
        self.open.retain(|_, expires_at| *expires_at > now);
        if self.open.len() >= MOST
            && let Some(oldest) = self.open.iter().min_by_key(|(_, at)| **at).map(|(code, _)| *code)
        {
            self.open.remove(&oldest);
        }
        self.open.insert(Credential::of(&code), now + lifetime);
        Ok(code)
    }

    /// Uses a code up. Says whether it was good.
    pub(crate) fn take(&mut self, code: &str, now: Steady) -> bool {
        self.open.remove(&Credential::of(code)).is_some_and(|expires_at| expires_at > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn a_code_is_good_once_and_not_for_ever() {
        let mut codes = Codes::default();
        let [one, other] = [(); 2].map(|()| codes.make(HOUR, Steady(0)).unwrap());
        assert_ne!(one, other);
        assert!(!codes.take("guess", Steady(0)));
        assert!(codes.take(&one, Steady(3_599_999)));
        assert!(!codes.take(&one, Steady(3_599_999)));
        assert!(!codes.take(&other, Steady(3_600_000)));
        assert!(!format!("{codes:?}").contains(&one));
    }

    #[test]
    fn of_too_many_the_oldest_goes() {
        let mut codes = Codes::default();
        let first = codes.make(HOUR, Steady(0)).unwrap();
        let later: Vec<_> = (1..=100).map(|at| codes.make(HOUR, Steady(at)).unwrap()).collect();
        assert!(!codes.take(&first, Steady(200)));
        assert!(later.iter().all(|code| codes.take(code, Steady(200))));
    }
}
