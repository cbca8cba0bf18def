//! What the agent has promised to remember: which commands it began, and how they ended.
//!
//! One line of JSON per fact, on disk before the fact has consequences. A command whose start is
//! in here is never started again, whatever happens to the agent or to its server.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use pilothouse_core::{commands, ids::CommandId, time::Timestamp};
use pilothouse_protocols::agent_link::messages;
use serde::{Deserialize, Serialize};

/// How many lines may be of no use before the file is written anew.
const MOST_DEAD_LINES: usize = 1_000;

/// What the journal knows of one command.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// When it was begun.
    pub(crate) started_at: Timestamp,
    /// Its shell, if it came so far.
    pub(crate) process: Option<Process>,
    /// How it ended, if it did.
    pub(crate) ended: Option<commands::Ended>,
}

/// A process that is not mistaken for another one with the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Process {
    /// Its number.
    pub(crate) pid: i32,
    /// When it started, in the kernel's ticks since boot.
    pub(crate) born: u64,
}

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Line {
    Begun { command: String, at: u64 },
    Running { command: String, process: Process },
    Ended { command: String, ended: messages::Ended },
    Forgotten { command: String },
}

/// The journal of one agent.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    entries: BTreeMap<CommandId, Entry>,
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

    /// All commands, by id.
    pub(crate) fn entries(&self) -> &BTreeMap<CommandId, Entry> {
        &self.entries
    }

    /// A command is about to be started. False if it was begun before: then nothing may be started.
    pub(crate) fn begin(&mut self, command: &CommandId, at: Timestamp) -> io::Result<bool> {
        if self.entries.contains_key(command) {
            return Ok(false);
        }
        self.write(Line::Begun { command: command.as_str().to_owned(), at: at.0 })?;
        Ok(true)
    }

    /// A command's shell runs.
    pub(crate) fn running(&mut self, command: &CommandId, process: Process) -> io::Result<()> {
        self.write(Line::Running { command: command.as_str().to_owned(), process })
    }

    /// A command ended.
    pub(crate) fn end(&mut self, command: &CommandId, ended: &commands::Ended) -> io::Result<()> {
        self.write(Line::Ended { command: command.as_str().to_owned(), ended: ended.into() })
    }

    /// The server has stored the end of a command.
    pub(crate) fn forget(&mut self, command: &CommandId) -> io::Result<()> {
        if !self.entries.contains_key(command) {
            return Ok(());
        }
        self.write(Line::Forgotten { command: command.as_str().to_owned() })?;
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

fn apply(entries: &mut BTreeMap<CommandId, Entry>, line: Line) {
    let (Line::Begun { command, .. }
    | Line::Running { command, .. }
    | Line::Ended { command, .. }
    | Line::Forgotten { command }) = &line;
    let Ok(id) = CommandId::new(command) else { return };
    match line {
        Line::Begun { at, .. } => {
            entries.entry(id).or_insert(Entry {
                started_at: Timestamp(at),
                process: None,
                ended: None,
            });
        }
        Line::Running { process, .. } => {
            if let Some(entry) = entries.get_mut(&id) {
                entry.process = Some(process);
            }
        }
        Line::Ended { ended, .. } => {
            if let Some(entry) = entries.get_mut(&id) {
                entry.ended = Some((&ended).into());
            }
        }
        Line::Forgotten { .. } => {
            entries.remove(&id);
        }
    }
}

/// Replaces the file in one step, so that a crash leaves either the old or the new one.
fn write_anew(path: &Path, entries: &BTreeMap<CommandId, Entry>) -> io::Result<File> {
    let mut bytes = Vec::new();
    for (command, entry) in entries {
        let command = || command.as_str().to_owned();
        let begun = Line::Begun { command: command(), at: entry.started_at.0 };
        let running = entry.process.map(|process| Line::Running { command: command(), process });
        let ended = entry.ended.as_ref();
        let ended = ended.map(|ended| Line::Ended { command: command(), ended: ended.into() });
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use pilothouse_core::commands::{Ended, Outcome};

    use super::*;

    fn id(text: &str) -> CommandId {
        CommandId::new(text).unwrap()
    }

    fn ended() -> Ended {
        Ended {
            outcome: Outcome::Exited { code: 3, signal: None },
            at: Timestamp(9),
            ran_for: Duration::from_millis(4),
        }
    }

    #[test]
    fn the_next_life_knows_what_was_begun_and_how_it_ended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::open(&path).unwrap();
        assert!(journal.begin(&id("a"), Timestamp(5)).unwrap());
        assert!(!journal.begin(&id("a"), Timestamp(6)).unwrap());
        journal.running(&id("a"), Process { pid: 10, born: 20 }).unwrap();
        journal.end(&id("a"), &ended()).unwrap();
        journal.begin(&id("b"), Timestamp(7)).unwrap();
        journal.begin(&id("c"), Timestamp(8)).unwrap();
        journal.forget(&id("c")).unwrap();
        for _ in 0..2 {
            let mut next = Journal::open(&path).unwrap();
            assert_eq!(next.entries(), journal.entries());
            assert_eq!(next.entries()[&id("a")].ended, Some(ended()));
            assert!(!next.begin(&id("b"), Timestamp(9)).unwrap());
        }
    }

    #[test]
    fn a_torn_line_costs_nothing_but_itself() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::open(&path).unwrap();
        journal.begin(&id("a"), Timestamp(5)).unwrap();
        journal.file.write_all(b"{\"fact\":\"ended\",\"comm").unwrap();
        journal.begin(&id("b"), Timestamp(6)).unwrap();
        let next = Journal::open(&path).unwrap();
        assert_eq!(next.entries().keys().cloned().collect::<Vec<_>>(), [id("a"), id("b")]);
    }

    #[test]
    fn the_file_does_not_grow_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::open(&path).unwrap();
        for number in 0..MOST_DEAD_LINES {
            let command = id(&format!("c{number}"));
            journal.begin(&command, Timestamp(1)).unwrap();
            journal.forget(&command).unwrap();
        }
        assert!(fs::metadata(&path).unwrap().len() < 70 * MOST_DEAD_LINES as u64);
        assert!(Journal::open(&path).unwrap().entries().is_empty());
    }
}
