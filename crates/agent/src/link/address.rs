//! Where the server is, from a URL as people write it.

use std::fmt;

/// The path of the agents' door.
const DOOR: &str = "/ws/agent";

/// A server's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// `host:port`, as in the `Host` header.
    pub(crate) authority: String,
    /// The door's path, behind a prefix if the URL has one.
    pub(crate) path: String,
    /// The port alone.
    pub(crate) port: u16,
    /// The host alone, without brackets.
    pub(crate) host: String,
}

/// Why a text is not a server's URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{url:?} is not a server's address; write ws://host:port")]
pub struct InvalidAddress {
    /// What was written.
    pub url: String,
}

impl Address {
    /// Reads `ws://host[:port][/prefix]`.
    pub(crate) fn parse(url: &str) -> Result<Self, InvalidAddress> {
        Self::read(url).ok_or_else(|| InvalidAddress { url: url.to_owned() })
    }

    fn read(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("ws://").or_else(|| url.strip_prefix("http://"))?;
        let (authority, prefix) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, ""),
        };
        if rest.contains(|c: char| c.is_control() || c.is_whitespace() || "@?#".contains(c)) {
            return None;
        }
        let (host, port) = split_port(authority)?;
        let prefix = prefix.trim_end_matches('/');
        let path =
            if prefix.ends_with(DOOR) { prefix.to_owned() } else { format!("{prefix}{DOOR}") };
        Some(Self { authority: authority.to_owned(), path, port, host: host.to_owned() })
    }
}

/// The host without brackets, and the port, which is 80 if there is none.
fn split_port(authority: &str) -> Option<(&str, u16)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let port = match port.strip_prefix(':') {
        Some(port) => port.parse().ok()?,
        None if port.is_empty() => 80,
        None => return None,
    };
    (!host.is_empty()).then_some((host, port))
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ws://{}{}", self.authority, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        for (url, expect) in [
            ("ws://127.0.0.1:7717", Some(("127.0.0.1", 7717, "/ws/agent"))),
            ("ws://localhost:7717/", Some(("localhost", 7717, "/ws/agent"))),
            ("http://server", Some(("server", 80, "/ws/agent"))),
            ("ws://[::1]:7717", Some(("::1", 7717, "/ws/agent"))),
            ("ws://server/prefix", Some(("server", 80, "/prefix/ws/agent"))),
            ("ws://server:1/ws/agent", Some(("server", 1, "/ws/agent"))),
            ("server:7717", None),
            ("ws://", None),
            ("ws://server:port", None),
            ("ws://user@server", None),
            ("ws://server\r\nX: y", None),
            ("ws://server?token=x", None),
        ] {
            let address = Address::parse(url).ok();
            let address = address.as_ref();
            assert_eq!(
                address.map(|a| (a.host.as_str(), a.port, a.path.as_str())),
                expect,
                "{url}"
            );
        }
    }
}
