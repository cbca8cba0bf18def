//! How a connection ends: counted once, taken out of everything it was part of, and told to the core.

use std::rc::Rc;

use pilothouse_core::agents::Report;
use pilothouse_protocols::TokenRule;

use super::{connection::Connection, event_loop::EventLoop};
use crate::telemetry::Ending;

impl Connection {
    /// Counts how this connection ended; the first to say so is right.
    pub(super) fn note_ending(&self, event_loop: &EventLoop, ending: Ending) {
        if self.ending.get().is_none() {
            self.ending.set(Some(ending));
            event_loop.tally.door(self.door_place()).ended(ending);
        }
    }

    /// Counts it as gone, which has to be so before the peer can see that it is.
    pub(super) fn depart(&self, event_loop: &EventLoop) {
        if !self.has_departed.replace(true) {
            event_loop.shared.sockets.release(self.id);
            if !self.is_claimed.get() {
                // It is counted where it would have been, had it said something.
                self.claim(event_loop, self.door());
            }
            event_loop.tally.door(self.door_place()).gone.add(1);
        }
    }

    /// It is over; the connection's task does the rest.
    pub(super) fn end(&self) {
        self.is_over.set(true);
        self.wake();
    }

    /// One line for each connection; agents are few and matter more than viewers.
    pub(super) fn log(&self, what: &str) {
        let state = self.state.borrow();
        let (connection, door, address) = (self.id.0, self.door().path, &*self.whence.address);
        let user = state.caller.as_ref().map(|caller| &*caller.user);
        if state.link.is_some() || self.door().token == TokenRule::Handshake {
            tracing::info!(connection, door, address, user, "{what}");
        } else {
            tracing::debug!(connection, door, address, user, "{what}");
        }
    }

    pub(super) fn leave(self: &Rc<Self>, event_loop: &EventLoop) {
        self.log("disconnected");
        self.note_ending(event_loop, Ending::Cut);
        self.transport.say_goodbye();
        event_loop.remove(self);
        event_loop.shared.sockets.release(self.id);
        let (alarm, link) = {
            let mut state = self.state.borrow_mut();
            (state.alarm.take(), state.link.take())
        };
        event_loop.set_alarm(self.id, alarm, None);
        self.leave_pictures(event_loop, self.ending.get().unwrap_or(Ending::Cut));
        self.unwatch(event_loop);
        self.part(event_loop);
        self.unlisten_all(event_loop);
        if let Some(link) = link {
            event_loop.shared.hub.with(|core, now| core.report(link, Report::Lost, now));
        }
    }
}
