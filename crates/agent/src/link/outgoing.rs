//! What to send next on one link: derived from the outbox and from what this link has said.
//!
//! Streams take turns as [`Turns`] says. One turn of the link gives at most [`TURN`] bytes of output, so that
//! whatever comes meanwhile is not far behind.

use std::collections::{BTreeMap, BTreeSet};

use pilothouse_core::{
    sessions::{Activity, Size},
    streams::StreamKey,
};
use pilothouse_protocols::agent_link::messages::{FromAgent, Resume, Stream};

use super::{
    lane::Lane,
    turns::{Need, Turns},
};
use crate::{outbox::Outgoing, spool::Cursor};

/// How many bytes one turn of the link sends.
const TURN: usize = 64 << 10;

/// One WebSocket message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Message {
    /// Control.
    Text(Box<FromAgent>),
    /// Records.
    Binary(Vec<u8>),
}

/// What a hello has told of a stream.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    /// Which.
    pub(crate) stream: StreamKey,
    /// How a worker is.
    pub(crate) face: Option<(Size, Activity)>,
}

/// What one link has said so far.
#[derive(Debug)]
pub(crate) struct Said {
    credit: u64,
    lanes: BTreeMap<StreamKey, Lane>,
    free_numbers: BTreeSet<u32>,
    next_number: u32,
    turns: Turns<StreamKey>,
    trouble: Option<String>,
    /// Whether the server knows what to do with lines that were printed.
    tells_lines: bool,
}

impl Said {
    /// A link that was just welcomed, whose hello named `held`.
    pub(crate) fn new(credit: u64, held: &[Held], resume: &[Resume]) -> Self {
        let mut said = Self {
            credit,
            lanes: BTreeMap::new(),
            free_numbers: BTreeSet::new(),
            next_number: 0,
            turns: Turns::default(),
            trouble: None,
            tells_lines: true,
        };
        for Held { stream: key, face } in held {
            let stream = Stream::from(key);
            let wanted = resume.iter().find(|resume| resume.stream == stream);
            let wanted = wanted
                .map(|resume| Cursor { position: resume.position, sequence: resume.sequence });
            let lane = said.lane(wanted.unwrap_or(Cursor::START));
            said.lanes.insert(key.clone(), lane.known(*face));
        }
        said
    }

    /// The server is of a version that does not know lines.
    pub(crate) fn keep_lines(&mut self) {
        self.tells_lines = false;
    }

    /// The server allows so much per stream from now on.
    pub(crate) fn set_credit(&mut self, credit: u64) {
        self.credit = credit;
    }

    /// The server has stored all before that position.
    pub(crate) fn acknowledged(&mut self, stream: &StreamKey, position: u64) {
        if let Some(lane) = self.lanes.get_mut(stream) {
            lane.acknowledged(position);
        }
    }

    /// The server wants a stream again from there on, and then how it ended.
    pub(crate) fn resume(&mut self, stream: &StreamKey, from: Cursor) {
        if let Some(lane) = self.lanes.get_mut(stream) {
            lane.resume(from);
        }
    }

    /// What to send now, in order; empty if there is nothing, or nothing that credit allows.
    pub(crate) fn turn(
        &mut self,
        streams: &BTreeMap<StreamKey, Outgoing>,
        trouble: Option<&str>,
    ) -> Vec<Message> {
        self.close_forgotten(streams);
        let mut messages = Vec::new();
        if self.trouble.as_deref() != trouble {
            self.trouble = trouble.map(str::to_owned);
            messages.push(Message::control(FromAgent::Trouble { reason: self.trouble.clone() }));
        }
        for (stream, outgoing) in streams {
            if self.need(stream, outgoing) == Need::Turn {
                self.turns.wants(stream);
            }
            if self.tells_lines
                && let Some(lane) = self.lanes.get_mut(stream)
            {
                lane.tell_said(stream, outgoing, &mut messages);
            }
        }
        let mut sent = 0;
        while sent < TURN {
            let need = |lanes: &BTreeMap<StreamKey, Lane>, stream: &StreamKey| {
                let lane = lanes.get(stream).zip(streams.get(stream));
                lane.map_or(Need::Nothing, |(lane, outgoing)| lane.need(outgoing, self.credit))
            };
            let Some((stream, most)) = self.turns.next(|stream| need(&self.lanes, stream)) else {
                break;
            };
            let (Some(lane), Some(outgoing)) = (self.lanes.get_mut(&stream), streams.get(&stream))
            else {
                break;
            };
            let most = usize::try_from(most).unwrap_or_default();
            let bytes = lane.serve(&stream, outgoing, (self.credit, most), &mut messages);
            let is_quiet = lane.need(outgoing, self.credit) == Need::Nothing;
            self.turns.spoke(&stream, i64::try_from(bytes).unwrap_or(i64::MAX), is_quiet);
            sent += bytes;
        }
        messages
    }

    /// Whether a stream has something to say; a new one gets its lane.
    fn need(&mut self, stream: &StreamKey, outgoing: &Outgoing) -> Need {
        if !self.lanes.contains_key(stream) {
            let lane = self.lane(Cursor::START);
            self.lanes.insert(stream.clone(), lane);
        }
        self.lanes[stream].need(outgoing, self.credit)
    }

    fn lane(&mut self, sent: Cursor) -> Lane {
        let number = self.free_numbers.pop_first().unwrap_or_else(|| {
            self.next_number += 1;
            self.next_number
        });
        Lane::new(number, sent)
    }

    fn close_forgotten(&mut self, streams: &BTreeMap<StreamKey, Outgoing>) {
        let (free, turns) = (&mut self.free_numbers, &mut self.turns);
        self.lanes.retain(|stream, lane| {
            let is_kept = streams.contains_key(stream);
            if !is_kept {
                free.insert(lane.number());
                turns.forget(stream);
            }
            is_kept
        });
    }
}

impl Message {
    /// A control message.
    pub(super) fn control(message: FromAgent) -> Self {
        Self::Text(Box::new(message))
    }
}
