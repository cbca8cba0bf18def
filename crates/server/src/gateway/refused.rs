//! Refusals, as HTTP says them: they cost one write, and nothing is kept of the peer.

use std::net::IpAddr;

use bytes::Bytes;

use super::admission::Full;

/// Why an upgrade or a connection is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) cause: Cause,
    pub(crate) reason: &'static str,
    /// Whom a proxy that we trust named, if one did.
    pub(crate) address: Option<IpAddr>,
    /// The path of the door, once one was found.
    pub(crate) route: Option<&'static str>,
}

/// The kinds of refusals, for metrics and logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// What came cannot be understood.
    Malformed,
    /// No token, or one that does not count here.
    Token,
    /// A foreign page or host name.
    Origin,
    /// There is nothing at that path.
    Path,
    /// A plain request, or another version of the protocol, at a door.
    Upgrade,
    /// `limits.connections`
    Connections,
    /// `limits.connections_per_address`
    Address,
    /// `limits.pending`
    Pending,
    /// `limits.pending_per_address`
    PendingOfAddress,
    /// No file descriptor is left.
    Descriptors,
    /// The server stops.
    Stopping,
    /// A token that counts, of somebody whose role is too low here.
    Role,
}

impl Cause {
    /// Every kind.
    pub(crate) const ALL: [Self; 12] = [
        Self::Malformed,
        Self::Token,
        Self::Origin,
        Self::Path,
        Self::Upgrade,
        Self::Connections,
        Self::Address,
        Self::Pending,
        Self::PendingOfAddress,
        Self::Descriptors,
        Self::Stopping,
        Self::Role,
    ];

    /// The status that goes with it.
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::Token => 401,
            Self::Origin | Self::Role => 403,
            Self::Path => 404,
            Self::Upgrade => 426,
            Self::Connections
            | Self::Address
            | Self::Pending
            | Self::PendingOfAddress
            | Self::Descriptors
            | Self::Stopping => 503,
        }
    }

    /// Its name as a label.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Token => "token",
            Self::Origin => "origin",
            Self::Path => "path",
            Self::Upgrade => "upgrade",
            Self::Connections => "connections",
            Self::Address => "connections_per_address",
            Self::Pending => "pending",
            Self::PendingOfAddress => "pending_per_address",
            Self::Descriptors => "descriptors",
            Self::Stopping => "stopping",
            Self::Role => "role",
        }
    }
}

impl Refused {
    pub(crate) const fn new(cause: Cause, reason: &'static str) -> Self {
        Self { cause, reason, address: None, route: None }
    }

    /// What a plain request is told for which there is no place.
    pub(crate) fn full() -> Self {
        Full::Connections.into()
    }

    /// What everybody is told who comes while the server stops.
    pub(crate) fn stopping() -> Self {
        Self::new(Cause::Stopping, "the server is stopping")
    }

    /// The whole response, after which the connection is closed.
    pub(crate) fn response(&self) -> Bytes {
        let status = self.cause.status();
        let (title, extra) = match status {
            401 => ("Unauthorized", "www-authenticate: Bearer\r\n"),
            403 => ("Forbidden", ""),
            404 => ("Not Found", ""),
            426 => ("Upgrade Required", "sec-websocket-version: 13\r\nupgrade: websocket\r\n"),
            503 => ("Service Unavailable", "retry-after: 1\r\n"),
            _ => ("Bad Request", ""),
        };
        let body = serde_json::json!({ "error": self.reason }).to_string();
        format!(
            "HTTP/1.1 {status} {title}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{extra}connection: close\r\n\r\n{body}",
            body.len(),
        )
        .into()
    }
}

impl From<Full> for Refused {
    fn from(full: Full) -> Self {
        let cause = match full {
            Full::Connections => Cause::Connections,
            Full::Address => Cause::Address,
            Full::Pending => Cause::Pending,
            Full::PendingOfAddress => Cause::PendingOfAddress,
            Full::Descriptors => Cause::Descriptors,
        };
        Self::new(cause, full.reason())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_its_place_in_the_list_and_a_name_of_its_own() {
        for (place, cause) in Cause::ALL.into_iter().enumerate() {
            assert_eq!(cause as usize, place);
            let namesakes = Cause::ALL.iter().filter(|other| other.name() == cause.name());
            assert_eq!(namesakes.count(), 1);
        }
    }
}
