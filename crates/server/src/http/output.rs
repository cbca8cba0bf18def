//! Output of commands and terminals read back, a page at a time or as one text.
//!
//! Positions are counts of raw bytes, over all outputs of a process. A page has whole records, in which no character
//! is cut unless the process cut it; what a page ends with inside of a character comes with the next one.

use std::sync::Arc;

use axum::{
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use pilothouse_core::{
    ports::{Store, StoreError},
    streams::{Begun, Channel, Record, StoredGroup, StreamKey},
    time::Timestamp,
};
use pilothouse_protocols::sessions_and_workers::moment;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    listing::invalid,
    pieces::{self, Source},
    problem::Problem,
};

/// How many bytes a page has if nobody says, and at most.
pub(super) const USUAL: usize = 64 << 10;
pub(super) const MOST: usize = 1 << 20;
/// How much of a text is read at once.
const STEP: usize = 256 << 10;

/// A page of output.
#[derive(Serialize, ToSchema)]
pub(super) struct OutputReply {
    /// In the order in which it was written.
    output: Vec<OutputPiece>,
    /// Where the next page begins: what `from` has to be for it.
    next: u64,
    /// Whether this is the end: nothing follows, now or later.
    end: bool,
    /// How many of the first bytes are kept no longer.
    pruned: u64,
}

/// A piece of output.
#[derive(Serialize, ToSchema)]
struct OutputPiece {
    /// `stdout`, `stderr`, or `terminal`, where both are one.
    #[schema(value_type = String)]
    stream: &'static str,
    /// How many bytes of the whole output come before it.
    position: u64,
    /// What was written; bytes that are no UTF-8 are shown as U+FFFD.
    text: String,
    /// When it was stored.
    at: String,
}

/// Which outputs are wanted; all if `None`.
pub(super) type Only = Option<Channel>;

/// The output of that name.
pub(super) fn only(name: Option<&str>) -> Result<Only, Problem> {
    match name {
        None | Some("both") => Ok(None),
        Some("stdout") => Ok(Some(Channel::Stdout)),
        Some("stderr") => Ok(Some(Channel::Stderr)),
        Some(_) => Err(invalid("a stream is stdout, stderr or both")),
    }
}

/// Whether somebody wants one text rather than pages.
pub(super) fn wants_text(format: Option<&str>, fields: &HeaderMap) -> Result<bool, Problem> {
    match format {
        Some("text") => Ok(true),
        Some("json") => Ok(false),
        Some(_) => Err(invalid("a format is json or text")),
        None => {
            let accepted = fields.get(header::ACCEPT).and_then(|value| value.to_str().ok());
            let first = accepted.unwrap_or_default().split([',', ';']).next().unwrap_or_default();
            Ok(first.trim().eq_ignore_ascii_case("text/plain"))
        }
    }
}

/// A part of a log as it is stored.
pub(super) struct Part {
    records: Vec<(Record, Timestamp)>,
    /// The oldest byte that is kept.
    first: u64,
    /// Where the part ends.
    next: u64,
    /// Whether nothing more was stored behind it.
    is_last: bool,
}

impl Part {
    /// Whether there is anything in it.
    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The page that it makes; of a log that is over, if it is.
    pub(super) fn page(self, only: Only, is_over: bool) -> OutputReply {
        let end = self.is_last && is_over;
        let (pieces, next) = pieces(&self.records, self.next, end);
        let wanted = pieces.into_iter().filter(|piece| only.is_none_or(|it| it == piece.channel));
        let output = wanted.filter(|piece| !piece.bytes.is_empty()).map(Into::into).collect();
        OutputReply { output, next, end, pruned: self.first }
    }
}

/// Reads whole records from a place on, about `limit` bytes but at least one record if there is any.
pub(super) async fn read(
    store: &dyn Store,
    stream: &StreamKey,
    from: u64,
    limit: usize,
) -> Result<Part, StoreError> {
    let oldest = store.read_output(stream, 0, 1).await?;
    let first = oldest.first().map_or(0, |group| group.position);
    let groups = store.read_output(stream, from, limit).await?;
    let mut records = Vec::new();
    for group in &groups {
        records.extend(group.numbered().map(|record| (cut(record, from), group.at)));
    }
    let next = groups.iter().map(StoredGroup::end).max().unwrap_or(from);
    let is_last = groups.is_empty() || store.read_output(stream, next, 1).await?.is_empty();
    Ok(Part { records, first, next, is_last })
}

