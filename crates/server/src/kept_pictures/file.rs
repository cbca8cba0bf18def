//! How a recording lies on disk: what is known of it in one file, its pictures one behind the other in another.
//!
//! A picture is a head in JSON with its length before it, little endian, and then its bytes. A last one that is not
//! whole is not there.

use std::{
    fs::File,
    io::{self, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use pilothouse_core::ids::RecordingId;
use pilothouse_protocols::pictures::{Metadata, Mime};
use serde::{Deserialize, Serialize};

/// The longest head. What says that it is longer is no recording.
const LONGEST_HEAD: usize = 64 << 10;

/// What is known of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct About {
    pub(super) session: String,
    /// Who began it.
    pub(super) by: String,
    /// In milliseconds since 1970.
    pub(super) started_at: u64,
    /// Nothing while it goes on, or if nobody was left to write it down.
    #[serde(default)]
    pub(super) ended_at: Option<u64>,
    #[serde(default)]
    pub(super) reason: Option<String>,
}

/// What stands before a picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Head {
    /// When it was shown, in milliseconds since 1970.
    pub(super) at: u64,
    pub(super) bytes: u64,
    pub(super) mime: String,
    #[serde(default)]
    pub(super) timestamp: Option<f64>,
    #[serde(default)]
    pub(super) metadata: Option<Metadata>,
}

/// A picture, and where it lies.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// When it was shown, in milliseconds since 1970.
    pub(crate) at: u64,
    pub(crate) mime: Mime,
    /// As its producer said, in seconds.
    pub(crate) timestamp: Option<f64>,
    pub(crate) metadata: Option<Metadata>,
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
}

/// The file with the pictures.
pub(super) fn pictures(folder: &Path, recording: &RecordingId) -> PathBuf {
    folder.join(format!("{recording}.pictures"))
}

/// The file with what is known.
pub(super) fn about(folder: &Path, recording: &RecordingId) -> PathBuf {
    folder.join(format!("{recording}.json"))
}

/// Writes down what is known, in one step.
pub(super) fn write_about(folder: &Path, recording: &RecordingId, known: &About) -> io::Result<()> {
    let unfinished = folder.join(format!("{recording}.new"));
    let mut file = File::create(&unfinished)?;
    file.write_all(&serde_json::to_vec(known).map_err(io::Error::other)?)?;
    std::fs::rename(unfinished, about(folder, recording))
}

/// One picture with its head, as it is written.
pub(super) fn record(head: &Head, content: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = vec![0; 4];
    serde_json::to_writer(&mut out, head).map_err(io::Error::other)?;
    let length = u32::try_from(out.len() - 4).map_err(io::Error::other)?;
    out[..4].copy_from_slice(&length.to_le_bytes());
    out.extend_from_slice(content);
    Ok(out)
}

/// Finds every whole picture behind the one that is known, in order; from the first on if none is. What lies behind the last
/// of them does not count.
pub(super) fn scan(file: &File, known: Option<&Entry>) -> io::Result<Vec<Entry>> {
    let end = file.metadata()?.len();
    let mut entries = Vec::new();
    let mut at = known.map_or(0, |last| last.offset + last.bytes);
    while let Some(entry) = entry_at(file, at, end)? {
        at = entry.offset + entry.bytes;
        entries.push(entry);
    }
    Ok(entries)
}

fn entry_at(file: &File, at: u64, end: u64) -> io::Result<Option<Entry>> {
    let mut length = [0; 4];
    if at + 4 > end {
        return Ok(None);
    }
    file.read_exact_at(&mut length, at)?;
    let length = u32::from_le_bytes(length);
    let offset = at + 4 + u64::from(length);
    if length as usize > LONGEST_HEAD || offset > end {
        return Ok(None);
    }
    let mut head = vec![0; length as usize];
    file.read_exact_at(&mut head, at + 4)?;
    let Ok(head) = serde_json::from_slice::<Head>(&head) else { return Ok(None) };
    let is_whole = offset.checked_add(head.bytes).is_some_and(|behind| behind <= end);
    Ok(is_whole.then(|| Entry {
        at: head.at,
        mime: Mime::named(&head.mime).unwrap_or(Mime::Jpeg),
        timestamp: head.timestamp,
        metadata: head.metadata,
        offset,
        bytes: head.bytes,
    }))
}
