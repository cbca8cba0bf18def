//! In front of a worker's terminal: attaching, attaching anew after falling behind, and reading its log.
//!
//! One order holds for all of it: watch the topic and note the place where it begins, in one step; read what is
//! stored up to there beside the loop; tell that; then live events.

use std::{rc::Rc, sync::Arc};

use bytes::Bytes;
use pilothouse_core::{
    Asked, CoreError, Reply, Request,
    fanout::TopicKey,
    ids::WorkerId,
    ports::StoreError,
    sessions::{self, Touch},
};
use pilothouse_protocols::{Attach, Attachment, CloseCode, Input, ReadLog};

use super::{
    connection::Connection,
    event_loop::{EventLoop, contain},
    framing::WebSocketFraming,
    history,
    outbound::Outbound,
    pasts::Told,
    state::{Terminal, Watch},
    terminal_pace::TerminalPace,
};

/// One attachment on its way: what is read is for this and no other.
struct Beginning {
    /// The connection's count of attachments.
    number: u32,
    told: Arc<Told>,
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
            return self.never_came(&event_loop, &attach.worker);
        }
        match self.watch_worker(&event_loop, &attach, may_type) {
            Ok(beginning) => self.begin_with(event_loop, beginning).await,
            Err(refusal) => contain(&self, || {
                self.never_came(&event_loop, &attach.worker);
                self.take_read(&event_loop, Input::Attached(Err(refusal)));
            }),
        }
    }

    /// It was let in, and is gone, or its terminal is, before it saw anything.
    fn never_came(&self, event_loop: &EventLoop, worker: &WorkerId) {
        event_loop.shared.hub.with(|core, now| core.leave(self.id, worker, now));
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
            let watched = core.topics().watch(&topic, *language, (window, &make), now.wall);
            let place = (topic.clone(), watched.shape);
            let told = event_loop.begin(core, &place, (looked, watched.cursor), (*language, *has));
            Some((told, watched.shape))
        });
        let Some((told, shape)) = begun else {
            hub.watchers.remove(worker, event_loop.index);
            return Err(CoreError::WorkerNotFound(worker.clone()));
        };
        let mut state = self.state.borrow_mut();
        state.attachments += 1;
        state.watch = Some(Watch {
            topic,
            shape,
            cursor: told.cursor,
            is_behind: true,
            terminal: Some(Box::new(Terminal {
                session: session.clone(),
                language: *language,
                may_type,
                is_beginning: true,
                pace: TerminalPace::new(event_loop.now()),
            })),
        });
        Ok(Beginning { number: state.attachments, told, is_resync: false })
    }

    /// This viewer fell off the terminal's log, and its socket takes bytes again: it begins anew. Whatever it does,
    /// that happens once at a time, after all it was sent before, and not before its pace allows it.
    pub(super) fn begin_anew(self: &Rc<Self>, event_loop: &Rc<EventLoop>) {
        let due = {
            let mut state = self.state.borrow_mut();
            let Some(terminal) = state.watch.as_mut().and_then(|watch| watch.terminal.as_mut())
            else {
                return;
            };
            terminal.is_beginning = true;
            terminal.pace.fell_off(event_loop.now())
        };
        let (connection, event_loop) = (self.clone(), event_loop.clone());
        tokio::task::spawn_local(async move {
            event_loop.shared.hub.clock.sleep_until(due).await;
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
        let terminal = watch.terminal.as_ref()?;
        let TopicKey::Worker(worker) = &watch.topic else { return None };
        let told = event_loop.shared.hub.look(|core, _| {
            let looked = core.look_at(&terminal.session, worker)?;
            let place = (watch.topic.clone(), watch.shape);
            let cursor = core.topics().next(&watch.topic);
            Some(event_loop.begin(core, &place, (looked, cursor), (terminal.language, None)))
        });
        let Some(told) = told else { return Some(Err(worker.clone())) };
        watch.cursor = told.cursor;
        Some(Ok(Beginning { number, told, is_resync: true }))
    }

    /// Reads the history, unless somebody does, and tells it. No lock and no turn waits for that.
    async fn begin_with(self: Rc<Self>, event_loop: Rc<EventLoop>, beginning: Beginning) {
        let words = beginning.told.words(&event_loop).await;
        if !self.is_over.get() {
            contain(&self, || self.take_past(&event_loop, &beginning, words));
        }
    }

    fn take_past(
        self: &Rc<Self>,
        event_loop: &Rc<EventLoop>,
        beginning: &Beginning,
        (past, read): (Option<Bytes>, usize),
    ) {
        let Beginning { number, told, is_resync } = beginning;
        if !is_resync {
            self.state.borrow_mut().open_gate();
        }
        if let Some(may_type) = self.awaited(*number) {
            let counts = &event_loop.tally;
            if *is_resync { &counts.terminals_anew } else { &counts.terminals_attached }.add(1);
            counts.history_bytes.add(read as u64);
            let attachment = Attachment {
                session: told.looked.session.clone(),
                worker: told.looked.worker.clone(),
                may_type,
                past,
                position: told.looked.position,
                viewers: told.looked.viewers.clone(),
                is_resync: *is_resync,
            };
            self.state.borrow_mut().outbound.allow(Outbound::MOST_HISTORY);
            self.handle(event_loop, Input::Attached(Ok(attachment)));
            self.go_live(event_loop, *number, *is_resync);
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
        terminal.pace.began(event_loop.now());
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
