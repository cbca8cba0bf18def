//! Where a server is, as people write it.

use std::{fmt, str::FromStr};

use crate::Error;

const DEFAULT_PORT: u16 = 80;

/// A server's host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
}

impl Address {
    /// For the `Host` field: IPv6 addresses in brackets.
    pub fn authority(&self) -> String {
        let Self { host, port } = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }

    /// For the resolver.
    pub fn host_and_port(&self) -> (&str, u16) {
        (&self.host, self.port)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", self.authority())
    }
}

impl FromStr for Address {
    type Err = Error;

    /// Takes `http://` and `ws://` addresses, and plain `HOST:PORT`; a path does not matter.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::Address { text: text.to_owned() };
        if text.starts_with("https://") || text.starts_with("wss://") {
            return Err(Error::NoTls { text: text.to_owned() });
        }
        let rest = ["http://", "ws://"].iter().find_map(|scheme| text.strip_prefix(scheme));
        let authority = rest.unwrap_or(text).split(['/', '?', '#']).next().unwrap_or_default();
        let is_plain = |character: char| character.is_ascii_graphic() && character != '@';
        if authority.is_empty() || !authority.chars().all(is_plain) {
            return Err(wrong());
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']').ok_or_else(wrong)?;
                (host, port.strip_prefix(':'))
            }
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        let port = port.map_or(Ok(DEFAULT_PORT), str::parse).map_err(|_| wrong())?;
        if host.is_empty() { Err(wrong()) } else { Ok(Self { host: host.to_owned(), port }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_people_write_it() {
        let cases = [
            ("http://127.0.0.1:7717", "127.0.0.1:7717"),
            ("ws://box:7717/ws/agent", "box:7717"),
            ("box:1", "box:1"),
            ("http://box/", "box:80"),
            ("http://[::1]:7717", "[::1]:7717"),
        ];
        for (text, authority) in cases {
            assert_eq!(text.parse::<Address>().unwrap().authority(), authority, "{text}");
        }
        for bad in ["", "http://", "http://:1", "box:port", "http://a b", "ftp://box", "u@box:1"] {
            assert!(matches!(bad.parse::<Address>(), Err(Error::Address { .. })), "{bad}");
        }
        assert!(matches!("https://box".parse::<Address>(), Err(Error::NoTls { .. })));
    }
}
