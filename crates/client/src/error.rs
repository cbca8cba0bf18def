//! What can go wrong between a client and its server, and what to do about it.

use std::time::Duration;

use pilothouse_websocket::connect::{ConnectError, InvalidAddress, TrustError};

use crate::messages::ErrorMessage;

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address makes no sense.
    #[error(transparent)]
    Address(#[from] InvalidAddress),
    /// The file with the authorities to be trusted cannot be used.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// Nobody answers there, or nobody who can be trusted.
    #[error("cannot reach {server}: {source}{}", advice(source))]
    Unreachable {
        /// Where.
        server: String,
        /// Why.
        source: ConnectError,
    },
    /// There is no token that could be sent.
    #[error("there is no token to connect with: {reason}")]
    Token {
        /// Why not.
        reason: String,
    },
    /// The token does not count.
    #[error("the server refused the token: {reason}; make a new one with `pilothouse token`")]
    Refused {
        /// In the server's words.
        reason: String,
    },
    /// Something else than a Pilothouse server answers, or one that cannot serve now.
    #[error("the server answered with HTTP status {status}; check the address")]
    Status {
        /// The HTTP status.
        status: u16,
    },
    /// The server understood a request and does not grant it.
    #[error("{reason}")]
    Denied {
        /// The HTTP status.
        status: u16,
        /// In the server's words.
        reason: String,
    },
    /// What was attached to is not there, or not any more.
    #[error("{reason}")]
    Gone {
        /// In the server's words.
        reason: String,
    },
    /// The server said something that makes no sense.
    #[error("the server broke the protocol: {reason}; check that both have the same version")]
    Protocol {
        /// What was wrong.
        reason: String,
    },
    /// The connection was there and is not any more.
    #[error("the connection to the server was lost: {reason}; connect again")]
    Lost {
        /// How.
        reason: String,
    },
    /// The server did not come back in the time that was given.
    #[error("the server did not come back within {} s: {last}", after.as_secs())]
    GaveUp {
        /// How long it was waited for.
        after: Duration,
        /// How the last attempt failed.
        last: Box<Error>,
    },
    /// There is no connection at the moment, and the request was not to wait for one.
    #[error("there is no connection to the server now; try again when it is back")]
    Away,
    /// Too many requests wait for the connection to come back.
    #[error("too many requests wait for the server to come back; try again later")]
    TooManyWaiting,
    /// The connection was lost between a request and its answer, and the server does not show the command
    /// now: it was never queued, or has ended already. It was not sent again.
    #[error(
        "the connection was lost before the answer came: it is not known whether the command was queued (request {request_id}); look with `pilothouse status` before you send it again"
    )]
    Unknown {
        /// What the request was called in `requestId`.
        request_id: String,
    },
    /// The server answered a request with no.
    #[error("{}", .0.message)]
    Rejected(Box<ErrorMessage>),
}

fn advice(error: &ConnectError) -> &'static str {
    match error {
        ConnectError::Unknown { .. } | ConnectError::Unreachable(_) | ConnectError::Slow(_) => {
            "; start a server there with `pilothouse serve`"
        }
        ConnectError::Tls { .. } => {
            "; check the address, and name the server's authority if it is one of your own"
        }
        ConnectError::Trust(_) | ConnectError::Refused { .. } => "",
    }
}

impl Error {
    #[expect(clippy::needless_pass_by_value, reason = "so that it goes into `map_err` as it is")]
    pub(crate) fn protocol(reason: impl ToString) -> Self {
        Self::Protocol { reason: reason.to_string() }
    }

    #[expect(clippy::needless_pass_by_value, reason = "so that it goes into `map_err` as it is")]
    pub(crate) fn lost(reason: impl ToString) -> Self {
        Self::Lost { reason: reason.to_string() }
    }
}
