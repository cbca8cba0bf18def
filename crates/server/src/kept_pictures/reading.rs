//! Reads recordings, for lists, for those who see them again, and as files to take along.

use std::{fs::File, io, os::unix::fs::FileExt, sync::Arc};

use bytes::Bytes;

use super::{
    Keeper, Recording,
    file::{self, Entry},
};

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
        let pictures = file::scan(&file)?.into();
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
