//! In front of a worker's terminal: attaching, attaching anew after falling behind, and reading its log.
//!
//! One order holds for all of it: watch the topic and note the place where it begins, in one step; read what is
//! stored up to there beside the loop; tell that; then live events.

use std::{rc::Rc, time::Duration};

use pilothouse_core::{
    Asked, CoreError, LookedAt, Reply, Request,
    fanout::TopicKey,
    ids::{SessionId, WorkerId},
    ports::StoreError,
    sessions::{self, Touch},
};
use pilothouse_protocols::{Attach, Attachment, CloseCode, Input, ReadLog};

use super::{
    connection::Connection,
    event_loop::{EventLoop, contain},
    framing::WebSocketFraming,
    history::{self, History},
    outbound::Outbound,
    state::{Terminal, Watch},
};

/// How soon a viewer that cannot follow is brought up to date again. Doubled each time while it cannot follow what
/// comes then either, so that a flood before many viewers is not a flood of histories.
const SOONEST_ANEW: Duration = Duration::from_millis(100);
const LATEST_ANEW: Duration = Duration::from_secs(1);

/// One attachment on its way: what is read is for this and no other.
struct Beginning {
    /// The connection's count of attachments.
    number: u32,
    looked: LookedAt,
    /// What the viewer has already: an epoch, and how many bytes of its log.
    has: Option<(u32, u64)>,
    is_resync: bool,
}

impl Connection {
    /// Watches a terminal. No further message is taken until its history was told.
    pub(super) fn attach(self: &Rc<Self>, event_loop: &Rc<EventLoop>, attach: &Attach) {
        let caller = self.state.borrow().caller.clone();
        let Some(caller) = caller else { return self.close(event_loop, CloseCode::Policy) };
        let (session, worker) = (attach.session.clone(), attach.worker.clone());
        let request = Request::Sessions(sessions::Request::Attach { session, worker });
        let asked = event_loop.shared.hub.with(|core, now| core.ask(&caller, request, now));
        match asked {
            Asked::Answered(Ok(Reply::Attached { may_type })) => {
                self.unwatch(event_loop);
                if self.state.borrow_mut().await_answer() {
                    let (connection, event_loop) = (self.clone(), event_loop.clone());
                    tokio::task::spawn_local(connection.find_beginning(
                        event_loop,
                        attach.clone(),
                        may_type,
                    ));
                }
            }
            Asked::Answered(Err(refusal)) => self.handle(event_loop, Input::Attached(Err(refusal))),
            Asked::Answered(Ok(_)) | Asked::AfterCommit => {
                self.close(event_loop, CloseCode::Internal);
            }
        }
    }

    /// Begins where the terminal is now. Typing waits; nobody else does.
    async fn find_beginning(
        self: Rc<Self>,
        event_loop: Rc<EventLoop>,
        attach: Attach,
        may_type: bool,
    ) {
        if let Some((epoch, position)) = attach.has {
            history::wait_until_received(&event_loop.shared, &attach.worker, epoch, position).await;
        }
        if self.is_over.get() {
            return;
        }
        match self.watch_worker(&event_loop, &attach, may_type) {
            Ok(beginning) => self.begin_with(event_loop, beginning).await,
            Err(refusal) => contain(&self, || {
                self.take_read(&event_loop, Input::Attached(Err(refusal)));
            }),
        }
    }

    /// The place where live events begin, and the worker as it is there, in one step.
    fn watch_worker(
        &self,
        event_loop: &EventLoop,
        attach: &Attach,
        may_type: bool,
    ) -> Result<Beginning, CoreError> {
        let Attach { session, worker, language, has } = attach;
        let hub = &event_loop.shared.hub;
        let topic = TopicKey::Worker(worker.clone());
        let (window, threshold) = self.window(event_loop);
        let make = || Box::new(WebSocketFraming::of_terminal(window, threshold)) as _;
        hub.watchers.add(worker, event_loop.index);
        let begun = hub.look(|core, now| {
            let looked = core.look_at(session, worker)?;
            Some((looked, core.topics().watch(&topic, *language, (window, &make), now.wall)))
        });
        let Some((looked, watched)) = begun else {
            hub.watchers.remove(worker, event_loop.index);
            return Err(CoreError::WorkerNotFound(worker.clone()));
        };
        let mut state = self.state.borrow_mut();
        state.attachments += 1;
        state.watch = Some(Watch {
            topic,
            shape: watched.shape,
            cursor: watched.cursor,
            is_behind: true,
            terminal: Some(Box::new(Terminal {
                session: session.clone(),
                may_type,
                is_beginning: true,
                began_at: event_loop.now(),
                pause: SOONEST_ANEW,
                paced_until: None,
            })),
        });
        Ok(Beginning { number: state.attachments, looked, has: *has, is_resync: false })
    }

