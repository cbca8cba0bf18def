//! What is told of runs, kept until the server has stored it, and told again over each new link.

use std::collections::{BTreeMap, VecDeque};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use parking_lot::Mutex;
use pilothouse_core::ids::RunId;
use pilothouse_protocols::agent_link::{
    messages::FromAgent,
    runs::{HeldRun, RunEnded, RunStep, RunStored, RunWaits},
};
use serde_json::Value;
use tokio::{
    sync::Notify,
    time::{Duration, Instant},
};

/// How many bytes of pictures are kept in all. Overflow rule: the oldest go, and their steps stay without.
const MOST_PICTURES: usize = 64 << 20;
/// How many runs are kept. Overflow rule: further ones are refused.
const MOST_RUNS: usize = 1024;

/// Everything that the server may not have yet. Steps are bounded by what runs may take.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    runs: BTreeMap<RunId, Kept>,
    pictures: usize,
    most_pictures: Option<usize>,
    /// Where the next picture is in the order of all.
    next_place: u64,
}

#[derive(Debug, Default)]
struct Kept {
    steps: VecDeque<Step>,
    /// How many steps it took.
    taken: u32,
    end: Option<RunEnded>,
    wait: Option<(RunWaits, Option<Instant>)>,
    is_paused: bool,
    is_held: bool,
    said: Said,
}

/// What this link has said of a run.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is about another message, in any combination"
)]
struct Said {
    began: bool,
    steps: u32,
    end: bool,
    wait: bool,
    /// The wait that is over, as long as that was not said.
    goes_on: Option<String>,
    /// Whether the server has to hear whether the run holds still.
    pause: bool,
}

/// A step.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) number: u32,
    pub(super) action: Value,
    pub(super) explanation: String,
    pub(super) picture: Option<Bytes>,
    /// Where its picture is in the order of all.
    pub(super) place: u64,
}

impl Shelf {
    /// A run is new. False if it is known already, or there is no room.
    pub(super) fn begin(&self, run: &RunId) -> bool {
        let mut state = self.state.lock();
        let is_new = !state.runs.contains_key(run) && state.runs.len() < MOST_RUNS;
        if is_new {
            state.runs.insert(run.clone(), Kept::default());
            self.changed.notify_one();
        }
        is_new
    }

    /// A run took a step.
    pub(super) fn step(&self, run: &RunId, step: Step) {
        let mut state = self.state.lock();
        let place = state.next_place;
        state.next_place += 1;
        let size = step.picture.as_ref().map_or(0, Bytes::len);
        let Some(kept) = state.runs.get_mut(run) else { return };
        kept.taken = step.number;
        kept.steps.push_back(Step { place, ..step });
        state.pictures += size;
        state.make_room();
        self.changed.notify_one();
    }

    /// A run is over.
    pub(super) fn end(&self, run: &RunId, ended: RunEnded) {
        self.change(run, |kept| {
            kept.wait = None;
            kept.end.get_or_insert(ended);
        });
    }

    /// A run waits for a person, until then at most.
    pub(super) fn wait(&self, run: &RunId, wait: RunWaits, until: Option<Instant>) {
        self.change(run, |kept| {
            kept.wait = Some((wait, until));
            (kept.said.wait, kept.said.goes_on) = (false, None);
        });
    }

    /// A run does not wait any more.
    pub(super) fn go_on(&self, run: &RunId) {
        self.change(run, |kept| {
            if let Some((wait, _)) = kept.wait.take() {
                kept.said.goes_on = Some(wait.wait);
            }
        });
    }

    /// Somebody wants a run to hold still, or to go on. That is answered even if it is so already.
    pub(super) fn pause(&self, run: &RunId, is_paused: bool) {
        self.change(run, |kept| {
            kept.is_paused = is_paused;
            kept.said.pause = true;
        });
    }

    /// A person began to steer a run's browser, or ended.
    pub(super) fn hold(&self, run: &RunId, is_held: bool) {
        self.change(run, |kept| {
            kept.said.pause |= kept.is_held != is_held;
            kept.is_held = is_held;
        });
    }

    fn change(&self, run: &RunId, change: impl FnOnce(&mut Kept)) {
        let mut state = self.state.lock();
        // One that nobody wants to hear of any more is not there.
        if let Some(kept) = state.runs.get_mut(run) {
            change(kept);
            self.changed.notify_one();
        }
    }

