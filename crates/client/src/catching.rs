//! One command whose missed output is being fetched: what comes live meanwhile waits here.

use crate::messages::{CommandStatus, TerminalOutput};

/// How much live output waits, in bytes. Overflow rule: all of it is dropped and fetched from storage too.
const MOST_HELD: usize = 4 << 20;

/// What waits until everything before it was fetched.
#[derive(Debug, Default)]
pub(crate) struct Catching {
    held: Vec<TerminalOutput>,
    bytes: usize,
    has_dropped: bool,
    ending: Option<CommandStatus>,
}

impl Catching {
    /// Keeps live output for later. Gap notices are not needed: numbers tell.
    pub(crate) fn hold(&mut self, output: TerminalOutput) {
        if output.gap.is_some() {
            self.has_dropped = true;
            return;
        }
        self.bytes += output.data.len() + size_of::<TerminalOutput>();
        self.held.push(output);
        if self.bytes > MOST_HELD {
            self.held = Vec::new();
            self.bytes = 0;
            self.has_dropped = true;
        }
    }

    /// Keeps the command's end for later.
    pub(crate) fn end(&mut self, status: CommandStatus) {
        self.ending = Some(status);
    }

    /// Whether storage has to be asked once more although it had said that this was all.
    pub(crate) fn needs_more(&mut self, next: Option<u64>, has_progress: bool) -> bool {
        let dropped = std::mem::take(&mut self.has_dropped);
        let first = self.held.iter().map(|output| output.sequence).find(|at| Some(*at) >= next);
        let is_torn = matches!((first, next), (Some(first), Some(next)) if first > next);
        dropped || (is_torn && has_progress)
    }

    /// What waited, in order.
    pub(crate) fn release(self) -> (Vec<TerminalOutput>, Option<CommandStatus>) {
        (self.held, self.ending)
    }
}
