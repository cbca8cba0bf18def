//! What is said about a run while it is watched: lines for people on stderr, or JSON for programs on stdout.

use std::{
    io::{self, IsTerminal},
    path::Path,
};

use pilothouse_client::{LiveStatus, RunStatus, RunStep, Waiting, WaitingKind};
use serde_json::{Value, json};

use super::actions::in_words;
use crate::{failure::Failure, output};

/// Why nothing more can be said.
pub(super) enum Unsaid {
    /// Nobody reads what we write any more.
    NobodyReads,
    Failed(Failure),
}

/// How a watched run is told.
pub(super) struct Lines {
    pub(super) is_json: bool,
    pub(super) is_quiet: bool,
}

impl Lines {
    /// A step, and where its picture is.
    pub(super) fn step(&self, step: &RunStep, picture: Option<&Path>) -> Result<(), Unsaid> {
        if self.is_json {
            let mut line = json!({ "type": "step", "number": step.number, "action": step.action,
                                   "explanation": step.explanation });
            if let Some(picture) = picture {
                line["screenshot"] = picture.display().to_string().into();
            }
            return json_line(&line);
        }
        let why = match output::plain(step.explanation.trim()) {
            empty if empty.is_empty() => empty,
            why => format!("  ({why})"),
        };
        self.note(&format!("{:>4}  {}{why}", step.number, in_words(&step.action)));
        Ok(())
    }

    /// How the run stands, and how it stood when that was told last.
    pub(super) fn status(
        &self,
        status: &RunStatus,
        before: Option<&RunStatus>,
    ) -> Result<(), Unsaid> {
        if self.is_json {
            let mut line = serde_json::to_value(status).unwrap_or_default();
            line["type"] = "status".into();
            return json_line(&line);
        }
        let id = &status.run_id;
        let was_paused = before.is_some_and(|before| before.paused);
        if status.paused && !was_paused {
            self.note(&format!("paused; `pilothouse runs resume {id}` lets it go on"));
        } else if was_paused && !status.paused {
            self.note("goes on");
        }
        let was = before.map(|before| before.status);
        match status.status {
            LiveStatus::Pending if was.is_none() => self.note("waits for its place on the agent"),
            LiveStatus::InProgress if was == Some(LiveStatus::Pending) => self.note("begins"),
            LiveStatus::Pending | LiveStatus::InProgress => {}
        }
        Ok(())
    }

    /// What the run waits for, and how to answer where nobody is asked here. Quiet or not: it would wait for nobody.
    pub(super) fn waits(&self, run: &str, waiting: &Waiting, is_asked: bool) {
        if self.is_json {
            return;
        }
        let kind = kind_of(waiting.kind);
        output::note(&format!("{kind}: {}", output::plain(&waiting.text)));
        if let Some(request) = &waiting.request {
            let sent = format!("{} {}", request.method, request.url);
            if !waiting.text.contains(&sent) {
                output::note(&format!("      {}", output::plain(&sent)));
            }
        }
        if let Some(until) = &waiting.until {
            output::note(&format!("      until {}", output::plain(until)));
        }
        if !is_asked {
            output::note(&format!("      answer with {}", hint(run, &waiting.id, waiting.kind)));
        }
    }

    /// Something about the connection.
    pub(super) fn connection(&self, what: &str, reason: Option<&str>) -> Result<(), Unsaid> {
        if self.is_json {
            let mut line = json!({ "type": what });
            if let Some(reason) = reason {
                line["reason"] = reason.into();
            }
            return json_line(&line);
        }
        if !self.is_quiet {
            let words = match reason {
                Some(reason) => format!("{}; trying again", output::plain(reason)),
                None => "connected again".to_owned(),
            };
            output::complain(&words);
        }
        Ok(())
    }

    /// The run as it was made, or as it ended.
    pub(super) fn run(&self, what: &str, run: &Value) -> Result<(), Unsaid> {
        if self.is_json { json_line(&json!({ "type": what, "run": run })) } else { Ok(()) }
    }

    /// What the run found out: the one thing that goes to stdout.
    pub(super) fn answer(&self, answer: &str) -> Result<(), Unsaid> {
        if self.is_json {
            return Ok(());
        }
        // Pages may have put anything into it, which a terminal is not to obey.
        let lines = answer.trim_end().lines();
        let is_shown = io::stdout().is_terminal();
        let safe = lines.map(|line| if is_shown { output::plain(line) } else { line.to_owned() });
        print(&format!("{}\n", safe.collect::<Vec<_>>().join("\n")))
    }

    /// Progress, for people who want it.
    pub(super) fn note(&self, text: &str) {
        if !self.is_json && !self.is_quiet {
            output::note(text);
        }
    }
}

fn json_line(line: &Value) -> Result<(), Unsaid> {
    print(&format!("{line}\n"))
}

fn print(text: &str) -> Result<(), Unsaid> {
    output::pass_on(io::stdout().lock(), text).map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Unsaid::NobodyReads,
        _ => Unsaid::Failed(Failure::io(&error)),
    })
}

/// What a run does that waits.
pub(in crate::commands) fn kind_of(kind: WaitingKind) -> &'static str {
    match kind {
        WaitingKind::Question => "asks",
        WaitingKind::Approval => "wants leave",
    }
}

/// How to answer it from another terminal. With the wait's id, since another one may have taken its place by then.
pub(in crate::commands) fn hint(run: &str, wait: &str, kind: WaitingKind) -> String {
    let wait = output::plain(wait);
    match kind {
        WaitingKind::Question => format!("`pilothouse runs reply {run} --wait {wait} TEXT`"),
        WaitingKind::Approval => format!(
            "`pilothouse runs approve {run} --wait {wait}` or `pilothouse runs deny {run} --wait {wait}`"
        ),
    }
}
