//! From what was read to records: gathered for a moment, cut at borders, in the order of reading.
//!
//! Pure; time comes in. Output of both channels keeps its order as long as a batch has few changes
//! between them; beyond that, later output joins the last piece of its own channel, so that a program
//! that writes to both in turns does not make a record of every line.

use std::time::{Duration, Instant};

use bytes::Bytes;
use pilothouse_core::streams::Channel;

use crate::cutting;

/// How long output that ends inside a character or sequence waits for the rest of it.
const TAIL_WAITS: Duration = Duration::from_millis(10);

/// How much such output may wait.
const LARGEST_TAIL: usize = 4 << 10;

/// How many pieces a batch keeps apart.
const MOST_PIECES: usize = 16;

/// A record without its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Which output of the process.
    pub(crate) channel: Channel,
    /// What it wrote.
    pub(crate) bytes: Bytes,
}

/// Output that waits to be cut.
#[derive(Debug)]
pub(crate) struct Batch {
    wait: Duration,
    chunk: usize,
    runs: Vec<Run>,
    deadline: Option<Instant>,
}

#[derive(Debug)]
struct Run {
    channel: Channel,
    bytes: Vec<u8>,
    /// Left over from an earlier batch because it ends inside something.
    is_tail: bool,
}

impl Batch {
    /// Nothing yet. Batches wait so long, and records have at most `chunk` bytes.
    pub(crate) fn new(wait: Duration, chunk: usize) -> Self {
        Self { wait, chunk: chunk.max(1), runs: Vec::new(), deadline: None }
    }

    /// From now on batches wait so long, and records have at most `chunk` bytes.
    pub(crate) fn pace(&mut self, wait: Duration, chunk: usize) {
        self.wait = wait;
        self.chunk = chunk.max(1);
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// All that does not end inside something.
    pub(crate) fn flush(&mut self, now: Instant) -> Vec<Piece> {
        self.release(now, Rest::Waits)
    }

    /// Takes in what was read, and gives what need not wait longer.
    pub(crate) fn push(&mut self, channel: Channel, bytes: &[u8], now: Instant) -> Vec<Piece> {
        if bytes.is_empty() {
            return Vec::new();
        }
        let only_tails = self.runs.iter().all(|run| run.is_tail);
        if only_tails {
            self.deadline = Some(now + self.wait);
        }
        self.run(channel).extend_from_slice(bytes);
        let largest = self.runs.iter().map(|run| run.bytes.len()).max().unwrap_or(0);
        if largest < self.chunk {
            return Vec::new();
        }
        self.release(now, Rest::Waits)
    }

    /// When [`Batch::due`] has something to give.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// What has waited long enough.
    pub(crate) fn due(&mut self, now: Instant) -> Vec<Piece> {
        match self.deadline {
            Some(deadline) if deadline <= now => {
                let tails_waited = self.runs.iter().all(|run| run.is_tail);
                self.release(now, if tails_waited { Rest::Goes } else { Rest::Waits })
            }
            Some(_) | None => Vec::new(),
        }
    }

    /// All that is left; nothing follows.
    pub(crate) fn finish(&mut self, now: Instant) -> Vec<Piece> {
        self.release(now, Rest::Goes)
    }

    fn run(&mut self, channel: Channel) -> &mut Vec<u8> {
        let last = self.runs.len().checked_sub(1);
        let own = self.runs.iter().rposition(|run| run.channel == channel);
        let place = match own {
            Some(own) if Some(own) == last || self.runs[own].is_tail => own,
            Some(own) if self.runs.len() >= MOST_PIECES => own,
            Some(_) | None => {
                self.runs.push(Run { channel, bytes: Vec::new(), is_tail: false });
                self.runs.len() - 1
            }
        };
        // What continues a tail takes the tail along to its own place in the order.
        if self.runs[place].is_tail {
            let mut run = self.runs.remove(place);
            run.is_tail = false;
            self.runs.push(run);
            return &mut self.runs.last_mut().expect("a run was just pushed").bytes;
        }
        &mut self.runs[place].bytes
    }

    fn release(&mut self, now: Instant, rest: Rest) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut tails: Vec<Run> = Vec::new();
        for run in std::mem::take(&mut self.runs) {
            let mut bytes = take_tail(&mut tails, run.channel);
            bytes.extend_from_slice(&run.bytes);
            let bytes = Bytes::from(bytes);
            let taken = self.cut(run.channel, &bytes, rest, &mut pieces);
            if taken < bytes.len() {
                let bytes = bytes[taken..].to_vec();
                tails.push(Run { channel: run.channel, bytes, is_tail: true });
            }
        }
        self.deadline = (!tails.is_empty()).then(|| now + TAIL_WAITS);
        self.runs = tails;
        pieces
    }

