//! What the server has yet to learn of each command: that it started, what it wrote, how it ended.
//!
//! Commands write here, the link reads. Nobody sends anything to anybody: the link derives what to
//! say from what is here and from what it has said, so a new link simply says it again.

use std::{collections::BTreeMap, io, path::PathBuf, sync::Arc};

use parking_lot::Mutex;
use pilothouse_core::{
    agents::NO_LIMIT, commands::Ended, ids::CommandId, streams::Channel, time::Timestamp,
};
use pilothouse_protocols::agent_link::messages::HeldCommand;
use tokio::sync::Notify;

use crate::{
    commands::batching::Piece,
    journal::Entry,
    spool::{Cursor, Spool, SpoolLimits},
};

/// All commands the server has not told us to forget.
#[derive(Debug)]
pub(crate) struct Outbox {
    folder: PathBuf,
    limits: SpoolLimits,
    state: Mutex<State>,
    /// Something is there for the link.
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    is_linked: bool,
    /// How much of a stream the server takes without storing it.
    credit: u64,
    commands: BTreeMap<CommandId, Outgoing>,
    trouble: Option<String>,
}

/// One command.
#[derive(Debug)]
pub(crate) struct Outgoing {
    /// When it was begun.
    pub(crate) begun_at: Timestamp,
    /// When its process started, if it did.
    pub(crate) started_at: Option<Timestamp>,
    /// What it wrote.
    pub(crate) spool: Spool,
    /// How it ended; then nothing is written any more.
    pub(crate) ended: Option<Ended>,
    room: Arc<Notify>,
}

impl Outbox {
    /// Takes up what an earlier life left.
    pub(crate) fn open(
        folder: PathBuf,
        limits: SpoolLimits,
        entries: &BTreeMap<CommandId, Entry>,
    ) -> io::Result<Self> {
        let mut state = State::default();
        for (command, entry) in entries {
            let outgoing = Outgoing {
                begun_at: entry.started_at,
                started_at: entry.process.map(|_| entry.started_at),
                spool: Spool::open(&folder.join(command.as_str()), limits)?,
                ended: entry.ended.clone(),
                room: Arc::default(),
            };
            state.commands.insert(command.clone(), outgoing);
        }
        Ok(Self { folder, limits, state: Mutex::new(state), changed: Notify::new() })
    }

    /// A command comes into being. False if it is here already.
    pub(crate) fn begin(&self, command: &CommandId, at: Timestamp) -> bool {
        let mut state = self.state.lock();
        if state.commands.contains_key(command) {
            return false;
        }
        let outgoing = Outgoing {
            begun_at: at,
            started_at: None,
            spool: Spool::new(&self.folder.join(command.as_str()), self.limits),
            ended: None,
            room: Arc::default(),
        };
        state.commands.insert(command.clone(), outgoing);
        true
    }

    /// Its process started.
    pub(crate) fn started(&self, command: &CommandId, at: Timestamp) {
        self.change(command, |outgoing| outgoing.started_at = Some(at));
    }

    /// Something was read from it, and is kept from now on.
    pub(crate) fn take_in(&self, command: &CommandId, channel: Channel, bytes: &[u8]) {
        self.spool(command, |spool| spool.take_in(channel, bytes));
    }

    /// What was read was cut into these records, which may now be sent.
    pub(crate) fn write(&self, command: &CommandId, pieces: &[Piece]) {
        if !pieces.is_empty() {
            self.spool(command, |spool| spool.push(pieces));
            self.changed.notify_one();
        }
    }

    fn spool(&self, command: &CommandId, change: impl FnOnce(&mut Spool) -> io::Result<()>) {
        let mut state = self.state.lock();
        let Some(outgoing) = state.commands.get_mut(command) else { return };
        if let Err(error) = change(&mut outgoing.spool) {
            // It goes on from memory as far as that reaches; beyond it the link says what is lost.
            state.trouble = Some(format!("output cannot be kept on disk: {error}"));
        }
    }

    /// Something is wrong with the agent, or no longer.
    pub(crate) fn set_trouble(&self, trouble: Option<String>) {
        self.state.lock().trouble = trouble;
        self.changed.notify_one();
    }

