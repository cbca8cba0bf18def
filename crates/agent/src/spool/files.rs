//! A spool's files: written as output is read, so that what was read outlives the process that read it.
//!
//! Numbered, appended to, deleted as a whole once none of their records is wanted. Writing goes to
//! the kernel and not through to the disk: a crash of the agent costs nothing, one of the machine may.

use std::{
    collections::VecDeque,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use pilothouse_core::streams::Channel;

use super::{
    Cursor,
    entries::{self, CutPiece, HEADER},
};

/// A file of which nothing is wanted any more begins anew when it is larger than this.
const WORTH_EMPTYING: u64 = 64 << 10;

/// Bytes of one channel in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) offset: u64,
    pub(super) length: u32,
}

/// Where a record's bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: u64,
    pub(super) parts: Vec<Part>,
}

/// The files of one spool, oldest first. The last one is written to.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    largest: u64,
    numbered: VecDeque<Numbered>,
    next_number: u64,
}

#[derive(Debug)]
struct Numbered {
    number: u64,
    file: File,
    length: u64,
    wanted: u64,
}

impl Files {
    /// No files yet. A file that has `largest` bytes is followed by another.
    pub(super) fn new(folder: &Path, largest: u64) -> Self {
        Self { folder: folder.to_owned(), largest, numbered: VecDeque::new(), next_number: 0 }
    }

    /// Whether another file has to begin before anything is appended.
    pub(super) fn is_full(&self) -> bool {
        self.numbered.back().is_none_or(|last| last.length >= self.largest)
    }

    /// The number of the file that is written to.
    pub(super) fn current(&self) -> u64 {
        self.numbered.back().map_or(0, |last| last.number)
    }

