//! Reads recordings, for lists, for those who see them again, and as files to take along.

use std::{collections::VecDeque, fs::File, io, os::unix::fs::FileExt, sync::Arc};

use bytes::Bytes;
use parking_lot::Mutex;
use pilothouse_core::ids::RecordingId;

use super::{
    Keeper, Recording,
    file::{self, Entry},
};

/// Of how many recordings it is remembered where their pictures lie. Overflow rule: the one read longest ago goes.
const MOST_REMEMBERED: usize = 8;
/// Of how many pictures of each. Overflow rule: nothing of the recording is remembered, and it is searched each time.
const MOST_PLACES: usize = 20_000;

/// Where the pictures of recordings lie that were read lately: whoever sees one again asks for picture after picture.
#[derive(Debug, Default)]
pub(super) struct Places(Mutex<VecDeque<(RecordingId, Arc<[Entry]>)>>);

impl Places {
    fn of(&self, id: &RecordingId) -> Arc<[Entry]> {
        let places = self.0.lock();
        let found = places.iter().find(|(known, _)| known == id);
        found.map(|(_, entries)| entries.clone()).unwrap_or_default()
    }

    fn remember(&self, id: &RecordingId, entries: &Arc<[Entry]>) {
        if entries.len() <= MOST_PLACES {
            let mut places = self.0.lock();
            places.retain(|(known, _)| known != id);
            places.push_back((id.clone(), entries.clone()));
            if places.len() > MOST_REMEMBERED {
                places.pop_front();
            }
        }
    }
}

/// A recording that is being read. Waits for the disk.
#[derive(Debug)]
pub(crate) struct Reader {
    file: File,
    /// What it had when it was opened.
    pub(crate) pictures: Arc<[Entry]>,
}

impl Keeper {
    /// Opens a recording with what it has now.
    pub(crate) fn read(&self, recording: &Recording) -> io::Result<Reader> {
        let file = self.file(recording)?;
        let known = self.places.of(&recording.id);
        let more = file::scan(&file, known.last())?;
        let pictures =
            if more.is_empty() { known } else { known.iter().cloned().chain(more).collect() };
        self.places.remember(&recording.id, &pictures);
        Ok(Reader { file, pictures })
    }
}

impl Reader {
    /// One picture of it.
    pub(crate) fn content(&self, entry: &Entry) -> io::Result<Bytes> {
        let length = usize::try_from(entry.bytes).map_err(io::Error::other)?;
        let mut content = vec![0; length];
        self.file.read_exact_at(&mut content, entry.offset)?;
        Ok(content.into())
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::FileExt};

    use pilothouse_core::{ids::SessionId, time::Timestamp};

    use super::*;
    use crate::kept_pictures::{Limits, file::Head};

    fn write(keeper: &Keeper, recording: &Recording, at: u64) {
        let mime = "image/jpeg".to_owned();
        let head = Head { at, bytes: 3, mime, timestamp: None, metadata: None };
        let record = file::record(&head, &at.to_string().as_bytes()[..3]).unwrap();
        let mut file = keeper.file_to_write(recording).unwrap();
        io::Write::write_all(&mut file, &record).unwrap();
    }

    #[test]
    fn a_recording_is_searched_only_behind_what_was_found_before() {
        let folder = tempfile::tempdir().unwrap();
        let (keeper, _orders) = Keeper::open(folder.path(), Limits::default());
        let session = SessionId::new("s-1").unwrap();
        let begin = || keeper.start(&session, "ann", Timestamp(1)).unwrap().0;
        let recording = begin();
        let seen = |recording: &Recording| {
            let read = keeper.read(recording).unwrap();
            let contents = read.pictures.iter().map(|entry| read.content(entry).unwrap());
            contents.map(|it| String::from_utf8(it.to_vec()).unwrap()).collect::<Vec<_>>()
        };
        write(&keeper, &recording, 100);
        write(&keeper, &recording, 101);
        assert_eq!(seen(&recording), ["100", "101"]);
        write(&keeper, &recording, 102);
        // Whoever searched from the beginning would find nothing now.
        let path = file::pictures(&folder.path().join("recordings"), &recording.id);
        let file = fs::File::options().write(true).open(path).unwrap();
        file.write_all_at(&u32::MAX.to_le_bytes(), 0).unwrap();
        assert_eq!(seen(&recording), ["100", "101", "102"]);
        for _ in 0..MOST_REMEMBERED {
            keeper.read(&begin()).unwrap();
        }
        assert_eq!(seen(&recording), Vec::<String>::new(), "it was read longest ago");
    }
}
