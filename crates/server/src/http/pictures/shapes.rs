//! What is told of recordings.

use pilothouse_core::time::Timestamp;
use pilothouse_protocols::{pictures::Metadata, sessions_and_workers::moment};
use serde::Serialize;
use utoipa::ToSchema;

use crate::kept_pictures::{Entry, Recording};

#[derive(Serialize, ToSchema)]
pub(super) struct RecordingsReply {
    /// The oldest first.
    pub(super) recordings: Vec<RecordingShape>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct RecordingReply {
    pub(super) recording: RecordingShape,
}

/// A recording of a session's pictures.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RecordingShape {
    pub(super) id: String,
    session_id: String,
    started_at: String,
    /// Nothing while it goes on.
    ended_at: Option<String>,
    /// Why it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    end_reason: Option<String>,
    /// Who began it.
    by: String,
    /// How many pictures it has.
    pictures: u64,
    /// What it takes on disk.
    bytes: u64,
    /// From its beginning to its last picture, in milliseconds.
    duration_ms: u64,
    /// Pictures that were left out since the disk was too slow.
    lost: u64,
}

/// A recording, and what pictures it has.
#[derive(Serialize, ToSchema)]
pub(super) struct RecordingWithPictures {
    recording: RecordingShape,
    /// In the order in which they were shown.
    pictures: Vec<KeptPicture>,
}

/// One picture of a recording.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct KeptPicture {
    /// Its place, from 0.
    n: usize,
    /// How long after the recording's beginning it was shown, in milliseconds.
    at_ms: u64,
    bytes: u64,
    mime: &'static str,
    /// When it was taken, in seconds since 1970, if its producer said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<f64>,
    /// The width of the page, in CSS pixels, if its producer said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<f64>,
    /// The same of its height.
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<f64>,
    /// What it shows of the page, if its producer said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata>,
}

impl From<&Recording> for RecordingShape {
    fn from(recording: &Recording) -> Self {
        let progress = recording.progress();
        let since = |at: Timestamp| at.0.saturating_sub(recording.started_at.0);
        Self {
            id: recording.id.to_string(),
            session_id: recording.session.to_string(),
            started_at: moment(recording.started_at),
            ended_at: progress.ended.as_ref().map(|(at, _)| moment(*at)),
            end_reason: progress.ended.map(|(_, reason)| reason.into()),
            by: recording.by.to_string(),
            pictures: progress.pictures,
            bytes: progress.bytes,
            duration_ms: progress.last_at.map_or(0, since),
            lost: progress.lost,
        }
    }
}

impl RecordingWithPictures {
    pub(super) fn of(recording: &Recording, pictures: &[Entry]) -> Self {
        let kept = |(n, entry): (usize, &Entry)| KeptPicture {
            n,
            // The newest picture there was at its beginning is older than that.
            at_ms: entry.at.saturating_sub(recording.started_at.0),
            bytes: entry.bytes,
            mime: entry.mime.as_str(),
            timestamp: entry.timestamp,
            width: entry.metadata.and_then(|shown| shown.device_width),
            height: entry.metadata.and_then(|shown| shown.device_height),
            metadata: entry.metadata,
        };
        let pictures = pictures.iter().enumerate().map(kept).collect();
        Self { recording: recording.into(), pictures }
    }
}
