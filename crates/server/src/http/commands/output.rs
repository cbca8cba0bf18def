//! What a command wrote, by pages or as one text; and more of it as it comes.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use pilothouse_core::{
    commands::{Command, State as Stand},
    ids::CommandId,
    streams::StreamKey,
};
use serde::Deserialize;
use tokio::time::{Instant, timeout_at};
use utoipa::IntoParams;

use super::{Problem, command_id, find};
use crate::{
    config::duration,
    gateway::Shared,
    http::{
        access::Reader,
        listing::{Wanted, invalid, limit},
        output::{self, MOST, OutputReply, Part, USUAL},
    },
};

/// How long somebody may wait for more.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Which part of the output is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OutputQuery {
    /// The position to begin at; `next` of the page before.
    from: Option<u64>,
    /// About how many bytes at most; 65536 if absent, up to 1048576.
    limit: Option<usize>,
    /// `stdout`, `stderr` or `both`.
    stream: Option<String>,
    /// `json` for pages, `text` for all of it as it was written. Without it the Accept field decides.
    format: Option<String>,
    /// How long to wait for more of a command that runs, such as `30s`; at most `60s`.
    wait: Option<String>,
}

/// What a command wrote, a page at a time.
///
/// As `text/plain` it is all of it from a position on, byte by byte. A page may be empty where the other stream wrote;
/// `end` says whether there is more.
#[utoipa::path(
    get, path = "/api/v1/commands/{command}/output", params(OutputQuery),
    responses((status = 200, content((OutputReply = "application/json"), (String = "text/plain")))),
)]
pub(super) async fn output(
    State(shared): State<Arc<Shared>>,
    _: Reader,
    Path(command): Path<String>,
    fields: HeaderMap,
    Wanted { query, .. }: Wanted<OutputQuery>,
) -> Result<Response, Problem> {
    let id = command_id(&command)?;
    let only = output::only(query.stream.as_deref())?;
    let is_text = output::wants_text(query.format.as_deref(), &fields)?;
    let wait = query.wait.as_deref().map(duration).transpose().map_err(invalid)?;
    let limit = limit(query.limit, USUAL, MOST);
    let from = output::beginning(query.from)?;
    find(&shared, &id).await?;
    if is_text {
        let stream = StreamKey::command(id);
        return output::as_text(shared.store.clone(), stream, from, only).await;
    }
    let wait = wait.unwrap_or_default().min(LONGEST_WAIT);
    let (part, is_over) = read(&shared, &id, (from, limit), wait).await?;
    Ok(Json(part.page(only, is_over)).into_response())
}

/// Reads a part of the output, and waits for it while there is nothing but may be.
async fn read(
    shared: &Shared,
    id: &CommandId,
    (from, limit): (u64, usize),
    wait: Duration,
) -> Result<(Part, bool), Problem> {
    let stream = StreamKey::command(id.clone());
    let deadline = Instant::now() + wait;
    let mut committed = shared.hub.committed.subscribe();
    let mut shutdown = shared.shutdown.clone();
    loop {
        // In this order: what is stored once it is over is all of it.
        let is_over = is_over(&*find(shared, id).await?);
        let part = output::read(&*shared.store, &stream, from, limit).await?;
        if !part.is_empty() || is_over || Instant::now() >= deadline {
            return Ok((part, is_over));
        }
        tokio::select! {
            more = timeout_at(deadline, committed.changed()) => match more {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return Ok((part, is_over)),
            },
            _ = shutdown.wait_for(|stop| *stop) => return Ok((part, is_over)),
        }
    }
}

fn is_over(command: &Command) -> bool {
    matches!(command.state, Stand::Ended(_))
}
