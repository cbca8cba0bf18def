//! Refusals in this protocol's words.

use std::time::Duration;

use pilothouse_core::{CoreError, commands::Command};

use super::messages::{ErrorCode, ErrorDetails, ErrorMessage, Malformed};

impl ErrorMessage {
    /// An error after which the connection goes on.
    pub(super) fn recoverable(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: None, recoverable: true }
    }

    /// An error after which the connection is closed, now or soon.
    pub(super) fn fatal(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { recoverable: false, ..Self::recoverable(code, message) }
    }

    pub(super) fn malformed(malformed: Malformed) -> Self {
        let message = malformed.to_string();
        let details = ErrorDetails { field: malformed.field, ..ErrorDetails::default() };
        Self::recoverable(ErrorCode::InvalidMessage, message).with(details)
    }

    pub(super) fn agent_not_found(id: &str) -> Self {
        let message = "agent is not known: an id has 1 to 128 characters out of A-Z a-z 0-9 _ -";
        let details = ErrorDetails { agent_id: Some(shortened(id)), ..ErrorDetails::default() };
        Self::recoverable(ErrorCode::AgentNotFound, message).with(details)
    }

    pub(super) fn command_not_found(id: &str) -> Self {
        let message = "command is not known: an id has 1 to 128 characters out of A-Z a-z 0-9 _ -";
        let details = ErrorDetails { command_id: Some(shortened(id)), ..ErrorDetails::default() };
        Self::recoverable(ErrorCode::CommandNotFound, message).with(details)
    }

    pub(super) fn too_many_commands(per_minute: u32, wait: Duration) -> Self {
        let milliseconds = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        let seconds = milliseconds.div_ceil(1000);
        let message = format!(
            "at most {per_minute} command requests per minute; try again in {seconds} seconds"
        );
        let details = ErrorDetails { retry_after: Some(milliseconds), ..ErrorDetails::default() };
        Self::recoverable(ErrorCode::RateLimit, message).with(details)
    }

    pub(super) fn too_many_messages(dropped: u64) -> Self {
        let message = format!("too many messages: {dropped} were thrown away; send fewer a second");
        let details = ErrorDetails {
            retry_after: Some(1000),
            dropped: Some(dropped),
            ..ErrorDetails::default()
        };
        Self::recoverable(ErrorCode::RateLimit, message).with(details)
    }

    pub(super) fn timed_out(command: &Command) -> Self {
        let details = ErrorDetails {
            command_id: Some(command.id.as_str().into()),
            agent_id: Some(command.agent.as_str().into()),
            request_id: command.request_id.as_deref().map(Into::into),
            ..ErrorDetails::default()
        };
        let error = CoreError::CommandTimedOut(command.id.clone());
        Self::refusal(&error).with(details)
    }

    /// Every refusal of the core in this protocol's codes.
    pub(super) fn refusal(error: &CoreError) -> Self {
        let mut details = ErrorDetails::default();
        let code = match error {
            CoreError::AgentNotFound(agent) => {
                details.agent_id = Some(agent.as_str().into());
                ErrorCode::AgentNotFound
            }
            CoreError::AgentOffline(agent) | CoreError::AgentReported(agent) => {
                details.agent_id = Some(agent.as_str().into());
                ErrorCode::AgentOffline
            }
            CoreError::QueueFull { agent, capacity: _ } => {
                details.agent_id = Some(agent.as_str().into());
                ErrorCode::QueueFull
            }
            CoreError::CommandNotFound(command) => {
                details.command_id = Some(command.as_str().into());
                ErrorCode::CommandNotFound
            }
            CoreError::CommandTimedOut(command) => {
                details.command_id = Some(command.as_str().into());
                ErrorCode::CommandTimeout
            }
            CoreError::AgentTaken(agent) => {
                details.agent_id = Some(agent.as_str().into());
                ErrorCode::Forbidden
            }
            CoreError::Forbidden(_) => ErrorCode::Forbidden,
            CoreError::OverBudget { agent, until: _, text: _ } => {
                details.agent_id = Some(agent.as_str().into());
                ErrorCode::RateLimit
            }
            // Nothing that this protocol asks is refused with any of the later ones.
            CoreError::Invalid(_)
            | CoreError::SessionNotFound(_)
            | CoreError::WorkerNotFound(_)
            | CoreError::RepositoryNotFound(_)
            | CoreError::AgentTypeNotFound(_)
            | CoreError::InvalidAgentType(_)
            | CoreError::AgentTypeConflict(_)
            | CoreError::KeyNotFound(_)
            | CoreError::CallRefused(_)
            | CoreError::CallTimedOut(_)
            | CoreError::PresetNotFound(_)
            | CoreError::RecordingNotFound(_)
            | CoreError::WebhookNotFound(_)
            | CoreError::DeliveryNotFound(_)
            | CoreError::RunNotFound(_)
            | CoreError::Run(_)
            | CoreError::AgentCannotRun(_)
            | CoreError::NobodyRuns
            | CoreError::AgentHeld { .. }
            | CoreError::NobodyListens(_)
            | CoreError::SteeredByOther(_)
            | CoreError::NotInControl
            | CoreError::LimitReached(_)
            | CoreError::People(_) => ErrorCode::InvalidMessage,
            CoreError::StorageUnavailable => ErrorCode::StorageUnavailable,
        };
        let message = match error {
            // The sentence that dashboards have always been shown.
            CoreError::AgentOffline(agent) => format!("Agent {agent} is not connected"),
            _ => error.to_string(),
        };
        Self::recoverable(code, message).with(details)
    }

    /// Adds the requester's own name of the request.
    pub(super) fn about(mut self, request_id: Option<&str>) -> Self {
        if let Some(request_id) = request_id {
            self.details.get_or_insert_default().request_id = Some(request_id.into());
        }
        self
    }

    fn with(mut self, details: ErrorDetails) -> Self {
        self.details = (details != ErrorDetails::default()).then_some(details);
        self
    }
}

/// An id that is none may be anything, also very long.
fn shortened(id: &str) -> String {
    id[..id.floor_char_boundary(128)].into()
}
