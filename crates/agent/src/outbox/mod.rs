//! What the server has yet to learn of each command and worker: that it started, what it wrote, how it ended.
//!
//! Commands and workers write here, the link reads. Nobody sends anything to anybody: the link derives what to
//! say from what is here and from what it has said, so a new link simply says it again.

mod face;

use std::{collections::BTreeMap, io, path::PathBuf, sync::Arc};

use parking_lot::Mutex;
use pilothouse_core::{
    agents::NO_LIMIT,
    sessions::Size,
    streams::{Channel, Source, StreamKey},
    time::Timestamp,
};
use pilothouse_protocols::agent_link::{messages::HeldCommand, workers::HeldWorker};
use tokio::sync::Notify;

use crate::{
    batching::Piece,
    journal::{End, Entry},
    spool::{Cursor, Spool, SpoolLimits},
};
pub(crate) use face::{Face, Snapshot};

/// All commands and workers the server has not told us to forget.
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
    streams: BTreeMap<StreamKey, Outgoing>,
    trouble: Option<String>,
}

/// One command, or one life of a worker.
#[derive(Debug)]
pub(crate) struct Outgoing {
    /// When it was begun.
    pub(crate) begun_at: Timestamp,
    /// When its process started, if it did.
    pub(crate) started_at: Option<Timestamp>,
    /// What it wrote.
    pub(crate) spool: Spool,
    /// What else there is to tell of a worker.
    pub(crate) face: Option<Face>,
    /// The line it printed last, and which one that is, counted from 1.
    pub(crate) said: Option<(u64, String)>,
    /// How it ended; then nothing is written any more.
    pub(crate) end: Option<End>,
    room: Arc<Notify>,
}

impl Outbox {
    /// Takes up what an earlier life left.
    pub(crate) fn open(
        folder: PathBuf,
        limits: SpoolLimits,
        entries: &BTreeMap<StreamKey, Entry>,
    ) -> io::Result<Self> {
        let mut state = State::default();
        for (stream, entry) in entries {
            let outgoing = Outgoing {
                begun_at: entry.started_at,
                started_at: entry.process.map(|_| entry.started_at),
                spool: Spool::open(&folder.join(folder_of(stream)), limits)?,
                face: entry.size.map(Face::new),
                said: None,
                end: entry.end.clone(),
                room: Arc::default(),
            };
            state.streams.insert(stream.clone(), outgoing);
        }
        Ok(Self { folder, limits, state: Mutex::new(state), changed: Notify::new() })
    }

    /// A command comes into being, or a worker with a terminal of that size. False if it is here already.
    pub(crate) fn begin(&self, stream: &StreamKey, at: Timestamp, size: Option<Size>) -> bool {
        let mut state = self.state.lock();
        if state.streams.contains_key(stream) {
            return false;
        }
        let outgoing = Outgoing {
            begun_at: at,
            started_at: None,
            spool: Spool::new(&self.folder.join(folder_of(stream)), self.limits),
            face: size.map(Face::new),
            said: None,
            end: None,
            room: Arc::default(),
        };
        state.streams.insert(stream.clone(), outgoing);
        true
    }

    /// Its process started.
    pub(crate) fn started(&self, stream: &StreamKey, at: Timestamp) {
        self.change(stream, |outgoing| outgoing.started_at = Some(at));
    }

    /// It printed a line. Only the newest is kept, and nothing depends on whether it is told.
    pub(crate) fn said(&self, stream: &StreamKey, line: String) {
        self.change(stream, |outgoing| {
            let number = outgoing.said.as_ref().map_or(0, |(number, _)| *number);
            outgoing.said = Some((number + 1, line));
        });
    }

    /// Something was read from it, and is kept from now on.
    pub(crate) fn take_in(&self, stream: &StreamKey, channel: Channel, bytes: &[u8]) {
        self.spool(stream, |spool| spool.take_in(channel, bytes));
    }

    /// What was read was cut into these records, which may now be sent.
    pub(crate) fn write(&self, stream: &StreamKey, pieces: &[Piece]) {
        if !pieces.is_empty() {
            self.spool(stream, |spool| spool.push(pieces));
            self.changed.notify_one();
        }
    }

