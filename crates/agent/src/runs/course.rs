//! A run's time, and all that may come between while it does something.

use std::{sync::Arc, time::Duration};

use pilothouse_core::ids::RunId;
use pilothouse_protocols::agent_link::runs::{RunWaitKind, RunWaits};
use tokio::time::{Instant, sleep_until, timeout};

use super::{
    control::{Answer, Unwanted, Wanted},
    leave::{Leave, Next},
    page::Holding,
    secrets::Secrets,
    shelf::Shelf,
};
use crate::browsers::{Happening, Permission};

/// Clocks may differ by so much.
const SLACK: Duration = Duration::from_millis(50);

/// Why a run does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Nobody wants it any more.
    Unwanted(Unwanted),
    /// It took as long as it may.
    Late,
    /// Somebody closed its browser.
    Gone,
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
    leave: Option<Leave>,
    /// How long one action may take, without the time in which a person is waited for.
    step_within: Duration,
}

impl Course {
    /// One that begins now.
    pub(super) fn new(
        run: RunId,
        shelf: Arc<Shelf>,
        wanted: Wanted,
        (time, step_within): (Duration, Duration),
    ) -> Self {
        Self {
            run,
            shelf,
            wanted,
            left: time,
            since: Some(Instant::now()),
            holding: None,
            asked: 0,
            leave: None,
            step_within,
        }
    }

    /// From now on people are asked for their leave, as that permission wants it.
    pub(super) fn ask_leave(&mut self, permission: Permission, secrets: &Arc<Secrets>) {
        self.leave = Some(Leave::new(permission, secrets.clone()));
    }

    /// What did not go out since this was asked last.
    pub(super) fn notes(&self) -> Vec<String> {
        self.leave.as_ref().map(Leave::notes).unwrap_or_default()
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

    fn is_held(&self) -> bool {
        self.holding.as_ref().is_some_and(|holding| holding.is_held())
    }

    /// A person who steers pauses the run, and one who has to give leave has it wait.
    fn look(&mut self) {
        let is_held = self.is_held();
        self.shelf.hold(&self.run, is_held);
        let is_asking = self.leave.as_ref().is_some_and(Leave::is_asking);
        if is_held || is_asking { self.stand_still() } else { self.run_on() }
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
                is_there = changed(self.holding.as_mut()) => {
                    if !is_there {
                        return Err(Stop::Gone);
                    }
                    self.look();
                }
                happening = happened(self.leave.as_ref()) => {
                    if let Some(leave) = &mut self.leave {
                        leave.take(happening);
                    }
                    self.show_leave();
                    self.look();
                }
                answer = self.wanted.answered() => {
                    if let Some(leave) = &self.leave {
                        leave.answer(answer);
                    }
                    // It is over when the permission says so.
                    self.wanted.asks_nothing();
                }
            }
        }
    }

    /// Asks for the first leave that is wanted, if it is another one than before.
    fn show_leave(&mut self) {
        let Some(leave) = &mut self.leave else { return };
        match leave.next(&self.run) {
            Next::Same => {}
            Next::Asks(wait, until) => {
                self.wanted.asks(&wait.wait);
                self.shelf.wait(&self.run, wait, Some(until));
            }
            Next::Nothing => {
                self.wanted.asks_nothing();
                self.shelf.go_on(&self.run);
            }
        }
    }

    /// One action. What it says if it takes too long; the time in which people are waited for does not count.
    pub(super) async fn step<T>(
        &mut self,
        doing: impl Future<Output = T>,
    ) -> Result<Result<T, String>, Stop> {
        let within = self.step_within;
        if self.leave.is_none() {
            // Whoever does it keeps the time.
            return self.during(doing).await.map(Ok);
        }
        tokio::pin!(doing);
        loop {
            let before = self.left();
            match self.during(timeout(within, &mut doing)).await? {
                Ok(done) => return Ok(Ok(done)),
                // Its own time runs only while nobody is waited for.
                Err(_) if before.saturating_sub(self.left()) + SLACK >= within => {
                    return Ok(Err(format!("given up after {} s", within.as_secs())));
                }
                Err(_) => {}
            }
        }
    }

    /// Holds still for as long as somebody wants it to, or steers.
    pub(super) async fn go_on(&mut self) -> Result<(), Stop> {
        while self.wanted.is_paused() || self.is_held() {
            self.stand_still();
            tokio::select! {
                biased;
                why = self.wanted.unwanted() => return Err(Stop::Unwanted(why)),
                () = self.wanted.resumed(), if self.wanted.is_paused() => {}
                is_there = changed(self.holding.as_mut()) => {
                    if !is_there {
                        return Err(Stop::Gone);
                    }
                }
            }
            self.look();
        }
        self.look();
        Ok(())
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
        if let Some(leave) = &mut self.leave {
            leave.was_hidden();
        }
        self.show_leave();
        self.look();
        Ok(match answered? {
            Some(Answer::Reply(text)) => Some(text),
            Some(Answer::Verdict { granted, .. }) => {
                Some(if granted { "yes" } else { "no" }.to_owned())
            }
            None => None,
        })
    }
}

async fn happened(leave: Option<&Leave>) -> Happening {
    match leave {
        Some(leave) => leave.happened().await,
        None => std::future::pending().await,
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
