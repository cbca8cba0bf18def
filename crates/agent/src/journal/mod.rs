//! What the agent has promised to remember: which commands and workers it began, and how they ended.
//!
//! One line of JSON per fact, on disk before the fact has consequences. What is begun in here is
//! never started again, whatever happens to the agent or to its server.

mod line;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use pilothouse_core::{
    commands,
    sessions::{Exit, Size},
    streams::StreamKey,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use line::{Line, Whose};

/// How many lines may be of no use before the file is written anew.
const MOST_DEAD_LINES: usize = 1_000;

/// What the journal knows of one command or worker.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// When it was begun.
    pub(crate) started_at: Timestamp,
    /// Its first process, if it came so far.
    pub(crate) process: Option<Process>,
    /// Its terminal's size, if it is a worker.
    pub(crate) size: Option<Size>,
    /// How it ended, if it did.
    pub(crate) end: Option<End>,
}

/// How something ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum End {
    /// A command.
    Command(commands::Ended),
    /// A worker.
    Worker(Exit),
}

/// A process that is not mistaken for another one with the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Process {
    /// Its number.
    pub(crate) pid: i32,
    /// When it started, in the kernel's ticks since boot.
    pub(crate) born: u64,
}

/// The journal of one agent.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    entries: BTreeMap<StreamKey, Entry>,
    lines: usize,
}

impl Journal {
    /// Reads what earlier lives wrote, up to a line that is torn, and writes it anew.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let mut entries = BTreeMap::new();
        for line in text.split(|byte| *byte == b'\n') {
            // Torn by a crash: it had no consequences yet.
            let Ok(line) = serde_json::from_slice::<Line>(line) else { continue };
            apply(&mut entries, line);
        }
        let file = write_anew(path, &entries)?;
        let lines = entries.len();
        Ok(Self { path: path.to_owned(), file, entries, lines })
    }

    /// Everything, by stream.
    pub(crate) fn entries(&self) -> &BTreeMap<StreamKey, Entry> {
        &self.entries
    }

    /// Something is about to be started. False if it was begun before: then nothing may be started.
    pub(crate) fn begin(
        &mut self,
        stream: &StreamKey,
        at: Timestamp,
        size: Option<Size>,
    ) -> io::Result<bool> {
        if self.entries.contains_key(stream) {
            return Ok(false);
        }
        self.write(Line::Begun { whose: stream.into(), at: at.0, size: size.map(Into::into) })?;
        Ok(true)
    }

    /// Its first process runs.
    pub(crate) fn running(&mut self, stream: &StreamKey, process: Process) -> io::Result<()> {
        self.write(Line::Running { whose: stream.into(), process })
    }

    /// Its terminal has another size.
    pub(crate) fn resized(&mut self, stream: &StreamKey, size: Size) -> io::Result<()> {
        if !self.entries.contains_key(stream) {
            return Ok(());
        }
        self.write(Line::Resized { whose: stream.into(), size: size.into() })?;
        self.tidy_up()
    }

    /// It ended.
    pub(crate) fn end(&mut self, stream: &StreamKey, end: &End) -> io::Result<()> {
        self.write(line_of(stream.into(), end))
    }

    /// The server has stored its end.
    pub(crate) fn forget(&mut self, stream: &StreamKey) -> io::Result<()> {
        if !self.entries.contains_key(stream) {
            return Ok(());
        }
        self.write(Line::Forgotten { whose: stream.into() })?;
        self.tidy_up()
    }

    fn tidy_up(&mut self) -> io::Result<()> {
        if self.lines > MOST_DEAD_LINES + 3 * self.entries.len() {
            self.file = write_anew(&self.path, &self.entries)?;
            self.lines = self.entries.len();
        }
        Ok(())
    }

    fn write(&mut self, line: Line) -> io::Result<()> {
        // The line break comes first, so that a line after a torn one is whole.
        let mut bytes = vec![b'\n'];
        serde_json::to_writer(&mut bytes, &line)?;
        bytes.push(b'\n');
        self.file.write_all(&bytes)?;
        self.file.sync_data()?;
        self.lines += 1;
        apply(&mut self.entries, line);
        Ok(())
    }
}

fn line_of(whose: Whose, end: &End) -> Line {
    match end {
        End::Command(ended) => Line::Ended { whose, ended: ended.into() },
        End::Worker(exit) => Line::Exited { whose, exit: exit.into() },
    }
}

fn apply(entries: &mut BTreeMap<StreamKey, Entry>, line: Line) {
    let Some(stream) = line.whose().stream() else { return };
    if let Line::Begun { at, size, .. } = line {
        let size = size.map(Size::from);
        let entry = Entry { started_at: Timestamp(at), process: None, size, end: None };
        entries.entry(stream).or_insert(entry);
        return;
    }
    let Some(entry) = entries.get_mut(&stream) else { return };
    match line {
        Line::Begun { .. } => {}
        Line::Running { process, .. } => entry.process = Some(process),
        Line::Resized { size, .. } => entry.size = Some(size.into()),
        Line::Ended { ended, .. } => entry.end = Some(End::Command((&ended).into())),
        Line::Exited { exit, .. } => entry.end = Some(End::Worker((&exit).into())),
        Line::Forgotten { .. } => drop(entries.remove(&stream)),
    }
}

/// Replaces the file in one step, so that a crash leaves either the old or the new one.
fn write_anew(path: &Path, entries: &BTreeMap<StreamKey, Entry>) -> io::Result<File> {
    let mut bytes = Vec::new();
    for (stream, entry) in entries {
        let whose = || Whose::from(stream);
        let size = entry.size.map(Into::into);
        let begun = Line::Begun { whose: whose(), at: entry.started_at.0, size };
        let running = entry.process.map(|process| Line::Running { whose: whose(), process });
        let ended = entry.end.as_ref().map(|end| line_of(whose(), end));
        for line in [Some(begun), running, ended].into_iter().flatten() {
            serde_json::to_writer(&mut bytes, &line)?;
            bytes.push(b'\n');
        }
    }
    let beside = path.with_extension("next");
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(true).mode(0o600);
    let mut file = options.open(&beside)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(file)
}
