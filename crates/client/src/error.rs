//! What can go wrong between a client and its server, and what to do about it.

use std::io;

use crate::messages::ErrorMessage;

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address makes no sense.
    #[error("`{text}` is not the address of a server; write it like http://127.0.0.1:7717")]
    Address {
        /// What was given.
        text: String,
    },
    /// Encrypted connections are not spoken yet.
    #[error("cannot connect to `{text}`: TLS is not supported yet; use an SSH tunnel and http://")]
    NoTls {
        /// What was given.
        text: String,
    },
    /// Nobody answers there.
    #[error("cannot reach {server}: {source}; start a server there with `pilothouse serve`")]
    Unreachable {
        /// Where.
        server: String,
        /// Why.
        source: io::Error,
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
    /// The server answered a request with no.
    #[error("{}", .0.message)]
    Rejected(Box<ErrorMessage>),
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
