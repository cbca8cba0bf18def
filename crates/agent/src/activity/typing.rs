//! What people type, as far as it explains what changes on the screen.

use std::time::Duration;

use pilothouse_core::time::Steady;

use super::difference::{Difference, Hunk};

/// So long after a key its echo, and whatever pops up beside it, may still appear.
const ECHO: Duration = Duration::from_millis(1500);

/// So long after the window changed a program may still be drawing itself anew.
const REDRAW: Duration = Duration::from_millis(700);

/// Characters that are remembered to recognise their echo.
const REMEMBERED: usize = 16;

/// Escape, Ctrl-D and Ctrl-C, the first and last also as the kitty keyboard protocol writes them.
const STOPPING: &[&str] = &["\u{1b}", "\u{4}", "\u{3}", "\u{1b}[27u", "\u{1b}[99;5u"];

/// What a piece of input means to a program that asks or waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// Nobody typed: focus, mouse, or a terminal's answer to a query.
    Nobody,
    /// Text, or keys that move something.
    Text,
    /// Enter: what follows is the program's doing.
    Submit,
    /// Escape or Ctrl-C: the program is to stop.
    Cancel,
}

/// The keys of the last moments.
#[derive(Debug, Default)]
pub(super) struct Typing {
    until: Option<Steady>,
    recent: String,
    has_cancelled: bool,
}

impl Typing {
    pub(super) fn typed(&mut self, text: &str, now: Steady) -> Keys {
        let keys = meaning(text);
        match keys {
            Keys::Nobody => {}
            Keys::Text => {
                self.until = Some(now + ECHO);
                self.remember(text);
                self.has_cancelled = false;
            }
            Keys::Submit | Keys::Cancel => {
                self.until = None;
                self.recent.clear();
                self.has_cancelled = keys == Keys::Cancel;
            }
        }
        keys
    }

    pub(super) fn resized(&mut self, now: Steady) {
        self.until = self.until.max(Some(now + REDRAW));
    }

    /// Whether what changes now may be due to a person.
    pub(super) fn may_show(&self, now: Steady) -> bool {
        self.until.is_some_and(|until| now < until)
    }

    /// Whether the last thing that somebody did was to stop it.
    pub(super) fn has_cancelled(&self) -> bool {
        self.has_cancelled
    }

    /// Whether everything that is new looks like the echo of the last keys.
    pub(super) fn explains(&self, difference: &Difference) -> bool {
        let is_echo = |hunk: &Hunk, line: &String| {
            let shown: String = line.split(' ').collect();
            let is_typed = !self.recent.is_empty() && shown.ends_with(&self.recent);
            let is_edit =
                |gone: &String| line.starts_with(gone.as_str()) || gone.starts_with(line.as_str());
            is_typed || (hunk.new.len() == 1 && hunk.gone.iter().any(is_edit))
        };
        difference.new_parts().all(|hunk| hunk.new.iter().all(|line| is_echo(hunk, line)))
    }

    fn remember(&mut self, text: &str) {
        if text.contains(char::is_control) {
            self.recent.clear();
            return;
        }
        self.recent.extend(text.chars().filter(|character| !character.is_whitespace()));
        let surplus = self.recent.chars().count().saturating_sub(REMEMBERED);
        if let Some((byte, _)) = self.recent.char_indices().nth(surplus) {
            self.recent.drain(..byte);
        }
    }
}

fn meaning(text: &str) -> Keys {
    if STOPPING.contains(&text) || text.contains('\u{3}') {
        return Keys::Cancel;
    }
    if text == "\u{1b}[13u" {
        return Keys::Submit;
    }
    if text.is_empty() || is_report(text) {
        return Keys::Nobody;
    }
    // What is pasted in brackets does not submit. A line feed by itself is Shift+Enter.
    let behind_paste = text.rsplit_once("\u{1b}[201~").map_or(text, |(_, behind)| behind);
    let is_paste = text.starts_with("\u{1b}[200~");
    let ends_line = behind_paste.contains('\r') || (behind_paste.len() > 1 && text.ends_with('\n'));
    if ends_line && !(is_paste && behind_paste.len() == text.len()) {
        Keys::Submit
    } else {
        Keys::Text
    }
}

/// Whether a terminal says this by itself: focus, mouse, or the answer to a query.
fn is_report(text: &str) -> bool {
    let Some(sequence) = text.strip_prefix('\u{1b}') else { return false };
    if sequence.starts_with(']') || sequence.starts_with('P') {
        return true;
    }
    let Some(parameters) = sequence.strip_prefix('[') else { return false };
    let is_mouse = parameters.starts_with('<') || parameters.starts_with('M');
    let is_answer = parameters.len() > 1 && parameters.ends_with(['R', 'c', 'n', 't', 'y']);
    is_mouse || is_answer || parameters == "I" || parameters == "O"
}
