//! Attempts to come back: how long to wait before the next one, and when there is none.

use std::time::Duration;

use tokio::time::Instant;

use crate::{Error, Reconnecting, builder::Builder, clock::random, token::TokenSource};

/// After so many failures a person should be told more than once, and be offered a retry by hand.
const LONG: u32 = 5;
/// A connection that held for less did not really work: the next wait goes on where the last one was.
const WORKED: Duration = Duration::from_secs(5);
/// So many refusals in a row of tokens that are asked for anew are for good.
const MOST_REFUSALS: u32 = 3;

/// What was tried in vain since a connection worked.
#[derive(Debug)]
pub(crate) struct Attempts {
    failures: u32,
    refusals: u32,
    /// Whether the first attempt waits for nothing.
    first_at_once: bool,
}

impl Attempts {
    /// The first attempt is made at once, as the dashboard protocol wants it.
    pub(crate) const fn at_once() -> Self {
        Self { failures: 0, refusals: 0, first_at_once: true }
    }

    /// The first attempt waits as well: a server that was killed is not back at once.
    pub(crate) const fn after_a_wait() -> Self {
        Self { failures: 0, refusals: 0, first_at_once: false }
    }

    /// A connection ended that was opened then. Returns whether it had worked.
    pub(crate) fn ended(&mut self, opened: Instant) -> bool {
        let worked = opened.elapsed() >= WORKED;
        if worked {
            self.failures = 0;
        }
        worked
    }

    /// There is a connection.
    pub(crate) fn succeeded(&mut self) {
        self.refusals = 0;
    }

    /// The next attempt, what was lost at `since`, and why the last one failed; an error if there is to be none.
    pub(crate) fn next(
        &mut self,
        options: &Builder,
        since: Instant,
        last: Error,
    ) -> Result<(Reconnecting, Error), Error> {
        let limit = options.give_up_after;
        if let Some(after) = limit.filter(|limit| since.elapsed() >= *limit) {
            return Err(Error::GaveUp { after, last: Box::new(last) });
        }
        let failed = if self.first_at_once { self.failures } else { self.failures + 1 };
        let mut wait = options.backoff.wait(failed, random());
        if let Some(limit) = limit {
            wait = wait.min(limit.saturating_sub(since.elapsed()));
        }
        let attempt = self.failures.saturating_add(1);
        // One below the largest, so that there is always another one.
        self.failures = attempt.min(u32::MAX - 1);
        let next =
            Reconnecting { attempt, wait, reason: last.to_string(), is_long: failed >= LONG };
        Ok((next, last))
    }

    /// Whether a failed attempt is worth another one: `Ok` if so.
    pub(crate) fn judge(&mut self, error: Error, token: &TokenSource) -> Result<Error, Error> {
        let is_refused = matches!(error, Error::Refused { .. });
        self.refusals = if is_refused { self.refusals + 1 } else { 0 };
        let is_final = is_refused && !token.can_renew();
        if is_final || self.refusals >= MOST_REFUSALS { Err(error) } else { Ok(error) }
    }
}
