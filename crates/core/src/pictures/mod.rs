//! Live pictures of sessions: who may bring them, and what people ask about recordings of them.
//!
//! The pictures themselves never come here; the server relays and keeps them.

use std::{sync::Arc, time::Duration};

use crate::{
    Asked, Caller, Core, CoreError, Reply, Role, Scope,
    ids::{AgentId, RecordingId, SessionId},
};

/// What can be asked about pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Keep a session's pictures from now on.
    Record {
        /// Of which session.
        session: SessionId,
        /// Whether they are being recorded already.
        is_recorded: bool,
    },
    /// Keep no more of them.
    StopRecording {
        /// Of which session.
        session: SessionId,
        /// Which recording.
        recording: RecordingId,
        /// Whether there is such a one.
        is_known: bool,
    },
    /// Throw a recording away.
    DeleteRecording {
        /// Of which session.
        session: SessionId,
        /// Which recording.
        recording: RecordingId,
        /// Whether there is such a one.
        is_known: bool,
    },
    /// A token that shows one session's pictures and nothing else.
    MakeViewerToken {
        /// Of which session.
        session: SessionId,
        /// For how long it counts.
        lifetime: Duration,
    },
}

/// Why somebody may not bring the pictures of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotProducer {
    /// The credential opens something else.
    #[error("the credential is for another purpose")]
    Purpose,
    /// The credential is for another session.
    #[error("the credential is for another session")]
    Session,
}

impl Request {
    /// The session that it is about.
    pub(crate) fn session(&self) -> &SessionId {
        match self {
            Self::Record { session, .. }
            | Self::StopRecording { session, .. }
            | Self::DeleteRecording { session, .. }
            | Self::MakeViewerToken { session, .. } => session,
        }
    }
}

/// The action, what it was asked of, and further words.
pub(crate) fn words(request: &Request) -> (&'static str, Arc<str>, Arc<str>) {
    let subject = Arc::from(request.session().as_str());
    match request {
        Request::Record { .. } => ("recording.start", subject, Arc::from("")),
        Request::StopRecording { recording, .. } => {
            ("recording.stop", subject, recording.as_str().into())
        }
        Request::DeleteRecording { recording, .. } => {
            ("recording.delete", subject, recording.as_str().into())
        }
        Request::MakeViewerToken { lifetime, .. } => {
            ("viewer_token.make", subject, format!("for {} s", lifetime.as_secs()).into())
        }
    }
}

impl Core {
    /// Whether somebody may bring the pictures of that stream. People may for any, whether or not there is such a
    /// session; agents for those of their own sessions and runs. The token of a session does for whoever might still make
    /// it.
    pub fn may_produce(&self, caller: &Caller, stream: &SessionId) -> Result<(), NotProducer> {
        let caller = self.effective(caller).map_err(|_| NotProducer::Purpose)?;
        if self.has_outlived_role(&caller) {
            return Err(NotProducer::Purpose);
        }
        let is_of = |agent: &AgentId| self.agent_of_browser(stream) == Some(agent);
        let is_good = match &caller.scope {
            Scope::Person(role) if *role >= Role::Operator => true,
            Scope::Session { session, .. } => session == stream,
            Scope::Agent(agent)
            | Scope::Enrolled(agent)
            | Scope::Keyed { agent: Some(agent), .. } => is_of(agent),
            Scope::Keyed { agent: None, .. } => false,
            Scope::Person(_) | Scope::View(_) | Scope::Nobody => return Err(NotProducer::Purpose),
        };
        if is_good { Ok(()) } else { Err(NotProducer::Session) }
    }

    /// Recordings outlive their session; which there are knows who keeps them.
    pub(crate) fn ask_pictures(&self, request: &Request) -> Asked {
        let is_there = |session: &SessionId| self.agent_of_browser(session).is_some();
        Asked::Answered(match request {
            Request::Record { session, .. } | Request::MakeViewerToken { session, .. }
                if !is_there(session) =>
            {
                Err(CoreError::SessionNotFound(session.clone()))
            }
            Request::Record { is_recorded: true, .. } => Err(CoreError::LimitReached(
                "the session's pictures are being recorded already; stop that recording first",
            )),
            Request::StopRecording { recording, is_known: false, .. }
            | Request::DeleteRecording { recording, is_known: false, .. } => {
                Err(CoreError::RecordingNotFound(recording.clone()))
            }
            _ => Ok(Reply::Done),
        })
    }
}
