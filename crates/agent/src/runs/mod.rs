//! The agent's runs: browser tasks done step by step, at most once each, remembered until forgotten.
//!
//! Each has a task of its own, which looks at a page, has somebody decide what to do, does it and tells of it: a script, or
//! a language model. What it tells is kept until the server has stored it.

mod config;
mod control;
mod course;
mod decider;
mod deed;
mod driven;
mod leave;
mod life;
mod llm;
mod page;
mod script;
mod secrets;
mod shelf;
mod task;
mod vocabulary;

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use parking_lot::Mutex;
use pilothouse_core::ids::{RunId, SessionId};
use pilothouse_protocols::agent_link::{
    messages::{FromAgent, FromServer},
    runs::{HeldRun, RunEnded, RunOutcome, RunStored, StartRun},
};
use tokio::{
    task::JoinSet,
    time::{Instant, timeout},
};

use crate::{AgentConfig, browsers::Browsers};
pub use config::{ModelConfig, ModelKind, RunConfig};
use control::{Answer, Control, Unwanted, Wanted};
use page::Pages;
use shelf::Shelf;
use task::Task;

/// How many runs are under way at once. Overflow rule: further ones fail at once.
const MOST_RUNNING: usize = 16;
/// How long runs have to end when the agent stops.
const END_WITHIN: Duration = Duration::from_secs(8);

/// All runs of one agent.
pub(crate) struct Runs {
    config: Arc<AgentConfig>,
    pages: Arc<dyn Pages>,
    shelf: Arc<Shelf>,
    running: Mutex<BTreeMap<RunId, Control>>,
    turns: Turns,
    tasks: Mutex<JoinSet<()>>,
}

/// Whose turn it is in a session's browser: one run after the other. Bounded by the runs that are under way.
type Turns = Mutex<BTreeMap<SessionId, Arc<tokio::sync::Mutex<()>>>>;

impl std::fmt::Debug for Runs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runs").field("shelf", &self.shelf).finish_non_exhaustive()
    }
}

impl Runs {
    /// None is under way yet. What an earlier life left of its runs is removed.
    pub(crate) fn new(config: Arc<AgentConfig>, browsers: Arc<Browsers>) -> Arc<Self> {
        let pages = driven::pages(browsers, &config.runs);
        Self::with(config, Arc::new(pages))
    }

    fn with(config: Arc<AgentConfig>, pages: Arc<dyn Pages>) -> Arc<Self> {
        let runs = Self {
            pages,
            shelf: Arc::default(),
            running: Mutex::default(),
            turns: Mutex::default(),
            tasks: Mutex::default(),
            config,
        };
        Arc::new(runs)
    }

    /// Removes what an earlier life left of its runs.
    pub(crate) fn tidy(config: &AgentConfig) {
        let _ = std::fs::remove_dir_all(folder(config));
    }

    /// Takes in what the server says about runs.
    pub(crate) fn take(self: &Arc<Self>, message: FromServer) {
        match message {
            FromServer::StartRun(start) => self.start(*start),
            FromServer::CancelRun { run } => self.cancel(&run),
            FromServer::RunStored(stored) => self.shelf.stored(&stored),
            FromServer::ForgetRun { run } => self.forget(&run),
            FromServer::PauseRun { run } => self.pause(&run, true),
            FromServer::ResumeRun { run } => self.pause(&run, false),
            FromServer::ReplyRun(reply) => {
                self.tell(&reply.run, |run| {
                    run.answer(&reply.wait, Answer::Reply(reply.text.clone()));
                });
            }
            FromServer::DecideRun(decided) => self.tell(&decided.run, |run| {
                let (granted, always) = (decided.granted, decided.always);
                let reason = decided.reason.clone();
                run.answer(&decided.wait, Answer::Verdict { granted, reason, always });
            }),
            _ => {}
        }
    }

    /// Every run that is under way or not forgotten, for a hello.
    pub(crate) fn held(&self) -> Vec<HeldRun> {
        self.shelf.held()
    }

    /// A link is new, and the server said what it has and what it does not want.
    pub(crate) fn welcomed(&self, stored: &[RunStored], forget: &[String]) {
        for run in forget {
            self.forget(run);
        }
        self.shelf.welcomed(stored);
    }

    /// What is to be said now.
    pub(crate) fn take_news(&self) -> Vec<FromAgent> {
        self.shelf.take(Instant::now())
    }

    /// Waits until there may be something to say.
    pub(crate) async fn changed(&self) {
        self.shelf.changed().await;
    }

    /// Whether the server has heard and stored everything.
    pub(crate) fn are_settled(&self) -> bool {
        self.shelf.is_empty()
    }

