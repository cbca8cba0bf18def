//! What to send next on one link: derived from the outbox and from what this link has said.
//!
//! Commands take turns of a quantum each. One turn of the link gives at most [`TURN`] bytes of output,
//! so that whatever comes meanwhile is not far behind.

use std::collections::{BTreeMap, BTreeSet};

use pilothouse_core::{ids::CommandId, streams::StreamKey};
use pilothouse_protocols::agent_link::{
    messages::{FromAgent, Resume, Stream},
    records::{HEADER, RawRecord, encode},
};

use crate::{
    outbox::Outgoing,
    spool::{Cursor, Next},
};

/// How many bytes one command may send before the next one's turn.
const QUANTUM: usize = 16 << 10;

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

/// What one link has said so far.
#[derive(Debug)]
pub(crate) struct Said {
    credit: u64,
    lanes: BTreeMap<CommandId, Lane>,
    free_numbers: BTreeSet<u32>,
    next_number: u32,
    last_served: Option<CommandId>,
    trouble: Option<String>,
}

#[derive(Debug)]
struct Lane {
    number: u32,
    is_open: bool,
    started_told: bool,
    ended_told: bool,
    sent: Cursor,
    acknowledged: u64,
}

impl Said {
    /// A link that was just welcomed, whose hello named `held`.
    pub(crate) fn new(credit: u64, held: &[CommandId], resume: &[Resume]) -> Self {
        let mut said = Self {
            credit,
            lanes: BTreeMap::new(),
            free_numbers: BTreeSet::new(),
            next_number: 0,
            last_served: None,
            trouble: None,
        };
        for command in held {
            let stream = Stream::from(&StreamKey::command(command.clone()));
            let wanted = resume.iter().find(|resume| resume.stream == stream);
            let wanted = wanted
                .map(|resume| Cursor { position: resume.position, sequence: resume.sequence });
            let lane = said.lane(wanted.unwrap_or(Cursor::START));
            // The hello has told the server that it started.
            said.lanes.insert(command.clone(), Lane { started_told: true, ..lane });
        }
        said
    }

    /// The server allows so much per stream from now on.
    pub(crate) fn set_credit(&mut self, credit: u64) {
        self.credit = credit;
    }

    /// The server has stored all before that position.
    pub(crate) fn acknowledged(&mut self, command: &CommandId, position: u64) {
        if let Some(lane) = self.lanes.get_mut(command) {
            lane.acknowledged = lane.acknowledged.max(position);
        }
    }

    /// The server wants a command's output again from there on, and then how it ended.
    pub(crate) fn resume(&mut self, command: &CommandId, from: Cursor) {
        if let Some(lane) = self.lanes.get_mut(command) {
            // The next record announces the lane anew.
            lane.is_open = false;
            lane.ended_told = false;
            lane.sent = from;
        }
    }

    /// What to send now, in order; empty if there is nothing, or nothing that credit allows.
    pub(crate) fn turn(
        &mut self,
        commands: &BTreeMap<CommandId, Outgoing>,
        trouble: Option<&str>,
    ) -> Vec<Message> {
        self.close_forgotten(commands);
        let mut messages = Vec::new();
        if self.trouble.as_deref() != trouble {
            self.trouble = trouble.map(str::to_owned);
            messages.push(control(FromAgent::Trouble { reason: self.trouble.clone() }));
        }
        let mut sent = 0;
        loop {
            let before = (messages.len(), sent);
            for command in self.in_turn(commands) {
                let Some(outgoing) = commands.get(&command) else { continue };
                sent += self.serve(&command, outgoing, &mut messages);
                self.last_served = Some(command);
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

    /// All commands, beginning behind the one that was served last.
    fn in_turn(&self, commands: &BTreeMap<CommandId, Outgoing>) -> Vec<CommandId> {
        let mut ids: Vec<_> = commands.keys().cloned().collect();
        let last = self.last_served.as_ref();
        let start = last.map_or(0, |last| ids.partition_point(|id| id <= last));
        ids.rotate_left(start);
        ids
    }

    /// One quantum of one command; says how many bytes of output it was.
    fn serve(
        &mut self,
        command: &CommandId,
        outgoing: &Outgoing,
        messages: &mut Vec<Message>,
    ) -> usize {
        if !self.lanes.contains_key(command) {
            let lane = self.lane(Cursor::START);
            self.lanes.insert(command.clone(), lane);
        }
        let lane = self.lanes.get_mut(command).expect("the lane was just made");
        if let (false, Some(at)) = (lane.started_told, outgoing.started_at) {
            lane.started_told = true;
            let command = command.as_str().to_owned();
            messages.push(control(FromAgent::Started { command, at: at.0 }));
        }
        let mut sent = 0;
        while sent < QUANTUM && lane.sent.position.saturating_sub(lane.acknowledged) < self.credit {
            let Some(next) = outgoing.spool.after(lane.sent) else { break };
            if !lane.is_open {
                lane.is_open = true;
                messages.push(control(lane.opening(command)));
            }
            sent += lane.say(next, messages);
        }
        let is_all_sent = lane.sent.position >= outgoing.spool.next().position;
        if let (false, true, Some(ended)) = (lane.ended_told, is_all_sent, &outgoing.ended) {
            lane.ended_told = true;
            // The server closes the lane with the end.
            lane.is_open = false;
            let command = command.as_str().to_owned();
            messages.push(control(FromAgent::Ended { command, ended: ended.into() }));
        }
        sent
    }

    fn lane(&mut self, sent: Cursor) -> Lane {
        let number = self.free_numbers.pop_first().unwrap_or_else(|| {
            self.next_number += 1;
            self.next_number
        });
        Lane {
            number,
            is_open: false,
            started_told: false,
            ended_told: false,
            sent,
            acknowledged: sent.position,
        }
    }

    fn close_forgotten(&mut self, commands: &BTreeMap<CommandId, Outgoing>) {
        let free = &mut self.free_numbers;
        self.lanes.retain(|command, lane| {
            let is_kept = commands.contains_key(command);
            if !is_kept {
                free.insert(lane.number);
            }
            is_kept
        });
    }
}

impl Lane {
    fn opening(&self, command: &CommandId) -> FromAgent {
        FromAgent::Lane {
            lane: self.number,
            stream: (&StreamKey::command(command.clone())).into(),
            position: self.sent.position,
            sequence: self.sent.sequence,
        }
    }

    /// Says one thing and moves on; gives the bytes of output in it.
    fn say(&mut self, next: Next, messages: &mut Vec<Message>) -> usize {
        match next {
            Next::Hole { to } => {
                messages.push(control(FromAgent::Missing {
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
                let Cursor { position, sequence } = self.sent;
                let record = RawRecord {
                    lane: self.number,
                    kind: channel.into(),
                    epoch: 0,
                    position,
                    sequence,
                    bytes: &bytes,
                };
                append(&record, messages);
                self.sent.position += bytes.len() as u64;
                self.sent.sequence += 1;
                bytes.len()
            }
        }
    }
}

fn control(message: FromAgent) -> Message {
    Message::Text(Box::new(message))
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