/// The position to begin at. One that no log can reach is a mistake.
pub(super) fn beginning(from: Option<u64>) -> Result<u64, Problem> {
    let from = from.unwrap_or(0);
    if i64::try_from(from).is_err() {
        return Err(invalid("from is larger than any position"));
    }
    Ok(from)
}

/// A record without what is before a place.
fn cut(record: Record, from: u64) -> Record {
    let early = usize::try_from(from.saturating_sub(record.position)).unwrap_or(usize::MAX);
    if early == 0 || early >= record.bytes.len() {
        return record;
    }
    Record { position: from, bytes: record.bytes.slice(early..), ..record }
}

/// What one output of a process wrote without another in between, stored at once.
struct Piece {
    channel: Channel,
    position: u64,
    bytes: Vec<u8>,
    at: Timestamp,
}

impl Piece {
    fn end(&self) -> u64 {
        self.position + self.bytes.len() as u64
    }

    /// Takes off the beginning of a character that it ends with.
    fn take_begun(&mut self) -> Vec<u8> {
        let begun = Begun::at_end_of(&self.bytes).as_bytes().len();
        self.bytes.split_off(self.bytes.len() - begun)
    }
}

impl From<Piece> for OutputPiece {
    fn from(piece: Piece) -> Self {
        let stream = match piece.channel {
            Channel::Stdout => "stdout",
            Channel::Stderr => "stderr",
            Channel::Terminal => "terminal",
        };
        let Piece { position, at, .. } = piece;
        Self { stream, position, text: text(piece.bytes), at: moment(at) }
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|wrong| String::from_utf8_lossy(wrong.as_bytes()).into_owned())
}

/// Records as pieces, and where the next page begins.
fn pieces(records: &[(Record, Timestamp)], next: u64, is_end: bool) -> (Vec<Piece>, u64) {
    let mut pieces: Vec<Piece> = Vec::new();
    for (record, at) in records {
        let last = pieces
            .last_mut()
            .filter(|last| last.channel == record.channel && last.end() == record.position);
        if let Some(last) = last {
            if last.at == *at {
                last.bytes.extend_from_slice(&record.bytes);
                continue;
            }
            // A character that was stored in two parts belongs to the second.
            let mut bytes = last.take_begun();
            let position = last.end();
            bytes.extend_from_slice(&record.bytes);
            pieces.push(Piece { channel: record.channel, position, bytes, at: *at });
            continue;
        }
        let (channel, position) = (record.channel, record.position);
        pieces.push(Piece { channel, position, bytes: record.bytes.to_vec(), at: *at });
    }
    match pieces.last_mut() {
        Some(last) if !is_end => {
            let begun = last.take_begun().len() as u64;
            (pieces, next - begun)
        }
        _ => (pieces, next),
    }
}

/// All that is stored from a place on, byte by byte as it was written, as an answer that is sent while it is read.
pub(super) async fn as_text(
    store: Arc<dyn Store>,
    stream: StreamKey,
    from: u64,
    only: Only,
) -> Result<Response, Problem> {
    let body = pieces::body(Text { store, stream, next: from, only }).await?;
    let fields = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((fields, body).into_response())
}

/// A log that is read from front to back.
struct Text {
    store: Arc<dyn Store>,
    stream: StreamKey,
    next: u64,
    only: Only,
}

impl Source for Text {
    async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        loop {
            let groups = self.store.read_output(&self.stream, self.next, STEP).await?;
            let Some(end) = groups.iter().map(StoredGroup::end).max() else { return Ok(None) };
            let from = std::mem::replace(&mut self.next, end);
            let records = groups.iter().flat_map(StoredGroup::numbered);
            let wanted = records.filter(|record| self.only.is_none_or(|it| it == record.channel));
            let bytes: Vec<u8> = wanted.flat_map(|record| cut(record, from).bytes).collect();
            if !bytes.is_empty() {
                return Ok(Some(bytes.into()));
            }
        }
    }
}

#[cfg(test)]
#[path = "output_tests.rs"]
mod tests;
