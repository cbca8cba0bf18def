//! What Redis was told: how far, and what it takes for live.

use std::{collections::BTreeMap, sync::Arc};

use pilothouse_core::{
    ids::SessionId,
    readiness::{Flow, Readiness},
    time::Timestamp,
};

/// What was told. Bounded by what the core has live.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Every change up to this one was told.
    version: u64,
    /// What is live, as it was told.
    live: BTreeMap<SessionId, Arc<Readiness>>,
    /// All that is live is to be told anew.
    is_anew: bool,
}

impl Told {
    /// What was told to be live may be lost.
    pub(super) fn forget(&mut self) {
        self.is_anew = true;
    }

    /// What is to be told, the oldest change first. `known` is how all streams stand.
    pub(super) fn missing(
        &mut self,
        known: &[Arc<Readiness>],
        now: Timestamp,
    ) -> Vec<Arc<Readiness>> {
        let is_new = |one: &&Arc<Readiness>| one.version > self.version;
        let is_wanted = |one: &&Arc<Readiness>| is_new(one) || (self.is_anew && one.is_live());
        let mut missing: Vec<_> = known.iter().filter(is_wanted).cloned().collect();
        // Ended and forgotten since this was last asked.
        let is_gone = |one: &&Arc<Readiness>| known.iter().all(|other| other.stream != one.stream);
        missing.extend(self.live.values().filter(is_gone).map(|one| ended(one, now)));
        missing.sort_by_key(|one| one.version);
        self.is_anew = false;
        missing
    }

    /// That was told.
    pub(super) fn note(&mut self, news: &Arc<Readiness>) {
        self.version = self.version.max(news.version);
        if news.is_live() {
            self.live.insert(news.stream.clone(), news.clone());
        } else {
            self.live.remove(&news.stream);
        }
    }

    /// All that was told to be live, as ended.
    pub(super) fn ended(&self, now: Timestamp) -> impl Iterator<Item = Arc<Readiness>> {
        self.live.values().map(move |one| ended(one, now))
    }
}

fn ended(readiness: &Readiness, at: Timestamp) -> Arc<Readiness> {
    let flow = Flow::Ended { since: readiness.since(), at };
    Arc::new(Readiness { flow, ..readiness.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(stream: &str, version: u64, is_live: bool) -> Arc<Readiness> {
        let (since, at) = (Timestamp(5), Timestamp(6));
        let flow = if is_live { Flow::Live { since } } else { Flow::Ended { since, at } };
        Arc::new(Readiness { stream: stream.parse().unwrap(), flow, version })
    }

    /// Tells it all that is missing; what that was.
    fn tell(told: &mut Told, known: &[Arc<Readiness>]) -> Vec<String> {
        let missing = told.missing(known, Timestamp(9));
        for news in &missing {
            told.note(news);
        }
        missing.iter().map(|news| format!("{} {}", news.stream, news.status())).collect()
    }

    #[test]
    fn each_change_is_told_once_and_in_order() {
        let mut told = Told::default();
        let known = [one("b", 2, true), one("a", 3, true), one("c", 1, false)];
        assert_eq!(tell(&mut told, &known), ["c ended", "b active", "a active"]);
        assert_eq!(tell(&mut told, &known), [""; 0]);
        assert_eq!(tell(&mut told, &[one("b", 4, false), one("a", 3, true)]), ["b ended"]);
    }

    #[test]
    fn what_was_live_and_is_forgotten_has_ended() {
        let mut told = Told::default();
        tell(&mut told, &[one("a", 1, true), one("b", 2, true)]);
        assert_eq!(tell(&mut told, &[one("b", 2, true)]), ["a ended"]);
        let left: Vec<_> = told.ended(Timestamp(9)).collect();
        assert_eq!((left.len(), left[0].status()), (1, "ended"));
    }

    #[test]
    fn a_redis_that_is_back_is_told_all_that_is_live_and_what_it_missed() {
        let mut told = Told::default();
        tell(&mut told, &[one("a", 1, true), one("b", 2, true), one("c", 3, false)]);
        told.forget();
        let known = [one("a", 1, true), one("b", 4, false), one("c", 3, false)];
        assert_eq!(tell(&mut told, &known), ["a active", "b ended"]);
    }

    #[test]
    fn what_could_not_be_told_is_told_later() {
        let mut told = Told::default();
        let known = [one("a", 1, true), one("b", 2, true)];
        let missing = told.missing(&known, Timestamp(9));
        told.note(&missing[0]);
        assert_eq!(tell(&mut told, &known), ["b active"]);
    }
}
