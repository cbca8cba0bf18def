//! Refusals of the sessions family, `{"error": "…"}`, and which status each refusal of the core has.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use pilothouse_core::{CoreError, calls::RefusalCause, people};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{desk::NoAnswer, http::worded::challenged};

/// A refusal.
#[derive(Debug)]
pub(in crate::http) struct Refused {
    pub(in crate::http) status: StatusCode,
    pub(in crate::http) error: String,
    /// Nothing was done, and nothing will be; told where the status does not say it.
    pub(in crate::http) is_undone: bool,
}

/// What a client is told.
#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
pub(in crate::http) struct ErrorBody {
    /// What is the matter, and what to do about it.
    error: String,
}

impl Refused {
    pub(super) fn of(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, error: error.into(), is_undone: false }
    }

    /// The request makes no sense.
    pub(in crate::http) fn invalid(error: impl Into<String>) -> Self {
        Self::of(StatusCode::BAD_REQUEST, error)
    }

    /// What it is about is not there.
    pub(in crate::http) fn not_found(error: impl Into<String>) -> Self {
        Self::of(StatusCode::NOT_FOUND, error)
    }

    /// Things are not as they would have to be.
    pub(in crate::http) fn conflict(error: impl Into<String>) -> Self {
        Self::of(StatusCode::CONFLICT, error)
    }

    /// The caller may not.
    pub(in crate::http) fn forbidden(error: impl Into<String>) -> Self {
        Self::of(StatusCode::FORBIDDEN, error)
    }

    /// Nobody knows who asks.
    pub(in crate::http) fn unauthorized(error: impl Into<String>) -> Self {
        Self::of(StatusCode::UNAUTHORIZED, error)
    }
}

impl From<NoAnswer> for Refused {
    fn from(reason: NoAnswer) -> Self {
        let status = match &reason {
            NoAnswer::Refused(refusal) => status_of(refusal),
            NoAnswer::Crowded | NoAnswer::TooLate => StatusCode::SERVICE_UNAVAILABLE,
        };
        let error = match &reason {
            NoAnswer::Refused(CoreError::AgentOffline(agent)) => {
                format!("agent {agent} is not connected; start it or look at its machine")
            }
            other => other.to_string(),
        };
        let is_undone =
            matches!(reason, NoAnswer::Crowded | NoAnswer::Refused(CoreError::StorageUnavailable));
        Self { status, error, is_undone }
    }
}

fn status_of(refusal: &CoreError) -> StatusCode {
    match refusal {
        CoreError::AgentNotFound(_)
        | CoreError::CommandNotFound(_)
        | CoreError::SessionNotFound(_)
        | CoreError::WorkerNotFound(_)
        | CoreError::RepositoryNotFound(_)
        | CoreError::AgentTypeNotFound(_)
        | CoreError::KeyNotFound(_)
        | CoreError::PresetNotFound(_)
        | CoreError::RecordingNotFound(_)
        | CoreError::WebhookNotFound(_)
        | CoreError::DeliveryNotFound(_)
        | CoreError::RunNotFound(_) => StatusCode::NOT_FOUND,
        CoreError::Forbidden(_) => StatusCode::FORBIDDEN,
        CoreError::Invalid(_) | CoreError::InvalidAgentType(_) => StatusCode::BAD_REQUEST,
        CoreError::People(refusal) => people_status(*refusal),
        CoreError::AgentOffline(_)
        | CoreError::AgentReported(_)
        | CoreError::AgentTaken(_)
        | CoreError::AgentTypeConflict(_)
        | CoreError::QueueFull { .. }
        | CoreError::CommandTimedOut(_)
        | CoreError::AgentHeld { .. }
        | CoreError::NobodyListens(_)
        | CoreError::AgentCannotRun(_)
        | CoreError::NobodyRuns
        | CoreError::Run(_)
        | CoreError::NotInControl
        | CoreError::SteeredByOther(_)
        | CoreError::LimitReached(_) => StatusCode::CONFLICT,
        CoreError::CallRefused(refusal) => match refusal.cause {
            RefusalCause::NotFound => StatusCode::NOT_FOUND,
            RefusalCause::Invalid => StatusCode::BAD_REQUEST,
            RefusalCause::Unsupported | RefusalCause::Failed => StatusCode::CONFLICT,
        },
        CoreError::OverBudget { .. } => StatusCode::TOO_MANY_REQUESTS,
        CoreError::CallTimedOut(_) | CoreError::StorageUnavailable => {
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// Which status a refusal about people has.
pub(in crate::http) fn people_status(refusal: people::Refusal) -> StatusCode {
    match refusal {
        people::Refusal::NotFound | people::Refusal::NoSuchSignIn => StatusCode::NOT_FOUND,
        people::Refusal::Taken(_) => StatusCode::CONFLICT,
        people::Refusal::OwnRole | people::Refusal::OwnAccount => StatusCode::BAD_REQUEST,
        people::Refusal::WrongCredentials
        | people::Refusal::SignInOver
        | people::Refusal::WrongCode => StatusCode::UNAUTHORIZED,
        people::Refusal::TooManyAttempts => StatusCode::TOO_MANY_REQUESTS,
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        challenged((self.status, Json(ErrorBody { error: self.error })).into_response())
    }
}
