//! Puts messages on the wire: one by one, or a burst together.

use std::fmt::Write as _;

use pilothouse_core::{fanout::MessageKind, time::Timestamp};

use super::{
    messages::{Envelope, ServerMessage},
    words::moment,
};
use crate::{Action, Actions};

/// From how many messages in one turn on they are told together.
const BURST: usize = 10;
/// How many messages a batch has at most.
const MOST_IN_BATCH: usize = 50;
/// How many bytes they have at most, unless there is only one.
const LARGEST_BATCH: usize = 60 << 10;

/// What is told in one turn.
#[derive(Debug, Default)]
pub(super) struct Telling {
    waiting: Vec<Vec<u8>>,
    /// Makes names of messages differ that are told at the same moment.
    told: u64,
}

impl Telling {
    /// Says one message, under that name if it has one.
    pub(super) fn say(
        &mut self,
        message: ServerMessage,
        message_id: Option<String>,
        now: Timestamp,
        actions: &mut Actions,
    ) {
        self.flush(now, actions);
        actions.push(send(write(message, message_id, now)));
    }

    /// Has one told when the turn is over, perhaps together with others.
    pub(super) fn queue(&mut self, message: ServerMessage, now: Timestamp) {
        let (kind, task) = match &message {
            ServerMessage::TaskStatus(status) => ("status", &status.task_id),
            ServerMessage::TaskProgress(progress) => ("progress", &progress.task_id),
            ServerMessage::TaskLogs(logs) => ("logs", &logs.task_id),
            _ => return self.waiting.push(write(message, None, now)),
        };
        self.told += 1;
        let message_id = format!("task-{kind}-{task}-{}-{}", now.0, self.told);
        self.waiting.push(write(message, Some(message_id), now));
    }

    /// Tells what waits, in order: few messages as they are, many in batches.
    pub(super) fn flush(&mut self, now: Timestamp, actions: &mut Actions) {
        let waiting = std::mem::take(&mut self.waiting);
        if waiting.len() < BURST {
            return actions.extend(waiting.into_iter().map(send));
        }
        let (mut batch, mut size) = (Vec::new(), 0);
        for message in waiting {
            let is_full = batch.len() == MOST_IN_BATCH || size + message.len() > LARGEST_BATCH;
            if is_full && !batch.is_empty() {
                actions.push(self.batch(&std::mem::take(&mut batch), size, now));
                size = 0;
            }
            size += message.len();
            batch.push(message);
        }
        actions.push(self.batch(&batch, size, now));
    }

    /// Written by hand, so that what is written already is not read and written again.
    fn batch(&mut self, messages: &[Vec<u8>], size: usize, now: Timestamp) -> Action {
        self.told += 1;
        let mut out = Vec::with_capacity(size + messages.len() + 160);
        out.extend_from_slice(br#"{"type":"BATCH","messages":["#);
        for (place, message) in messages.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            out.extend_from_slice(message);
        }
        let mut rest = String::new();
        let (at, count, number) = (moment(now), messages.len(), self.told);
        let written = write!(
            rest,
            r#"],"batchId":"batch_{}_{number}","count":{count},"totalSize":{size},"timestamp":"{at}"}}"#,
            now.0
        );
        debug_assert!(written.is_ok(), "a String takes every character");
        out.extend_from_slice(rest.as_bytes());
        send(out)
    }
}

fn send(payload: Vec<u8>) -> Action {
    Action::Send { kind: MessageKind::Text, payload: payload.into() }
}

fn write(message: ServerMessage, message_id: Option<String>, now: Timestamp) -> Vec<u8> {
    serde_json::to_vec(&Envelope { message, timestamp: moment(now), message_id })
        .expect("the messages have text keys")
}
