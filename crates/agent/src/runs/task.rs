//! One run from its order to its end: who decides it, in which browser, and with which secrets.

use std::{
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use pilothouse_core::ids::{RunId, SessionId};
use pilothouse_protocols::agent_link::runs::{RunEnded, StartRun};

use super::{
    control::Wanted,
    course::Course,
    decider::Decider,
    life::{DoneSoFar, Failed, Life, ended},
    llm::Model,
    page::{Pages, Wheel},
    script::Script,
    secrets::{self, Secrets},
    shelf::Shelf,
    vocabulary,
};
use crate::{AgentConfig, browsers::Permission};

/// What a run needs.
pub(super) struct Task {
    pub(super) run: RunId,
    pub(super) session: SessionId,
    pub(super) files: PathBuf,
    pub(super) order: StartRun,
    pub(super) config: Arc<AgentConfig>,
    pub(super) pages: Arc<dyn Pages>,
    pub(super) shelf: Arc<Shelf>,
    /// Held while it drives its browser.
    pub(super) turn: Arc<tokio::sync::Mutex<()>>,
}

impl Task {
    /// All of it; gives how it ended. A browser that it opened is still open then.
    pub(super) async fn live(self, wanted: Wanted) -> RunEnded {
        let limit = Duration::from_millis(self.order.timeout);
        let times = (limit, self.config.runs.step_within);
        let mut course = Course::new(self.run.clone(), self.shelf.clone(), wanted, times);
        // As they are now, so that a file that was changed counts for the next run.
        let (secrets, read) = match secrets::read(self.config.runs.secrets_file.as_deref()) {
            Ok(secrets) => (secrets, Ok(())),
            Err(error) => (Secrets::default(), Err(Failed::Stuck(error.to_string()))),
        };
        let secrets = Arc::new(secrets);
        let mut done = DoneSoFar::default();
        let came = match read {
            Ok(()) => self.drive(&mut course, &secrets, &mut done).await,
            Err(failed) => Err(failed),
        };
        if let Err(Failed::Stuck(why)) = &came {
            tracing::info!(run = %self.run, why = secrets.hide(why), "a run failed");
        }
        ended(&self.run, &secrets, limit, came, done)
    }

    async fn drive(
        &self,
        course: &mut Course,
        secrets: &Arc<Secrets>,
        done: &mut DoneSoFar,
    ) -> Result<Option<String>, Failed> {
        let mut decider = self.decider(secrets).map_err(Failed::Stuck)?;
        let _turn = course.during(self.turn.lock()).await?;
        make(&self.files).map_err(|error| {
            Failed::Stuck(format!("the agent's folder cannot be used: {error}"))
        })?;
        let permission = self.permission()?;
        if let Some(permission) = &permission {
            course.ask_leave(permission.clone(), secrets);
        }
        let (session, files) = (self.session.clone(), self.files.clone());
        let wheel = Wheel { session, files, permission };
        let mut page = course.during(self.pages.open(wheel)).await?.map_err(Failed::Stuck)?;
        course.watch(page.holding());
        let mut life = Life {
            run: &self.run,
            shelf: &self.shelf,
            secrets,
            course,
            page: page.as_mut(),
            decider: decider.as_mut(),
            most_steps: self.order.steps,
            answer_within: self.config.runs.answer_within,
            done,
        };
        life.live().await
    }

    fn permission(&self) -> Result<Option<Permission>, Failed> {
        if !self.order.approval {
            return Ok(None);
        }
        let permission = Permission::new(&self.order.allowed, self.config.runs.approval_within);
        permission.map(Some).map_err(|error| Failed::Stuck(error.to_string()))
    }

    /// A script decides if there is one; a task is for a model.
    fn decider(&self, secrets: &Secrets) -> Result<Box<dyn Decider>, String> {
        if let Some(script) = &self.order.script {
            return Ok(Box::new(Script::new(vocabulary::script(script)?)));
        }
        let Some(task) = self.order.task.as_deref() else {
            return Err("the run has neither a task nor a script".to_owned());
        };
        let Some(model) = self.config.runs.model.clone() else {
            return Err(NO_MODEL.to_owned());
        };
        let chance = crate::link::random();
        let model = Model::new(model, task, secrets, chance).map_err(|error| error.0)?;
        Ok(Box::new(model))
    }
}

const NO_MODEL: &str = "this agent has no language model to do tasks with: start it with PILOTHOUSE_LLM_MODEL \
and PILOTHOUSE_LLM_KEY (and PILOTHOUSE_LLM_URL for a server of your own), or give the run a script";

/// A folder that nobody else can read.
fn make(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}
