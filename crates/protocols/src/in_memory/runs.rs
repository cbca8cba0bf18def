//! Runs: what agents say of them, and their steps read back as the gateway reads them.

use std::{collections::BTreeMap, sync::Arc};

use pilothouse_core::{
    CoreError,
    agents::Report,
    ids::RunId,
    ports::Write,
    runs::{self, Run, Screenshot, Step},
};
use serde_json::Value;

use super::{World, fed::Fed};
use crate::{ReadStep, StepRead, agent_link::messages::FromAgent};

/// What is stored of runs.
#[derive(Default)]
pub(super) struct StoredRuns {
    runs: BTreeMap<RunId, Arc<Run>>,
    steps: BTreeMap<(RunId, u32), (Arc<Step>, Option<Screenshot>)>,
}

impl StoredRuns {
    pub(super) fn keep(&mut self, write: &Write) {
        match write {
            Write::Run(run) => drop(self.runs.insert(run.id.clone(), run.clone())),
            Write::RunStep { step, screenshot } => {
                let key = (step.run.clone(), step.number);
                self.steps.insert(key, (step.clone(), screenshot.clone()));
            }
            _ => {}
        }
    }
}

impl World {
    /// What an agent says of a run, in the words of its link.
    pub(super) fn of_run(&self, said: &Value) -> Report {
        let said = serde_json::from_str(&self.names.resolve(&said.to_string())).unwrap();
        let report = match said {
            FromAgent::RunBegan { run } => runs::Report::Began(run.parse().unwrap()),
            FromAgent::RunStep(step) => (*step).try_into().unwrap(),
            FromAgent::RunWaits(waits) => (*waits).try_into().unwrap(),
            FromAgent::RunGoesOn { run, wait } => {
                runs::Report::GoesOn { run: run.parse().unwrap(), wait: wait.into() }
            }
            FromAgent::RunPaused { run, paused } => {
                runs::Report::Paused { run: run.parse().unwrap(), paused }
            }
            FromAgent::RunEnded(ended) => (*ended).try_into().unwrap(),
            other => panic!("{other:?} is not about a run"),
        };
        Report::Run(report)
    }

    /// Reads a step for a client, once its socket takes bytes.
    pub(super) fn read_step(&mut self, name: &str, wanted: ReadStep) {
        let Some(client) = self.clients.get_mut(name) else { return };
        if client.is_behind {
            client.wanted_step = Some(wanted);
            return;
        }
        let read = self.step_read(&wanted);
        self.input(name, &Fed::StepRead(read));
    }

    fn step_read(&mut self, wanted: &ReadStep) -> Result<StepRead, CoreError> {
        let ReadStep { run, step, language } = wanted;
        if !self.stores {
            return Err(CoreError::StorageUnavailable);
        }
        let told = self.core.fleet().view().runs().get(run).cloned();
        let found = told.or_else(|| self.stored_runs.runs.get(run).cloned());
        let found = found.ok_or_else(|| CoreError::RunNotFound(run.clone()))?;
        let stored = self.stored_runs.steps.get(&(run.clone(), *step));
        let words = stored.map(|(step, shot)| language.step(step, shot.as_ref()).into());
        Ok(StepRead { run: found, step: *step, words })
    }
}
