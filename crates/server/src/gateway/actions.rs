//! Does what a conversation says.

use std::rc::Rc;

use pilothouse_core::{
    Asked, Caller, Reply, Request,
    agents::Report,
    browsers,
    fanout::{Language, TopicKey},
    ids::{LinkId, SessionId},
};
use pilothouse_protocols::{Action, Actions, CloseCode, Denied, Input};
use pilothouse_websocket::frame;

use super::{
    connection::Connection,
    event_loop::{EventLoop, Shared},
    framing::{self, WebSocketFraming},
    outbound::Newest,
    state::Watch,
};
use crate::auth::Claims;
use crate::telemetry::Ending;

impl Connection {
    /// Does every action, in order. Reports in a row are handed to the core together.
    pub(super) fn act(self: &Rc<Self>, event_loop: &Rc<EventLoop>, actions: &mut Actions) {
        let mut reports: Vec<(LinkId, Report)> = Vec::new();
        for action in actions.drain(..) {
            if let Action::Report(link, report) = action {
                reports.push((link, report));
                continue;
            }
            report(event_loop, &mut reports);
            self.act_once(event_loop, action);
        }
        report(event_loop, &mut reports);
    }

    fn act_once(self: &Rc<Self>, event_loop: &Rc<EventLoop>, action: Action) {
        match action {
            Action::Send { kind, payload } => {
                let mut state = self.state.borrow_mut();
                if state.closing.is_none() {
                    event_loop.tally.door(self.door_place()).messages_out.add(1);
                    framing::plain(kind, payload).for_each(|piece| state.outbound.push(piece));
                }
                if state.outbound.is_overfull() {
                    drop(state);
                    self.close(event_loop, CloseCode::Overloaded);
                }
            }
            Action::Ask(request) => self.ask(event_loop, request),
            Action::Recall(recall) => self.recall(event_loop, recall),
            Action::Report(..) => {}
            Action::Verify(token) => self.verify(event_loop, &token),
            Action::Watch(language) => self.watch(event_loop, language),
            Action::Attach(attach) => self.attach(event_loop, &attach),
            Action::Listen(subject) => self.listen(event_loop, &subject),
            Action::Unlisten(agent) => self.unlisten(event_loop, &agent),
            Action::Disown => self.disown(event_loop),
            Action::Claim(door) => self.claim(event_loop, door),
            Action::ReadLog(wanted) => self.read_log(event_loop, wanted),
            Action::ReadStep(wanted) => self.want_step(event_loop, wanted),
            Action::Touch(worker, touch) => self.touch(event_loop, &worker, touch),
            Action::Steer(session, steer) => self.steer(event_loop, &session, steer),
            Action::Showing(showing) => self.show(event_loop, showing),
            Action::WakeAt(at) => self.state.borrow_mut().wake_at = Some(at),
            Action::Close(code) => self.close(event_loop, code),
        }
    }

    fn ask(self: &Rc<Self>, event_loop: &Rc<EventLoop>, request: Request) {
        let caller = self.state.borrow().caller.clone();
        let Some(caller) = caller else { return self.close(event_loop, CloseCode::Policy) };
        let asked = event_loop.shared.hub.with(|core, now| core.ask(&caller, request, now));
        match asked {
            Asked::AfterCommit => {
                self.state.borrow_mut().await_answer();
            }
            Asked::Answered(answer) => {
                if let Ok(Reply::Linked(linked)) = &answer {
                    self.state.borrow_mut().link = Some(linked.link);
                }
                self.handle(event_loop, Input::Answer(answer));
            }
        }
    }

    fn verify(self: &Rc<Self>, event_loop: &Rc<EventLoop>, token: &str) {
        let shared = &event_loop.shared;
        let claims = shared.authenticate(token);
        let verified = claims.and_then(|claims| self.take_over(event_loop, &claims));
        let mut state = self.state.borrow_mut();
        if let Ok(caller) = &verified {
            self.place.has_a_caller();
            state.caller = Some(caller.clone());
            state.is_expiry_told = false;
            let limits = (self.door().largest_message)(&shared.protocols);
            state.decoder.set_max_message(limits.after_token);
        }
        drop(state);
        self.handle(event_loop, Input::Verified(verified));
    }

    /// The token that was just good opens nothing here.
    fn disown(&self, event_loop: &EventLoop) {
        event_loop.shared.sockets.release(self.id);
        self.state.borrow_mut().caller = None;
    }

