//! All recordings: begun, ended, found and thrown away.

use std::{
    collections::BTreeMap,
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
};

use parking_lot::Mutex;
use pilothouse_core::{
    ids::{RecordingId, SessionId},
    time::Timestamp,
};

use super::{
    Limits, Tap,
    file::{self, About},
    reading::Places,
    writer::Order,
};

/// The folder in the data directory.
const FOLDER: &str = "recordings";
/// How many pictures may wait to be written. Overflow rule: further ones are left out, and counted.
const MOST_WAITING: usize = 32;
/// How many recordings may go on at once.
const MOST_AT_ONCE: usize = 64;
/// How many recordings there may be, however small.
const MOST_KEPT: usize = 10_000;

/// Why nothing is kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotKept {
    /// There is no such recording.
    #[error("there is no such recording of this session")]
    Unknown,
    /// There are too many.
    #[error("too many recordings are under way or kept; end or delete some")]
    Full,
    /// The disk does not take it.
    #[error("the recording cannot be written: {0}")]
    Disk(#[from] io::Error),
}

/// One recording.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) id: RecordingId,
    pub(crate) session: SessionId,
    /// Who began it.
    pub(crate) by: Box<str>,
    pub(crate) started_at: Timestamp,
    progress: Mutex<Progress>,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Progress {
    pub(crate) pictures: u64,
    /// What its file takes on disk.
    pub(crate) bytes: u64,
    /// Pictures that were left out for want of time.
    pub(crate) lost: u64,
    /// When the last picture was shown.
    pub(crate) last_at: Option<Timestamp>,
    /// When and why it ended.
    pub(crate) ended: Option<(Timestamp, Box<str>)>,
}

impl Recording {
    pub(crate) fn progress(&self) -> Progress {
        self.progress.lock().clone()
    }

    pub(super) fn is_over(&self) -> bool {
        self.progress.lock().ended.is_some()
    }

    pub(super) fn note_loss(&self) {
        self.progress.lock().lost += 1;
    }

    pub(super) fn note(&self, bytes: u64, at: Timestamp) {
        let mut progress = self.progress.lock();
        progress.pictures += 1;
        progress.bytes += bytes;
        progress.last_at = Some(at);
    }

    /// Ends it; the first reason counts. Returns whether it went on until now.
    fn end(&self, at: Timestamp, reason: &str) -> bool {
        let mut progress = self.progress.lock();
        let is_first = progress.ended.is_none();
        if is_first {
            progress.ended = Some((at, reason.into()));
        }
        is_first
    }

    fn about(&self) -> About {
        let ended = self.progress.lock().ended.clone();
        About {
            session: self.session.to_string(),
            by: self.by.to_string(),
            started_at: self.started_at.0,
            ended_at: ended.as_ref().map(|(at, _)| at.0),
            reason: ended.map(|(_, reason)| reason.into()),
        }
    }
}

/// The recordings. Bounded by [`MOST_KEPT`], on disk by the limits.
#[derive(Debug)]
pub(crate) struct Keeper {
    folder: PathBuf,
    pub(super) limits: Limits,
    recordings: Mutex<BTreeMap<RecordingId, Arc<Recording>>>,
    orders: SyncSender<Order>,
    pub(super) places: Places,
}

impl Keeper {
    /// Finds what earlier servers kept. Also returns what comes to be written, for [`super::writer`].
    pub(crate) fn open(data_dir: &Path, limits: Limits) -> (Self, Receiver<Order>) {
        let folder = data_dir.join(FOLDER);
        let recordings = found(&folder).into_iter().map(|one| (one.id.clone(), one)).collect();
        let (orders, receiver) = sync_channel(MOST_WAITING);
        let recordings = Mutex::new(recordings);
        (Self { folder, limits, recordings, orders, places: Places::default() }, receiver)
    }

    /// Begins a recording. Waits for the disk.
    pub(crate) fn start(
        &self,
        session: &SessionId,
        by: &str,
        now: Timestamp,
    ) -> Result<(Arc<Recording>, Tap), NotKept> {
        let id = new_id(now)?;
        let recording = Arc::new(Recording {
            id: id.clone(),
            session: session.clone(),
            by: by.into(),
            started_at: now,
            progress: Mutex::default(),
        });
        {
            let mut recordings = self.recordings.lock();
            let under_way = recordings.values().filter(|one| !one.is_over()).count();
            if under_way >= MOST_AT_ONCE || recordings.len() >= MOST_KEPT {
                return Err(NotKept::Full);
            }
            recordings.insert(id.clone(), recording.clone());
        }
        if let Err(error) = self.create(&recording) {
            self.recordings.lock().remove(&id);
            self.unlink(&id);
            return Err(error.into());
        }
        let tap = Tap::new(recording.clone(), self.orders.clone(), self.limits.per_second);
        Ok((recording, tap))
    }

