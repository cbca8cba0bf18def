//! The server's side.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;

use super::{accept_key, extension, has_word};
use crate::deflate::Agreed;

/// Why a request is not answered with 101.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It does not ask for a WebSocket: 426.
    NotAnUpgrade,
    /// It asks for another version than 13: 426 with `Sec-WebSocket-Version: 13`.
    UnsupportedVersion,
    /// It makes no sense: 400.
    Malformed(&'static str),
}

/// A request that can be answered with 101.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The answer to the client's key.
    pub accept_key: String,
    /// The deflate parameters to agree to; set to `None` to decline.
    pub deflate: Option<Agreed>,
    /// The subprotocols that the client offers, in its order.
    pub subprotocols: Vec<String>,
}

/// Checks the header fields of a GET request (RFC 6455 4.2.1).
pub fn accept<'a>(fields: impl Iterator<Item = (&'a str, &'a [u8])>) -> Result<Accepted, Refusal> {
    let fields: Vec<_> = fields.collect();
    let values = |name: &'static str| {
        fields.iter().filter(move |(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, v)| *v)
    };
    if !values("upgrade").any(|value| has_word(value, "websocket"))
        || !values("connection").any(|value| has_word(value, "upgrade"))
    {
        return Err(Refusal::NotAnUpgrade);
    }
    match values("sec-websocket-version").next() {
        Some(b"13") => {}
        _ => return Err(Refusal::UnsupportedVersion),
    }
    let mut keys = values("sec-websocket-key");
    let (Some(key), None) = (keys.next(), keys.next()) else {
        return Err(Refusal::Malformed("there must be one Sec-WebSocket-Key"));
    };
    if STANDARD.decode(key).map_or(0, |bytes| bytes.len()) != 16 {
        return Err(Refusal::Malformed("Sec-WebSocket-Key is not 16 bytes in base64"));
    }
    let offers = values("sec-websocket-extensions").filter_map(|v| std::str::from_utf8(v).ok());
    let subprotocols = values("sec-websocket-protocol")
        .filter_map(|value| std::str::from_utf8(value).ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty());
    Ok(Accepted {
        accept_key: accept_key(key),
        deflate: offers.flat_map(extension::offers).find_map(|offer| extension::agree(&offer)),
        subprotocols: subprotocols.collect(),
    })
}

impl Accepted {
    /// The whole head that says yes, with the chosen subprotocol.
    pub fn response(&self, subprotocol: Option<&str>) -> Bytes {
        let mut head = String::with_capacity(256);
        head.push_str("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ");
        head.push_str(&self.accept_key);
        if let Some(name) = subprotocol {
            head.push_str("\r\nsec-websocket-protocol: ");
            head.push_str(name);
        }
        if let Some(agreed) = self.deflate {
            head.push_str("\r\nsec-websocket-extensions: ");
            head.push_str(&extension::answer(agreed));
        }
        head.push_str("\r\n\r\n");
        head.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &[(&str, &[u8])] = &[
        ("Host", b"x"),
        ("Upgrade", b"WebSocket"),
        ("Connection", b"keep-alive, Upgrade"),
        ("Sec-WebSocket-Key", b"dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Version", b"13"),
    ];

    fn with(name: &'static str, value: &'static [u8]) -> Result<Accepted, Refusal> {
        let mut fields: Vec<_> = GOOD.iter().filter(|(n, _)| *n != name).copied().collect();
        fields.push((name, value));
        accept(fields.into_iter())
    }

    #[test]
    fn the_example_of_the_rfc_is_answered() {
        let accepted = accept(GOOD.iter().copied()).unwrap();
        assert_eq!(accepted.accept_key, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        let head = accepted.response(None);
        assert!(head.starts_with(b"HTTP/1.1 101 ") && head.ends_with(b"\r\n\r\n"));
    }

    #[test]
    fn odd_requests_are_refused() {
        assert_eq!(with("Upgrade", b"h2c"), Err(Refusal::NotAnUpgrade));
        assert_eq!(with("Connection", b"close"), Err(Refusal::NotAnUpgrade));
        assert_eq!(with("Sec-WebSocket-Version", b"8"), Err(Refusal::UnsupportedVersion));
        for key in [&b""[..], b"abc", b"dGhlIHNhbXBsZSBub25jZQ", b"AAAA"] {
            assert!(matches!(with("Sec-WebSocket-Key", key), Err(Refusal::Malformed(_))));
        }
    }

    #[test]
    fn subprotocols_come_in_order() {
        let accepted = with("Sec-WebSocket-Protocol", b"pilot.v1, bearer.abc").unwrap();
        assert_eq!(accepted.subprotocols, ["pilot.v1", "bearer.abc"]);
        let head = String::from_utf8(accepted.response(Some("pilot.v1")).to_vec()).unwrap();
        assert!(head.contains("sec-websocket-protocol: pilot.v1\r\n"));
    }
}
