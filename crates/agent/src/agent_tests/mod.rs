//! The whole agent over real sockets, with real processes.
//!
//! All tests share a process, so each has command ids of its own, as commands have in life.

mod endings;
mod fake_server;
mod links;
mod requests;
mod resources;
mod terminals;

use std::{thread, time::Duration};

use pilothouse_core::ids::AgentId;
use pilothouse_protocols::agent_link::{
    messages::{FromAgent, FromServer, Outcome},
    requests::FailureCode,
};
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::{AgentConfig, AgentError};
use fake_server::FakeServer;

/// An agent in a thread of its own; ends with the test.
struct RunningAgent {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<Result<(), AgentError>>>,
}

impl RunningAgent {
    fn start(config: AgentConfig) -> Self {
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
            runtime.unwrap().block_on(crate::run(config, async { drop(stopped.await) }))
        });
        Self { stop: Some(stop), thread: Some(thread) }
    }

    fn stop(mut self) -> Result<(), AgentError> {
        drop(self.stop.take());
        self.thread.take().unwrap().join().unwrap()
    }
}

impl Drop for RunningAgent {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn config(server: &FakeServer, folder: &TempDir) -> AgentConfig {
    let id = AgentId::new("a-1").unwrap();
    let mut config =
        AgentConfig::new(server.url(), id, Some("secret".to_owned()), folder.path().join("agent"));
    config.retry_first = Duration::from_millis(20);
    config.retry_longest = Duration::from_millis(100);
    config.grace = Duration::from_millis(300);
    config
}

fn exited(code: i32) -> Outcome {
    Outcome::Exited { code, signal: None }
}
