//! How a viewer takes pictures: the newest, when its socket has room and its pace allows, and so that its line carries it.

use std::{io, sync::Arc, time::Duration};

use bytes::{Buf, Bytes};
use pilothouse_core::time::Steady;
use pilothouse_protocols::pictures::{Content, Pace, Shape};

use super::{
    Framed, Part, Stream, Transcoder,
    framed::Lighter,
    line::{Grade, Line},
    viewing::viewing,
};
use crate::{
    gateway::{
        Shared, connection::Connection, event_loop::EventLoop, outbound::write_slices, state::State,
    },
    telemetry::Held,
};

/// After so long without another picture, one that was made lighter is sent as it is.
const STILL: Duration = Duration::from_secs(2);
/// When it is tried again where nobody had time to make a picture lighter.
const TRY_AGAIN: Duration = Duration::from_millis(10);

/// What a connection sees, and how far it is.
#[derive(Debug)]
pub(crate) struct Viewing {
    pub(super) stream: Arc<Stream>,
    pub(super) shape: Shape,
    pub(super) pace: Pace,
    pub(super) hears_news: bool,
    /// The picture of a recording that is its turn; in front of what is live there is none.
    #[expect(
        clippy::option_option,
        reason = "no recording, and one that has not begun, are not the same"
    )]
    pub(super) replayed: Option<Option<Arc<Framed>>>,
    /// The number of the picture that it took last.
    pub(super) cursor: u64,
    /// It is not to be sent another before.
    pub(super) next_at: Steady,
    /// When it has to be looked at because of that.
    pub(super) due: Option<Steady>,
    /// The number that it has to acknowledge before it is sent another.
    pub(super) owes: Option<u64>,
    /// What its line carries.
    pub(super) line: Line,
    /// It waits until this picture has been made so much lighter.
    pub(super) awaited: Option<(Arc<Framed>, Grade)>,
    /// The picture that it took last was a lighter one; when it is sent as it is, if no other comes before.
    pub(super) unsharp: Option<Steady>,
    /// Its socket was full once, so that it is a slow one.
    pub(super) was_blocked: bool,
    /// Why it did not take the newest picture.
    pub(super) held: Option<Held>,
    /// What it was told of the stream: how it is, which pages there are, who watches.
    pub(super) told: (u64, u64, u64),
    pub(super) sent: u64,
    pub(super) dropped: u64,
}

/// What is to be done about a picture.
enum Chosen {
    /// Send it like that.
    Send(Arc<Framed>, Grade),
    /// It is being made lighter.
    Wait,
    /// The same, as soon as somebody has time.
    TryAgain,
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

    /// How a picture has to be for its line.
    fn grade(&mut self, picture: &Framed) -> Grade {
        if self.replayed.is_some() || self.unsharp.is_some() && picture.number == self.cursor {
            return Grade::FULL;
        }
        let bytes = wire_bytes(&picture.picture.content, self.shape);
        self.line.grade(bytes, self.stream.shares())
    }

