//! A run's time, and all that may come between while it does something.

use std::{sync::Arc, time::Duration};

use pilothouse_core::ids::RunId;
use pilothouse_protocols::agent_link::runs::{RunWaitKind, RunWaits};
use tokio::time::{Instant, sleep_until, timeout};

use super::{
    control::{Answer, Unwanted, Wanted},
    page::Holding,
    shelf::Shelf,
};

/// Why a run does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Nobody wants it any more.
    Unwanted(Unwanted),
    /// It took as long as it may.
    Late,
}

/// The course of one run. Its time stands still while it waits for a person, or is paused.
pub(super) struct Course {
    run: RunId,
    shelf: Arc<Shelf>,
    wanted: Wanted,
    left: Duration,
    /// Since when its time runs, if it does.
    since: Option<Instant>,
    holding: Option<Box<dyn Holding>>,
    asked: u64,
}

impl Course {
    /// One that begins now.
    pub(super) fn new(run: RunId, shelf: Arc<Shelf>, wanted: Wanted, time: Duration) -> Self {
        let since = Some(Instant::now());
        Self { run, shelf, wanted, left: time, since, holding: None, asked: 0 }
    }

    /// From now on a person may steer its browser.
    pub(super) fn watch(&mut self, holding: Box<dyn Holding>) {
        self.holding = Some(holding);
        self.look();
    }

    /// How much time is left.
    pub(super) fn left(&self) -> Duration {
        self.left.saturating_sub(self.since.map_or(Duration::ZERO, |since| since.elapsed()))
    }

    fn stand_still(&mut self) {
        self.left = self.left();
        self.since = None;
    }

    fn run_on(&mut self) {
        self.since.get_or_insert_with(Instant::now);
    }

    /// A person who steers pauses the run.
    fn look(&mut self) {
        let is_held = self.holding.as_ref().is_some_and(|holding| holding.is_held());
        self.shelf.hold(&self.run, is_held);
        if is_held { self.stand_still() } else { self.run_on() }
    }

    /// Does something, unless nobody wants the run any more or its time is over.
    pub(super) async fn during<T>(&mut self, doing: impl Future<Output = T>) -> Result<T, Stop> {
        tokio::pin!(doing);
        loop {
            let until = self.since.map(|since| since + self.left);
            tokio::select! {
                biased;
                why = self.wanted.unwanted() => return Err(Stop::Unwanted(why)),
                done = &mut doing => return Ok(done),
                () = reached(until) => return Err(Stop::Late),
                goes_on = changed(self.holding.as_mut()) => {
                    if goes_on {
                        self.look();
                    } else {
                        // Whoever it was that steered, the browser is gone.
                        self.holding = None;
                        self.look();
                    }
                }
            }
        }
    }

    /// Holds still for as long as somebody wants it to.
    pub(super) async fn go_on(&mut self) -> Result<(), Stop> {
        if !self.wanted.is_paused() {
            return Ok(());
        }
        self.stand_still();
        let resumed = self.wanted.resumed().await;
        self.run_on();
        resumed.map_err(Stop::Unwanted)
    }

    /// Asks a person. `None` if nobody answers within that time.
    pub(super) async fn ask(
        &mut self,
        question: &str,
        within: Duration,
    ) -> Result<Option<String>, Stop> {
        self.asked += 1;
        let wait = RunWaits {
            run: self.run.as_str().to_owned(),
            wait: format!("ask-{}", self.asked),
            kind: RunWaitKind::Question,
            text: question.to_owned(),
            timeout: None,
            method: None,
            url: None,
        };
        self.stand_still();
        self.wanted.asks(&wait.wait);
        self.shelf.wait(&self.run, wait, Some(Instant::now() + within));
        let answered = tokio::select! {
            why = self.wanted.unwanted() => Err(Stop::Unwanted(why)),
            answer = timeout(within, self.wanted.answered()) => Ok(answer.ok()),
        };
        self.shelf.go_on(&self.run);
        self.wanted.asks_nothing();
        self.run_on();
        Ok(match answered? {
            Some(Answer::Reply(text)) => Some(text),
            Some(Answer::Verdict { granted, .. }) => Some(if granted { "yes" } else { "no" }.to_owned()),
            None => None,
        })
    }
}

async fn reached(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => std::future::pending().await,
    }
}

async fn changed(holding: Option<&mut Box<dyn Holding>>) -> bool {
    match holding {
        Some(holding) => holding.changed().await,
        None => std::future::pending().await,
    }
}
