//! Bodies of mission control's REST family: `{success, data}` with the data once more beside it, and its refusals.
//!
//! Clients of that family read some fields inside `data` and some beside it; both are always there.

use std::time::Duration;

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use pilothouse_core::{CoreError, people::Refusal};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    json_body::{BodyRefusal, JsonBody},
    problem::Problem,
    sessions::Refused,
    worded::challenged,
};
use crate::{auth::reception::NotLetIn, desk::NoAnswer};

/// An answer.
#[derive(Serialize, ToSchema)]
pub(super) struct Told<T> {
    success: bool,
    data: T,
    #[serde(flatten)]
    beside: T,
}

impl<T: Clone> Told<T> {
    pub(super) fn new(data: T) -> Json<Self> {
        Json(Self { success: true, beside: data.clone(), data })
    }
}

/// A refusal.
#[derive(Debug)]
pub(super) struct Denial {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: String,
    /// What is wrong with which field.
    pub(super) details: Vec<WrongField>,
    pub(super) retry_after: Option<Duration>,
    /// Nothing was done, and nothing will be; told where the status does not say it.
    pub(super) is_undone: bool,
}

/// A field that cannot be accepted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct WrongField {
    pub(super) field: &'static str,
    pub(super) message: &'static str,
}

/// A refusal as it is sent.
#[derive(Serialize, ToSchema)]
#[schema(as = Denial)]
pub(super) struct DenialShape {
    success: bool,
    error: DenialWords,
}

#[derive(Serialize, ToSchema)]
struct DenialWords {
    /// For programs.
    code: &'static str,
    /// What is the matter, and what to do about it.
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<WrongField>,
}

impl Denial {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            details: Vec::new(),
            retry_after: None,
            is_undone: false,
        }
    }

    /// Some fields cannot be accepted.
    pub(super) fn invalid(details: Vec<WrongField>) -> Self {
        let words: Vec<_> =
            details.iter().map(|wrong| format!("{} {}", wrong.field, wrong.message)).collect();
        let message = words.join("; ");
        Self { details, ..Self::new(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", message) }
    }

    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", message)
    }

    pub(super) fn too_often(wait: Duration) -> Self {
        let seconds = wait.as_millis().div_ceil(1000).max(1);
        let message = format!("too many attempts; try again in {seconds} s");
        let denial = Self::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMIT", message);
        Self { retry_after: Some(wait), ..denial }
    }
}

impl From<NoAnswer> for Denial {
    fn from(reason: NoAnswer) -> Self {
        let code = match &reason {
            NoAnswer::Refused(refusal) => code_of(refusal),
            NoAnswer::Crowded | NoAnswer::TooLate => "UNAVAILABLE",
        };
        let Refused { status, error, is_undone } = reason.into();
        Self { is_undone, ..Self::new(status, code, error) }
    }
}

impl From<NotLetIn> for Denial {
    fn from(reason: NotLetIn) -> Self {
        match reason {
            NotLetIn::TooOften(wait) => Self::too_often(wait),
            NotLetIn::NoAnswer(reason) => reason.into(),
            NotLetIn::Unhashed(_) | NotLetIn::Store(_) | NotLetIn::Random(_) => {
                let status = StatusCode::SERVICE_UNAVAILABLE;
                let retry_after = Some(Duration::from_secs(2));
                Self { retry_after, ..Self::new(status, "UNAVAILABLE", reason.to_string()) }
            }
        }
    }
}

fn code_of(refusal: &CoreError) -> &'static str {
    match refusal {
        CoreError::People(refusal) => match refusal {
            Refusal::NotFound => "USER_NOT_FOUND",
            Refusal::NoSuchSignIn => "SIGN_IN_NOT_FOUND",
            Refusal::Taken(_) => "USER_EXISTS",
            Refusal::OwnRole => "CANNOT_DEMOTE_SELF",
            Refusal::OwnAccount => "CANNOT_DELETE_SELF",
            Refusal::WrongCredentials => "INVALID_CREDENTIALS",
            Refusal::TooManyAttempts => "RATE_LIMIT",
            Refusal::SignInOver => "INVALID_TOKEN",
            Refusal::WrongCode => "INVALID_CODE",
        },
        CoreError::AgentNotFound(_) => "AGENT_NOT_FOUND",
        CoreError::AgentOffline(_) | CoreError::AgentReported(_) => "AGENT_OFFLINE",
        CoreError::CommandNotFound(_) => "COMMAND_NOT_FOUND",
        CoreError::SessionNotFound(_) | CoreError::NobodyListens(_) => "SESSION_NOT_FOUND",
        CoreError::WorkerNotFound(_) => "WORKER_NOT_FOUND",
        CoreError::RepositoryNotFound(_) => "REPOSITORY_NOT_FOUND",
        CoreError::KeyNotFound(_) => "KEY_NOT_FOUND",
        CoreError::PresetNotFound(_) => "PRESET_NOT_FOUND",
        CoreError::RecordingNotFound(_) => "RECORDING_NOT_FOUND",
        CoreError::WebhookNotFound(_) => "WEBHOOK_NOT_FOUND",
        CoreError::DeliveryNotFound(_) => "DELIVERY_NOT_FOUND",
        CoreError::RunNotFound(_) => "RUN_NOT_FOUND",
        CoreError::Run(_) => "RUN_CONFLICT",
        CoreError::AgentCannotRun(_) | CoreError::NobodyRuns => "AGENT_CANNOT_RUN",
        CoreError::AgentTypeNotFound(_) => "AGENT_TYPE_NOT_FOUND",
        CoreError::AgentTypeConflict(_) => "AGENT_TYPE_CONFLICT",
        CoreError::AgentHeld { .. } => "AGENT_HELD",
        CoreError::SteeredByOther(_) | CoreError::NotInControl => "NOT_IN_CONTROL",
        CoreError::OverBudget { .. } => "RATE_LIMIT",
        CoreError::QueueFull { .. } => "QUEUE_FULL",
        CoreError::CommandTimedOut(_) | CoreError::CallTimedOut(_) => "TIMEOUT",
        CoreError::Forbidden(_) => "FORBIDDEN",
        CoreError::Invalid(_) | CoreError::InvalidAgentType(_) => "VALIDATION_ERROR",
        CoreError::AgentTaken(_) => "AGENT_TAKEN",
        CoreError::CallRefused(_) => "AGENT_REFUSED",
        CoreError::LimitReached(_) => "LIMIT_REACHED",
        CoreError::StorageUnavailable => "UNAVAILABLE",
    }
}

impl From<Denial> for Problem {
    fn from(denial: Denial) -> Self {
        Self::new(denial.status, denial.message).after(denial.retry_after).undone(denial.is_undone)
    }
}

impl IntoResponse for Denial {
    fn into_response(self) -> Response {
        let Self { status, code, message, details, retry_after, .. } = self;
        let error = DenialWords { code, message, details };
        let mut response = (status, Json(DenialShape { success: false, error })).into_response();
        retry(&mut response, retry_after);
        challenged(response)
    }
}

/// Says when to try again, in full seconds.
pub(super) fn retry(response: &mut Response, after: Option<Duration>) {
    if let Some(after) = after {
        let seconds = u64::try_from(after.as_millis().div_ceil(1000)).unwrap_or(u64::MAX).max(1);
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
}

/// A body, refused in this family's words.
pub(super) type Body<T> = JsonBody<T, Denial>;

impl BodyRefusal for Denial {
    const LARGEST: usize = 64 << 10;

    fn too_large(detail: String) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "VALIDATION_ERROR", detail)
    }

    fn unusable(detail: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", detail)
    }
}
