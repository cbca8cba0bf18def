//! One stream on one link: what was said of it so far, and what has to be said next.

use std::sync::Arc;

use pilothouse_core::{
    sessions::{Activity, Size},
    streams::StreamKey,
    time::Timestamp,
};
use pilothouse_protocols::agent_link::{
    messages::FromAgent,
    records::{HEADER, Kind, RawRecord, encode},
    workers::SizeOwner,
};

use super::{outgoing::Message, turns::Need};
use crate::{
    clock,
    journal::End,
    outbox::{Face, Outgoing, Snapshot},
    spool::{Cursor, Next},
};

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Lane {
    number: u32,
    is_open: bool,
    started_told: bool,
    ended_told: bool,
    sent: Cursor,
    acknowledged: u64,
    size_told: Option<Size>,
    size_owner_told: Option<Arc<str>>,
    activity_told: (Activity, Option<String>),
    /// Where the last checkpoint was, and of which size: a silent terminal may have another one.
    snapshot_told: Option<(u64, Size)>,
    /// How many lines it had said when one was told last.
    said_told: u64,
}

impl Lane {
    /// A lane of which the server knows nothing.
    pub(super) fn new(number: u32, sent: Cursor) -> Self {
        Self {
            number,
            is_open: false,
            started_told: false,
            ended_told: false,
            sent,
            acknowledged: sent.position,
            size_told: None,
            size_owner_told: None,
            activity_told: (Activity::Unknown, None),
            snapshot_told: None,
            said_told: 0,
        }
    }

    /// The hello has told the server that it started, and of a worker how it is.
    pub(super) fn known(self, face: Option<(Size, Activity)>) -> Self {
        let (size, activity) = face.unzip();
        let activity_told = (activity.unwrap_or_default(), None);
        Self { started_told: true, size_told: size, activity_told, ..self }
    }

    /// The number in its records.
    pub(super) fn number(&self) -> u32 {
        self.number
    }

    /// The server has stored all before that position.
    pub(super) fn acknowledged(&mut self, position: u64) {
        self.acknowledged = self.acknowledged.max(position);
    }

    /// The server wants it again from there on, and then how it ended.
    pub(super) fn resume(&mut self, from: Cursor) {
        // The next record announces the lane anew.
        self.is_open = false;
        self.ended_told = false;
        self.snapshot_told = None;
        self.sent = from;
    }

    /// Whether there is something to say.
    pub(super) fn need(&self, outgoing: &Outgoing, credit: u64) -> Need {
        let has_output = self.sent.position < outgoing.spool.next().position;
        let has_words = self.start(outgoing).is_some()
            || self.snapshot(outgoing).is_some()
            || outgoing.face.as_ref().is_some_and(|face| {
                self.has_size(face) || self.has_owner(face) || self.has_news(face)
            })
            || self.end(outgoing).is_some();
        match (has_words, has_output) {
            (true, _) => Need::Turn,
            (false, true) if self.has_credit(credit) => Need::Turn,
            (false, true) => Need::Credit,
            (false, false) => Need::Nothing,
        }
    }

    fn has_credit(&self, credit: u64) -> bool {
        self.sent.position.saturating_sub(self.acknowledged) < credit
    }

    /// One turn of about that many bytes; says how many it was.
    pub(super) fn serve(
        &mut self,
        stream: &StreamKey,
        outgoing: &Outgoing,
        (credit, most): (u64, usize),
        messages: &mut Vec<Message>,
    ) -> usize {
        self.tell_start(stream, outgoing, messages);
        let mut sent = 0;
        loop {
            sent += self.tell_snapshot(stream, outgoing, messages);
            if sent >= most || !self.has_credit(credit) {
                break;
            }
            let Some(next) = outgoing.spool.after(self.sent) else { break };
            self.open(stream, messages);
            sent += self.say(next, stream.epoch, messages);
        }
        if let Some(face) = &outgoing.face {
            self.tell_face(stream, face, messages);
        }
        self.tell_end(stream, outgoing, messages);
        sent
    }

    fn start(&self, outgoing: &Outgoing) -> Option<Timestamp> {
        outgoing.started_at.filter(|_| !self.started_told)
    }

    fn tell_start(&mut self, stream: &StreamKey, outgoing: &Outgoing, messages: &mut Vec<Message>) {
        let Some(at) = self.start(outgoing) else { return };
        self.started_told = true;
        messages.push(Message::control(if outgoing.face.is_some() {
            FromAgent::WorkerStarted { stream: stream.into() }
        } else {
            FromAgent::Started { command: stream.source.id().to_owned(), at: at.0 }
        }));
    }

