//! Refusals in this protocol's words.

use pilothouse_core::{CoreError, calls::RefusalCause};

use super::messages::{ErrorCode, ErrorMessage, Malformed};

impl ErrorMessage {
    pub(super) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(super) fn malformed(malformed: &Malformed) -> Self {
        Self::new(ErrorCode::InvalidMessage, malformed.to_string())
    }

    pub(super) fn expired() -> Self {
        Self::new(ErrorCode::TokenExpired, "the token has expired; connect with a newer one")
    }

    pub(super) fn revoked() -> Self {
        Self::new(ErrorCode::TokenRevoked, "the token was revoked; connect with another one")
    }

    /// Every refusal of the core in this protocol's codes.
    pub(super) fn refusal(error: &CoreError) -> Self {
        let code = match error {
            CoreError::SessionNotFound(_) => ErrorCode::SessionNotFound,
            CoreError::WorkerNotFound(_) => ErrorCode::WorkerNotFound,
            CoreError::AgentOffline(_)
            | CoreError::AgentReported(_)
            | CoreError::AgentNotFound(_) => ErrorCode::AgentOffline,
            CoreError::Forbidden(_) => ErrorCode::Forbidden,
            CoreError::StorageUnavailable => ErrorCode::StorageUnavailable,
            CoreError::CallRefused(refusal) if refusal.cause == RefusalCause::Invalid => {
                ErrorCode::ImageUnsupported
            }
            CoreError::CallRefused(_) | CoreError::CallTimedOut(_) | CoreError::LimitReached(_) => {
                ErrorCode::Failed
            }
            // Nothing that this protocol asks is refused with any of the later ones.
            CoreError::Invalid(_)
            | CoreError::RepositoryNotFound(_)
            | CoreError::AgentTypeNotFound(_)
            | CoreError::InvalidAgentType(_)
            | CoreError::AgentTypeConflict(_)
            | CoreError::KeyNotFound(_)
            | CoreError::PresetNotFound(_)
            | CoreError::RecordingNotFound(_)
            | CoreError::WebhookNotFound(_)
            | CoreError::DeliveryNotFound(_)
            | CoreError::RunNotFound(_)
            | CoreError::Run(_)
            | CoreError::AgentCannotRun(_)
            | CoreError::NobodyRuns
            | CoreError::AgentHeld { .. }
            | CoreError::OverBudget { .. }
            | CoreError::NobodyListens(_)
            | CoreError::SteeredByOther(_)
            | CoreError::NotInControl
            | CoreError::CommandNotFound(_)
            | CoreError::CommandTimedOut(_)
            | CoreError::QueueFull { .. }
            | CoreError::People(_)
            | CoreError::AgentTaken(_) => ErrorCode::InvalidMessage,
        };
        Self::new(code, error.to_string())
    }
}
