//! One session's lease as a pure state machine: told what people ask and what time it is, it says what became of it.
//!
//! What is recorded, shown and told to agents is `steering`'s business.

use std::collections::VecDeque;

use super::lease::{Ending, Holder, Lease, MOST_WAITING, Parting, Waiting};
use crate::{
    Caller, CoreError,
    ids::{ConnectionId, SessionId},
    settings::SteeringSettings,
    time::{Moment, Steady, Timestamp},
};

/// What became of something without a request of its own, to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Happened {
    /// Somebody steers now because nobody else did.
    Granted(Caller),
    /// Somebody waited too long.
    Unanswered(Caller),
    /// Somebody left, and so steers no longer.
    Left(Caller),
    /// Somebody steers no longer.
    Expired(Caller, Ending),
}

/// One session's lease.
#[derive(Debug)]
pub(crate) struct Claims {
    session: SessionId,
    epoch: u64,
    held: Option<Held>,
    waiting: VecDeque<Asking>,
    last_id: u64,
    settings: SteeringSettings,
}

#[derive(Debug)]
struct Held {
    caller: Caller,
    since: Moment,
    touched: Steady,
    away_since: Option<Steady>,
    token_ends: Option<Steady>,
    is_warned: bool,
}

#[derive(Debug)]
struct Asking {
    id: u64,
    caller: Caller,
    due: Steady,
}

impl Claims {
    /// Nobody steers. Epochs begin with the time, so that none of an earlier life of the server comes again.
    pub(crate) fn new(session: SessionId, settings: SteeringSettings, now: Moment) -> Self {
        let epoch = now.wall.0 / 1000;
        Self { session, epoch, held: None, waiting: VecDeque::new(), last_id: 0, settings }
    }

