//! Shows a recording again to one viewer, at the pace at which it was.

use std::{rc::Rc, sync::Arc, time::Duration};

use pilothouse_core::{ids::SessionId, time::Timestamp};
use pilothouse_protocols::{
    Input,
    pictures::{Content, NotShown, Picture, Replay, Shown},
};
use tokio::time::Instant;

use super::Framed;
use crate::{
    gateway::{connection::Connection, event_loop::EventLoop},
    kept_pictures::{Entry, Reader},
};

/// How often it is looked whether the last picture was taken.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// The longest that a viewer may take for it.
const LAST_WITHIN: Duration = Duration::from_secs(30);

impl Connection {
    /// Reads the recording beside the loop, and shows each picture when it is its turn.
    pub(super) fn replay(
        self: &Rc<Self>,
        event_loop: &Rc<EventLoop>,
        session: &SessionId,
        replay: Replay,
    ) {
        let (connection, event_loop) = (self.clone(), event_loop.clone());
        let session = session.clone();
        tokio::task::spawn_local(async move {
            let ended = match open(&event_loop, &session, &replay).await {
                Some(reader) => {
                    connection.show_all(&event_loop, &session, reader, replay.speed).await;
                    Shown::ReplayEnded
                }
                None => Shown::Refused(NotShown::NoRecording),
            };
            if !connection.is_over.get() {
                connection.handle(&event_loop, Input::Shown(ended));
                connection.flush(&event_loop);
                connection.rearm(&event_loop);
            }
        });
    }

    async fn show_all(
        self: &Rc<Self>,
        event_loop: &Rc<EventLoop>,
        session: &SessionId,
        reader: Arc<Reader>,
        speed: f64,
    ) {
        let begun = Instant::now();
        let first = reader.pictures.first().map_or(0, |entry| entry.at);
        for (place, entry) in reader.pictures.iter().enumerate() {
            let since = Duration::from_millis(entry.at.saturating_sub(first)).div_f64(speed);
            tokio::time::sleep_until(begun + since).await;
            if self.is_over.get() {
                return;
            }
            let Some(picture) = read(&reader, entry).await else { return };
            let at = Timestamp(entry.at);
            let framed = Framed::new(picture, session.clone(), place as u64 + 1, at);
            self.show_replayed(event_loop, Arc::new(framed));
        }
        // Whoever is slow still sees how it ends.
        let given_up = Instant::now() + LAST_WITHIN;
        while self.is_behind_in_replay() && !self.is_over.get() && Instant::now() < given_up {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

async fn open(event_loop: &EventLoop, session: &SessionId, replay: &Replay) -> Option<Arc<Reader>> {
    let recording = event_loop.shared.keeper.get(session, &replay.recording).ok()?;
    let keeper = event_loop.shared.keeper.clone();
    let read = tokio::task::spawn_blocking(move || keeper.read(&recording)).await.ok()?;
    read.map(Arc::new).ok()
}

async fn read(reader: &Arc<Reader>, entry: &Entry) -> Option<Picture> {
    let (file, wanted) = (reader.clone(), entry.clone());
    let content = tokio::task::spawn_blocking(move || file.content(&wanted)).await.ok()?.ok()?;
    Some(Picture {
        content: Content::Raw(content),
        mime: entry.mime,
        timestamp: entry.timestamp.map(|seconds| seconds.to_string().into()),
        sequence: None,
        metadata: entry.metadata,
    })
}
