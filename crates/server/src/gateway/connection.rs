//! One connection: bytes in, conversation, actions out. Everything a socket can do to us happens here.
//!
//! A connection owns no read buffer: the loop's is shared, and only an unfinished message is kept.

use std::{
    cell::{Cell, RefCell},
    io,
    rc::Rc,
    task::{Poll, Waker},
};

use bytes::Bytes;
use pilothouse_core::{
    Delivery, Notice, Scope, agents::Order, ids::ConnectionId, listening::Cursors,
};
use pilothouse_protocols::{Actions, Claim, CloseCode, Denied, Door, Input, Opening, lobby};
use pilothouse_websocket::{Decoder, Message, Role, deflate::Agreed, frame};

use super::{
    admission::Place,
    event_loop::EventLoop,
    outbound::{Newest, Outbound},
    pictures::Part,
    state::{Gate, Intake, State},
    transport::Transport,
    whence::Whence,
};
use crate::{
    auth::Claims,
    telemetry::{self, Ending},
};

/// One peer.
pub(crate) struct Connection {
    pub(crate) id: ConnectionId,
    /// Of those that share the path, the one that was claimed.
    door: Cell<&'static Door>,
    /// Where its counts are.
    door_place: Cell<usize>,
    /// Whether it is sure.
    pub(super) is_claimed: Cell<bool>,
    pub(super) agreed: Option<Agreed>,
    pub(super) transport: Transport,
    pub(super) whence: Whence,
    pub(super) place: Rc<Place>,
    pub(super) state: RefCell<State>,
    pub(super) is_over: Cell<bool>,
    /// How it ended, once that is known.
    pub(super) ending: Cell<Option<Ending>>,
    /// It brought a picture since it was last looked at.
    pub(super) has_published: Cell<bool>,
    pub(super) has_departed: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

enum Step {
    Read,
    Write,
    Over,
}

/// What an upgrade leads to.
pub(crate) struct Accepted {
    pub(crate) door: &'static Door,
    pub(crate) agreed: Option<Agreed>,
    pub(crate) whence: Whence,
    /// The token's, if one came.
    pub(crate) claims: Option<Claims>,
    pub(crate) opening: Opening,
    /// The head that says yes.
    pub(crate) response: Bytes,
    /// What the peer sent right behind its request.
    pub(crate) leftover: Vec<u8>,
}

/// What a connection is made of besides its conversation.
struct Peer {
    transport: Transport,
    agreed: Option<Agreed>,
    whence: Whence,
    place: Rc<Place>,
    response: Bytes,
}

/// Takes a connection off its loop when its task is over, even if it panicked.
struct Leaving {
    connection: Rc<Connection>,
    event_loop: Rc<EventLoop>,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.connection.leave(&self.event_loop);
        self.connection.depart(&self.event_loop);
    }
}

impl Connection {
    /// Serves a peer until one of us has had enough.
    pub(crate) async fn run(
        transport: Transport,
        accepted: Accepted,
        place: Rc<Place>,
        event_loop: Rc<EventLoop>,
    ) {
        let Accepted { door, agreed, whence, claims, opening, response, mut leftover } = accepted;
        let peer = Peer { transport, agreed, whence, place, response };
        let connection = Self::new(peer, door, &opening, &event_loop);
        event_loop.add(&connection);
        if matches!(door.claim, Claim::Path) {
            connection.claim(&event_loop, door);
        }
        let _leaving = Leaving { connection: connection.clone(), event_loop: event_loop.clone() };
        connection.begin(claims, &opening, &mut leftover, &event_loop);
        connection.log("connected");
        if event_loop.is_stopping() {
            // It was let in just before, and nobody else will tell it.
            connection.shut_down(&event_loop);
        }
        while !connection.is_over.get() {
            match connection.step().await {
                Step::Read => connection.read(&event_loop).await,
                Step::Write => connection.resume_writing(&event_loop),
                Step::Over => break,
            }
        }
    }