    /// Whether something is wrong with the agent.
    pub(crate) fn is_in_trouble(&self) -> bool {
        self.state.lock().trouble.is_some()
    }

    /// It ended, after all that it wrote.
    pub(crate) fn end(&self, command: &CommandId, ended: Ended) {
        self.change(command, |outgoing| outgoing.ended = Some(ended));
    }

    /// The server has stored everything before `until`.
    pub(crate) fn acknowledge(&self, command: &CommandId, until: Cursor) {
        self.change(command, |outgoing| {
            outgoing.spool.acknowledge(until);
            outgoing.room.notify_waiters();
        });
    }

    /// The server wants a command's output from here on. What is before may still be unstored there.
    pub(crate) fn resume(&self, command: &CommandId, from: Cursor) {
        self.change(command, |outgoing| {
            // More than we have: an earlier life lost its memory. Positions are never used twice.
            if from.position > outgoing.spool.next().position {
                outgoing.spool.acknowledge(from);
            }
        });
    }

    /// Whether there is a link, and something that is not stored at its other end.
    pub(crate) fn has_listener(&self) -> bool {
        let state = self.state.lock();
        state.is_linked && !state.commands.is_empty()
    }

    /// Whether the server has told us to forget everything.
    pub(crate) fn is_empty(&self) -> bool {
        self.state.lock().commands.is_empty()
    }

    /// The server does not want to hear of it any more.
    pub(crate) fn forget(&self, command: &CommandId) {
        let forgotten = self.state.lock().commands.remove(command);
        if let Some(mut outgoing) = forgotten {
            outgoing.spool.delete();
            outgoing.room.notify_waiters();
        }
    }

    /// Whether there is a link, on which acknowledgements may come.
    pub(crate) fn set_linked(&self, is_linked: bool) {
        let mut state = self.state.lock();
        state.is_linked = is_linked;
        state.commands.values().for_each(|outgoing| outgoing.room.notify_waiters());
    }

    /// The server allows so much per stream from now on.
    pub(crate) fn set_credit(&self, credit: u64) {
        let mut state = self.state.lock();
        state.credit = credit;
        state.commands.values().for_each(|outgoing| outgoing.room.notify_waiters());
    }

    /// Waits until more of a command's output may be read.
    ///
    /// Without a link there is always room, at the cost of the oldest output. With a link a process
    /// that writes faster than the server stores is slowed down while the spool is crowded,
    /// unless there is no limit to what the server takes: then it does not store at present, and
    /// waiting would be for nothing.
    pub(crate) async fn room(&self, command: &CommandId) {
        loop {
            let room = {
                let state = self.state.lock();
                let Some(outgoing) = state.commands.get(command) else { return };
                let is_waited_for = state.is_linked && state.credit < NO_LIMIT;
                if !is_waited_for || !outgoing.spool.is_crowded() {
                    return;
                }
                // Registered under the lock, so that no acknowledgement is missed.
                outgoing.room.clone().notified_owned()
            };
            room.await;
        }
    }

    /// All commands, for a hello.
    pub(crate) fn held(&self) -> Vec<HeldCommand> {
        let state = self.state.lock();
        let held = |(command, outgoing): (&CommandId, &Outgoing)| HeldCommand {
            command: command.as_str().to_owned(),
            started_at: outgoing.started_at.unwrap_or(outgoing.begun_at).0,
            first_position: outgoing.spool.first().position,
            next_position: outgoing.spool.next().position,
            ended: outgoing.ended.as_ref().map(Into::into),
        };
        state.commands.iter().map(held).collect()
    }

    /// Lets the link look at everything at once, and at what is wrong with the agent.
    pub(crate) fn look<T>(
        &self,
        look: impl FnOnce(&BTreeMap<CommandId, Outgoing>, Option<&str>) -> T,
    ) -> T {
        let state = self.state.lock();
        look(&state.commands, state.trouble.as_deref())
    }

    /// Waits until something may have changed since the last look.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    fn change(&self, command: &CommandId, change: impl FnOnce(&mut Outgoing)) {
        if let Some(outgoing) = self.state.lock().commands.get_mut(command) {
            change(outgoing);
        }
        self.changed.notify_one();
    }
}