    /// How the terminal looked where the lane is now, if that is known and was not told.
    fn snapshot<'a>(&self, outgoing: &'a Outgoing) -> Option<&'a Snapshot> {
        let snapshot = outgoing.face.as_ref().and_then(|face| face.snapshot.as_ref());
        snapshot.filter(|snapshot| {
            snapshot.position == self.sent.position
                && self.snapshot_told != Some((snapshot.position, snapshot.size))
        })
    }

    fn tell_snapshot(
        &mut self,
        stream: &StreamKey,
        outgoing: &Outgoing,
        messages: &mut Vec<Message>,
    ) -> usize {
        let Some(snapshot) = self.snapshot(outgoing) else { return 0 };
        self.snapshot_told = Some((snapshot.position, snapshot.size));
        self.open(stream, messages);
        let payload = snapshot.payload.clone();
        append(&self.record(Kind::Checkpoint, stream.epoch, &payload), messages);
        payload.len()
    }

    fn has_size(&self, face: &Face) -> bool {
        let size_told = self.size_told.unwrap_or(face.first_size);
        size_told != face.size && self.sent.position >= face.sized_at
    }

    fn has_owner(&self, face: &Face) -> bool {
        self.size_owner_told != face.size_owner
    }

    fn has_news(&self, face: &Face) -> bool {
        (self.activity_told.0, &self.activity_told.1) != (face.activity, &face.question)
    }

    fn tell_face(&mut self, stream: &StreamKey, face: &Face, messages: &mut Vec<Message>) {
        if self.has_size(face) {
            self.size_told = Some(face.size);
            let size = face.size.into();
            messages.push(Message::control(FromAgent::Resized { stream: stream.into(), size }));
        }
        if self.has_owner(face) {
            self.size_owner_told.clone_from(&face.size_owner);
            let viewer = face.size_owner.as_deref().map(str::to_owned);
            let owner = SizeOwner { stream: stream.into(), viewer };
            messages.push(Message::control(FromAgent::SizeOwner(owner)));
        }
        let (activity, question) = (face.activity, &face.question);
        if self.has_news(face) {
            let is_news = self.activity_told.0 != activity || question.is_some();
            self.activity_told = (activity, question.clone());
            if is_news {
                let age = face.does_so_since.until(clock::moment().steady);
                messages.push(Message::control(FromAgent::Activity {
                    stream: stream.into(),
                    activity: activity.into(),
                    question: question.clone(),
                    age: u64::try_from(age.as_millis()).unwrap_or(u64::MAX),
                }));
            }
        }
    }

    /// The line it printed last, if that is another one than was told.
    pub(super) fn tell_said(
        &mut self,
        stream: &StreamKey,
        outgoing: &Outgoing,
        messages: &mut Vec<Message>,
    ) {
        let Some((number, line)) = &outgoing.said else { return };
        if std::mem::replace(&mut self.said_told, *number) != *number {
            let text = line.clone();
            messages.push(Message::control(FromAgent::Said { stream: stream.into(), text }));
        }
    }

    /// How it ended, once all before it was told.
    fn end<'a>(&self, outgoing: &'a Outgoing) -> Option<&'a End> {
        let is_all_sent = self.sent.position >= outgoing.spool.next().position;
        outgoing.end.as_ref().filter(|_| is_all_sent && !self.ended_told)
    }

    fn tell_end(&mut self, stream: &StreamKey, outgoing: &Outgoing, messages: &mut Vec<Message>) {
        let Some(end) = self.end(outgoing) else { return };
        self.ended_told = true;
        // The server closes the lane with the end.
        self.is_open = false;
        messages.push(Message::control(match end {
            End::Command(ended) => {
                FromAgent::Ended { command: stream.source.id().to_owned(), ended: ended.into() }
            }
            End::Worker(exit) => {
                FromAgent::WorkerEnded { stream: stream.into(), exit: exit.into() }
            }
        }));
    }

    fn open(&mut self, stream: &StreamKey, messages: &mut Vec<Message>) {
        if !self.is_open {
            self.is_open = true;
            messages.push(Message::control(FromAgent::Lane {
                lane: self.number,
                stream: stream.into(),
                position: self.sent.position,
                sequence: self.sent.sequence,
            }));
        }
    }

    /// Says one thing and moves on; gives the bytes of output in it.
    fn say(&mut self, next: Next, epoch: u32, messages: &mut Vec<Message>) -> usize {
        match next {
            Next::Hole { to } => {
                messages.push(Message::control(FromAgent::Missing {
                    lane: self.number,
                    from: self.sent.position,
                    to: to.position,
                    next_sequence: to.sequence,
                }));
                // What is lost need not be stored, so it takes no credit.
                self.acknowledged = self.acknowledged.max(to.position);
                self.sent = to;
                0
            }
            Next::Record { channel, bytes } => {
                append(&self.record(channel.into(), epoch, &bytes), messages);
                self.sent.position += bytes.len() as u64;
                self.sent.sequence += 1;
                bytes.len()
            }
        }
    }

    fn record<'a>(&self, kind: Kind, epoch: u32, bytes: &'a [u8]) -> RawRecord<'a> {
        let Cursor { position, sequence } = self.sent;
        RawRecord { lane: self.number, kind, epoch, position, sequence, bytes }
    }
}

/// Puts a record into the message under way, or begins one behind a control message.
fn append(record: &RawRecord<'_>, messages: &mut Vec<Message>) {
    if !matches!(messages.last(), Some(Message::Binary(_))) {
        messages.push(Message::Binary(Vec::with_capacity(HEADER + record.bytes.len())));
    }
    if let Some(Message::Binary(message)) = messages.last_mut() {
        encode(record, message);
    }
}
