//! What a server asks of this machine and waits for: paths, git, pictures, messages.

mod git;
mod image;
mod message;
mod stat;

use std::{sync::Arc, time::Duration};

use pilothouse_core::streams::StreamKey;
use pilothouse_protocols::agent_link::requests::{Ask, Failure, FailureCode};
use serde::Serialize;
use serde_json::Value;
use tokio::time::timeout;

use crate::{browsers::Browsers, workers::Workers};

/// The longest time a request may take, whatever the server says.
const LONGEST: Duration = Duration::from_mins(10);

/// Answers one question, or says why not. What takes longer than `deadline` is given up.
pub(crate) async fn answer(
    ask: Ask,
    deadline: Duration,
    workers: &Arc<Workers>,
    browsers: &Arc<Browsers>,
) -> Result<Value, Failure> {
    let answered = timeout(deadline.min(LONGEST), async {
        match ask {
            Ask::Stat { path } => value(&stat::stat(&path, workers.config()).await?),
            Ask::Git { directory, arguments } => {
                value(&git::git(&directory, &arguments, workers.config()).await?)
            }
            Ask::Image { stream, viewer, content } => {
                let stream = StreamKey::try_from(&stream)
                    .map_err(|error| failure(FailureCode::Invalid, error.to_string()))?;
                value(&image::image(&stream, viewer, &content, workers).await?)
            }
            Ask::Message { stream, text } => {
                let stream = StreamKey::try_from(&stream)
                    .map_err(|error| failure(FailureCode::Invalid, error.to_string()))?;
                value(&message::message(&stream, text, workers)?)
            }
            Ask::OpenBrowser { .. }
            | Ask::CloseBrowser { .. }
            | Ask::Browse { .. }
            | Ask::BrowserTab { .. }
            | Ask::ResizeBrowser { .. } => value(&browsers.answer(ask).await?),
            Ask::Unknown => {
                Err(failure(FailureCode::Unsupported, "this agent does not know such requests"))
            }
        }
    });
    answered.await.unwrap_or_else(|_| {
        Err(failure(FailureCode::Failed, "it took longer than the server waits; try again"))
    })
}

fn value(answer: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(answer).map_err(|error| failure(FailureCode::Failed, error.to_string()))
}

fn failure(code: FailureCode, reason: impl Into<String>) -> Failure {
    Failure { code, reason: reason.into() }
}