    fn new(peer: Peer, door: &'static Door, opening: &Opening, event_loop: &EventLoop) -> Rc<Self> {
        let Peer { transport, agreed, whence, place, response } = peer;
        if opening.caller.is_some() {
            place.has_a_caller();
        }
        let shared = &event_loop.shared;
        let now = event_loop.now();
        let limits = (door.largest_message)(&shared.protocols);
        let largest =
            if opening.caller.is_some() { limits.after_token } else { limits.before_token };
        let per_second = shared.config.messages_per_second;
        let mut outbound = Outbound::default();
        outbound.push(response);
        let state = State {
            conversation: lobby::open(door, &shared.protocols),
            decoder: Decoder::new(Role::Server, largest, agreed),
            outbound,
            caller: opening.caller.clone(),
            link: None,
            is_in_front: false,
            watch: None,
            part: Part::None,
            attachments: 0,
            cursors: Cursors::default(),
            wanted_step: None,
            gate: Gate::Open,
            held: Vec::new(),
            intake: Intake::new(door, per_second, now),
            wake_at: None,
            ping_at: (door.ping)(&shared.protocols).map(|interval| now + interval),
            heard_at: now,
            is_expiry_told: false,
            alarm: None,
            closing: None,
        };
        Rc::new(Self {
            id: opening.connection,
            door: Cell::new(door),
            door_place: Cell::new(telemetry::place(door)),
            is_claimed: Cell::new(false),
            agreed,
            transport,
            whence,
            place,
            state: RefCell::new(state),
            is_over: Cell::new(false),
            ending: Cell::new(None),
            has_published: Cell::new(false),
            has_departed: Cell::new(false),
            waker: RefCell::default(),
        })
    }