    /// Cuts records off until what is left has to wait, and says how much was taken.
    fn cut(&self, channel: Channel, bytes: &Bytes, rest: Rest, pieces: &mut Vec<Piece>) -> usize {
        let mut taken = 0;
        while taken < bytes.len() {
            let left = &bytes[taken..];
            let length = match cutting::whole(&left[..left.len().min(self.chunk)]) {
                0 if left.len() < self.chunk.min(LARGEST_TAIL) && rest == Rest::Waits => break,
                0 => cutting::within(left, self.chunk),
                whole => whole,
            };
            pieces.push(Piece { channel, bytes: bytes.slice(taken..taken + length) });
            taken += length;
        }
        taken
    }
}

/// What happens to output that ends inside something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    Waits,
    Goes,
}

fn take_tail(tails: &mut Vec<Run>, channel: Channel) -> Vec<u8> {
    let place = tails.iter().position(|tail| tail.channel == channel);
    place.map(|place| tails.remove(place).bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WAIT: Duration = Duration::from_millis(50);

    fn shown(pieces: &[Piece]) -> Vec<String> {
        pieces
            .iter()
            .map(|piece| {
                let channel = if piece.channel == Channel::Stderr { "2" } else { "1" };
                format!("{channel}:{}", String::from_utf8_lossy(&piece.bytes))
            })
            .collect()
    }

    #[test]
    fn output_waits_for_the_batch_and_keeps_its_order() {
        let start = Instant::now();
        let mut batch = Batch::new(WAIT, 100);
        for (channel, bytes) in [
            (Channel::Stdout, "a"),
            (Channel::Stdout, "b"),
            (Channel::Stderr, "c"),
            (Channel::Stdout, "d"),
        ] {
            assert_eq!(batch.push(channel, bytes.as_bytes(), start), []);
        }
        assert_eq!(batch.deadline(), Some(start + WAIT));
        assert_eq!(batch.due(start + WAIT / 2), []);
        assert_eq!(shown(&batch.due(start + WAIT)), ["1:ab", "2:c", "1:d"]);
        assert_eq!(batch.deadline(), None);
    }

    #[test]
    fn a_full_chunk_does_not_wait() {
        let mut batch = Batch::new(WAIT, 4);
        let pieces = batch.push(Channel::Stdout, b"abcdefghij", Instant::now());
        assert_eq!(shown(&pieces), ["1:abcd", "1:efgh", "1:ij"]);
    }

    #[test]
    fn a_cut_character_waits_for_its_rest_beside_the_other_channel() {
        let start = Instant::now();
        let mut batch = Batch::new(WAIT, 100);
        batch.push(Channel::Stdout, b"caf\xc3", start);
        batch.push(Channel::Stderr, b"x", start);
        assert_eq!(shown(&batch.due(start + WAIT)), ["1:caf", "2:x"]);
        batch.push(Channel::Stdout, b"\xa9!", start + WAIT);
        assert_eq!(shown(&batch.due(start + WAIT * 2)), ["1:\u{e9}!"]);
    }

    #[test]
    fn a_tail_waits_ten_milliseconds_and_no_longer() {
        let start = Instant::now();
        let mut batch = Batch::new(WAIT, 100);
        batch.push(Channel::Stdout, b"a\x1b[3", start);
        assert_eq!(shown(&batch.due(start + WAIT)), ["1:a"]);
        assert_eq!(batch.deadline(), Some(start + WAIT + TAIL_WAITS));
        assert_eq!(shown(&batch.due(start + WAIT + TAIL_WAITS)), ["1:\x1b[3"]);
    }

    #[test]
    fn many_changes_between_the_channels_make_few_records() {
        let start = Instant::now();
        let mut batch = Batch::new(WAIT, 10_000);
        for _ in 0..500 {
            batch.push(Channel::Stdout, b"out\n", start);
            batch.push(Channel::Stderr, b"err\n", start);
        }
        assert!(batch.due(start + WAIT).len() <= MOST_PIECES);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_added_or_moved_inside_a_channel(
            chunk in 1usize..40,
            reads in prop::collection::vec(
                (any::<bool>(), prop::collection::vec(prop_oneof![Just(0x1b), Just(b'['), any::<u8>()], 0..60), 0u64..80),
                0..40),
        ) {
            let mut now = Instant::now();
            let mut batch = Batch::new(WAIT, chunk);
            let mut written = [Vec::new(), Vec::new()];
            let mut pieces = Vec::new();
            for (is_error, bytes, elapsed) in &reads {
                now += Duration::from_millis(*elapsed);
                pieces.extend(batch.due(now));
                let channel = if *is_error { Channel::Stderr } else { Channel::Stdout };
                written[usize::from(*is_error)].extend_from_slice(bytes);
                pieces.extend(batch.push(channel, bytes, now));
            }
            pieces.extend(batch.finish(now));
            prop_assert!(pieces.iter().all(|piece| !piece.bytes.is_empty() && piece.bytes.len() <= chunk));
            for (channel, written) in [Channel::Stdout, Channel::Stderr].into_iter().zip(&written) {
                let got: Vec<u8> = pieces.iter().filter(|piece| piece.channel == channel)
                    .flat_map(|piece| piece.bytes.to_vec()).collect();
                prop_assert_eq!(&got, written);
            }
        }
    }
}
