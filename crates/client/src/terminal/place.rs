//! Where in a worker's log a viewer is, and what of what comes is new to it.

use super::{
    TerminalEvent,
    messages::{History, Output},
};

/// A viewer's place.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// Whether anything was shown.
    has_begun: bool,
    /// The life of the worker, and how many bytes of its log were shown. Absent if the server does not tell.
    known: Option<(u32, u64)>,
}

impl Place {
    /// What to add to the address of the door.
    pub(super) fn query(&self) -> String {
        match self.known {
            Some((epoch, offset)) => format!("?fromOffset={offset}&epoch={epoch}"),
            None => "?fromOffset=0".to_owned(),
        }
    }

    /// What came before this connection: what is missing, or everything anew.
    pub(super) fn history(&mut self, history: History) -> Option<TerminalEvent> {
        let History { data, start_offset, offset, epoch } = history;
        let goes_on =
            self.has_begun && self.known.is_some() && self.known == epoch.zip(start_offset);
        self.known = epoch.zip(offset);
        self.has_begun = true;
        if !goes_on {
            Some(TerminalEvent::Begin(data))
        } else if data.is_empty() {
            None
        } else {
            Some(TerminalEvent::Output(data))
        }
    }

    /// What was printed just now.
    pub(super) fn output(&mut self, output: Output) -> Option<TerminalEvent> {
        let Output { data, offset, epoch } = output;
        let is_first = !self.has_begun;
        self.has_begun = true;
        let begin = |data, begins: bool| {
            if begins { TerminalEvent::Begin(data) } else { TerminalEvent::Output(data) }
        };
        let (Some(epoch), Some(offset)) = (epoch, offset) else {
            return Some(begin(data, is_first));
        };
        let before = self.known;
        if before.is_some_and(|(known, shown)| epoch < known || (epoch == known && offset <= shown))
        {
            return None;
        }
        self.known = Some((epoch, offset));
        Some(begin(data, is_first || before.is_some_and(|(known, _)| known != epoch)))
    }
}
