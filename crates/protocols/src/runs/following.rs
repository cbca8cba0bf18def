//! Following runs: beginning to, hearing how far they are, and telling them step by step.

use std::sync::Arc;

use pilothouse_core::{
    CoreError, Event, Published,
    fanout::MessageKind,
    ids::{AgentId, RunId},
    listening::{Standing, Subject, Task},
    runs,
};

use super::{
    conversation::{NO_RUN, Turn, errors},
    encode::{StepUpdates, completion, said},
    follow::{Followed, Source},
    messages::{ServerMessage, StartAgent},
};
use crate::{Action, ReadStep, StepRead};

/// How many runs a connection follows at once. Overflow rule: a further one is refused.
const MOST_RUNS: usize = 32;
/// After how long a step is read again that storage could not give.
const READ_AGAIN: std::time::Duration = std::time::Duration::from_secs(1);

impl Turn<'_> {
    /// Begins to follow a run. One that is followed already goes on where it is.
    pub(super) fn start(&mut self, start: StartAgent) {
        let wants_status = start.extended.unwrap_or_default();
        let Ok(id) = RunId::new(&start.run_id) else {
            return self.error(errors::NOT_STARTED, NO_RUN, Some(start.run_id));
        };
        if let Some(followed) = self.follower.runs.get_mut(&id) {
            if wants_status {
                followed.tell_status();
            }
            return;
        }
        if self.follower.runs.len() >= MOST_RUNS {
            let reason = format!("a connection follows at most {MOST_RUNS} runs at once");
            return self.error(errors::NOT_STARTED, reason, Some(start.run_id));
        }
        let followed = Followed::new(start.after_step.unwrap_or_default(), wants_status);
        self.follower.runs.insert(id.clone(), followed);
        self.listen(id);
    }

    fn listen(&mut self, id: RunId) {
        self.actions.push(Action::Listen(Subject::Task((&id).into())));
        self.follower.asked.push_back(id);
    }

    pub(super) fn listening(&mut self, standing: Result<Standing, CoreError>) {
        let Some(id) = self.follower.asked.pop_front() else { return };
        let found = standing.ok().map(|standing| {
            let mut tasks = standing.tasks.into_iter();
            let run = tasks.find_map(|task| match task {
                Task::Run(run) if run.id == id => Some(run),
                Task::Run(_) | Task::Command { .. } => None,
            });
            (standing.agent, run)
        });
        if let Some(followed) = self.follower.runs.get_mut(&id) {
            if let Some((agent, Some(run))) = &found {
                followed.source = Source::Heard(agent.clone());
                followed.learn(run.clone());
            } else {
                followed.lose();
            }
        }
        if let Some((agent, _)) = &found {
            self.leave(agent);
        }
    }

    /// Listens to an agent no longer if no run of it is followed.
    fn leave(&mut self, agent: &AgentId) {
        let mut others = self.follower.runs.values();
        if !others.any(|followed| followed.agent() == Some(agent)) {
            self.actions.push(Action::Unlisten(agent.clone()));
        }
    }

    pub(super) fn heard(&mut self, events: &[Arc<Published>]) {
        for published in events {
            let Event::Runs(runs::Event::Status(run) | runs::Event::Step(runs::Taken { run, .. })) =
                &published.event
            else {
                continue;
            };
            if let Some(followed) = self.follower.runs.get_mut(&run.id)
                && followed.agent().is_some()
            {
                followed.learn(run.clone());
            }
        }
    }

    /// Some of what happened was not heard: how the runs stand says it as well.
    pub(super) fn missed(&mut self, agent: &AgentId) {
        let runs = self.follower.runs.iter().filter(|(_, run)| run.agent() == Some(agent));
        let runs: Vec<_> = runs.map(|(id, _)| id.clone()).collect();
        for id in runs {
            self.listen(id);
        }
    }

    pub(super) fn step_read(&mut self, read: Result<StepRead, CoreError>) {
        let Some(id) = self.follower.reading.take() else { return };
        let Some(followed) = self.follower.runs.get_mut(&id) else { return };
        let StepRead { run, step, words } = match read {
            Ok(read) => read,
            Err(CoreError::RunNotFound(_) | CoreError::Forbidden(_)) => {
                self.end(&id);
                return self.error(errors::NOT_STARTED, NO_RUN, Some(id.as_str().to_owned()));
            }
            Err(_) => {
                self.follower.read_again_at = Some(self.now.steady + READ_AGAIN);
                return;
            }
        };
        let is_there = run.steps >= step;
        if followed.source == Source::Stored {
            followed.learn(run);
        }
        if let Some(payload) = words {
            self.actions.push(Action::Send { kind: MessageKind::Text, payload });
        }
        if is_there {
            // Whether or not it is kept.
            followed.told(step);
        } else if let Some((run, ended)) = followed.ended() {
            self.actions.push(said(&completion(run, ended)));
            self.end(&id);
        } else if followed.source == Source::Stored {
            // The core remembers every run that is not over, so that this one is nobody's to see.
            self.end(&id);
            self.error(errors::NOT_STARTED, NO_RUN, Some(id.as_str().to_owned()));
        }
    }

    /// Tells what can be told now, and has the next step read.
    pub(super) fn tell(&mut self) {
        let ids: Vec<_> = self.follower.runs.keys().cloned().collect();
        for id in ids {
            let Some(followed) = self.follower.runs.get_mut(&id) else { continue };
            if let Some(status) = followed.take_status() {
                self.actions.push(said(&ServerMessage::RunStatus(status)));
            }
        }
        self.read_next();
    }

    /// Follows a run no longer.
    fn end(&mut self, id: &RunId) {
        let ended = self.follower.runs.remove(id);
        if let Some(agent) = ended.as_ref().and_then(Followed::agent) {
            self.leave(agent);
        }
    }

    fn read_next(&mut self) {
        if self.follower.reading.is_some() || self.follower.read_again_at.is_some() {
            return;
        }
        let Some((run, step)) = self.next_to_read() else { return };
        self.follower.reading = Some(run.clone());
        self.follower.read_last = Some(run.clone());
        self.actions.push(Action::ReadStep(ReadStep { run, step, language: &StepUpdates }));
    }

    /// Whose step is to be read next: runs take turns.
    fn next_to_read(&self) -> Option<(RunId, u32)> {
        let after = self
            .follower
            .runs
            .iter()
            .filter(|(id, _)| self.follower.read_last.as_ref().is_some_and(|last| *id > last));
        let mut all = after.chain(&self.follower.runs);
        all.find_map(|(id, run)| Some((id.clone(), run.next_step()?)))
    }
}
