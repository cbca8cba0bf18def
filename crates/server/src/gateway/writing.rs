//! A connection's way out: its own queue first, then the log it watches, until the socket is full.

use std::{io, ops::AddAssign, rc::Rc, time::Duration};

use pilothouse_core::fanout::{Batch, Progress};
use pilothouse_protocols::CloseCode;

use super::{
    connection::Connection,
    event_loop::EventLoop,
    outbound::write_slices,
    state::{Gate, Watch},
};

/// A viewer that reads, but is so many bytes behind, slows the reading of agents down.
const FAR_BEHIND: usize = 512 << 10;
/// How long one such sighting counts.
const LAG_COUNTS: Duration = Duration::from_millis(100);

/// What went out to viewers in one turn.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sent {
    pub(super) bytes: u64,
    pub(super) messages: u64,
}

impl AddAssign for Sent {
    fn add_assign(&mut self, other: Self) {
        self.bytes += other.bytes;
        self.messages += other.messages;
    }
}

/// Why writing stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// All is sent, or has to wait.
    Waiting,
    /// What it missed is not in the log any more, and nobody can tell it in other words; its socket takes bytes.
    FellOff,
}

impl Connection {
    /// Sends what waits for this peer alone, and what it missed while its socket was blocked.
    pub(super) fn flush(self: &Rc<Self>, event_loop: &Rc<EventLoop>) {
        if self.write_own(event_loop).and_then(|()| self.write_picture(event_loop)).is_err() {
            return self.end();
        }
        self.read_wanted_step(event_loop);
        let state = self.state.borrow();
        if state.gate == Gate::Shut && state.outbound.is_empty() && !state.outbound.is_blocked {
            // What the peer still sends is read and thrown away: dropping it unread would reset the
            // connection, and the close frame could be lost.
            self.transport.end_writing();
        }
    }

    /// The socket takes bytes again.
    pub(super) fn resume_writing(self: &Rc<Self>, event_loop: &Rc<EventLoop>) {
        {
            let mut state = self.state.borrow_mut();
            state.outbound.is_blocked = false;
            // There is somebody who takes what was sent.
            state.heard_at = event_loop.now();
        }
        self.flush(event_loop);
        self.hear_all(event_loop);
        self.rearm(event_loop);
    }

    /// Sends the loop's new events, if this viewer has had all before them. Writing never calls back.
    /// Returns what of these was sent; the caller counts it.
    pub(super) fn take_batch(
        self: &Rc<Self>,
        event_loop: &Rc<EventLoop>,
        from: u64,
        batch: &Batch,
    ) -> io::Result<Sent> {
        let mut state = self.state.borrow_mut();
        let held_back = |watch: &Watch| watch.is_held_back(|| event_loop.now());
        if state.outbound.is_blocked || state.watch.as_ref().is_some_and(held_back) {
            if let Some(watch) = &mut state.watch {
                watch.is_behind = true;
            }
            return Ok(Sent::default());
        }
        if !state.outbound.is_empty() {
            let written = state.outbound.write(&self.transport)?;
            event_loop.tally.door(self.door_place()).bytes_out.add(written);
        }
        let is_next = state.watch.as_ref();
        let is_next = is_next.is_some_and(|watch| watch.cursor == from && !watch.is_behind);
        if !is_next || state.outbound.is_blocked || state.closing.is_some() {
            if let Some(watch) = &mut state.watch {
                watch.is_behind |= watch.cursor < batch.next;
            }
            drop(state);
            return self.write_own(event_loop).map(|()| Sent::default());
        }
        let written = write_slices(&self.transport, &batch.slices)?;
        let cursor = if written.is_blocked {
            let (cursor, rest) = batch.stopped_after(written.bytes);
            state.outbound.push(rest);
            state.outbound.is_blocked = true;
            self.wake();
            cursor
        } else {
            batch.next
        };
        if let Some(watch) = &mut state.watch {
            watch.cursor = cursor;
            watch.is_behind = cursor < batch.next;
            if written.is_blocked {
                watch.was_blocked(|| event_loop.now());
            }
        }
        Ok(Sent { bytes: written.bytes as u64, messages: cursor - from })
    }

    /// The whole loop fell off the log; this viewer gets on by itself.
    pub(super) fn catch_up(
        self: &Rc<Self>,
        event_loop: &Rc<EventLoop>,
        broken: &mut Vec<Rc<Self>>,
    ) {
        if let Some(watch) = &mut self.state.borrow_mut().watch {
            watch.is_behind = true;
        }
        if self.write_own(event_loop).is_err() {
            broken.push(self.clone());
        }
    }

    fn write_own(self: &Rc<Self>, event_loop: &Rc<EventLoop>) -> io::Result<()> {
        if self.write_while_taken(event_loop)? == Stop::Waiting {
            return Ok(());
        }
        let has_terminal =
            self.state.borrow().watch.as_ref().is_some_and(|watch| watch.terminal.is_some());
        if has_terminal {
            self.begin_anew(event_loop);
        } else {
            self.close(event_loop, CloseCode::FellBehind);
            let mut state = self.state.borrow_mut();
            let written = state.outbound.write(&self.transport)?;
            event_loop.tally.door(self.door_place()).bytes_out.add(written);
            drop(state);
            self.rearm(event_loop);
        }
        Ok(())
    }

    fn write_while_taken(&self, event_loop: &EventLoop) -> io::Result<Stop> {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        let (hub, tally) = (&event_loop.shared.hub, event_loop.tally.door(self.door_place()));
        loop {
            tally.bytes_out.add(state.outbound.write(&self.transport)?);
            if state.outbound.is_blocked {
                self.wake();
                return Ok(Stop::Waiting);
            }
            let Some(watch) = state.watch.as_mut().filter(|watch| watch.is_behind) else {
                return Ok(Stop::Waiting);
            };
            if state.closing.is_some() || watch.is_held_back(|| event_loop.now()) {
                return Ok(Stop::Waiting);
            }
            let place = (&watch.topic, watch.shape, watch.cursor);
            let progress =
                hub.look(|core, now| core.topics().read(place.0, place.1, place.2, now.wall));
            match progress {
                Progress::Events(batch) if batch.is_empty() => {
                    watch.cursor = batch.next;
                    watch.is_behind = false;
                }
                Progress::Events(batch) => {
                    // Who falls off a terminal's log loses nothing that is still on the screen.
                    if batch.len() > FAR_BEHIND && watch.terminal.is_none() {
                        hub.note_lag(event_loop.now() + LAG_COUNTS);
                    }
                    let written = write_slices(&self.transport, &batch.slices)?;
                    let (cursor, rest) = batch.stopped_after(written.bytes);
                    tally.bytes_out.add(written.bytes as u64);
                    tally.messages_out.add(cursor - watch.cursor);
                    watch.cursor = cursor;
                    if written.is_blocked {
                        watch.was_blocked(|| event_loop.now());
                    }
                    state.outbound.push(rest);
                    state.outbound.is_blocked = written.is_blocked;
                }
                Progress::Resynced { slices, cursor } => {
                    event_loop.tally.resyncs.add(1);
                    watch.cursor = cursor;
                    for slice in slices {
                        state.outbound.push(slice);
                    }
                }
                Progress::FellOff => return Ok(Stop::FellOff),
                Progress::Gone => return Ok(Stop::Waiting),
            }
        }
    }
}
