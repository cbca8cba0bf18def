//! What a person at the terminal is asked about a run, and what the lines that are typed mean.

use std::io::{self, BufRead, IsTerminal, Write};

use pilothouse_client::{Waiting, WaitingKind};
use rustix::termios::{QueueSelector, tcflush, tcgetpgrp};
use tokio::sync::mpsc;

/// Lines that wait to be understood. Overflow rule: the keyboard waits.
const LINES: usize = 4;

/// What is asked now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// Nothing; lines mean nothing.
    Nothing,
    /// The answer to the question of that wait.
    Answer(String),
    /// Whether what that wait is about may be sent.
    Leave(String),
    /// Why not.
    Reason(String),
    /// Whether to leave the run to itself, after Ctrl-C.
    Going,
}

/// What a person wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The question is answered.
    Reply { wait: String, text: String },
    /// It is decided.
    Decide { wait: String, granted: bool, always: bool, reason: Option<String> },
    /// The run is left to itself.
    Detach,
    /// The run is cancelled.
    Cancel,
    /// The run is watched on.
    Stay,
    /// It was not understood, or there is more to ask.
    Ask(Asked),
    /// Nothing was asked.
    Nothing,
}

impl Asked {
    /// What a run's wait is asked as.
    pub(super) fn about(waiting: &Waiting) -> Self {
        match waiting.kind {
            WaitingKind::Question => Self::Answer(waiting.id.clone()),
            WaitingKind::Approval => Self::Leave(waiting.id.clone()),
        }
    }

    /// Whether it is about a wait of the run.
    pub(super) fn is_about_a_wait(&self) -> bool {
        matches!(self, Self::Answer(_) | Self::Leave(_) | Self::Reason(_))
    }

    /// Asks. What was typed before was not meant for this, and is thrown away.
    pub(super) fn ask(&self) {
        let words = match self {
            Self::Nothing => return,
            Self::Answer(_) => "Your answer: ",
            Self::Leave(_) => {
                "May it be sent? y: yes, a: always to that host, n: no (a reason may follow) "
            }
            Self::Reason(_) => "Why not? (Enter: no reason) ",
            Self::Going => {
                "\nLeave the run to itself? Enter: leave, w: watch on, c or Ctrl-C: cancel the run "
            }
        };
        let _ = tcflush(io::stdin(), QueueSelector::IFlush);
        let mut stderr = io::stderr();
        let _ = stderr.write_all(words.as_bytes()).and_then(|()| stderr.flush());
    }

    /// What a line means.
    pub(super) fn take(&self, line: &str) -> Wanted {
        let line = line.trim();
        let reason = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        match self {
            Self::Nothing => Wanted::Nothing,
            Self::Answer(_) if line.is_empty() => Wanted::Ask(self.clone()),
            Self::Answer(wait) => Wanted::Reply { wait: wait.clone(), text: line.to_owned() },
            Self::Leave(wait) => {
                let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
                let wait = wait.clone();
                let (granted, always) = match word.to_lowercase().as_str() {
                    "y" | "yes" => (true, false),
                    "a" | "always" => (true, true),
                    "n" | "no" if reason(rest).is_none() => return Wanted::Ask(Self::Reason(wait)),
                    "n" | "no" => (false, false),
                    _ => return Wanted::Ask(self.clone()),
                };
                Wanted::Decide { wait, granted, always, reason: reason(rest) }
            }
            Self::Reason(wait) => {
                let wait = wait.clone();
                Wanted::Decide { wait, granted: false, always: false, reason: reason(line) }
            }
            Self::Going => match line.to_lowercase().as_str() {
                "" | "l" | "leave" | "y" | "yes" => Wanted::Detach,
                "c" | "cancel" => Wanted::Cancel,
                "w" | "watch" | "n" | "no" => Wanted::Stay,
                _ => Wanted::Ask(Self::Going),
            },
        }
    }
}

/// The lines that a person types, if one sits there and sees what is asked. The keyboard cannot be waited for without a
/// thread that reads.
pub(super) fn lines() -> Option<mpsc::Receiver<String>> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() || !is_in_front() {
        return None;
    }
    let (tell, lines) = mpsc::channel(LINES);
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if tell.blocking_send(line).is_err() {
                return;
            }
        }
    });
    Some(lines)
}

/// Whether the terminal's keys are ours: a shell's background job that reads them would be stopped.
fn is_in_front() -> bool {
    let own = nix::unistd::getpgrp().as_raw();
    tcgetpgrp(io::stdin()).is_ok_and(|front| front.as_raw_pid() == own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leave_is_given_only_by_a_clear_word() {
        let asked = Asked::Leave("w-1".into());
        let decided = |granted, always, reason: Option<&str>| Wanted::Decide {
            wait: "w-1".into(),
            granted,
            always,
            reason: reason.map(str::to_owned),
        };
        for (line, wanted) in [
            ("y", decided(true, false, None)),
            (" YES ", decided(true, false, None)),
            ("a", decided(true, true, None)),
            ("n too dear", decided(false, false, Some("too dear"))),
            ("no", Wanted::Ask(Asked::Reason("w-1".into()))),
            ("", Wanted::Ask(asked.clone())),
            ("yess", Wanted::Ask(asked.clone())),
            ("maybe y", Wanted::Ask(asked.clone())),
        ] {
            assert_eq!(asked.take(line), wanted, "{line:?}");
        }
        let asked = Asked::Reason("w-1".into());
        assert_eq!(asked.take("  too dear "), decided(false, false, Some("too dear")));
        assert_eq!(asked.take(""), decided(false, false, None));
    }

    #[test]
    fn answers_have_words_and_lines_that_nobody_asked_for_mean_nothing() {
        let asked = Asked::Answer("w-1".into());
        let reply = Wanted::Reply { wait: "w-1".into(), text: "42".into() };
        assert_eq!(asked.take(" 42 "), reply);
        assert_eq!(asked.take(" "), Wanted::Ask(asked.clone()));
        assert_eq!(Asked::Nothing.take("y"), Wanted::Nothing);
    }

    #[test]
    fn after_ctrl_c_the_run_is_left_unless_something_else_is_said() {
        for (line, wanted) in [
            ("", Wanted::Detach),
            ("c", Wanted::Cancel),
            ("w", Wanted::Stay),
            ("what", Wanted::Ask(Asked::Going)),
        ] {
            assert_eq!(Asked::Going.take(line), wanted, "{line:?}");
        }
    }
}
