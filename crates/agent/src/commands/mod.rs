//! The agent's commands: started at most once, read, ended as a whole, remembered until forgotten.

mod life;
mod output;
mod process;

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::Mutex;
use pilothouse_core::{commands::StartOrder, ids::CommandId, streams::StreamKey};
use tokio::{sync::watch, task::JoinSet};

use crate::{batching::Batch, books::Books, clock, processes::Ending};

/// How many commands run at once. The server sends one at a time; more is a mistake.
const MOST_RUNNING: usize = 64;

/// All commands of one agent. Cheap to share.
#[derive(Debug)]
pub(crate) struct Commands {
    books: Arc<Books>,
    /// How output is gathered: the configuration's way, or the server's once it said so.
    gathering: Mutex<(Duration, usize)>,
    running: Mutex<HashMap<CommandId, watch::Sender<Ending>>>,
    tasks: Mutex<JoinSet<()>>,
}

impl Commands {
    /// None runs yet.
    pub(crate) fn new(books: Arc<Books>) -> Arc<Self> {
        let gathering = Mutex::new((books.config().batch, books.config().chunk));
        Arc::new(Self { books, gathering, running: Mutex::default(), tasks: Mutex::default() })
    }

    /// The server says how long output is gathered and how large its pieces are. Counts for commands
    /// that start from now on.
    pub(crate) fn gather(&self, wait: Option<Duration>, chunk: Option<usize>) {
        let mut gathering = self.gathering.lock();
        gathering.0 = wait.unwrap_or(self.books.config().batch);
        gathering.1 = chunk.unwrap_or(self.books.config().chunk);
    }

    fn batch(&self) -> Batch {
        let (wait, chunk) = *self.gathering.lock();
        Batch::new(wait, chunk)
    }

    /// Starts a command unless it was ever started before.
    pub(crate) fn start(self: &Arc<Self>, order: StartOrder) {
        let command = order.command.clone();
        let stream = StreamKey::command(command.clone());
        if !self.books.outbox().begin(&stream, clock::now(), None) {
            return tracing::info!(%command, "is known already and not started again");
        }
        let (ending, asked) = watch::channel(Ending::Unasked);
        let room = {
            let mut running = self.running.lock();
            running.insert(command, ending);
            running.len() <= MOST_RUNNING
        };
        let commands = self.clone();
        let mut tasks = self.tasks.lock();
        while tasks.try_join_next().is_some() {}
        tasks.spawn(async move {
            let command = order.command.clone();
            life::live(&commands, order, asked, room).await;
            let ending = commands.running.lock().remove(&command);
            // The server may say so at any time, also right after it heard of the end.
            if ending.is_some_and(|ending| *ending.borrow() == Ending::Unwanted) {
                commands.forget(&command).await;
            }
        });
    }

    /// Ends a running command's tree.
    pub(crate) fn interrupt(&self, command: &CommandId, grace: Duration) {
        self.ask(command, Ending::Interrupted { grace });
    }

    /// Forgets a command; ends it first if it runs.
    pub(crate) async fn forget(&self, command: &CommandId) {
        if !self.ask(command, Ending::Unwanted) {
            self.books.forget(&StreamKey::command(command.clone())).await;
        }
    }

    /// Ends all commands, because the agent stops.
    pub(crate) async fn stop(&self) {
        for ending in self.running.lock().values() {
            ending.send_modify(|ending| {
                if matches!(ending, Ending::Unasked) {
                    *ending = Ending::Stopping;
                }
            });
        }
        let mut tasks = std::mem::take(&mut *self.tasks.lock());
        while tasks.join_next().await.is_some() {}
    }

    /// False if the command does not run.
    fn ask(&self, command: &CommandId, wanted: Ending) -> bool {
        let running = self.running.lock();
        let Some(ending) = running.get(command) else { return false };
        // An interrupted command that is then unwanted is both; the first one decides how it is ended.
        ending.send_modify(|ending| *ending = wanted);
        true
    }
}