    /// This viewer fell off the terminal's log, and its socket takes bytes again: it begins anew. Whatever it does,
    /// that happens once at a time, after all it was sent before, and not sooner than [`SOONEST_ANEW`].
    pub(super) fn begin_anew(self: &Rc<Self>, event_loop: &Rc<EventLoop>) {
        let due = {
            let mut state = self.state.borrow_mut();
            let Some(terminal) = state.watch.as_mut().and_then(|watch| watch.terminal.as_mut())
            else {
                return;
            };
            terminal.is_beginning = true;
            let due = terminal.began_at + terminal.pause;
            let is_soon = event_loop.now() < due + terminal.pause;
            terminal.pause =
                if is_soon { LATEST_ANEW.min(terminal.pause * 2) } else { SOONEST_ANEW };
            due
        };
        let (connection, event_loop) = (self.clone(), event_loop.clone());
        tokio::task::spawn_local(async move {
            tokio::time::sleep_until(event_loop.shared.hub.clock.instant(due)).await;
            if connection.is_over.get() {
                return;
            }
            match connection.look_again(&event_loop) {
                Some(Ok(beginning)) => connection.begin_with(event_loop, beginning).await,
                Some(Err(worker)) => contain(&connection, || {
                    connection.unwatch(&event_loop);
                    let gone = Err(CoreError::WorkerNotFound(worker));
                    connection.handle(&event_loop, Input::Attached(gone));
                    connection.flush(&event_loop);
                    connection.rearm(&event_loop);
                }),
                None => {}
            }
        });
    }

    /// Where live events begin now; the worker's name if it is gone, and nothing if nobody watches any more.
    fn look_again(&self, event_loop: &EventLoop) -> Option<Result<Beginning, WorkerId>> {
        let mut state = self.state.borrow_mut();
        let number = state.attachments;
        let watch = state.watch.as_mut().filter(|watch| watch.is_beginning())?;
        let session: SessionId = watch.terminal.as_ref()?.session.clone();
        let TopicKey::Worker(worker) = &watch.topic else { return None };
        let (cursor, looked) = event_loop.shared.hub.look(|core, _| {
            let looked = core.look_at(&session, worker);
            (core.topics().next(&watch.topic), looked)
        });
        let Some(looked) = looked else { return Some(Err(worker.clone())) };
        watch.cursor = cursor;
        Some(Ok(Beginning { number, looked, has: None, is_resync: true }))
    }

    /// Reads the history and tells it. No lock and no turn waits for that.
    async fn begin_with(self: Rc<Self>, event_loop: Rc<EventLoop>, beginning: Beginning) {
        let shared = &event_loop.shared;
        let (stream, position) = (beginning.looked.worker.stream(), beginning.looked.position);
        history::wait_until_stored(shared, &stream, position).await;
        let reading = event_loop.readers.acquire().await;
        let history = history::read(shared, &beginning.looked, beginning.has).await;
        drop(reading);
        if !self.is_over.get() {
            contain(&self, || self.take_history(&event_loop, beginning, history));
        }
    }

    fn take_history(
        self: &Rc<Self>,
        event_loop: &Rc<EventLoop>,
        beginning: Beginning,
        history: History,
    ) {
        let Beginning { number, looked, is_resync, .. } = beginning;
        if !is_resync {
            self.state.borrow_mut().open_gate();
        }
        if let Some(may_type) = self.awaited(number) {
            let counts = &event_loop.tally;
            if is_resync { &counts.terminals_anew } else { &counts.terminals_attached }.add(1);
            counts.history_bytes.add(history.bytes() as u64);
            let attachment = Attachment {
                session: looked.session,
                worker: looked.worker,
                may_type,
                start: history.start,
                records: history.records,
                position: looked.position,
                is_resync,
            };
            self.state.borrow_mut().outbound.allow(Outbound::MOST_HISTORY);
            self.handle(event_loop, Input::Attached(Ok(attachment)));
            self.go_live(event_loop, number, is_resync);
        }
        if !is_resync {
            self.process_held(event_loop);
        }
        self.flush(event_loop);
        self.rearm(event_loop);
    }

    /// Whether what was read is for the attachment that is under way; then, whether its viewer may type.
    fn awaited(&self, number: u32) -> Option<bool> {
        let state = self.state.borrow();
        let terminal = state.watch.as_ref()?.terminal.as_ref()?;
        (state.attachments == number && terminal.is_beginning).then_some(terminal.may_type)
    }

    /// The history waits in the viewer's own queue; live events follow behind it.
    fn go_live(self: &Rc<Self>, event_loop: &EventLoop, number: u32, is_resync: bool) {
        let mut state = self.state.borrow_mut();
        if state.attachments != number {
            return;
        }
        let Some(watch) = &mut state.watch else { return };
        let Some(terminal) = &mut watch.terminal else { return };
        terminal.is_beginning = false;
        terminal.began_at = event_loop.now();
        watch.is_behind = true;
        if !is_resync {
            event_loop.join(self, (&watch.topic, watch.shape), watch.cursor);
        }
    }

    /// Reads a part of a log beside the loop; no further message is taken until it is there.
    pub(super) fn read_log(self: &Rc<Self>, event_loop: &Rc<EventLoop>, wanted: ReadLog) {
        if !self.state.borrow_mut().await_answer() {
            return;
        }
        let (connection, event_loop) = (self.clone(), event_loop.clone());
        tokio::task::spawn_local(async move {
            let reading = event_loop.readers.acquire().await;
            let page = history::page(&event_loop.shared, wanted).await;
            drop(reading);
            if !connection.is_over.get() {
                let page = page.map_err(|error| away(&error));
                contain(&connection, || connection.take_read(&event_loop, Input::LogRead(page)));
            }
        });
    }

    /// Passes on what a viewer does to a terminal; the agent's order leaves in the next turn of its loop.
    pub(super) fn touch(&self, event_loop: &EventLoop, worker: &WorkerId, touch: Touch) {
        let state = self.state.borrow();
        if let Some(caller) = &state.caller {
            event_loop.shared.hub.with(|core, _| core.touch(caller, worker, touch));
        }
    }
}

fn away(error: &StoreError) -> CoreError {
    tracing::warn!(%error, "a terminal's log cannot be read");
    CoreError::StorageUnavailable
}
