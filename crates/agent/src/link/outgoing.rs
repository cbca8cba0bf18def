//! What to send next on one link: derived from the outbox and from what this link has said.
//!
//! Streams take turns of a quantum each. One turn of the link gives at most [`TURN`] bytes of output,
//! so that whatever comes meanwhile is not far behind.

use std::collections::{BTreeMap, BTreeSet};

use pilothouse_core::{
    sessions::{Activity, Size},
    streams::StreamKey,
};
use pilothouse_protocols::agent_link::messages::{FromAgent, Resume, Stream};

use super::lane::Lane;
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
    last_served: Option<StreamKey>,
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
            last_served: None,
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
        let mut sent = 0;
        loop {
            let before = (messages.len(), sent);
            for stream in self.in_turn(streams) {
                let Some(outgoing) = streams.get(&stream) else { continue };
                sent += self.serve(&stream, outgoing, &mut messages);
                self.last_served = Some(stream);
                if sent >= TURN {
                    return messages;
                }
            }
            // Later records of a message that is there already show only in `sent`.
            if (messages.len(), sent) == before {
                return messages;
            }
        }
    }

    /// All streams, beginning behind the one that was served last.
    fn in_turn(&self, streams: &BTreeMap<StreamKey, Outgoing>) -> Vec<StreamKey> {
        let mut ids: Vec<_> = streams.keys().cloned().collect();
        let last = self.last_served.as_ref();
        let start = last.map_or(0, |last| ids.partition_point(|id| id <= last));
        ids.rotate_left(start);
        ids
    }

    /// One quantum of one stream; says how many bytes it was.
    fn serve(
        &mut self,
        stream: &StreamKey,
        outgoing: &Outgoing,
        messages: &mut Vec<Message>,
    ) -> usize {
        if !self.lanes.contains_key(stream) {
            let lane = self.lane(Cursor::START);
            self.lanes.insert(stream.clone(), lane);
        }
        let lane = self.lanes.get_mut(stream).expect("the lane was just made");
        if self.tells_lines {
            lane.tell_said(stream, outgoing, messages);
        }
        lane.serve(stream, outgoing, self.credit, messages)
    }

    fn lane(&mut self, sent: Cursor) -> Lane {
        let number = self.free_numbers.pop_first().unwrap_or_else(|| {
            self.next_number += 1;
            self.next_number
        });
        Lane::new(number, sent)
    }

    fn close_forgotten(&mut self, streams: &BTreeMap<StreamKey, Outgoing>) {
        let free = &mut self.free_numbers;
        self.lanes.retain(|stream, lane| {
            let is_kept = streams.contains_key(stream);
            if !is_kept {
                free.insert(lane.number());
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
