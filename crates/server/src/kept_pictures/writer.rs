//! The thread that writes recordings.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Write},
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender},
    },
};

use pilothouse_core::ids::RecordingId;
use pilothouse_protocols::live_pictures;

use super::{
    Keeper,
    file::{self, Head},
    keeper::Recording,
};
use crate::gateway::Framed;

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Order {
    /// Keep a picture.
    Keep { recording: Arc<Recording>, picture: Arc<Framed> },
    /// Say that all that was to be kept before is.
    Tell(SyncSender<()>),
}

/// The thread. It is not waited for: what it was handed is on disk before anybody could look.
pub(crate) fn spawn(keeper: Arc<Keeper>, orders: Receiver<Order>) -> io::Result<()> {
    let write = move || write_all(&keeper, &orders);
    std::thread::Builder::new().name("recordings".into()).spawn(write).map(drop)
}

/// Writes what comes until nobody can send anything any more.
fn write_all(keeper: &Keeper, orders: &Receiver<Order>) {
    // Bounded by the recordings that may go on at once: those that are over are closed with the next picture.
    let mut files: HashMap<RecordingId, File> = HashMap::new();
    while let Ok(order) = orders.recv() {
        let (recording, picture) = match order {
            Order::Keep { recording, picture } => (recording, picture),
            Order::Tell(whom) => {
                let _ = whom.send(());
                continue;
            }
        };
        let at = picture.at;
        let written = write(keeper, &mut files, &recording, &picture);
        if let Err(reason) = written {
            keeper.end(&recording, at, &reason);
        }
        files.retain(|id, _| *id == recording.id || keeper.is_under_way(id));
        if recording.is_over() {
            files.remove(&recording.id);
        }
    }
}

/// Writes one picture, or says why the recording is over.
fn write(
    keeper: &Keeper,
    files: &mut HashMap<RecordingId, File>,
    recording: &Recording,
    picture: &Framed,
) -> Result<(), String> {
    if recording.is_over() {
        return Ok(());
    }
    let content = live_pictures::bytes(&picture.picture.content);
    let head = Head {
        at: picture.at.0,
        bytes: content.len() as u64,
        mime: picture.picture.mime.as_str().to_owned(),
        timestamp: picture.picture.timestamp.as_deref().and_then(|text| text.parse().ok()),
        metadata: picture.picture.metadata,
    };
    let record = file::record(&head, &content).map_err(|error| cannot(&error))?;
    let (more, taken) = (record.len() as u64, recording.progress().bytes);
    if taken + more > keeper.limits.bytes {
        return Err("it has as much as recordings.keep_bytes allows".to_owned());
    }
    if !keeper.make_room(more, picture.at) {
        return Err("all recordings have as much as recordings.keep_total allows".to_owned());
    }
    let file = match files.entry(recording.id.clone()) {
        std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
        std::collections::hash_map::Entry::Vacant(entry) => {
            entry.insert(keeper.file_to_write(recording).map_err(|error| cannot(&error))?)
        }
    };
    // Handed to the kernel at once, so that it is there even if the server is killed.
    if let Err(error) = file.write_all(&record) {
        // A part of a picture would be in the way of those after it, if there were any.
        let _ = file.set_len(taken);
        return Err(cannot(&error));
    }
    recording.note(more, picture.at);
    Ok(())
}

fn cannot(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "the disk is full".to_owned(),
        _ => format!("it cannot be written: {error}"),
    }
}