    /// The door whose rules count.
    pub(super) fn door(&self) -> &'static Door {
        self.door.get()
    }

    /// Where its counts are.
    pub(super) fn door_place(&self) -> usize {
        self.door_place.get()
    }

    /// From now on this is a connection of that door.
    pub(super) fn claim(&self, event_loop: &EventLoop, door: &'static Door) {
        self.door.set(door);
        self.door_place.set(telemetry::place(door));
        if !self.is_claimed.replace(true) {
            event_loop.tally.door(self.door_place()).opened.add(1);
        }
        let limits = (door.largest_message)(&event_loop.shared.protocols);
        let mut state = self.state.borrow_mut();
        state.caller = state.caller.take().filter(|caller| (door.admits)(&caller.scope));
        let largest = if state.caller.is_some() { limits.after_token } else { limits.before_token };
        state.decoder.set_max_message(largest);
    }

    /// Tells the conversation that it begins, and hands it what the peer said already.
    fn begin(
        self: &Rc<Self>,
        claims: Option<Claims>,
        opening: &Opening,
        leftover: &mut [u8],
        event_loop: &Rc<EventLoop>,
    ) {
        // A token that was revoked since the upgrade was decided sees nothing.
        if claims.is_none_or(|claims| self.hold(event_loop, &claims).is_ok()) {
            self.handle(event_loop, Input::Opened(opening));
        } else {
            self.close(event_loop, CloseCode::Policy);
        }
        self.process(event_loop, leftover);
        self.flush(event_loop);
        self.rearm(event_loop);
    }

    /// Waits until the socket can be read, or written if it was blocked.
    async fn step(&self) -> Step {
        std::future::poll_fn(|context| {
            if self.is_over.get() {
                return Poll::Ready(Step::Over);
            }
            let (is_blocked, is_open) = {
                let state = self.state.borrow();
                (state.outbound.is_blocked, matches!(state.gate, Gate::Open | Gate::Shut))
            };
            if is_blocked && self.transport.poll_write_ready(context).is_ready() {
                return Poll::Ready(Step::Write);
            }
            if is_open && self.transport.poll_read_ready(context).is_ready() {
                return Poll::Ready(Step::Read);
            }
            let mut waker = self.waker.borrow_mut();
            if waker.as_ref().is_none_or(|known| !known.will_wake(context.waker())) {
                *waker = Some(context.waker().clone());
            }
            Poll::Pending
        })
        .await
    }

    pub(super) fn wake(&self) {
        if let Some(waker) = self.waker.borrow().as_ref() {
            waker.wake_by_ref();
        }
    }

    async fn read(self: &Rc<Self>, event_loop: &Rc<EventLoop>) {
        let read = {
            let mut buffer = event_loop.buffer.borrow_mut();
            let read = self.transport.try_read(&mut buffer);
            if let Ok(read @ 1..) = read {
                event_loop.tally.door(self.door_place()).bytes_in.add(read as u64);
                self.state.borrow_mut().heard_at = event_loop.now();
                self.process(event_loop, &mut buffer[..read]);
            }
            read
        };
        match read {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
            Ok(0) | Err(_) => return self.end(),
            Ok(_) => {}
        }
        self.flush(event_loop);
        self.rearm(event_loop);
        if self.has_published.take() {
            // Viewers take this picture before the next one may take its place.
            tokio::task::yield_now().await;
        }
        if self.state.borrow().link.is_some() {
            self.yield_to_viewers(event_loop, read.unwrap_or(0)).await;
        }
    }

    /// Takes messages out of `input` until it is used up or the gate closes.
    pub(super) fn process(self: &Rc<Self>, event_loop: &Rc<EventLoop>, mut input: &mut [u8]) {
        let mut actions = Vec::new();
        while !input.is_empty() && !self.is_over.get() {
            let Some(consumed) = self.next_message(event_loop, input, &mut actions) else { return };
            input = &mut input[consumed..];
            self.act(event_loop, &mut actions);
        }
    }

    /// Decodes one message and hands it to the conversation. `None` if nothing more can be decoded now.
    fn next_message(
        &self,
        event_loop: &EventLoop,
        input: &mut [u8],
        actions: &mut Actions,
    ) -> Option<usize> {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        match state.gate {
            Gate::Shut => return None,
            Gate::Open => {}
            Gate::Answer | Gate::Until(_) => {
                state.held.extend_from_slice(input);
                return None;
            }
        }
        let decoded = match state.decoder.decode(input) {
            Ok(decoded) => decoded,
            Err(error) => {
                let frame = frame::close(error.code, error.reason);
                if state.close(frame, event_loop.now()) {
                    self.note_ending(event_loop, Ending::Ours(error.code));
                }
                state.gate = Gate::Shut;
                return None;
            }
        };
        let consumed = decoded.consumed;
        let Some(message) = decoded.message else { return (consumed > 0).then_some(consumed) };
        let now = event_loop.shared.hub.clock.now();
        let is_open = state.closing.is_none();
        match message {
            Message::Text(_) | Message::Binary(_) if !is_open => {}
            Message::Text(text) => {
                event_loop.tally.door(self.door_place()).messages_in.add(1);
                let input = state.intake.admit(Input::Text(text), &mut state.gate, now.steady);
                state.conversation.handle(input, now, actions);
            }
            Message::Binary(bytes) => {
                event_loop.tally.door(self.door_place()).messages_in.add(1);
                let input = state.intake.admit(Input::Binary(bytes), &mut state.gate, now.steady);
                state.conversation.handle(input, now, actions);
            }
            Message::Ping(payload) => state.outbound.put(Newest::Pong, frame::pong(payload)),
            Message::Pong(_) => {}
            Message::Close(close) => {
                if is_open {
                    let code = close.as_ref().map(|close| close.code);
                    self.note_ending(event_loop, Ending::Theirs(code));
                    self.depart(event_loop);
                    // Nothing may follow it (RFC 6455 5.5.1), however much the terminal that was watched prints.
                    let answer = frame::close(close.map_or(1000, |close| close.code), "");
                    state.close(answer, now.steady);
                    let _ = state.outbound.write(&self.transport);
                }
                self.is_over.set(true);
            }
        }
        Some(consumed)
    }

    /// Takes what the core has to tell this connection.
    pub(super) fn deliver(self: &Rc<Self>, event_loop: &Rc<EventLoop>, delivery: Delivery) {
        match delivery {
            Delivery::Answer(answer) => {
                self.state.borrow_mut().open_gate();
                self.handle(event_loop, Input::Answer(answer));
                self.process_held(event_loop);
            }
            Delivery::Notice(notice) => {
                if notice == Notice::Order(Order::Enrolled)
                    && let Some(caller) = &mut self.state.borrow_mut().caller
                    && !matches!(caller.scope, Scope::Keyed { .. } | Scope::Enrolled(_))
                {
                    // The key counts from now on, and the token's expiry is nobody's business any more. With a key
                    // that the agent came through, its own ends too.
                    caller.expires_at = None;
                }
                self.handle(event_loop, Input::Notice(&notice));
            }
        }
        self.flush(event_loop);
        self.rearm(event_loop);
    }

    /// Takes what was read for this connection beside the loop.
    pub(super) fn take_read(self: &Rc<Self>, event_loop: &Rc<EventLoop>, read: Input<'_>) {
        self.state.borrow_mut().open_gate();
        self.handle(event_loop, read);
        self.process_held(event_loop);
        self.flush(event_loop);
        self.rearm(event_loop);
    }

    /// Something this connection waits for is due.
    pub(super) fn alarm(self: &Rc<Self>, event_loop: &Rc<EventLoop>) {
        let now = event_loop.shared.hub.clock.now();
        let due = {
            let mut state = self.state.borrow_mut();
            state.alarm = None;
            state.take_due(self.door(), &event_loop.shared, now)
        };
        if due.is_over {
            return self.end();
        }
        if due.is_silent {
            self.close(event_loop, CloseCode::Dead);
        }
        if due.woke {
            self.handle(event_loop, Input::Woke);
        }
        if due.expired {
            event_loop.tally.door(self.door_place()).expired.add(1);
            self.handle(event_loop, Input::Expired);
        }
        if due.gate_opened {
            self.process_held(event_loop);
        }
        self.flush(event_loop);
        self.rearm(event_loop);
    }

    /// Notes who this connection belongs to from now on.
    pub(super) fn hold(&self, event_loop: &EventLoop, claims: &Claims) -> Result<(), Denied> {
        let shared = &event_loop.shared;
        shared.sockets.hold((self.id, self.door().name), claims, &shared.authenticator.revoked)?;
        // Afterwards for the same reason: whoever removes somebody, or revokes a key, looks for their sockets last.
        shared.check_people(claims)?;
        shared.check_key(claims)?;
        if self.door().is_for_administrators() {
            shared.sockets.needs(self.id, pilothouse_core::Role::Admin);
            if !shared.is_administrator(claims) {
                return Err(Denied { reason: "this door takes the role admin" });
            }
        }
        Ok(())
    }

    /// Its credential was revoked.
    pub(super) fn revoke(self: &Rc<Self>, event_loop: &Rc<EventLoop>) {
        self.handle(event_loop, Input::Revoked);
        self.flush(event_loop);
        self.rearm(event_loop);
    }

    /// The server stops.
    pub(super) fn shut_down(self: &Rc<Self>, event_loop: &Rc<EventLoop>) {
        self.handle(event_loop, Input::Shutdown);
        self.flush(event_loop);
        self.rearm(event_loop);
    }

    pub(super) fn process_held(self: &Rc<Self>, event_loop: &Rc<EventLoop>) {
        let mut held = std::mem::take(&mut self.state.borrow_mut().held);
        self.process(event_loop, &mut held);
        self.wake();
    }

    pub(super) fn handle(self: &Rc<Self>, event_loop: &Rc<EventLoop>, input: Input<'_>) {
        let now = event_loop.shared.hub.clock.now();
        let mut actions = Vec::new();
        self.state.borrow_mut().conversation.handle(input, now, &mut actions);
        self.act(event_loop, &mut actions);
    }

    /// Moves this connection's alarm to the earliest moment it waits for.
    pub(super) fn rearm(&self, event_loop: &EventLoop) {
        let mut state = self.state.borrow_mut();
        let next = state.next_alarm(self.door(), &event_loop.shared);
        let old = std::mem::replace(&mut state.alarm, next);
        event_loop.set_alarm(self.id, old, next);
    }
}
