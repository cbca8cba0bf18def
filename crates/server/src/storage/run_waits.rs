//! The columns of runs about people: what they wait for, whether they hold still, and what they may send.

use std::sync::Arc;

use pilothouse_core::{
    runs::{Idle, PageRequest, Run, Wait, WaitKind},
    time::Timestamp,
};
use sqlx::any::AnyRow;

use super::{
    failure::Failure,
    fields::{Fields, milliseconds},
    rows::{AnyQuery, integer, text},
};

/// Stands between hosts, none of which has it.
const BETWEEN: &str = "\n";

pub(super) fn bind(query: AnyQuery, run: &Run) -> AnyQuery {
    let wait = run.waits.as_ref();
    let request = wait.and_then(|wait| wait.request.as_ref());
    query
        .bind(i64::from(run.approval))
        .bind(run.allowed.join(BETWEEN))
        .bind(i64::from(run.heals))
        .bind(i64::from(run.paused))
        .bind(milliseconds(run.idle.past))
        .bind(run.idle.since.map(|since| integer(since.0)))
        .bind(wait.map(|wait| text(&wait.id)))
        .bind(wait.map(|wait| wait.kind.as_str().to_owned()))
        .bind(wait.map(|wait| text(&wait.text)))
        .bind(wait.map(|wait| integer(wait.since.0)))
        .bind(wait.and_then(|wait| wait.until).map(|until| integer(until.0)))
        .bind(request.map(|request| text(&request.method)))
        .bind(request.map(|request| text(&request.url)))
}

pub(super) fn flag(row: &AnyRow, column: &str) -> Result<bool, Failure> {
    Ok(row.integer(column)? != 0)
}

pub(super) fn allowed(row: &AnyRow) -> Result<Arc<[Arc<str>]>, Failure> {
    let hosts = row.text("allowed")?;
    Ok(hosts.split(BETWEEN).filter(|host| !host.is_empty()).map(Arc::from).collect())
}

pub(super) fn idle(row: &AnyRow) -> Result<Idle, Failure> {
    Ok(Idle { past: row.duration("idle_ms")?, since: optional_time(row, "idle_since")? })
}

pub(super) fn wait(row: &AnyRow) -> Result<Option<Wait>, Failure> {
    let Some(id) = row.optional_text("wait_id")? else { return Ok(None) };
    let kind = row.text("wait_kind")?;
    let corrupt = || Failure::Corrupt(format!("a run waits for {kind:?}"));
    let url = row.optional_text("wait_url")?;
    let method = row.optional_text("wait_method")?.unwrap_or_default();
    Ok(Some(Wait {
        id,
        kind: WaitKind::named(&kind).ok_or_else(corrupt)?,
        text: row.text("wait_text")?,
        since: row.time("wait_since")?,
        until: optional_time(row, "wait_until")?,
        request: url.map(|url| PageRequest { method, url }),
    }))
}

fn optional_time(row: &AnyRow, column: &str) -> Result<Option<Timestamp>, Failure> {
    let stored = row.optional_integer(column)?;
    Ok(stored.and_then(|at| u64::try_from(at).ok()).map(Timestamp))
}
