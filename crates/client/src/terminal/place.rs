//! Where in a worker's log a viewer is, and what of what comes is new to it.

use pilothouse_protocols::sessions_and_workers::messages::{History, Output};

use super::TerminalEvent;

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

    /// What was printed before: what is missing, or everything anew.
    pub(super) fn history(&mut self, history: History) -> Option<TerminalEvent> {
        let History { data, start_offset, offset, epoch, replaces } = history;
        let follows = self.known.is_some() && self.known == epoch.zip(start_offset);
        let goes_on = self.has_begun && replaces.map_or(follows, |replaces| !replaces);
        let place = epoch.zip(offset);
        if goes_on && place.is_some() && place == self.known {
            return None;
        }
        self.known = place;
        self.has_begun = true;
        Some(if goes_on { TerminalEvent::Output(data) } else { TerminalEvent::Begin(data) })
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