    /// As everybody is told.
    pub(crate) fn lease(&self) -> Lease {
        let settings = &self.settings;
        let holder = self.held.as_ref().map(|held| Holder {
            user: held.caller.user.clone(),
            name: held.caller.name.clone(),
            connection: held.caller.connection,
            is_away: held.away_since.is_some(),
        });
        let until = self.held.as_ref().map(|held| {
            let (latest, _) = held.ends(settings);
            let ends = if held.is_warned { latest } else { held.since.steady + settings.longest };
            let left = held.since.steady.until(ends).as_millis();
            Timestamp(held.since.wall.0.saturating_add(u64::try_from(left).unwrap_or(u64::MAX)))
        });
        let waiting = self.waiting.iter().map(|asking| Waiting {
            id: asking.id,
            user: asking.caller.user.clone(),
            name: asking.caller.name.clone(),
            connection: asking.caller.connection,
        });
        Lease {
            session: self.session.clone(),
            holder,
            epoch: self.epoch,
            until,
            is_ending: self.held.as_ref().is_some_and(|held| held.is_warned),
            waiting: waiting.collect(),
        }
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    pub(crate) fn holder(&self) -> Option<&Caller> {
        self.held.as_ref().map(|held| &held.caller)
    }

    /// Whoever steers, and whoever waits for it.
    pub(crate) fn people(&self) -> impl Iterator<Item = &Caller> {
        let waiting = self.waiting.iter().map(|asking| &asking.caller);
        self.held.iter().map(|held| &held.caller).chain(waiting)
    }

    /// Who asked under that number; the first who waits without one.
    pub(crate) fn asking(&self, id: Option<u64>) -> Option<&Caller> {
        let mut waiting = self.waiting.iter();
        waiting.find(|asking| id.is_none_or(|id| id == asking.id)).map(|asking| &asking.caller)
    }

    /// Somebody wants to steer: at once if nobody else does, otherwise when the holder agrees.
    pub(crate) fn request(
        &mut self,
        caller: &Caller,
        now: Moment,
    ) -> Result<Vec<Happened>, CoreError> {
        match &mut self.held {
            None => {
                self.give(caller.clone(), now);
                Ok(vec![Happened::Granted(caller.clone())])
            }
            Some(held) if held.caller.user == caller.user => {
                if held.caller.connection == caller.connection {
                    held.touch(&self.settings, now.steady);
                } else {
                    // The same person at another screen needs nobody's permission.
                    self.give(caller.clone(), now);
                }
                Ok(Vec::new())
            }
            Some(_) => self.wait(caller, now.steady + self.settings.request_timeout),
        }
    }

    fn wait(&mut self, caller: &Caller, due: Steady) -> Result<Vec<Happened>, CoreError> {
        if let Some(known) = self.waiting.iter_mut().find(|one| one.caller.user == caller.user) {
            known.caller = caller.clone();
            return Ok(Vec::new());
        }
        if self.waiting.len() >= MOST_WAITING {
            return Err(CoreError::LimitReached("too many people wait for this browser"));
        }
        self.last_id += 1;
        self.waiting.push_back(Asking { id: self.last_id, caller: caller.clone(), due });
        Ok(Vec::new())
    }

    /// The holder lets somebody who waits steer; the first one if none is named.
    pub(crate) fn grant(
        &mut self,
        caller: &Caller,
        id: Option<u64>,
        now: Moment,
    ) -> Result<(), CoreError> {
        let place = self.answerable(caller, id)?;
        if let Some(asking) = self.waiting.remove(place) {
            self.give(asking.caller, now);
        }
        Ok(())
    }

    /// The holder goes on alone.
    pub(crate) fn decline(
        &mut self,
        caller: &Caller,
        id: Option<u64>,
        now: Moment,
    ) -> Result<(), CoreError> {
        let place = self.answerable(caller, id)?;
        self.waiting.remove(place);
        if let Some(held) = &mut self.held {
            held.touch(&self.settings, now.steady);
        }
        Ok(())
    }

    fn answerable(&self, caller: &Caller, id: Option<u64>) -> Result<usize, CoreError> {
        self.demand_holder(caller)?;
        let is_it = |asking: &Asking| id.is_none_or(|id| id == asking.id);
        let nobody = CoreError::Invalid("nobody waits under that number");
        self.waiting.iter().position(is_it).ok_or(nobody)
    }

    /// The holder's person, at whichever screen.
    fn demand_holder(&self, caller: &Caller) -> Result<(), CoreError> {
        match &self.held {
            Some(held) if held.caller.user == caller.user => Ok(()),
            Some(held) => Err(CoreError::SteeredByOther(held.caller.name.clone())),
            None => Err(CoreError::NotInControl),
        }
    }

    /// The holder steers no longer, or somebody does not want to wait any more.
    pub(crate) fn release(
        &mut self,
        caller: &Caller,
        now: Moment,
    ) -> Result<Vec<Happened>, CoreError> {
        let waited = self.waiting.iter().position(|asking| asking.caller.user == caller.user);
        if let Some(place) = waited {
            self.waiting.remove(place);
            return Ok(Vec::new());
        }
        self.demand_holder(caller)?;
        Ok(self.vacate(now))
    }

    /// Somebody steers from now on, whoever did before.
    pub(crate) fn take(&mut self, caller: &Caller, now: Moment) {
        self.waiting.retain(|asking| asking.caller.user != caller.user);
        match &mut self.held {
            Some(held) if held.caller.connection == caller.connection => {
                held.touch(&self.settings, now.steady);
            }
            _ => self.give(caller.clone(), now),
        }
    }

    /// Whether somebody steers; if so, that is a sign of life.
    pub(crate) fn touch(&mut self, connection: ConnectionId, now: Steady) -> bool {
        let own = self.held.as_mut().filter(|held| held.caller.connection == connection);
        own.map(|held| held.touch(&self.settings, now)).is_some()
    }

    /// Somebody is in front of the browser: perhaps a holder who was away. Says whether it was.
    pub(crate) fn came(&mut self, caller: &Caller, now: Moment) -> bool {
        match &mut self.held {
            Some(held) if held.away_since.is_some() && held.caller.user == caller.user => {
                held.away_since = None;
                held.token_ends = token_ends(caller, now);
                held.caller = caller.clone();
                held.touch(&self.settings, now.steady);
                true
            }
            _ => false,
        }
    }

    /// A connection is no more.
    pub(crate) fn parted(
        &mut self,
        connection: ConnectionId,
        parting: Parting,
        now: Moment,
    ) -> Vec<Happened> {
        self.waiting.retain(|asking| asking.caller.connection != connection);
        let own = self.held.as_mut().filter(|held| held.caller.connection == connection);
        let Some(held) = own else { return Vec::new() };
        match parting {
            Parting::Broken => {
                held.away_since.get_or_insert(now.steady);
                Vec::new()
            }
            Parting::Left => {
                let left = Happened::Left(held.caller.clone());
                self.followed_by(left, now)
            }
            Parting::Refused => {
                let over = Happened::Expired(held.caller.clone(), Ending::TokenOver);
                self.followed_by(over, now)
            }
        }
    }

    /// Whoever may not steer any more does not, and does not wait for it.
    pub(crate) fn keep(&mut self, may: impl Fn(&Caller) -> bool, now: Moment) -> Vec<Happened> {
        self.waiting.retain(|asking| may(&asking.caller));
        match self.held.as_ref().filter(|held| !may(&held.caller)) {
            Some(held) => {
                let over = Happened::Expired(held.caller.clone(), Ending::NotAllowed);
                self.followed_by(over, now)
            }
            None => Vec::new(),
        }
    }

    /// There is nothing left to steer.
    pub(crate) fn end(&mut self) -> Vec<Happened> {
        self.waiting.clear();
        let Some(held) = self.held.take() else { return Vec::new() };
        self.epoch += 1;
        vec![Happened::Expired(held.caller, Ending::BrowserGone)]
    }

    /// Does what is due.
    pub(crate) fn advance(&mut self, now: Moment) -> Vec<Happened> {
        let settings = &self.settings;
        let mut happened = Vec::new();
        if let Some(held) = &mut self.held {
            let (ends, why) = held.ends(settings);
            held.is_warned = held.warns(settings) <= now.steady;
            if ends <= now.steady {
                let over = Happened::Expired(held.caller.clone(), why);
                // Whoever waits gets it now, and not an answer that comes too late.
                happened = self.followed_by(over, now);
            }
        }
        while self.waiting.front().is_some_and(|asking| asking.due <= now.steady) {
            let overdue = self.waiting.pop_front();
            happened.extend(overdue.map(|asking| Happened::Unanswered(asking.caller)));
        }
        happened
    }

    /// When [`Self::advance`] has something to do.
    pub(crate) fn next_due(&self) -> Option<Steady> {
        let settings = &self.settings;
        let held = self.held.as_ref().map(|held| {
            let end = held.ends(settings).0;
            if held.is_warned { end } else { held.warns(settings).min(end) }
        });
        let waiting = self.waiting.front().map(|asking| asking.due);
        held.into_iter().chain(waiting).min()
    }

    fn followed_by(&mut self, first: Happened, now: Moment) -> Vec<Happened> {
        let mut happened = vec![first];
        happened.extend(self.vacate(now));
        happened
    }

    /// Nobody steers, or whoever waits first.
    fn vacate(&mut self, now: Moment) -> Vec<Happened> {
        if let Some(next) = self.waiting.pop_front() {
            self.give(next.caller.clone(), now);
            vec![Happened::Granted(next.caller)]
        } else {
            self.held = None;
            self.epoch += 1;
            Vec::new()
        }
    }

    fn give(&mut self, caller: Caller, now: Moment) {
        self.epoch += 1;
        self.waiting.retain(|asking| asking.caller.user != caller.user);
        self.held = Some(Held {
            token_ends: token_ends(&caller, now),
            caller,
            since: now,
            touched: now.steady,
            away_since: None,
            is_warned: false,
        });
    }
}

impl Held {
    fn touch(&mut self, settings: &SteeringSettings, now: Steady) {
        self.touched = now;
        self.is_warned = self.warns(settings) <= now;
    }

