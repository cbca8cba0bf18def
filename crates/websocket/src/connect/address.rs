//! Where a server is, from a URL as people write it.

use std::{fmt, str::FromStr};

/// A server's address: `ws://`, `wss://`, `http://` or `https://`, a host, perhaps a port, perhaps a prefix.
///
/// ```
/// use pilothouse_websocket::connect::ServerAddress;
///
/// let address: ServerAddress = "wss://example.org/behind/".parse()?;
/// assert_eq!((address.host(), address.port()), ("example.org", 443));
/// assert_eq!(address.path("/socket"), "/behind/socket");
/// # Ok::<_, pilothouse_websocket::connect::InvalidAddress>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAddress {
    is_secure: bool,
    host: String,
    /// As it was written, if it was.
    port: Option<u16>,
    /// Without a slash at its end; empty, or with a slash at its beginning.
    prefix: String,
}

/// Why a text is not a server's address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not the address of a server; write it like wss://host:port or http://host:port"
)]
pub struct InvalidAddress {
    /// What was written.
    pub text: String,
}

impl ServerAddress {
    /// Whether TLS is asked for.
    pub fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// The host alone, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port: as written, otherwise 443 with TLS and 80 without.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(if self.is_secure { 443 } else { 80 })
    }

    /// For the `Host` field: IPv6 addresses in brackets, the port only if it was written.
    pub fn authority(&self) -> String {
        let host = &self.host;
        let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        self.port.map_or(host.clone(), |port| format!("{host}:{port}"))
    }

    /// The path of a door, behind the address's prefix. An address that already ends with the door
    /// keeps it once.
    pub fn path(&self, door: &str) -> String {
        let prefix = self.prefix.strip_suffix(door).unwrap_or(&self.prefix);
        format!("{prefix}{door}")
    }

    fn read(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let is_secure = match scheme.to_ascii_lowercase().as_str() {
            "ws" | "http" => false,
            "wss" | "https" => true,
            _ => return None,
        };
        let is_plain = |c: char| c.is_ascii_graphic() && !"@?#\\".contains(c);
        if !rest.chars().all(is_plain) {
            return None;
        }
        let (authority, prefix) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => rest.split_once(']')?,
            None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
        };
        let port = match port.strip_prefix(':') {
            Some(port) => Some(port.parse().ok()?),
            None if port.is_empty() => None,
            None => return None,
        };
        let prefix = prefix.trim_end_matches('/').to_owned();
        (!host.is_empty()).then(|| Self { is_secure, host: host.to_owned(), port, prefix })
    }
}

impl FromStr for ServerAddress {
    type Err = InvalidAddress;

    /// A text without a scheme is read as `http://`.
    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        Self::read(text).ok_or_else(|| InvalidAddress { text: text.to_owned() })
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_secure { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority(), self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_people_write_it() {
        let cases = [
            ("http://127.0.0.1:7717", (false, "127.0.0.1", 7717, "127.0.0.1:7717", "/d")),
            ("ws://box:7717/d", (false, "box", 7717, "box:7717", "/d")),
            ("box:1", (false, "box", 1, "box:1", "/d")),
            ("http://box/", (false, "box", 80, "box", "/d")),
            ("HTTPS://box", (true, "box", 443, "box", "/d")),
            ("wss://box:8443/a/b/", (true, "box", 8443, "box:8443", "/a/b/d")),
            ("wss://box/a/d/", (true, "box", 443, "box", "/a/d")),
            ("http://[::1]:7717", (false, "::1", 7717, "[::1]:7717", "/d")),
            ("wss://[::1]", (true, "::1", 443, "[::1]", "/d")),
        ];
        for (text, (is_secure, host, port, authority, path)) in cases {
            let address: ServerAddress = text.parse().unwrap();
            assert_eq!((address.is_secure(), address.host()), (is_secure, host), "{text}");
            assert_eq!((address.port(), address.authority().as_str()), (port, authority), "{text}");
            assert_eq!(address.path("/d"), path, "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for bad in [
            "",
            "http://",
            "http://:1",
            "box:port",
            "http://a b",
            "ftp://box",
            "u@box:1",
            "ws://box\r\nX: y",
            "ws://box?token=x",
            "ws://[::1",
            "ws://box:70000",
            "wss://b\u{e9}",
        ] {
            assert!(bad.parse::<ServerAddress>().is_err(), "{bad}");
        }
    }
}
