//! Where a command is in its life, spread over columns that people can query, and back.

use std::sync::Arc;

use pilothouse_core::commands::{Ended, Outcome, State};
use sqlx::any::AnyRow;

use super::{
    failure::Failure,
    fields::{Fields, milliseconds},
    rows::{AnyQuery, integer, text},
};

/// The columns `state` to `ran_for_ms`.
#[derive(Default)]
pub(super) struct StateColumns {
    state: &'static str,
    started_at: Option<i64>,
    outcome: Option<&'static str>,
    exit_code: Option<i32>,
    signal: Option<String>,
    reason: Option<String>,
    ended_at: Option<i64>,
    ran_for_ms: Option<i64>,
}

impl StateColumns {
    /// The columns of a state.
    pub(super) fn of(state: &State) -> Self {
        match state {
            State::Queued => Self { state: "queued", ..Self::default() },
            State::Running { since } => {
                Self { state: "running", started_at: Some(integer(since.0)), ..Self::default() }
            }
            State::Ended(ended) => Self {
                state: "ended",
                ended_at: Some(integer(ended.at.0)),
                ran_for_ms: Some(milliseconds(ended.ran_for)),
                ..Self::of_outcome(&ended.outcome)
            },
        }
    }

    fn of_outcome(outcome: &Outcome) -> Self {
        let (word, exit_code, signal, reason) = match outcome {
            Outcome::Exited { code, signal } => ("exited", Some(*code), signal.as_deref(), None),
            Outcome::Interrupted { code } => ("interrupted", *code, None, None),
            Outcome::TimedOut { code } => ("timed-out", *code, None, None),
            Outcome::NotStarted { reason } => ("not-started", None, None, Some(&**reason)),
            Outcome::AgentLost => ("agent-lost", None, None, None),
        };
        Self {
            outcome: Some(word),
            exit_code,
            signal: signal.map(text),
            reason: reason.map(text),
            ..Self::default()
        }
    }

    /// Binds them in the order of the table.
    pub(super) fn bind(self, query: AnyQuery) -> AnyQuery {
        query
            .bind(self.state)
            .bind(self.started_at)
            .bind(self.outcome)
            .bind(self.exit_code)
            .bind(self.signal)
            .bind(self.reason)
            .bind(self.ended_at)
            .bind(self.ran_for_ms)
    }
}

/// The state of a row.
pub(super) fn state(row: &AnyRow) -> Result<State, Failure> {
    match &*row.text("state")? {
        "queued" => Ok(State::Queued),
        "running" => Ok(State::Running { since: row.time("started_at")? }),
        "ended" => Ok(State::Ended(Ended {
            outcome: outcome(row)?,
            at: row.time("ended_at")?,
            ran_for: row.duration("ran_for_ms")?,
        })),
        other => Err(Failure::Corrupt(format!("a command's state is {other:?}"))),
    }
}

fn outcome(row: &AnyRow) -> Result<Outcome, Failure> {
    let code = exit_code(row)?;
    match &*row.text("outcome")? {
        "exited" => Ok(Outcome::Exited {
            code: code.ok_or_else(|| Failure::Corrupt("an exit without a code".to_owned()))?,
            signal: row.optional_text("signal")?,
        }),
        "interrupted" => Ok(Outcome::Interrupted { code }),
        "timed-out" => Ok(Outcome::TimedOut { code }),
        "not-started" => {
            let reason: Option<Arc<str>> = row.optional_text("reason")?;
            Ok(Outcome::NotStarted { reason: reason.unwrap_or_default() })
        }
        "agent-lost" => Ok(Outcome::AgentLost),
        other => Err(Failure::Corrupt(format!("a command's outcome is {other:?}"))),
    }
}

fn exit_code(row: &AnyRow) -> Result<Option<i32>, Failure> {
    let stored = row.optional_integer("exit_code")?;
    stored
        .map(|code| {
            i32::try_from(code).map_err(|_| Failure::Corrupt(format!("an exit code is {code}")))
        })
        .transpose()
}