    /// When it ends if nothing more is done, and why.
    fn ends(&self, settings: &SteeringSettings) -> (Steady, Ending) {
        let own = [
            Some((self.touched + settings.idle, Ending::Idle)),
            Some((self.since.steady + settings.longest, Ending::Longest)),
            self.away_since.map(|since| (since + settings.grace, Ending::Away)),
            self.token_ends.map(|at| (at, Ending::TokenOver)),
        ];
        let latest = (Steady(u64::MAX), Ending::Longest);
        own.into_iter().flatten().min_by_key(|(at, _)| *at).unwrap_or(latest)
    }

    /// When the holder is warned. Nobody reads a warning that is away.
    fn warns(&self, settings: &SteeringSettings) -> Steady {
        let ends = (self.touched + settings.idle).min(self.since.steady + settings.longest);
        let warning = u64::try_from(settings.warning.as_millis()).unwrap_or(u64::MAX);
        Steady(ends.0.saturating_sub(warning))
    }
}

fn token_ends(caller: &Caller, now: Moment) -> Option<Steady> {
    let left = caller.expires_at?.0.saturating_sub(now.wall.0);
    Some(Steady(now.steady.0.saturating_add(left)))
}

#[cfg(test)]
#[path = "claims_tests.rs"]
mod tests;
