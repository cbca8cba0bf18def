//! The client's side.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;

use super::{accept_key, extension, has_word};
use crate::deflate::Agreed;

/// How much of a refusal is waited for, in bytes.
const MOST_REASON: usize = 1024;
/// The longest answer we read, in bytes.
const LONGEST: usize = 16 * 1024;

/// Why there is no WebSocket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The server said no.
    #[error("the server refused the connection: {status} {reason}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What it said, shortened.
        reason: String,
    },
    /// What answered is not a WebSocket server.
    #[error("the server does not speak WebSocket here: {0}")]
    NotWebSocket(&'static str),
}

/// What was agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Set if messages may be deflated.
    pub agreed: Option<Agreed>,
    /// The subprotocol that the server chose.
    pub subprotocol: Option<String>,
}

/// A handshake under way.
#[derive(Debug, Clone)]
pub struct ClientHandshake {
    request: Bytes,
    expected: String,
    offers_deflate: bool,
}

impl ClientHandshake {
    /// Prepares a request. `key` has to be random; `fields` are further header fields, such as
    /// `authorization`; control characters in any of the texts make the server refuse it.
    pub fn new(
        path: &str,
        host: &str,
        fields: &[(&str, &str)],
        offers_deflate: bool,
        key: [u8; 16],
    ) -> Self {
        let key = STANDARD.encode(key);
        let clean = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
        let mut head = format!(
            "GET {} HTTP/1.1\r\nhost: {}\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: {key}\r\n",
            clean(path),
            clean(host),
        );
        if offers_deflate {
            head.extend(["sec-websocket-extensions: ", extension::OUR_OFFER, "\r\n"]);
        }
        for (name, value) in fields {
            head.extend([&clean(name), ": ", &clean(value), "\r\n"]);
        }
        head += "\r\n";
        Self { request: head.into(), expected: accept_key(key.as_bytes()), offers_deflate }
    }

    /// What to send.
    pub fn request(&self) -> &Bytes {
        &self.request
    }

    /// Reads the answer. `None` while it is incomplete; otherwise how long it is, so that what
    /// follows reaches the decoder, and what was agreed on.
    pub fn parse(&self, bytes: &[u8]) -> Result<Option<(usize, Opened)>, ClientError> {
        self.parse_part(bytes, false)
    }

    /// The same for a server that has closed: why there is no WebSocket.
    pub fn ended(&self, bytes: &[u8]) -> ClientError {
        let closed = ClientError::NotWebSocket("it closed the connection");
        self.parse_part(bytes, true).err().unwrap_or(closed)
    }

    fn parse_part(
        &self,
        bytes: &[u8],
        is_over: bool,
    ) -> Result<Option<(usize, Opened)>, ClientError> {
        let mut fields = [httparse::EMPTY_HEADER; 64];
        let mut response = httparse::Response::new(&mut fields);
        let len = match response.parse(bytes) {
            Ok(httparse::Status::Complete(len)) => len,
            Ok(httparse::Status::Partial) if bytes.len() < LONGEST => return Ok(None),
            _ => return Err(ClientError::NotWebSocket("its answer cannot be read")),
        };
        let status = response.code.unwrap_or(0);
        if status != 101 {
            if !is_over && bytes.len() - len < announced(response.headers) {
                return Ok(None);
            }
            let body = String::from_utf8_lossy(&bytes[len..]);
            let reason = if body.trim().is_empty() { response.reason.unwrap_or("") } else { &body };
            let reason = reason.trim().chars().take(200).collect();
            return Err(ClientError::Refused { status, reason });
        }
        let value = |name: &str| {
            response.headers.iter().find(|h| h.name.eq_ignore_ascii_case(name)).map(|h| h.value)
        };
        if !value("upgrade").is_some_and(|value| has_word(value, "websocket"))
            || !value("connection").is_some_and(|value| has_word(value, "upgrade"))
        {
            return Err(ClientError::NotWebSocket("it switched to another protocol"));
        }
        if value("sec-websocket-accept").map(<[u8]>::trim_ascii) != Some(self.expected.as_bytes()) {
            return Err(ClientError::NotWebSocket("it answered another request"));
        }
        let text = |name| value(name).and_then(|value| std::str::from_utf8(value).ok());
        let agreed = match text("sec-websocket-extensions") {
            Some(answer) if self.offers_deflate => {
                Some(extension::accepted(answer).map_err(ClientError::NotWebSocket)?)
            }
            Some(_) => return Err(ClientError::NotWebSocket("it chose an extension unasked")),
            None => None,
        };
        let subprotocol = text("sec-websocket-protocol").map(str::to_owned);
        Ok(Some((len, Opened { agreed, subprotocol })))
    }
}

/// How much of a refusal is worth waiting for, in bytes.
fn announced(fields: &[httparse::Header<'_>]) -> usize {
    let length = fields.iter().find(|field| field.name.eq_ignore_ascii_case("content-length"));
    let length =
        length.and_then(|field| std::str::from_utf8(field.value).ok()?.trim().parse().ok());
    length.unwrap_or(0).min(MOST_REASON)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handshake::accept;

    #[test]
    fn a_client_and_a_server_of_ours_agree() {
        let client =
            ClientHandshake::new("/x?y", "h", &[("authorization", "Bearer t")], true, [7; 16]);
        let mut fields = [httparse::EMPTY_HEADER; 16];
        let mut request = httparse::Request::new(&mut fields);
        assert!(request.parse(client.request()).unwrap().is_complete());
        let accepted = accept(request.headers.iter().map(|h| (h.name, h.value))).unwrap();
        let mut answer = accepted.response(None).to_vec();
        let len = answer.len();
        answer.extend_from_slice(b"\x81\x02hi");
        for end in 0..len {
            assert_eq!(client.parse(&answer[..end]), Ok(None));
        }
        let (head, opened) = client.parse(&answer).unwrap().unwrap();
        assert_eq!(head, len, "leftover bytes stay");
        assert_eq!(opened.agreed, Some(Agreed { server_window_bits: 15 }));
    }

    #[test]
    fn a_refusal_is_told_in_the_servers_words() {
        let client = ClientHandshake::new("/", "h", &[], true, [7; 16]);
        let answer =
            b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 19\r\n\r\n{\"error\":\"expired\"}";
        let error = client.parse(answer).unwrap_err().to_string();
        assert!(error.contains("401") && error.contains("expired"), "{error}");
    }

    #[test]
    fn an_answer_to_somebody_else_is_refused() {
        let client = ClientHandshake::new("/", "h", &[], false, [7; 16]);
        let answer = b"HTTP/1.1 101 x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: AAAA\r\n\r\n";
        assert!(matches!(client.parse(answer), Err(ClientError::NotWebSocket(_))));
    }
}