    /// Ends all runs, because the agent stops.
    pub(crate) async fn stop(&self) {
        for control in self.running.lock().values() {
            control.end(Unwanted::Stopping);
        }
        let mut tasks = std::mem::take(&mut *self.tasks.lock());
        let ended = async { while tasks.join_next().await.is_some() {} };
        if timeout(END_WITHIN, ended).await.is_err() {
            tracing::warn!("runs take too long to end; their browsers are closed anyway");
        }
    }

    fn start(self: &Arc<Self>, order: StartRun) {
        let Ok(run) = RunId::new(&order.run) else { return };
        if !self.shelf.begin(&run) {
            return tracing::info!(%run, "is known already and not begun again");
        }
        // A run without a session has a browser of its own, which goes by the run's id.
        let session = match SessionId::new(order.session.as_deref().unwrap_or(&order.run)) {
            Ok(session) => session,
            Err(error) => return self.shelf.end(&run, failed(&run, error.to_string())),
        };
        let (control, wanted) = Control::new();
        let is_full = {
            let mut running = self.running.lock();
            let is_full = running.len() >= MOST_RUNNING;
            if !is_full {
                running.insert(run.clone(), control);
            }
            is_full
        };
        if is_full {
            let words = format!("the agent does {MOST_RUNNING} runs at once, and not more");
            return self.shelf.end(&run, failed(&run, words));
        }
        let mut tasks = self.tasks.lock();
        while tasks.try_join_next().is_some() {}
        tasks.spawn(self.clone().live(run, session, order, wanted));
    }

    async fn live(
        self: Arc<Self>,
        run: RunId,
        session: SessionId,
        order: StartRun,
        wanted: Wanted,
    ) {
        let turn = self.turn(&session);
        let is_own = order.session.is_none();
        let task = Task {
            run: run.clone(),
            session: session.clone(),
            files: folder(&self.config).join(run.as_str()),
            order,
            config: self.config.clone(),
            pages: self.pages.clone(),
            shelf: self.shelf.clone(),
            turn,
        };
        let files = task.files.clone();
        // In a task of its own, so that even a mistake in it does not leave a browser behind.
        let ended = tokio::spawn(task.live(wanted)).await;
        if is_own {
            self.pages.close(&session).await;
        }
        let _ = tokio::fs::remove_dir_all(&files).await;
        let ended = ended.unwrap_or_else(|error| {
            tracing::error!(%run, %error, "a run ended by a mistake of the agent");
            failed(&run, "the agent made a mistake; its log says more".to_owned())
        });
        tracing::info!(%run, outcome = ?ended.outcome, "a run ended");
        self.running.lock().remove(&run);
        self.turns.lock().retain(|_, turn| Arc::strong_count(turn) > 1);
        self.shelf.end(&run, ended);
    }

    fn turn(&self, session: &SessionId) -> Arc<tokio::sync::Mutex<()>> {
        self.turns.lock().entry(session.clone()).or_default().clone()
    }

    fn cancel(&self, id: &str) {
        let Ok(run) = RunId::new(id) else { return };
        let control = self.running.lock().get(&run).cloned();
        match control {
            Some(control) => control.end(Unwanted::Cancelled),
            // The order to begin it never came; nor will it, once the server has heard this.
            None if self.shelf.begin(&run) => {
                let outcome = RunOutcome::Cancelled;
                self.shelf
                    .end(&run, RunEnded { outcome, error: None, ..failed(&run, String::new()) });
            }
            None => {}
        }
    }

    /// What is not wanted is ended, and nothing more is told of it.
    fn forget(&self, id: &str) {
        let Ok(run) = RunId::new(id) else { return };
        if let Some(control) = self.running.lock().get(&run) {
            control.end(Unwanted::Cancelled);
        }
        self.shelf.forget(&run);
    }

    fn pause(&self, id: &str, is_paused: bool) {
        self.tell(id, |run| run.pause(is_paused));
        if let Ok(run) = RunId::new(id) {
            self.shelf.pause(&run, is_paused);
        }
    }

    fn tell(&self, id: &str, tell: impl FnOnce(&Control)) {
        if let Ok(run) = RunId::new(id)
            && let Some(control) = self.running.lock().get(&run)
        {
            tell(control);
        }
    }
}

/// Where files of runs are.
fn folder(config: &AgentConfig) -> PathBuf {
    config.data_dir.join("runs")
}

fn failed(run: &RunId, error: String) -> RunEnded {
    RunEnded {
        run: run.as_str().to_owned(),
        outcome: RunOutcome::Failed,
        error: Some(error),
        answer: None,
        commands: None,
    }
}
