//! What a connection knows of its peer: who it is, what it watches, what it waits for.

use std::time::Duration;

use bytes::Bytes;
use pilothouse_core::{
    Caller,
    fanout::{Shape, TopicKey},
    ids::{LinkId, SessionId},
    listening::Cursors,
    time::{Moment, Steady},
};
use pilothouse_protocols::{
    Conversation, Door, Excess, Input, ReadStep, TerminalLanguage, conversation::is_expired,
    rate::Bucket,
};
use pilothouse_websocket::{Decoder, frame};

use super::{
    event_loop::Shared,
    outbound::{Newest, Outbound},
    pictures::Part,
    terminal_pace::TerminalPace,
};

/// How long a peer may take to answer our close.
const CLOSE_GRACE: Duration = Duration::from_secs(2);
/// How long a peer that was too fast is not read.
const DELAY: Duration = Duration::from_millis(10);

/// What the peer watches.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) topic: TopicKey,
    pub(super) shape: Shape,
    pub(super) cursor: u64,
    /// The socket was blocked, and the log was not followed since.
    pub(super) is_behind: bool,
    /// What only those who watch a worker have.
    pub(super) terminal: Option<Box<Terminal>>,
}

/// The place of a viewer in front of a worker's terminal.
#[derive(Debug)]
pub(super) struct Terminal {
    pub(super) session: SessionId,
    pub(super) language: &'static dyn TerminalLanguage,
    pub(super) may_type: bool,
    /// What is stored is being read for it; no live event is sent before it was told that.
    pub(super) is_beginning: bool,
    pub(super) pace: TerminalPace,
}

impl Watch {
    /// Whether live events have to wait at `now`, for more than the socket.
    pub(super) fn is_held_back(&self, now: impl FnOnce() -> Steady) -> bool {
        let Some(terminal) = &self.terminal else { return false };
        terminal.is_beginning || terminal.pace.is_busy(now)
    }

    pub(super) fn is_beginning(&self) -> bool {
        self.terminal.as_ref().is_some_and(|terminal| terminal.is_beginning)
    }

    /// The socket took less than it was offered: what a terminal's viewer misses now goes out together.
    pub(super) fn was_blocked(&mut self, now: impl FnOnce() -> Steady) {
        if let Some(terminal) = &mut self.terminal {
            terminal.pace.was_blocked(now);
        }
    }
}

/// Why no further message is read at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    /// Messages are read.
    Open,
    /// An answer of the core is outstanding.
    Answer,
    /// The peer was too fast; it is read again at that moment.
    Until(Steady),
    /// The peer broke the protocol: what it sends is thrown away.
    Shut,
}

/// The door's rate limit.
pub(super) struct Intake {
    limit: Option<(Excess, Bucket)>,
}

impl Intake {
    pub(super) fn new(door: &Door, per_second: u32, now: Steady) -> Self {
        let bucket = || Bucket::new(per_second, Duration::from_secs(1), now);
        Self { limit: door.excess.map(|excess| (excess, bucket())) }
    }

    /// The message, or what the conversation hears instead of it.
    pub(super) fn admit<'a>(
        &mut self,
        message: Input<'a>,
        gate: &mut Gate,
        now: Steady,
    ) -> Input<'a> {
        let Some((excess, bucket)) = &mut self.limit else { return message };
        if bucket.take(now).is_ok() {
            return message;
        }
        match excess {
            Excess::Refuse => Input::TooFast { dropped: 1 },
            Excess::Delay => {
                *gate = Gate::Until(now + DELAY);
                message
            }
        }
    }
}

/// Everything that changes.
pub(super) struct State {
    pub(super) conversation: Box<dyn Conversation>,
    pub(super) decoder: Decoder,
    pub(super) outbound: Outbound,
    pub(super) caller: Option<Caller>,
    pub(super) link: Option<LinkId>,
    /// Whether it is in front of a browser, where the core has to learn how it goes.
    pub(super) is_in_front: bool,
    pub(super) watch: Option<Watch>,
    /// Its part in live pictures.
    pub(super) part: Part,
    /// Counts attachments, so that what was read for an earlier one is not taken for a later one's.
    pub(super) attachments: u32,
    /// Where it is in the logs of agents that it listens to.
    pub(super) cursors: Cursors,
    /// The step of a run that is read once everything before it is sent.
    pub(super) wanted_step: Option<ReadStep>,
    pub(super) gate: Gate,
    /// Bytes that were read before the gate closed; at most one read buffer.
    pub(super) held: Vec<u8>,
    pub(super) intake: Intake,
    pub(super) wake_at: Option<Steady>,
    pub(super) ping_at: Option<Steady>,
    /// When the peer was last heard of.
    pub(super) heard_at: Steady,
    pub(super) is_expiry_told: bool,
    pub(super) alarm: Option<Steady>,
    /// Set once we closed: when the socket is dropped whatever the peer does.
    pub(super) closing: Option<Steady>,
}

