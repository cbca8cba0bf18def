//! What the server says on a good link, and who of the agent is told.

use std::{sync::Arc, time::Duration};

use pilothouse_core::{
    commands::StartOrder, ids::CommandId, sessions::SpawnOrder, streams::StreamKey,
};
use pilothouse_protocols::agent_link::{
    messages::{FromAgent, FromServer, Resume, Stream},
    requests::{Ask, Failure, FailureCode},
};

use super::{Link, LinkError, session::Shared};
use crate::{requests, spool::Cursor, workers::Touch};

/// How many answers may wait to be sent. A server that asks faster than it reads loses its link.
const MOST_REPLIES: usize = 256;

impl Shared {
    /// Does what one message says.
    pub(super) async fn take(
        self: &Arc<Self>,
        link: &Link,
        message: FromServer,
    ) -> Result<(), LinkError> {
        match message {
            FromServer::Start(start) => match StartOrder::try_from(&start) {
                Ok(order) => link.commands.start(order),
                Err(error) => return Err(LinkError::Protocol(error.to_string())),
            },
            FromServer::Interrupt { command, grace } => {
                if let Ok(command) = CommandId::new(&command) {
                    link.commands.interrupt(&command, Duration::from_millis(grace));
                }
            }
            FromServer::Forget { command } => {
                if let Ok(command) = CommandId::new(&command) {
                    link.commands.forget(&command).await;
                }
            }
            FromServer::Restart => link.new_life.notify_one(),
            FromServer::Enrolled => {
                if let Err(error) = link.credentials.lock().enrolled() {
                    tracing::warn!(%error, "the key cannot be kept; the token is needed again");
                }
            }
            FromServer::Acknowledge { stream, position, sequence } => {
                if let Ok(stream) = StreamKey::try_from(&stream) {
                    self.said.lock().acknowledged(&stream, position);
                    link.books.outbox().acknowledge(&stream, Cursor { position, sequence });
                }
            }
            FromServer::Credit { bytes } => {
                self.said.lock().set_credit(bytes);
                link.books.outbox().set_credit(bytes);
                self.wake.notify_one();
            }
            FromServer::Resume(from) => self.resume(link, &from),
            FromServer::Request { id, deadline, ask } => {
                return self.request(link, id, Duration::from_millis(deadline), ask);
            }
            FromServer::Error { code, reason } => {
                tracing::warn!(?code, reason, "the server complains");
            }
            FromServer::BrowserWanted { .. }
            | FromServer::BrowserHeld { .. }
            | FromServer::BrowserInput { .. } => link.browsers.take(&message),
            message @ (FromServer::StartRun(_)
            | FromServer::CancelRun { .. }
            | FromServer::PauseRun { .. }
            | FromServer::ResumeRun { .. }
            | FromServer::ReplyRun(_)
            | FromServer::DecideRun(_)
            | FromServer::RunStored(_)
            | FromServer::ForgetRun { .. }) => link.runs.take(message),
            message => return to_worker(link, message).await,
        }
        Ok(())
    }

    fn resume(&self, link: &Link, from: &Resume) {
        let Ok(stream) = StreamKey::try_from(&from.stream) else { return };
        let from = Cursor { position: from.position, sequence: from.sequence };
        link.books.outbox().resume(&stream, from);
        self.said.lock().resume(&stream, from);
        self.wake.notify_one();
    }

    /// Answers beside everything else, because the disk and other programs may take their time.
    fn request(
        self: &Arc<Self>,
        link: &Link,
        id: u64,
        deadline: Duration,
        ask: Ask,
    ) -> Result<(), LinkError> {
        let Ok(desk) = self.desks.clone().try_acquire_owned() else {
            let reason = "the agent works on too many requests; try again later".to_owned();
            return self.reply(id, Err(Failure { code: FailureCode::Failed, reason }));
        };
        let (shared, workers, browsers) =
            (self.clone(), link.workers.clone(), link.browsers.clone());
        tokio::spawn(async move {
            let answer = requests::answer(ask, deadline, &workers, &browsers).await;
            drop(desk);
            // A full queue ends the link when the next request comes.
            let _ = shared.reply(id, answer);
        });
        Ok(())
    }

    fn reply(&self, id: u64, answer: Result<serde_json::Value, Failure>) -> Result<(), LinkError> {
        let (ok, error) = match answer {
            Ok(ok) => (Some(ok), None),
            Err(error) => (None, Some(error)),
        };
        let mut replies = self.replies.lock();
        if replies.len() >= MOST_REPLIES {
            return Err(LinkError::Protocol("it asks without reading the answers".to_owned()));
        }
        replies.push_back(FromAgent::Response { id, ok, error });
        drop(replies);
        self.wake.notify_one();
        Ok(())
    }
}

/// Tells a worker; one that is not there is not told.
async fn to_worker(link: &Link, message: FromServer) -> Result<(), LinkError> {
    let touch = |stream: &Stream, touch: Touch| {
        if let Ok(stream) = StreamKey::try_from(stream) {
            link.workers.touch(&stream, touch);
        }
    };
    match message {
        FromServer::Spawn(spawn) => match SpawnOrder::try_from(spawn.as_ref()) {
            Ok(order) => link.workers.spawn(order),
            Err(error) => return Err(LinkError::Protocol(error.to_string())),
        },
        FromServer::EndWorker { stream, grace } => {
            if let Ok(stream) = StreamKey::try_from(&stream) {
                link.workers.end(&stream, Duration::from_millis(grace));
            }
        }
        FromServer::ForgetWorker { stream } => {
            if let Ok(stream) = StreamKey::try_from(&stream) {
                link.workers.forget(&stream).await;
            }
        }
        FromServer::Input { stream, viewer, text } => touch(&stream, Touch::Typed { viewer, text }),
        FromServer::Resize { stream, viewer, size } => {
            touch(&stream, Touch::Resized { viewer, size: size.into() });
        }
        FromServer::Leave { stream, viewer } => touch(&stream, Touch::Left { viewer }),
        _ => {}
    }
    Ok(())
}