    /// The server has so many of a run's steps.
    pub(super) fn stored(&self, stored: &RunStored) {
        if let Ok(run) = RunId::new(&stored.run) {
            self.state.lock().let_go(&run, stored.steps);
        }
    }

    /// The server wants to hear no more of a run.
    pub(super) fn forget(&self, run: &RunId) {
        let mut state = self.state.lock();
        state.let_go(run, u32::MAX);
        state.runs.remove(run);
    }

    /// Every run, for a hello.
    pub(super) fn held(&self) -> Vec<HeldRun> {
        let state = self.state.lock();
        state.runs.keys().map(|run| HeldRun { run: run.as_str().to_owned() }).collect()
    }

    /// A link is new, and the server said what it has. What it does not have is said again.
    pub(super) fn welcomed(&self, stored: &[RunStored]) {
        let mut state = self.state.lock();
        for stored in stored {
            if let Ok(run) = RunId::new(&stored.run) {
                state.let_go(&run, stored.steps);
            }
        }
        for kept in state.runs.values_mut() {
            let first = kept.steps.front().map_or(kept.taken, |step| step.number - 1);
            kept.said = Said {
                steps: first,
                pause: kept.is_paused || kept.is_held || kept.said.pause,
                goes_on: kept.said.goes_on.take(),
                ..Said::default()
            };
        }
        self.changed.notify_one();
    }

    /// What is to be said now; of each run at most one step, for pictures are large.
    pub(super) fn take(&self, now: Instant) -> Vec<FromAgent> {
        let mut state = self.state.lock();
        let mut news = Vec::new();
        for (run, kept) in &mut state.runs {
            kept.say(run, now, &mut news);
        }
        news
    }

    /// Whether the server has yet to store something of how runs ended.
    pub(super) fn is_empty(&self) -> bool {
        self.state.lock().runs.is_empty()
    }

    /// Waits until there may be something to say.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }
}

impl State {
    fn let_go(&mut self, run: &RunId, steps: u32) {
        let Some(kept) = self.runs.get_mut(run) else { return };
        while kept.steps.front().is_some_and(|step| step.number <= steps) {
            let picture = kept.steps.pop_front().and_then(|step| step.picture);
            self.pictures -= picture.map_or(0, |picture| picture.len());
        }
    }

    fn make_room(&mut self) {
        while self.pictures > self.most_pictures.unwrap_or(MOST_PICTURES) {
            let with_pictures = self
                .runs
                .values_mut()
                .filter_map(|kept| kept.steps.iter_mut().find(|step| step.picture.is_some()));
            let Some(oldest) = with_pictures.min_by_key(|step| step.place) else { return };
            self.pictures -= oldest.picture.take().map_or(0, |picture| picture.len());
        }
    }
}

impl Kept {
    fn say(&mut self, run: &RunId, now: Instant, news: &mut Vec<FromAgent>) {
        let id = || run.as_str().to_owned();
        if !self.said.began {
            self.said.began = true;
            news.push(FromAgent::RunBegan { run: id() });
        }
        let next = self.steps.iter().find(|step| step.number > self.said.steps);
        if let Some(step) = next {
            self.said.steps = step.number;
            news.push(FromAgent::RunStep(Box::new(RunStep {
                run: id(),
                number: step.number,
                action: step.action.clone(),
                explanation: step.explanation.clone(),
                screenshot: step.picture.as_ref().map(|picture| STANDARD.encode(picture)),
            })));
        }
        // Everything else comes after all steps.
        if self.said.steps < self.taken {
            return;
        }
        if std::mem::take(&mut self.said.pause) {
            let paused = self.is_paused || self.is_held;
            news.push(FromAgent::RunPaused { run: id(), paused });
        }
        if let Some(wait) = self.said.goes_on.take() {
            news.push(FromAgent::RunGoesOn { run: id(), wait });
        }
        if let Some((wait, until)) = &self.wait
            && !std::mem::replace(&mut self.said.wait, true)
        {
            let left = until.map(|until| milliseconds(until.saturating_duration_since(now)));
            news.push(FromAgent::RunWaits(Box::new(RunWaits { timeout: left, ..wait.clone() })));
        }
        if let Some(ended) = &self.end
            && !std::mem::replace(&mut self.said.end, true)
        {
            news.push(FromAgent::RunEnded(Box::new(ended.clone())));
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[path = "shelf_tests.rs"]
mod tests;
