//! A spool's files: numbered, appended to, deleted as a whole once none of their records is wanted.
//!
//! A file is a row of records as the agent link frames them, so that a restarted agent can read it.

use std::{
    collections::VecDeque,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use pilothouse_core::streams::Channel;
use pilothouse_protocols::agent_link::records::{HEADER, RawRecord, decode, encode};

use super::Cursor;

/// Where a record's bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    segment: u64,
    offset: u64,
    /// How many bytes.
    pub(super) length: u32,
}

/// A record in a file of an earlier life.
#[derive(Debug)]
pub(super) struct Found {
    /// Where it is in the log.
    pub(super) at: Cursor,
    /// Which output of the process.
    pub(super) channel: Channel,
    /// Where it is on disk.
    pub(super) place: Place,
}

/// The files of one spool, oldest first.
#[derive(Debug)]
pub(super) struct Segments {
    folder: PathBuf,
    largest: u64,
    files: VecDeque<Segment>,
    next_number: u64,
}

#[derive(Debug)]
struct Segment {
    number: u64,
    file: File,
    length: u64,
    wanted: u64,
}

impl Segments {
    /// No files yet.
    pub(super) fn new(folder: &Path, largest: u64) -> Self {
        Self { folder: folder.to_owned(), largest, files: VecDeque::new(), next_number: 0 }
    }

    /// Empty, with numbers behind the present ones.
    pub(super) fn renewed(&self) -> Self {
        Self {
            folder: self.folder.clone(),
            largest: self.largest,
            files: VecDeque::new(),
            next_number: self.next_number,
        }
    }

    /// Writes a record behind all others.
    pub(super) fn append(
        &mut self,
        at: Cursor,
        channel: Channel,
        bytes: &Bytes,
    ) -> io::Result<Place> {
        if self.files.back().is_none_or(|segment| segment.length >= self.largest) {
            self.begin()?;
        }
        let segment = self.files.back_mut().expect("a segment was just begun");
        let mut framed = Vec::with_capacity(HEADER + bytes.len());
        let Cursor { position, sequence } = at;
        let kind = channel.into();
        encode(&RawRecord { lane: 0, kind, epoch: 0, position, sequence, bytes }, &mut framed);
        // A torn write is cut off before the next one, so that the file stays a row of records.
        if let Err(error) = segment.file.write_all_at(&framed, segment.length) {
            let _ = segment.file.set_len(segment.length);
            return Err(error);
        }
        let place = Place {
            segment: segment.number,
            offset: segment.length + HEADER as u64,
            length: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
        };
        segment.length += framed.len() as u64;
        segment.wanted += 1;
        Ok(place)
    }

    /// Reads a record's bytes.
    pub(super) fn read(&self, place: Place) -> io::Result<Bytes> {
        let segment = self.segment(place.segment).ok_or(io::ErrorKind::NotFound)?;
        let mut bytes = vec![0; place.length as usize];
        segment.file.read_exact_at(&mut bytes, place.offset)?;
        Ok(bytes.into())
    }

    /// One record is not wanted any more.
    pub(super) fn release(&mut self, place: Place) {
        let index = self.files.binary_search_by_key(&place.segment, |segment| segment.number);
        let Ok(index) = index else { return };
        self.files[index].wanted -= 1;
        if self.files[index].wanted == 0 {
            let segment = self.files.remove(index).expect("the index was just found");
            let _ = fs::remove_file(self.path(segment.number));
        }
    }

    /// Reads what an earlier life left, up to the first record that is torn or out of order.
    pub(super) fn recover(&mut self) -> io::Result<Vec<Found>> {
        let mut numbers = match fs::read_dir(&self.folder) {
            Ok(entries) => entries
                .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
                .collect::<Vec<u64>>(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        numbers.sort_unstable();
        let mut found: Vec<Found> = Vec::new();
        for number in numbers {
            let path = self.path(number);
            let content = fs::read(&path)?;
            let file = OpenOptions::new().read(true).write(true).open(&path)?;
            let mut segment = Segment { number, file, length: 0, wanted: 0 };
            for record in decode(&content) {
                let Ok(record) = record else { break };
                let (Some(channel), length) = (record.kind.channel(), record.bytes.len()) else {
                    break;
                };
                let at = Cursor { position: record.position, sequence: record.sequence };
                let offset = segment.length + HEADER as u64;
                let length = u32::try_from(length).unwrap_or(u32::MAX);
                segment.length = offset + u64::from(length);
                // A life that died while it moved records has left some of them twice.
                if found.last().is_some_and(|last| last.at.sequence >= at.sequence) {
                    continue;
                }
                segment.wanted += 1;
                found.push(Found { at, channel, place: Place { segment: number, offset, length } });
            }
            self.next_number = number + 1;
            if segment.wanted == 0 {
                fs::remove_file(&path)?;
            } else {
                self.files.push_back(segment);
            }
        }
        Ok(found)
    }

    /// Deletes everything.
    pub(super) fn delete(&mut self) {
        self.files.clear();
        let _ = fs::remove_dir_all(&self.folder);
    }

    fn begin(&mut self) -> io::Result<()> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let number = self.next_number;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true).mode(0o600);
        let file = options.open(self.path(number))?;
        self.next_number += 1;
        self.files.push_back(Segment { number, file, length: 0, wanted: 0 });
        Ok(())
    }

    fn segment(&self, number: u64) -> Option<&Segment> {
        let index = self.files.binary_search_by_key(&number, |segment| segment.number).ok()?;
        self.files.get(index)
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:08}"))
    }

    /// Deletes these files and keeps the folder.
    pub(super) fn delete_files(&mut self) {
        for segment in std::mem::take(&mut self.files) {
            let _ = fs::remove_file(self.path(segment.number));
        }
    }
}
