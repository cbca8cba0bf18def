//! Messages to whoever works in a worker: typed as a person would paste them.

use std::sync::Arc;

use pilothouse_core::streams::StreamKey;
use pilothouse_protocols::agent_link::requests::{Failure, FailureCode, MessageAnswer};

use super::failure;
use crate::workers::{Touch, Workers};

/// Types a message into a worker, followed by Enter.
pub(super) fn message(
    stream: &StreamKey,
    text: String,
    workers: &Arc<Workers>,
) -> Result<MessageAnswer, Failure> {
    let typed = text.len() as u64;
    if workers.touch(stream, Touch::Told { text }) {
        return Ok(MessageAnswer { typed });
    }
    let reason = "the worker does not run, or does not read what is typed; restart it first";
    Err(failure(FailureCode::NotFound, reason))
}
