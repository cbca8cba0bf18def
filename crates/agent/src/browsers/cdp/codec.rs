//! Messages on Chromium's pipe: JSON, each ended by a NUL character.
//!
//! What is not understood is passed over, so that another release of Chromium breaks nothing.

use bytes::{Buf, BytesMut};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The longest message that is read. A picture of the largest page is far below.
const LONGEST_MESSAGE: usize = 64 << 20;

/// A message from Chromium.
#[derive(Debug)]
pub(super) enum Message {
    /// The answer to what was asked under that number.
    Answer {
        /// The number.
        id: u64,
        /// The result, or why there is none.
        result: Result<Box<RawValue>, String>,
    },
    /// Something happened.
    Event(Event),
}

/// Something that happened in the browser.
#[derive(Debug)]
pub(crate) struct Event {
    /// What, such as `Page.screencastFrame`.
    pub(crate) method: String,
    /// In which session; nothing if it is about the browser as a whole.
    pub(crate) session: Option<String>,
    /// The rest, unread.
    pub(crate) params: Option<Box<RawValue>>,
}

impl Event {
    /// What it says, as far as that is understood.
    pub(crate) fn read<'a, T: Deserialize<'a>>(&'a self) -> Option<T> {
        serde_json::from_str(self.params.as_ref()?.get()).ok()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Incoming {
    id: Option<u64>,
    method: Option<String>,
    params: Option<Box<RawValue>>,
    result: Option<Box<RawValue>>,
    error: Option<Failure>,
    session_id: Option<String>,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(default)]
    message: String,
}

/// Why the pipe is of no use any more.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the browser said more than {LONGEST_MESSAGE} bytes at once")]
pub(super) struct TooLong;

/// Cuts what comes out of the pipe into messages.
#[derive(Debug, Default)]
pub(super) struct Cutter {
    buffer: BytesMut,
    /// How much of the buffer has no end of a message in it.
    looked_at: usize,
}

impl Cutter {
    /// Where the next bytes go.
    pub(super) fn buffer(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// The next message that is whole and makes sense.
    pub(super) fn next(&mut self) -> Result<Option<Message>, TooLong> {
        loop {
            let rest = &self.buffer[self.looked_at..];
            let Some(end) = rest.iter().position(|byte| *byte == 0) else {
                self.looked_at = self.buffer.len();
                return if self.looked_at > LONGEST_MESSAGE { Err(TooLong) } else { Ok(None) };
            };
            let text = self.buffer.split_to(self.looked_at + end);
            self.buffer.advance(1);
            self.looked_at = 0;
            if let Some(message) = parse(&text) {
                return Ok(Some(message));
            }
        }
    }
}

fn parse(text: &[u8]) -> Option<Message> {
    let incoming: Incoming = serde_json::from_slice(text).ok()?;
    if let Some(id) = incoming.id {
        let result = match (incoming.result, incoming.error) {
            (_, Some(failure)) => Err(failure.message),
            (Some(result), None) => Ok(result),
            (None, None) => Err("the browser's answer is empty".to_owned()),
        };
        return Some(Message::Answer { id, result });
    }
    let Incoming { params, session_id: session, .. } = incoming;
    Some(Message::Event(Event { method: incoming.method?, session, params }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<String> {
        let mut cutter = Cutter::default();
        let mut all = Vec::new();
        for piece in pieces {
            cutter.buffer().extend_from_slice(piece);
            while let Some(message) = cutter.next().unwrap() {
                all.push(match message {
                    Message::Answer { id, result: Ok(result) } => format!("{id} {result}"),
                    Message::Answer { id, result: Err(why) } => format!("{id} failed {why}"),
                    Message::Event(event) => {
                        format!("{} in {:?}", event.method, event.session.as_deref())
                    }
                });
            }
        }
        all
    }

    const TALK: &[u8] = b"{\"id\":1,\"result\":{\"a\":[1]}}\0\
        not json\0{}\0[]\0\0{\"id\":2,\"error\":{\"code\":-32000,\"message\":\"no such\"},\"new\":1}\0\
        {\"method\":\"Page.new\",\"params\":{\"x\":1},\"sessionId\":\"S\"}\0{\"id\":3}\0";

    #[test]
    fn messages_are_told_apart_and_what_makes_no_sense_is_passed_over() {
        let expect = [
            "1 {\"a\":[1]}",
            "2 failed no such",
            "Page.new in Some(\"S\")",
            "3 failed the browser's answer is empty",
        ];
        assert_eq!(read(&[TALK]), expect);
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_the_pipe_cuts(cuts in prop::collection::vec(0..TALK.len(), 0..9)) {
            let mut cuts = cuts;
            cuts.sort_unstable();
            let mut pieces = Vec::new();
            let mut from = 0;
            for cut in cuts {
                pieces.push(&TALK[from..cut]);
                from = cut;
            }
            pieces.push(&TALK[from..]);
            prop_assert_eq!(read(&pieces), read(&[TALK]));
        }

        #[test]
        fn garbage_is_survived(garbage in prop::collection::vec(any::<u8>(), 0..2_000)) {
            let _ = read(&[&garbage, b"\0", TALK]);
        }

        #[test]
        fn sound_json_of_any_shape_is_survived(text in "(\\{\"(id|method|params|result|error)\":(1|-1|\"a\"|null|\\{\\}|\\[\\]|1e99)\\}\0){0,9}") {
            let _ = read(&[text.as_bytes()]);
        }
    }
}
