//! A connection that sees pictures: it takes the newest when its socket has room and its pace allows.

use std::{io, rc::Rc, sync::Arc, time::Duration};

use bytes::{Buf, Bytes};
use pilothouse_core::{Caller, Scope, time::Steady};
use pilothouse_protocols::{
    Input,
    pictures::{Pace, Shape, Shown, Viewing as Wanted},
};

use super::{Audience, Framed, Part, Stream, news::News};
use crate::{
    gateway::{
        actions::describe, connection::Connection, event_loop::EventLoop, outbound::write_slices,
        state::State,
    },
    telemetry::Held,
};

/// What a connection sees, and how far it is.
#[derive(Debug)]
pub(crate) struct Viewing {
    stream: Arc<Stream>,
    shape: Shape,
    pace: Pace,
    hears_news: bool,
    /// The picture of a recording that is its turn; in front of what is live there is none.
    #[expect(
        clippy::option_option,
        reason = "no recording, and one that has not begun, are not the same"
    )]
    replayed: Option<Option<Arc<Framed>>>,
    /// The number of the picture that it took last.
    cursor: u64,
    /// It is not to be sent another before.
    next_at: Steady,
    /// When it has to be looked at because of that.
    due: Option<Steady>,
    /// The number that it has to acknowledge before it is sent another.
    owes: Option<u64>,
    /// Its socket was full once, so that it is a slow one.
    was_blocked: bool,
    /// Why it did not take the newest picture.
    held: Option<Held>,
    /// What it was told of the stream: how it is, which pages there are, who watches.
    told: (u64, u64, u64),
    sent: u64,
    dropped: u64,
}

impl Viewing {
    /// When it has to be looked at.
    pub(crate) fn due(&self) -> Option<Steady> {
        self.due
    }

    fn newest(&self) -> Option<Arc<Framed>> {
        match &self.replayed {
            None => self.stream.newest(),
            Some(turn) => turn.clone(),
        }
    }

    /// Why it takes nothing at `now`, though its socket has room.
    fn is_held(&self, now: Steady) -> Option<Held> {
        if self.pace.by_acknowledgement && self.owes.is_some() {
            Some(Held::Acknowledgement)
        } else if now < self.next_at {
            Some(Held::Rate)
        } else {
            None
        }
    }

    /// It takes that picture. Returns how many it missed before, and why.
    fn take(&mut self, picture: &Framed, now: Steady) -> Option<(Held, u64)> {
        let missed = picture.number - self.cursor - 1;
        let is_first = std::mem::replace(&mut self.cursor, picture.number) == 0;
        if let Some(rate) = self.pace.most_per_second {
            let pause = Duration::from_millis(1000 / u64::from(rate.max(1)));
            // From when it was due, so that pictures that come a little late do not halve the rate.
            let regular = self.next_at + pause;
            self.next_at = if now < regular { regular } else { now + pause };
        }
        self.owes = self.pace.by_acknowledgement.then(|| picture.sequence());
        self.due = None;
        self.sent += 1;
        let held = self.held.take().unwrap_or(Held::Socket);
        if is_first || missed == 0 {
            return None;
        }
        self.dropped += missed;
        Some((held, missed))
    }
}

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
            was_blocked: false,
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
    pub(super) fn picture_taken(&self, sequence: Option<u64>) {
        let mut state = self.state.borrow_mut();
        let Some(viewing) = viewing(&mut state) else { return };
        viewing.owes = viewing.owes.filter(|owed| sequence.is_some_and(|taken| taken < *owed));
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

    /// Sends the newest picture of what it sees, if it has not had it and may have it now.
    pub(in crate::gateway) fn write_picture(&self, event_loop: &EventLoop) -> io::Result<()> {
        let newest = {
            let mut state = self.state.borrow_mut();
            viewing(&mut state).and_then(|viewing| viewing.newest())
        };
        match newest {
            Some(newest) => self.offer_picture(event_loop, &newest),
            None => Ok(()),
        }
    }

    /// The same with a picture that is the newest.
    pub(super) fn offer_picture(
        &self,
        event_loop: &EventLoop,
        picture: &Arc<Framed>,
    ) -> io::Result<()> {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        let Part::Viewing(viewing) = &mut state.part else { return Ok(()) };
        let is_other = viewing
            .replayed
            .as_ref()
            .is_some_and(|turn| turn.as_ref().is_none_or(|turn| !Arc::ptr_eq(turn, picture)));
        if picture.number <= viewing.cursor || state.closing.is_some() || is_other {
            return Ok(());
        }
        let tally = event_loop.tally.door(self.door_place());
        if !state.outbound.is_blocked && !state.outbound.is_empty() {
            tally.bytes_out.add(state.outbound.write(&self.transport)?);
        }
        let now = event_loop.now();
        if state.outbound.is_blocked {
            viewing.held = Some(Held::Socket);
            self.wake();
            return Ok(());
        }
        if let Some(held) = viewing.is_held(now) {
            viewing.held = Some(held);
            if held == Held::Rate && viewing.due.is_none() {
                viewing.due = Some(viewing.next_at);
                let next = state.next_alarm(self.door(), &event_loop.shared);
                let old = std::mem::replace(&mut state.alarm, next);
                event_loop.set_alarm(self.id, old, next);
            }
            return Ok(());
        }
        let pictures = &event_loop.tally.pictures;
        if let Some((held, missed)) = viewing.take(picture, now) {
            pictures.dropped(held).add(missed);
        }
        let slices = picture.slices(viewing.shape);
        let written = write_slices(&self.transport, slices)?;
        tally.bytes_out.add(written.bytes as u64);
        tally.messages_out.add(1);
        pictures.forwarded.add(1);
        pictures.forwarded_bytes.add(picture.picture.content.len() as u64);
        pictures.latency.observe(picture.arrived.elapsed());
        if written.is_blocked {
            if !std::mem::replace(&mut viewing.was_blocked, true) {
                self.transport.hold_little();
            }
            rest(slices, written.bytes).for_each(|piece| state.outbound.push(piece));
            state.outbound.is_blocked = true;
            self.wake();
        }
        Ok(())
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

fn viewing(state: &mut State) -> Option<&mut Viewing> {
    match &mut state.part {
        Part::Viewing(viewing) => Some(viewing),
        Part::None | Part::Producing(_) => None,
    }
}

/// What is left of pieces after so many bytes of them.
fn rest(slices: &[Bytes], mut written: usize) -> impl Iterator<Item = Bytes> {
    slices.iter().filter_map(move |slice| {
        let gone = written.min(slice.len());
        written -= gone;
        let mut slice = slice.clone();
        slice.advance(gone);
        (!slice.is_empty()).then_some(slice)
    })
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
