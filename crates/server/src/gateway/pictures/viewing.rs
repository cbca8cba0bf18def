//! A connection that sees pictures: how it begins, what it is told, and how it ends.

use std::{rc::Rc, sync::Arc};

use pilothouse_core::{Caller, Scope};
use pilothouse_protocols::{
    Input,
    pictures::{Pace, Shown, Viewing as Wanted},
};

use super::{Audience, Framed, Part, line::Line, news::News, taking::Viewing};
use crate::gateway::{
    actions::describe, connection::Connection, event_loop::EventLoop, state::State,
};

impl Connection {
    /// Begins to see a stream: how it is, then its newest picture, then every change.
    pub(super) fn view(self: &Rc<Self>, event_loop: &Rc<EventLoop>, wanted: Wanted) {
        let shared = &event_loop.shared;
        let now = event_loop.now();
        let Wanted { stream: id, shape, pace, hears_news, replay } = wanted;
        let audience = {
            let state = self.state.borrow();
            let Some(caller) = &state.caller else { return };
            Audience { pace, hears_news, index: event_loop.index, ..audience(caller) }
        };
        let stream = match shared.relay.join(&id, (self.id, audience), now) {
            Ok(stream) => stream,
            Err(refused) => {
                return self.handle(event_loop, Input::Shown(Shown::Refused(refused)));
            }
        };
        let viewing = Viewing {
            stream: stream.clone(),
            shape,
            pace,
            hears_news,
            replayed: replay.is_some().then_some(None),
            cursor: 0,
            next_at: now,
            due: None,
            owes: None,
            line: Line::new(),
            was_blocked: false,
            awaited: None,
            unsharp: None,
            held: None,
            told: (u64::MAX, u64::MAX, u64::MAX),
            sent: 0,
            dropped: 0,
        };
        self.state.borrow_mut().part = Part::Viewing(Box::new(viewing));
        event_loop.galleries.borrow_mut().join(&id, self);
        if hears_news {
            // Before anything is told: so that it is not first told that there is nothing.
            describe(event_loop, &id);
        }
        if let Some(news) = stream.news() {
            self.hear_news(event_loop, &news);
        }
        if let Some(replay) = replay {
            self.replay(event_loop, &id, replay);
        }
    }

    /// Changes how fast it wants pictures.
    pub(super) fn change_pace(&self, event_loop: &EventLoop, pace: Pace) {
        let stream = {
            let mut state = self.state.borrow_mut();
            let Some(viewing) = viewing(&mut state) else { return };
            viewing.pace = pace;
            viewing.next_at = event_loop.now();
            viewing.owes = viewing.owes.filter(|_| pace.by_acknowledgement);
            viewing.stream.clone()
        };
        stream.change_pace(self.id, pace);
        event_loop.shared.relay.wish(&stream);
    }

    /// Tells it anew how the stream is.
    pub(super) fn ask_status(self: &Rc<Self>, event_loop: &Rc<EventLoop>) {
        let stream = {
            let mut state = self.state.borrow_mut();
            let Some(viewing) = viewing(&mut state) else { return };
            viewing.told.0 = u64::MAX;
            viewing.stream.clone()
        };
        if let Some(news) = stream.news() {
            self.hear_news(event_loop, &news);
        }
    }

    /// The viewer has taken the picture of that number.
    pub(super) fn picture_taken(&self, event_loop: &EventLoop, sequence: Option<u64>) {
        let mut state = self.state.borrow_mut();
        let Some(viewing) = viewing(&mut state) else { return };
        let owed = viewing.owes.take_if(|owed| sequence.is_none_or(|taken| taken >= *owed));
        if owed.is_some() {
            viewing.line.acknowledged(event_loop.now(), || self.transport.queue());
        }
    }

    /// Tells the conversation what it does not know yet, if it wants to know.
    pub(super) fn hear_news(self: &Rc<Self>, event_loop: &Rc<EventLoop>, news: &News) {
        let (is_status_new, are_tabs_new, are_watchers_new) = {
            let mut state = self.state.borrow_mut();
            let Some(viewing) = viewing(&mut state).filter(|viewing| viewing.hears_news) else {
                return;
            };
            let versions = (news.status_version, news.tabs_version, news.watchers_version);
            let (status, tabs, watchers) = std::mem::replace(&mut viewing.told, versions);
            (status != versions.0, tabs != versions.1, watchers != versions.2)
        };
        if is_status_new {
            self.handle(event_loop, Input::Shown(Shown::Status(&news.status)));
        }
        if are_tabs_new {
            self.handle(event_loop, Input::Shown(Shown::Tabs(&news.tabs)));
        }
        if are_watchers_new {
            self.handle(event_loop, Input::Shown(Shown::Watchers(&news.watchers)));
        }
        if is_status_new || are_tabs_new || are_watchers_new {
            self.flush(event_loop);
        }
    }

    /// Shows a picture of a recording, whether or not the last was taken.
    pub(super) fn show_replayed(self: &Rc<Self>, event_loop: &Rc<EventLoop>, picture: Arc<Framed>) {
        if let Some(viewing) = viewing(&mut self.state.borrow_mut()) {
            viewing.replayed = Some(Some(picture));
        }
        self.flush(event_loop);
    }

    /// Whether the last picture of a recording waits for room in the socket, or for the viewer's pace.
    pub(super) fn is_behind_in_replay(&self) -> bool {
        let state = self.state.borrow();
        let Part::Viewing(viewing) = &state.part else { return false };
        let turn = viewing.replayed.as_ref().and_then(Option::as_ref);
        turn.is_some_and(|turn| turn.number > viewing.cursor)
    }

    /// It sees nothing any more.
    pub(super) fn stop_viewing(&self, event_loop: &EventLoop, viewing: &Viewing) {
        let (sent, dropped) = (viewing.sent, viewing.dropped);
        tracing::debug!(connection = self.id.0, sent, dropped, "saw pictures");
        let stream = &viewing.stream;
        event_loop.galleries.borrow_mut().leave(&stream.id, self);
        event_loop.shared.relay.part(stream, self.id);
    }
}

pub(super) fn viewing(state: &mut State) -> Option<&mut Viewing> {
    match &mut state.part {
        Part::Viewing(viewing) => Some(viewing),
        Part::None | Part::Producing(_) => None,
    }
}

/// How somebody is told to others who watch.
fn audience(caller: &Caller) -> Audience {
    let role = match &caller.scope {
        Scope::Person(role) => role.as_str(),
        _ => "viewer",
    };
    Audience {
        name: (*caller.name).into(),
        role,
        pace: Pace::default(),
        hears_news: false,
        index: 0,
    }
}