/// What an alarm was for.
#[expect(clippy::struct_excessive_bools, reason = "each is one independent thing that was due")]
#[derive(Debug, Default)]
pub(super) struct Due {
    pub(super) is_over: bool,
    pub(super) is_silent: bool,
    pub(super) woke: bool,
    pub(super) expired: bool,
    pub(super) gate_opened: bool,
}

impl State {
    /// Sends a close frame as the last thing, and gives the peer a moment to answer.
    /// Returns whether that is the first close.
    pub(super) fn close(&mut self, frame: Bytes, now: Steady) -> bool {
        let is_first = self.closing.is_none();
        if is_first {
            self.outbound.push(frame);
            self.closing = Some(now + CLOSE_GRACE);
        }
        is_first
    }

    /// Takes no further message until an answer came. Returns false if none is taken ever again.
    pub(super) fn await_answer(&mut self) -> bool {
        let is_open = self.gate != Gate::Shut;
        if is_open {
            self.gate = Gate::Answer;
        }
        is_open
    }

    pub(super) fn open_gate(&mut self) {
        if self.gate != Gate::Shut {
            self.gate = Gate::Open;
        }
    }

    /// Finds out what is due, and takes note that it was.
    pub(super) fn take_due(&mut self, door: &Door, shared: &Shared, now: Moment) -> Due {
        let is_due = |at: Option<Steady>| at.is_some_and(|at| at <= now.steady);
        let mut due = Due { is_over: is_due(self.closing), ..Due::default() };
        if matches!(self.gate, Gate::Answer | Gate::Until(_)) {
            // Nobody listens to it, so that it is not for want of a word that nothing is heard.
            self.heard_at = now.steady;
        }
        due.is_silent = self.closing.is_none() && is_due(self.silent_at(door, shared));
        if is_due(self.wake_at) {
            self.wake_at = None;
            due.woke = true;
        }
        if let Some(terminal) = self.watch.as_mut().and_then(|watch| watch.terminal.as_mut()) {
            terminal.pace.pass(now.steady);
        }
        if is_due(self.ping_at) {
            self.ping_at = (door.ping)(&shared.protocols).map(|interval| now.steady + interval);
            if self.closing.is_none() {
                self.outbound.put(Newest::Ping, frame::ping(b""));
            }
        }
        let is_expired = self.caller.as_ref().is_some_and(|caller| is_expired(caller, now.wall));
        if is_expired && !self.is_expiry_told {
            self.is_expiry_told = true;
            due.expired = true;
        }
        if matches!(self.gate, Gate::Until(at) if at <= now.steady) {
            self.gate = Gate::Open;
            due.gate_opened = true;
        }
        due
    }

    /// When it is dead if it is not heard of before.
    fn silent_at(&self, door: &Door, shared: &Shared) -> Option<Steady> {
        (door.silence)(&shared.protocols).map(|patience| self.heard_at + patience)
    }

    /// The earliest moment this connection waits for.
    pub(super) fn next_alarm(&self, door: &Door, shared: &Shared) -> Option<Steady> {
        let gate = match self.gate {
            Gate::Until(at) => Some(at),
            Gate::Open | Gate::Answer | Gate::Shut => None,
        };
        let terminal = self.watch.as_ref().and_then(|watch| watch.terminal.as_ref());
        let pace = terminal.and_then(|terminal| terminal.pace.due());
        let silence = self.silent_at(door, shared).filter(|_| self.closing.is_none());
        let expiry = self.expiry_alarm(shared);
        let picture = match &self.part {
            Part::Viewing(viewing) => viewing.due(),
            Part::None | Part::Producing(_) => None,
        };
        let alarms =
            [self.wake_at, self.ping_at, silence, self.closing, gate, pace, expiry, picture];
        alarms.into_iter().flatten().min()
    }

    /// Looked at every now and then rather than once, since somebody may set the clock.
    fn expiry_alarm(&self, shared: &Shared) -> Option<Steady> {
        let expires_at = self.caller.as_ref()?.expires_at.filter(|_| !self.is_expiry_told)?;
        let now = shared.hub.clock.now();
        let left = Duration::from_millis(expires_at.0.saturating_sub(now.wall.0));
        Some(now.steady + left.min(shared.config.expiry_check))
    }
}