    fn spool(&self, stream: &StreamKey, change: impl FnOnce(&mut Spool) -> io::Result<()>) {
        let mut state = self.state.lock();
        let Some(outgoing) = state.streams.get_mut(stream) else { return };
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
    pub(crate) fn end(&self, stream: &StreamKey, end: End) {
        self.change(stream, |outgoing| outgoing.end = Some(end));
    }

    /// The server has stored everything before `until`.
    pub(crate) fn acknowledge(&self, stream: &StreamKey, until: Cursor) {
        self.change(stream, |outgoing| {
            outgoing.spool.acknowledge(until);
            outgoing.room.notify_waiters();
        });
    }

    /// The server wants a stream from here on. What is before may still be unstored there.
    pub(crate) fn resume(&self, stream: &StreamKey, from: Cursor) {
        self.change(stream, |outgoing| {
            // More than we have: an earlier life lost its memory. Positions are never used twice.
            if from.position > outgoing.spool.next().position {
                outgoing.spool.acknowledge(from);
            }
        });
    }

    /// Whether there is a link, and something that is not stored at its other end.
    pub(crate) fn has_listener(&self) -> bool {
        let state = self.state.lock();
        state.is_linked && !state.streams.is_empty()
    }

    /// Whether there is a link.
    pub(crate) fn is_linked(&self) -> bool {
        self.state.lock().is_linked
    }

    /// Whether the server has told us to forget everything.
    pub(crate) fn is_empty(&self) -> bool {
        self.state.lock().streams.is_empty()
    }

    /// The server does not want to hear of it any more.
    pub(crate) fn forget(&self, stream: &StreamKey) {
        let forgotten = self.state.lock().streams.remove(stream);
        if let Some(mut outgoing) = forgotten {
            outgoing.spool.delete();
            outgoing.room.notify_waiters();
        }
    }

    /// Whether there is a link, on which acknowledgements may come.
    pub(crate) fn set_linked(&self, is_linked: bool) {
        let mut state = self.state.lock();
        state.is_linked = is_linked;
        state.streams.values().for_each(|outgoing| outgoing.room.notify_waiters());
    }

    /// The server allows so much per stream from now on.
    pub(crate) fn set_credit(&self, credit: u64) {
        let mut state = self.state.lock();
        state.credit = credit;
        state.streams.values().for_each(|outgoing| outgoing.room.notify_waiters());
    }

    /// Waits until more of a stream may be read.
    ///
    /// Without a link there is always room, at the cost of the oldest output. With a link a process
    /// that writes faster than the server stores is slowed down while the spool is crowded,
    /// unless there is no limit to what the server takes: then it does not store at present, and
    /// waiting would be for nothing.
    pub(crate) async fn room(&self, stream: &StreamKey) {
        loop {
            let room = {
                let state = self.state.lock();
                let Some(outgoing) = state.streams.get(stream) else { return };
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

    /// Waits until the server has stored a stream up to `position`, and says up to where it has.
    pub(crate) async fn stored(&self, stream: &StreamKey, position: u64) -> u64 {
        loop {
            let change = {
                let state = self.state.lock();
                let Some(outgoing) = state.streams.get(stream) else { return position };
                let stored = outgoing.spool.first().position;
                if stored >= position {
                    return stored;
                }
                outgoing.room.clone().notified_owned()
            };
            change.await;
        }
    }

    /// Something about a worker changes that is not its output. The link looks at it at once.
    pub(crate) fn face(&self, stream: &StreamKey, change: impl FnOnce(&mut Face)) {
        self.change(stream, |outgoing| {
            if let Some(face) = &mut outgoing.face {
                change(face);
            }
        });
    }

    /// Where a stream's next record will be.
    pub(crate) fn next(&self, stream: &StreamKey) -> Option<Cursor> {
        self.state.lock().streams.get(stream).map(|outgoing| outgoing.spool.next())
    }

    /// All commands and all workers, for a hello.
    pub(crate) fn held(&self) -> (Vec<HeldCommand>, Vec<HeldWorker>) {
        let (mut commands, mut workers) = (Vec::new(), Vec::new());
        for (stream, outgoing) in &self.state.lock().streams {
            let started_at = outgoing.started_at.unwrap_or(outgoing.begun_at).0;
            let first_position = outgoing.spool.first().position;
            let next_position = outgoing.spool.next().position;
            match (&stream.source, &outgoing.face) {
                (Source::Command(id), _) => commands.push(HeldCommand {
                    command: id.as_str().to_owned(),
                    started_at,
                    first_position,
                    next_position,
                    ended: match &outgoing.end {
                        Some(End::Command(ended)) => Some(ended.into()),
                        Some(End::Worker(_)) | None => None,
                    },
                }),
                (Source::Worker(_) | Source::Run(_), Some(face)) => workers.push(HeldWorker {
                    stream: stream.into(),
                    started_at,
                    first_position,
                    next_position,
                    ended: match &outgoing.end {
                        Some(End::Worker(exit)) => Some(exit.into()),
                        Some(End::Command(_)) | None => None,
                    },
                    activity: face.activity.into(),
                    size: face.size.into(),
                }),
                (Source::Worker(_) | Source::Run(_), None) => {}
            }
        }
        (commands, workers)
    }

    /// What runs.
    pub(crate) fn live(&self) -> Vec<StreamKey> {
        let state = self.state.lock();
        let live = state
            .streams
            .iter()
            .filter(|(_, outgoing)| outgoing.started_at.is_some() && outgoing.end.is_none());
        live.map(|(stream, _)| stream.clone()).collect()
    }

    /// Lets the link look at everything at once, and at what is wrong with the agent.
    pub(crate) fn look<T>(
        &self,
        look: impl FnOnce(&BTreeMap<StreamKey, Outgoing>, Option<&str>) -> T,
    ) -> T {
        let state = self.state.lock();
        look(&state.streams, state.trouble.as_deref())
    }

    /// Waits until something may have changed since the last look.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    fn change(&self, stream: &StreamKey, change: impl FnOnce(&mut Outgoing)) {
        if let Some(outgoing) = self.state.lock().streams.get_mut(stream) {
            change(outgoing);
        }
        self.changed.notify_one();
    }
}

/// What a stream's folder is called. Ids have no dots, so that no two streams share one.
pub(crate) fn folder_of(stream: &StreamKey) -> String {
    match &stream.source {
        Source::Command(id) => id.as_str().to_owned(),
        Source::Worker(_) | Source::Run(_) => {
            format!("{}.{}.{}", stream.source.kind(), stream.source.id(), stream.epoch)
        }
    }
}
