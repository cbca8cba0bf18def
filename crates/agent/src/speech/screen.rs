//! A worker's last line, from its screen.

use std::time::{Duration, Instant};

use super::{Turn, line};
use crate::terminal::Terminal;

/// What appears under the cursor so soon after somebody typed is what they typed.
const ECHO: Duration = Duration::from_secs(1);

/// See the [module](self).
#[derive(Debug, Default)]
pub(crate) struct ScreenSpeech {
    turn: Turn,
    typed_at: Option<Instant>,
    /// What was seen last above the cursor, and where it is.
    above: Option<String>,
    at: Option<String>,
}

impl ScreenSpeech {
    /// The program wrote something.
    pub(crate) fn written(&mut self) {
        self.turn.has_news = true;
    }

    /// Somebody typed.
    pub(crate) fn typed(&mut self, now: Instant) {
        self.typed_at = Some(now);
    }

    /// When to look. Not while the screen is half drawn: the program writes again when it is done.
    pub(crate) fn deadline(&self, terminal: &Terminal, now: Instant) -> Option<Instant> {
        self.turn.deadline(now).filter(|_| !terminal.has_pending_update())
    }

    /// The line to be told now, if it is time to and there is a new one.
    ///
    /// A line above the cursor is finished, and counts more than the one the cursor is in: behind the output
    /// of a shell's command stands its prompt, and under the words of an agent the field for what is typed.
    pub(crate) fn due(&mut self, terminal: &Terminal, now: Instant) -> Option<String> {
        if terminal.has_pending_update() || !self.turn.take(now) {
            return None;
        }
        self.look(terminal, now)
    }

    /// What was not told yet, since nothing follows.
    pub(crate) fn rest(&mut self, terminal: &Terminal, now: Instant) -> Option<String> {
        std::mem::take(&mut self.turn.has_news).then(|| self.look(terminal, now)).flatten()
    }

    fn look(&mut self, terminal: &Terminal, now: Instant) -> Option<String> {
        let lines = terminal.screen_lines();
        let cursor = terminal.cursor_line().min(lines.len());
        let above = lines[..cursor].iter().rev().find_map(|text| line(text));
        let at = lines.get(cursor).and_then(|text| line(text));
        let is_echo = self.typed_at.is_some_and(|at| now.saturating_duration_since(at) < ECHO);
        let is_new_above = above.is_some() && above != self.above;
        let is_new_at = at.is_some() && at != self.at && !is_echo;
        (self.above, self.at) = (above, at);
        let told = match (is_new_above, is_new_at) {
            (true, _) => self.above.clone(),
            (false, true) => self.at.clone(),
            (false, false) => None,
        };
        if told.is_some() {
            self.turn.told_at = Some(now);
        }
        told
    }
}