    /// Begins another file with what is not cut yet, and says where that is now.
    pub(super) fn begin(
        &mut self,
        at: Cursor,
        carried: &[(Channel, Bytes)],
    ) -> io::Result<Vec<(Channel, Part)>> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let number = self.next_number;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true).mode(0o600);
        let path = self.path(number);
        let file = options.open(&path)?;
        let mut content = Vec::new();
        entries::put_begin(&mut content, at, u32::try_from(carried.len()).unwrap_or(u32::MAX));
        let mut parts = Vec::new();
        for (channel, bytes) in carried {
            let offset = (content.len() + HEADER) as u64;
            entries::put_raw(&mut content, *channel, bytes);
            parts.push((*channel, Part { offset, length: size(bytes.len()) }));
        }
        if let Err(error) = file.write_all_at(&content, 0) {
            // A file that begins with less than it says does not count.
            let _ = fs::remove_file(path);
            return Err(error);
        }
        self.next_number += 1;
        self.numbered.push_back(Numbered { number, file, length: content.len() as u64, wanted: 0 });
        self.drop_unwanted();
        Ok(parts)
    }

    /// Appends what was read.
    pub(super) fn append_raw(&mut self, channel: Channel, bytes: &[u8]) -> io::Result<Part> {
        let mut entry = Vec::with_capacity(HEADER + bytes.len());
        entries::put_raw(&mut entry, channel, bytes);
        let offset = self.append(&entry)? + HEADER as u64;
        Ok(Part { offset, length: size(bytes.len()) })
    }

    /// Appends how what was read was cut.
    pub(super) fn append_cut(&mut self, at: Cursor, pieces: &[CutPiece]) -> io::Result<()> {
        let mut entry = Vec::new();
        entries::put_cut(&mut entry, at, pieces);
        self.append(&entry).map(drop)
    }

    fn append(&mut self, entry: &[u8]) -> io::Result<u64> {
        let last = self.numbered.back_mut().ok_or(io::ErrorKind::NotFound)?;
        let offset = last.length;
        // A torn write is cut off before the next one, so that the file stays a row of entries.
        if let Err(error) = last.file.write_all_at(entry, offset) {
            let _ = last.file.set_len(offset);
            return Err(error);
        }
        last.length += entry.len() as u64;
        Ok(offset)
    }

    /// Reads a record's bytes.
    pub(super) fn read(&self, place: &Place) -> io::Result<Bytes> {
        let file = self.find(place.file).and_then(|index| self.numbered.get(index));
        let file = file.ok_or(io::ErrorKind::NotFound)?;
        let length: usize = place.parts.iter().map(|part| part.length as usize).sum();
        let mut bytes = vec![0; length];
        let mut rest = &mut bytes[..];
        for part in &place.parts {
            let (piece, behind) = rest.split_at_mut(part.length as usize);
            file.file.read_exact_at(piece, part.offset)?;
            rest = behind;
        }
        Ok(bytes.into())
    }

    /// One more record is in that file.
    pub(super) fn want(&mut self, file: u64) {
        if let Some(index) = self.find(file) {
            self.numbered[index].wanted += 1;
        }
    }

    /// One record of that file is not wanted any more.
    pub(super) fn release(&mut self, file: u64) {
        let Some(index) = self.find(file) else { return };
        self.numbered[index].wanted = self.numbered[index].wanted.saturating_sub(1);
        if index + 1 < self.numbered.len() {
            self.drop_unwanted();
        }
    }

    /// Gives back the space of the file that is written to, if nothing in it is wanted.
    pub(super) fn empty(&mut self, at: Cursor) {
        let Some(last) = self.numbered.back_mut() else { return };
        if last.wanted > 0 || last.length < WORTH_EMPTYING {
            return;
        }
        let mut begin = Vec::new();
        entries::put_begin(&mut begin, at, 0);
        if last.file.set_len(0).is_ok() {
            last.length = 0;
            if last.file.write_all_at(&begin, 0).is_ok() {
                last.length = begin.len() as u64;
            } else {
                self.numbered.pop_back();
            }
        }
    }

    fn drop_unwanted(&mut self) {
        let last = self.current();
        let folder = &self.folder;
        self.numbered.retain(|file| {
            let is_kept = file.wanted > 0 || file.number == last;
            if !is_kept {
                let _ = fs::remove_file(folder.join(name(file.number)));
            }
            is_kept
        });
    }

    /// The numbers of the files that an earlier life left, and their content, oldest first.
    /// One that cannot be read is left alone, and all that was in it is missing.
    pub(super) fn left(&mut self) -> io::Result<Vec<(u64, Vec<u8>)>> {
        let found = match fs::read_dir(&self.folder) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut numbers: Vec<u64> = found
            .filter_map(|entry| {
                entry.ok()?.file_name().to_str()?.strip_suffix(".spool")?.parse().ok()
            })
            .collect();
        numbers.sort_unstable();
        self.next_number = numbers.last().map_or(0, |last| last.saturating_add(1));
        let content = numbers.into_iter().filter_map(|number| {
            let path = self.path(number);
            match fs::read(&path) {
                Ok(content) => Some((number, content)),
                Err(error) => {
                    tracing::warn!(path = %path.display(), %error, "output is lost with a file that cannot be read");
                    None
                }
            }
        });
        Ok(content.collect())
    }

    /// Takes over a file of an earlier life, up to `length`.
    pub(super) fn adopt(&mut self, number: u64, length: u64) -> io::Result<()> {
        let file = OpenOptions::new().read(true).write(true).open(self.path(number))?;
        file.set_len(length)?;
        self.numbered.push_back(Numbered { number, file, length, wanted: 0 });
        Ok(())
    }

    /// A file of an earlier life that never came to be.
    pub(super) fn discard(&mut self, number: u64) {
        let _ = fs::remove_file(self.path(number));
    }

    /// Deletes everything.
    pub(super) fn delete(&mut self) {
        self.numbered.clear();
        let _ = fs::remove_dir_all(&self.folder);
    }

    fn find(&self, number: u64) -> Option<usize> {
        self.numbered.binary_search_by_key(&number, |file| file.number).ok()
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(name(number))
    }
}

fn name(number: u64) -> String {
    format!("{number:08}.spool")
}

fn size(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
