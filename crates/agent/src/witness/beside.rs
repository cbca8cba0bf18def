//! The agent's side of its witness: starts it, holds the pipe, starts another one if it dies.

use std::{ffi::OsString, io, process::Stdio, sync::Arc, time::Duration};

use tokio::{
    io::AsyncWriteExt,
    process::{Child, ChildStdin, Command},
    sync::Mutex,
    time::sleep,
};

use super::{FAREWELL, Will};
use crate::AgentConfig;

/// How long to wait before a witness that ended is followed by another.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// A witness beside a living agent.
pub(crate) struct Beside {
    program: Vec<OsString>,
    will: String,
    pipe: Arc<Mutex<Option<ChildStdin>>>,
}

impl Beside {
    /// Nobody yet.
    pub(crate) fn new(config: &AgentConfig, incarnation: &str) -> io::Result<Option<Self>> {
        let Some(program) = config.witness.clone().filter(|program| !program.is_empty()) else {
            return Ok(None);
        };
        let will = Will {
            server: config.server.clone(),
            server_file: config.server_file.clone(),
            id: config.id.to_string(),
            token: config.token.clone(),
            authorities: config.authorities.clone(),
            data_dir: config.data_dir.clone(),
            name: config.name.clone(),
            agent_type: config.agent_type.clone(),
            incarnation: incarnation.to_owned(),
        };
        let will = serde_json::to_string(&will)?;
        Ok(Some(Self { program, will, pipe: Arc::default() }))
    }

    /// Starts a witness. When this returns, the agent may die: the witness knows what to do, if there is one.
    pub(crate) async fn start(&self) -> Option<Child> {
        let started = self.spawn().await;
        started
            .inspect_err(|error| {
                tracing::warn!(%error, "there is no witness: if the agent is killed, its commands end when it comes back");
            })
            .ok()
    }

    /// Sees to it that there is a witness after this one, for ever.
    pub(crate) async fn keep(&self, mut present: Option<Child>) {
        loop {
            if let Some(child) = &mut present {
                let status = child.wait().await;
                tracing::warn!(?status, "the witness has ended; another one follows");
            }
            *self.pipe.lock().await = None;
            sleep(AGAIN_AFTER).await;
            present = self.start().await;
        }
    }

    async fn spawn(&self) -> io::Result<Child> {
        let mut command = Command::new(&self.program[0]);
        command.args(&self.program[1..]).stdin(Stdio::piped()).stdout(Stdio::null());
        // The token goes through the pipe.
        command.env_remove("PILOTHOUSE_TOKEN");
        lead_session(&mut command);
        let mut child = command.spawn()?;
        let mut pipe = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        pipe.write_all(format!("{}\n", self.will).as_bytes()).await?;
        *self.pipe.lock().await = Some(pipe);
        Ok(child)
    }

    /// The agent ends by itself; there is nothing to witness.
    pub(crate) async fn dismiss(&self) {
        if let Some(mut pipe) = self.pipe.lock().await.take() {
            let _ = pipe.write_all(format!("{FAREWELL}\n").as_bytes()).await;
        }
    }
}

#[expect(
    unsafe_code,
    reason = "a process can only enter a session of its own between fork and exec"
)]
fn lead_session(command: &mut Command) {
    // SAFETY: setsid is async-signal-safe and the closure does nothing else, as fork demands.
    unsafe {
        command.pre_exec(|| nix::unistd::setsid().map(drop).map_err(Into::into));
    }
}