    fn create(&self, recording: &Recording) -> io::Result<()> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        fs::File::create(file::pictures(&self.folder, &recording.id))?;
        file::write_about(&self.folder, &recording.id, &recording.about())
    }

    /// Those of a session, oldest first.
    pub(crate) fn of_session(&self, session: &SessionId) -> Vec<Arc<Recording>> {
        let recordings = self.recordings.lock();
        let mut found: Vec<_> =
            recordings.values().filter(|one| one.session == *session).cloned().collect();
        found.sort_by_key(|one| (one.started_at, one.id.clone()));
        found
    }

    /// Whether that one goes on.
    pub(super) fn is_under_way(&self, id: &RecordingId) -> bool {
        self.recordings.lock().get(id).is_some_and(|one| !one.is_over())
    }

    /// The recording of that id, if it is of that session.
    pub(crate) fn get(
        &self,
        session: &SessionId,
        id: &RecordingId,
    ) -> Result<Arc<Recording>, NotKept> {
        let found = self.recordings.lock().get(id).cloned();
        found.filter(|one| one.session == *session).ok_or(NotKept::Unknown)
    }

    /// Its file, for reading.
    pub(super) fn file(&self, recording: &Recording) -> io::Result<fs::File> {
        fs::File::open(file::pictures(&self.folder, &recording.id))
    }

    /// The same, for the one who writes.
    pub(super) fn file_to_write(&self, recording: &Recording) -> io::Result<fs::File> {
        fs::File::options().append(true).open(file::pictures(&self.folder, &recording.id))
    }

    /// Ends a recording when all is written that it was handed. Waits for the disk.
    pub(crate) fn finish(&self, recording: &Recording, at: Timestamp, reason: &str) {
        self.wait_for_writer();
        self.end(recording, at, reason);
    }

    /// Waits until all is written that was handed over.
    fn wait_for_writer(&self) {
        let (whom, told) = sync_channel(1);
        if self.orders.send(Order::Tell(whom)).is_ok() {
            let _ = told.recv();
        }
    }

    /// Ends a recording. Waits for the disk.
    pub(super) fn end(&self, recording: &Recording, at: Timestamp, reason: &str) {
        if !recording.end(at, reason) || !self.recordings.lock().contains_key(&recording.id) {
            return;
        }
        if let Err(error) = file::write_about(&self.folder, &recording.id, &recording.about()) {
            // The next server finds out that it has ended, and says so less well.
            tracing::warn!(%error, recording = %recording.id, "the end of a recording cannot be written");
        }
    }

    /// Throws a recording away. Waits for the disk.
    pub(crate) fn delete(&self, recording: &Recording, at: Timestamp) {
        self.recordings.lock().remove(&recording.id);
        recording.end(at, "it was deleted");
        self.unlink(&recording.id);
    }

    fn unlink(&self, id: &RecordingId) {
        for path in [file::pictures(&self.folder, id), file::about(&self.folder, id)] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::warn!(%error, path = %path.display(), "a recording cannot be deleted");
                }
                _ => {}
            }
        }
    }

    /// Ends all that go on when all is written that they were handed, since the server stops. Waits for the disk.
    pub(crate) fn stop(&self, at: Timestamp) {
        self.wait_for_writer();
        let all: Vec<_> = self.recordings.lock().values().cloned().collect();
        for recording in all {
            self.end(&recording, at, "the server stopped");
        }
    }

    /// Makes room for so many bytes more: recordings that have ended go, the oldest first. Returns whether there is.
    pub(super) fn make_room(&self, more: u64, at: Timestamp) -> bool {
        loop {
            let oldest = {
                let recordings = self.recordings.lock();
                let taken: u64 = recordings.values().map(|one| one.progress.lock().bytes).sum();
                if taken + more <= self.limits.total {
                    return true;
                }
                let ended = recordings.values().filter(|one| one.is_over());
                ended.min_by_key(|one| (one.started_at, one.id.clone())).cloned()
            };
            let Some(oldest) = oldest else { return false };
            tracing::info!(recording = %oldest.id, "the oldest recording gives way to a new one");
            self.delete(&oldest, at);
        }
    }

    /// What all take on disk, how many there are, and how many pictures were left out.
    pub(crate) fn totals(&self) -> (u64, usize, u64) {
        let recordings = self.recordings.lock();
        let progresses = recordings.values().map(|one| one.progress());
        let (bytes, lost) =
            progresses.fold((0, 0), |(bytes, lost), one| (bytes + one.bytes, lost + one.lost));
        (bytes, recordings.len(), lost)
    }
}

fn new_id(now: Timestamp) -> io::Result<RecordingId> {
    let mut random = [0; 6];
    getrandom::fill(&mut random).map_err(io::Error::from)?;
    let random = u64::from_be_bytes([
        0, 0, random[0], random[1], random[2], random[3], random[4], random[5],
    ]);
    RecordingId::new(&format!("rec-{:x}-{random:012x}", now.0)).map_err(io::Error::other)
}

/// The recordings in a folder. What cannot be read is left where it is.
fn found(folder: &Path) -> Vec<Arc<Recording>> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let ids = names.filter_map(|name| RecordingId::new(name.strip_suffix(".json")?).ok());
    let found = ids.filter_map(|id| match known(folder, &id) {
        Ok(recording) => Some(Arc::new(recording)),
        Err(error) => {
            tracing::warn!(%error, recording = %id, "a recording cannot be read");
            None
        }
    });
    found.take(MOST_KEPT).collect()
}

fn known(folder: &Path, id: &RecordingId) -> io::Result<Recording> {
    let about: About = serde_json::from_slice(&fs::read(file::about(folder, id))?)?;
    let session = SessionId::new(&about.session).map_err(io::Error::other)?;
    let pictures = fs::File::open(file::pictures(folder, id))?;
    let entries = file::scan(&pictures, None)?;
    let last_at = entries.last().map(|entry| Timestamp(entry.at));
    let started_at = Timestamp(about.started_at);
    let ended = match (about.ended_at, about.reason) {
        (Some(at), reason) => (Timestamp(at), reason.unwrap_or_default().into()),
        (None, _) => (last_at.unwrap_or(started_at), "the server was killed".into()),
    };
    let progress = Progress {
        pictures: entries.len() as u64,
        bytes: pictures.metadata()?.len(),
        lost: 0,
        last_at,
        ended: Some(ended),
    };
    let by = about.by.into();
    Ok(Recording { id: id.clone(), session, by, started_at, progress: Mutex::new(progress) })
}