    /// It takes that picture. Returns how many it missed before, and why.
    fn take(&mut self, picture: &Framed, grade: Grade, now: Steady) -> Option<(Held, u64)> {
        self.unsharp = (grade > Grade::FULL).then(|| now + STILL);
        // None if it had it already, and has it sharp now.
        let missed = (picture.number - self.cursor).saturating_sub(1);
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

    /// What to send of a picture that its line may carry or not.
    fn choose(&mut self, picture: &Arc<Framed>, shared: &Arc<Shared>) -> Chosen {
        let awaited = self.awaited.take().filter(|(awaited, _)| awaited.number > self.cursor);
        let (picture, grade) = awaited.unwrap_or_else(|| (picture.clone(), self.grade(picture)));
        if grade == Grade::FULL || !shared.relay.lightens() {
            return Chosen::Send(picture, Grade::FULL);
        }
        match picture.lighter(grade) {
            Lighter::Made(lighter) => Chosen::Send(lighter, grade),
            Lighter::Impossible => Chosen::Send(picture, Grade::FULL),
            Lighter::NotYet if Transcoder::begin(shared, &self.stream, &picture, grade) => {
                self.awaited = Some((picture, grade));
                Chosen::Wait
            }
            Lighter::NotYet => Chosen::TryAgain,
        }
    }

    /// Whether that picture is another than it has, or the same and by now to be sharp.
    fn lacks(&self, picture: &Arc<Framed>, now: Steady) -> bool {
        let is_other = self
            .replayed
            .as_ref()
            .is_some_and(|turn| turn.as_ref().is_none_or(|turn| !Arc::ptr_eq(turn, picture)));
        let is_still = self.unsharp.is_some_and(|at| at <= now) && picture.number == self.cursor;
        // It comes right behind what is told of it, in the loop's next turn.
        let is_untold = self.hears_news
            && self.replayed.is_none()
            && (self.told.0 == u64::MAX || self.told.0 < picture.status_version);
        !is_other && !is_untold && (picture.number > self.cursor || is_still)
    }
}

impl Connection {
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
        let now = event_loop.now();
        let Part::Viewing(viewing) = &mut state.part else { return Ok(()) };
        viewing.due = viewing.due.filter(|due| *due > now);
        if !viewing.lacks(picture, now) || state.closing.is_some() {
            return Ok(());
        }
        let tally = event_loop.tally.door(self.door_place());
        if !state.outbound.is_blocked && !state.outbound.is_empty() {
            tally.bytes_out.add(state.outbound.write(&self.transport)?);
        }
        if state.outbound.is_blocked {
            viewing.held = Some(Held::Socket);
            self.wake();
            return Ok(());
        }
        if let Some(held) = viewing.is_held(now) {
            viewing.held = Some(held);
            if held == Held::Rate {
                let due = viewing.next_at;
                self.wake_for_picture(event_loop, state, due);
            }
            return Ok(());
        }
        if viewing.line.needs_look()
            && let Some(queue) = self.transport.queue()
            && let Err(wait) = viewing.line.look(queue, now)
        {
            viewing.held = Some(Held::Socket);
            self.wake_for_picture(event_loop, state, now + wait);
            return Ok(());
        }
        let (picture, grade) = match viewing.choose(picture, &event_loop.shared) {
            Chosen::Send(picture, grade) => (picture, grade),
            Chosen::Wait => return Ok(()),
            Chosen::TryAgain => {
                self.wake_for_picture(event_loop, state, now + TRY_AGAIN);
                return Ok(());
            }
        };
        self.send_picture(event_loop, state, &picture, grade)
    }

    fn send_picture(
        &self,
        event_loop: &EventLoop,
        state: &mut State,
        picture: &Framed,
        grade: Grade,
    ) -> io::Result<()> {
        let Part::Viewing(viewing) = &mut state.part else { return Ok(()) };
        let now = event_loop.now();
        let pictures = &event_loop.tally.pictures;
        if let Some((held, missed)) = viewing.take(picture, grade, now) {
            pictures.dropped(held).add(missed);
        }
        let slices = picture.slices(viewing.shape);
        let written = write_slices(&self.transport, slices)?;
        let bytes: usize = slices.iter().map(Bytes::len).sum();
        viewing.line.handed(bytes as u64, grade, written.is_blocked, now);
        let tally = event_loop.tally.door(self.door_place());
        tally.bytes_out.add(written.bytes as u64);
        tally.messages_out.add(1);
        pictures.forwarded.add(1);
        pictures.forwarded_bytes.add(picture.picture.content.len() as u64);
        pictures.latency.observe(picture.arrived.elapsed());
        if grade > Grade::FULL {
            pictures.lightened.add(1);
        }
        if written.is_blocked {
            if !std::mem::replace(&mut viewing.was_blocked, true) {
                self.transport.hold_little();
            }
            rest(slices, written.bytes).for_each(|piece| state.outbound.push(piece));
            state.outbound.is_blocked = true;
            self.wake();
        }
        if let Some(due) = viewing.unsharp {
            self.wake_for_picture(event_loop, state, due);
        }
        Ok(())
    }

    /// Has the viewer looked at then.
    fn wake_for_picture(&self, event_loop: &EventLoop, state: &mut State, due: Steady) {
        let Part::Viewing(viewing) = &mut state.part else { return };
        if viewing.due.replace(due) == Some(due) {
            return;
        }
        let next = state.next_alarm(self.door(), &event_loop.shared);
        let old = std::mem::replace(&mut state.alarm, next);
        event_loop.set_alarm(self.id, old, next);
    }
}

/// How many bytes that is in a message of that shape, its words aside.
pub(super) fn wire_bytes(content: &Content, shape: Shape) -> u64 {
    let bytes = match content {
        Content::Base64(text) => text.len() * 3 / 4,
        Content::Raw(bytes) => bytes.len(),
    };
    let bytes = if shape == Shape::Binary { bytes } else { bytes * 4 / 3 };
    bytes as u64
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