    /// A new token takes the place of the old one, if it opens this door and belongs to the same user.
    fn take_over(&self, event_loop: &EventLoop, claims: &Claims) -> Result<Caller, Denied> {
        let caller = claims.caller(self.id, &self.whence);
        if !(self.door().admits)(&caller.scope) {
            return Err(Denied { reason: "the token is for another purpose" });
        }
        let known = self.state.borrow().caller.as_ref().map(|caller| caller.user.clone());
        if known.is_some_and(|user| user != caller.user) {
            return Err(Denied { reason: "the token belongs to another user" });
        }
        self.hold(event_loop, claims)?;
        Ok(caller)
    }

    fn watch(self: &Rc<Self>, event_loop: &Rc<EventLoop>, language: &'static dyn Language) {
        let (window, threshold) = self.window(event_loop);
        let make = || Box::new(WebSocketFraming::new(window, threshold)) as _;
        let hub = &event_loop.shared.hub;
        let watched = hub.look(|core, now| core.fleet().watch(language, window, make, now.wall));
        // Afterwards, so that the snapshot that was made for this viewer alone can be of use again.
        self.unwatch(event_loop);
        let mut state = self.state.borrow_mut();
        let tally = event_loop.tally.door(self.door_place());
        tally.messages_out.add(1);
        if state.outbound.has(Newest::Snapshot) {
            // Who reads is told as often as it asks. If the socket is broken, the next write finds out too.
            tally.bytes_out.add(state.outbound.write(&self.transport).unwrap_or(0));
        }
        state.outbound.put(Newest::Snapshot, watched.snapshot);
        state.watch = Some(Watch {
            topic: TopicKey::Fleet,
            shape: watched.shape,
            cursor: watched.cursor,
            is_behind: false,
            terminal: None,
        });
        drop(state);
        event_loop.join(self, (&TopicKey::Fleet, watched.shape), watched.cursor);
    }

    /// The framing that this peer agreed to, and from which size on messages are deflated for it.
    pub(super) fn window(&self, event_loop: &EventLoop) -> (u32, usize) {
        let threshold = (self.door().compress_above)(&event_loop.shared.protocols);
        let window = match (&self.agreed, threshold) {
            (Some(agreed), Some(_)) => u32::from(agreed.server_window_bits),
            _ => framing::PLAIN,
        };
        (window, threshold.unwrap_or(usize::MAX))
    }

    /// Stops watching whatever it watches.
    pub(super) fn unwatch(&self, event_loop: &EventLoop) {
        let Some(watch) = self.state.borrow_mut().watch.take() else { return };
        let Watch { topic, shape, .. } = watch;
        event_loop.leave(self, &topic, shape);
        let hub = &event_loop.shared.hub;
        match &topic {
            TopicKey::Fleet => hub.look(|core, _| core.fleet().unwatch(shape)),
            TopicKey::Worker(worker) => {
                hub.with(|core, now| {
                    core.topics().unwatch(&topic, shape);
                    core.leave(self.id, worker, now);
                });
                hub.watchers.remove(worker, event_loop.index);
            }
        }
    }

    pub(super) fn close(&self, event_loop: &EventLoop, code: CloseCode) {
        event_loop.shared.sockets.release(self.id);
        let frame = frame::close(code.number(), code.reason());
        if self.state.borrow_mut().close(frame, event_loop.now()) {
            self.note_ending(event_loop, Ending::Ours(code.number()));
        }
    }
}

fn report(event_loop: &EventLoop, reports: &mut Vec<(LinkId, Report)>) {
    if reports.is_empty() {
        return;
    }
    let mut seen_browsers = Vec::new();
    event_loop.shared.hub.with(|core, now| {
        for (link, report) in reports.drain(..) {
            if let Report::Browser(browsers::Report::Seen(seen)) = &report {
                seen_browsers.push(seen.session.clone());
            }
            core.report(link, report, now);
        }
    });
    for session in seen_browsers {
        describe(event_loop, &session);
    }
}

/// Tells those who watch a browser how it is.
pub(super) fn describe(event_loop: &EventLoop, session: &SessionId) {
    let Shared { hub, relay, .. } = &*event_loop.shared;
    let Some(browser) = hub.look(|core, _| core.browser(session).cloned()) else { return };
    relay.describe(session, Some(&browser), |stream, index| hub.tell_stream(index, stream));
}
