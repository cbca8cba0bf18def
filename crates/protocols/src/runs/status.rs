//! How runs stand, for those who asked for it.

use pilothouse_core::{
    runs::{Run, State, Wait, WaitKind},
    time::Timestamp,
};

use super::messages::{LiveStatus, RunStatus, Waiting, WaitingKind, WaitingRequest};

/// How a run stands, until it is over.
pub(super) fn status(run: &Run) -> Option<RunStatus> {
    let status = match run.state {
        State::Pending => LiveStatus::Pending,
        State::InProgress { .. } => LiveStatus::InProgress,
        State::Ended(_) => return None,
    };
    Some(RunStatus {
        run_id: run.id.as_str().to_owned(),
        status,
        paused: run.paused,
        waiting: run.waits.as_ref().map(waiting),
    })
}

fn waiting(wait: &Wait) -> Waiting {
    Waiting {
        id: wait.id.as_ref().to_owned(),
        kind: match wait.kind {
            WaitKind::Question => WaitingKind::Question,
            WaitKind::Approval => WaitingKind::Approval,
        },
        text: wait.text.as_ref().to_owned(),
        since: moment(wait.since),
        until: wait.until.map(moment),
        request: wait.request.as_ref().map(|request| WaitingRequest {
            method: request.method.as_ref().to_owned(),
            url: request.url.as_ref().to_owned(),
        }),
    }
}

fn moment(at: Timestamp) -> String {
    let at = i64::try_from(at.0).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    format!("{:.3}", at.unwrap_or(jiff::Timestamp::MAX))
}
