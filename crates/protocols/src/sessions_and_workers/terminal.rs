//! What happens in a worker's terminal, as its door tells it: for every client, and for those who asked for offsets.
//!
//! Output is written by hand, since it is nearly everything.

use pilothouse_core::{
    Event, Published,
    fanout::{Language, MessageKind, Messages, Resync},
    sessions::{self, WorkerKind},
    streams::{self, Begun, Record},
    time::Timestamp,
    view::View,
};

use super::{
    fleet::write,
    messages::{Exit, Output, WorkerServerMessage},
};
use crate::json_text::{escape, number};

/// One worker's terminal.
#[derive(Debug)]
pub struct Terminal {
    /// Whether messages tell where in which log they are, and some more is told.
    pub(super) with_offsets: bool,
}

/// As every client understands it.
pub static TERMINAL: Terminal = Terminal { with_offsets: false };

/// For clients that asked for offsets.
pub static TERMINAL_WITH_OFFSETS: Terminal = Terminal { with_offsets: true };

impl Language for Terminal {
    fn name(&self) -> &'static str {
        if self.with_offsets { "sessions_worker_offsets" } else { "sessions_worker" }
    }

    fn event(&self, published: &Published, out: &mut Messages) {
        match &published.event {
            Event::Output(streams::Event::Written { record, begun, .. }) => {
                self.written(record, *begun, out);
            }
            Event::Output(streams::Event::Missing { stream, from, to, .. }) => {
                let words = missing(to.saturating_sub(*from));
                let place = (stream.epoch, *to);
                out.push(MessageKind::Text, |out| self.output(words.as_bytes(), place, out));
            }
            Event::Sessions(sessions::Event::Activity(worker)) => {
                if matches!(worker.kind, WorkerKind::Agent { .. }) {
                    say(out, &WorkerServerMessage::Activity { state: worker.activity.into() });
                }
            }
            Event::Sessions(sessions::Event::Ended(worker)) => {
                if let sessions::WorkerState::Ended(exit) = &worker.state {
                    for message in self.exit(exit) {
                        say(out, &message);
                    }
                }
            }
            Event::Sessions(sessions::Event::Resized(worker)) if self.with_offsets => {
                let (cols, rows) = (worker.size.columns, worker.size.rows);
                say(out, &WorkerServerMessage::Resized { cols, rows });
            }
            Event::Sessions(sessions::Event::Viewers(viewers)) if self.with_offsets => {
                say(out, &WorkerServerMessage::Viewers(viewers.as_ref().into()));
            }
            // What ends an attachment is said by each conversation, right before it closes.
            Event::Sessions(_)
            | Event::Agents(_)
            | Event::Commands(_)
            | Event::Attention(_)
            | Event::AgentTypes(_)
            | Event::Audit(_)
            | Event::Browsers(_)
            | Event::Said(_)
            | Event::Beat
            | Event::Control(_)
            | Event::Presets(_)
            | Event::Readiness(_)
            | Event::Runs(_) => {}
        }
    }

    // What came before is read from storage, for each viewer: see `history.rs`.
    fn snapshot(&self, _: &View, _: Timestamp, _: &mut Messages) {}

    fn resync(&self, _: &View, _: &Resync, _: Timestamp, _: &mut Messages) {}

    fn resync_ends(&self, _: &View, _: &Resync, _: Timestamp, _: &mut Messages) {}
}

impl Terminal {
    /// Characters are told whole: what a record begins of one waits for the next record.
    fn written(&self, record: &Record, begun: Begun, out: &mut Messages) {
        let rest = begun.followed_by(&record.bytes).as_bytes().len();
        let place = (record.stream.epoch, record.end() - rest as u64);
        let joined;
        let bytes: &[u8] = if begun.as_bytes().is_empty() {
            &record.bytes
        } else {
            joined = [begun.as_bytes(), &record.bytes].concat();
            &joined
        };
        let whole = &bytes[..bytes.len() - rest];
        if !whole.is_empty() {
            out.push(MessageKind::Text, |out| self.output(whole, place, out));
        }
    }

    /// The hot path: nothing is allocated, and the output itself is copied once.
    fn output(&self, bytes: &[u8], (epoch, offset): (u32, u64), out: &mut Vec<u8>) {
        out.extend_from_slice(br#"{"type":"output","data":""#);
        escape(bytes, out);
        if self.with_offsets {
            out.extend_from_slice(br#"","offset":"#);
            number(offset, out);
            out.extend_from_slice(br#","epoch":"#);
            number(u64::from(epoch), out);
            out.push(b'}');
        } else {
            out.extend_from_slice(br#""}"#);
        }
    }

    /// How a process ended. Who has no field for the reason gets it as a last line of the terminal.
    pub(super) fn exit(&self, exit: &sessions::Exit) -> Vec<WorkerServerMessage> {
        let reason = exit.reason.as_deref();
        let line = reason.filter(|_| !self.with_offsets).map(|reason| {
            let data = format!("\r\n[{reason}]\r\n");
            WorkerServerMessage::Output(Output { data, offset: None, epoch: None })
        });
        let exit = WorkerServerMessage::Exit(Exit {
            exit_code: exit.code,
            signal: exit.signal.as_deref().map(Into::into),
            reason: reason.filter(|_| self.with_offsets).map(Into::into),
        });
        line.into_iter().chain([exit]).collect()
    }
}

/// What stands where output is missing.
pub(super) fn missing(bytes: u64) -> String {
    format!("\r\n[{bytes} bytes of output are missing here]\r\n")
}

fn say(out: &mut Messages, message: &WorkerServerMessage) {
    out.push(MessageKind::Text, |out| write(message, out));
}
