//! A recording as one file to take along: a tar archive of its pictures, and `index.json` before them.

use std::{io, sync::Arc};

use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use pilothouse_core::ports::StoreError;

use super::{find, open, shapes::RecordingWithPictures};
use crate::{
    gateway::Shared,
    http::{
        access::Reader,
        pieces::{self, Source},
        problem::Problem,
    },
    kept_pictures::{Entry, Reader as File},
};

/// What sizes in an archive are multiples of.
const BLOCK: usize = 512;

/// A recording as a tar archive: `index.json`, then each picture as a file.
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session}/recordings/{recording}/export",
    responses((status = 200, content_type = "application/x-tar", body = Vec<u8>)),
)]
pub(super) async fn export(
    State(shared): State<Arc<Shared>>,
    _: Reader,
    Path((session, recording)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let recording = find(&shared, &session, &recording)?;
    let file = open(&shared, &recording).await?;
    let index = RecordingWithPictures::of(&recording, &file.pictures);
    let index = serde_json::to_vec_pretty(&index).map_err(|error| corrupt(&error.into()))?;
    let seconds = recording.started_at.0 / 1000;
    let archive = Archive { file: Arc::new(file), index: Some(index), place: 0, seconds };
    let body = pieces::body(archive).await?;
    let name = format!("attachment; filename=\"{}.tar\"", recording.id);
    let fields = [
        (header::CONTENT_TYPE, "application/x-tar".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((fields, body).into_response())
}

/// The archive, one file at a time.
struct Archive {
    file: Arc<File>,
    /// The first file, until it was taken.
    index: Option<Vec<u8>>,
    place: usize,
    /// When the files were made.
    seconds: u64,
}

impl Source for Archive {
    async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        if let Some(index) = self.index.take() {
            return Ok(Some(member("index.json", &index, self.seconds)));
        }
        let place = self.place;
        self.place += 1;
        let Some(entry) = self.file.pictures.get(place).cloned() else {
            let is_end = place == self.file.pictures.len();
            return Ok(is_end.then(|| Bytes::from_static(&[0; 2 * BLOCK])));
        };
        let name = format!("{place:06}.{}", entry.mime.extension());
        let content = self.read(entry).await?;
        Ok(Some(member(&name, &content, self.seconds)))
    }
}

impl Archive {
    async fn read(&self, entry: Entry) -> Result<Bytes, StoreError> {
        let file = self.file.clone();
        let read = tokio::task::spawn_blocking(move || file.content(&entry)).await;
        read.map_err(io::Error::other).and_then(|read| read).map_err(|error| corrupt(&error))
    }
}

fn corrupt(error: &io::Error) -> StoreError {
    StoreError::Corrupt(format!("a recording cannot be read: {error}"))
}

/// One file of an archive as POSIX.1-1988 has it (ustar): a head of one block, the content, and zeros up to a whole block.
fn member(name: &str, content: &[u8], seconds: u64) -> Bytes {
    let mut head = [0_u8; BLOCK];
    let mut put = |at: usize, text: &[u8]| head[at..at + text.len()].copy_from_slice(text);
    put(0, name.as_bytes());
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{:011o}\0", content.len()).as_bytes());
    put(136, format!("{seconds:011o}\0").as_bytes());
    // While the sum is taken, its own place counts as spaces.
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    let sum: u32 = head.iter().copied().map(u32::from).sum();
    head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut out = BytesMut::with_capacity(BLOCK + content.len().next_multiple_of(BLOCK));
    out.extend_from_slice(&head);
    out.extend_from_slice(content);
    out.resize(BLOCK + content.len().next_multiple_of(BLOCK), 0);
    out.freeze()
}
