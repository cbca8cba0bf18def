//! How a subcommand fails: one sentence that says what to do, and an exit code after sysexits(3).

use std::io;

use pilothouse_client::{Error, messages::ErrorCode};

/// The command line makes no sense.
pub(crate) const USAGE: u8 = 64;
/// The server or the agent is not there.
pub(crate) const UNAVAILABLE: u8 = 69;
/// A file or a stream cannot be read or written.
pub(crate) const IO: u8 = 74;
/// It may work later: the agent is offline, its queue full, the rate exceeded.
pub(crate) const TRY_LATER: u8 = 75;
/// The two sides do not understand each other.
pub(crate) const PROTOCOL: u8 = 76;
/// The token does not count, or not for this.
pub(crate) const NOT_ALLOWED: u8 = 77;
/// The configuration makes no sense.
pub(crate) const CONFIG: u8 = 78;

/// Why a subcommand did not do what it was asked for.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: u8,
    pub(crate) sentence: String,
}

impl Failure {
    #[expect(clippy::needless_pass_by_value, reason = "errors and texts go in as they are")]
    pub(crate) fn new(code: u8, sentence: impl ToString) -> Self {
        Self { code, sentence: sentence.to_string() }
    }

    pub(crate) fn io(error: &io::Error) -> Self {
        Self::new(IO, error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::Address(_) | Error::Denied { status: 400 | 413 | 422, .. } => USAGE,
            Error::Trust(_) => CONFIG,
            Error::Refused { .. } | Error::Token { .. } | Error::Denied { status: 403, .. } => {
                NOT_ALLOWED
            }
            Error::Protocol { .. } => PROTOCOL,
            Error::Away | Error::TooManyWaiting | Error::Denied { status: 409 | 429 | 503, .. } => {
                TRY_LATER
            }
            Error::Rejected(rejected) => code_of(rejected.code),
            // The server is not there, or was not there when it mattered.
            _ => UNAVAILABLE,
        };
        Self::new(code, error)
    }
}

fn code_of(code: ErrorCode) -> u8 {
    match code {
        ErrorCode::AuthFailed | ErrorCode::Unauthorized | ErrorCode::Forbidden => NOT_ALLOWED,
        ErrorCode::AgentNotFound | ErrorCode::CommandNotFound => UNAVAILABLE,
        ErrorCode::AgentOffline
        | ErrorCode::QueueFull
        | ErrorCode::RateLimit
        | ErrorCode::StorageUnavailable => TRY_LATER,
        ErrorCode::InvalidMessage => USAGE,
        ErrorCode::CommandTimeout => crate::commands::exec::TIMED_OUT,
    }
}
