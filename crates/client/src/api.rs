//! Requests over HTTP with JSON bodies: one connection each, since a person waits for every one of them.
//!
//! No redirects, no compression, no connections that are kept.

use std::time::Duration;

use pilothouse_websocket::connect::Transport;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use crate::{
    Error,
    builder::Plan,
    socket::{USER_AGENT, words},
};

/// The largest answer.
const LARGEST: usize = 16 << 20;

/// A server's HTTP interface. Made by [`crate::Builder::api`].
#[derive(Debug, Clone)]
pub struct Api {
    plan: Plan,
}

impl Api {
    pub(crate) fn new(plan: Plan) -> Self {
        Self { plan }
    }

    /// How long an answer may take; 15 s, and more for requests that wait for agents.
    #[must_use]
    pub fn answer_within(mut self, limit: Duration) -> Self {
        self.plan.connect_within = limit;
        self
    }

    /// Asks for something. `path` begins with a slash.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`] with the server's words, or why there is no answer.
    pub async fn get(&self, path: &str) -> Result<Value, Error> {
        self.request("GET", path, None).await
    }

    /// Has something done.
    ///
    /// # Errors
    ///
    /// As [`Self::get`]. It may have been done although there is an error.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Error> {
        self.request("POST", path, Some(body)).await
    }

    /// Has something replaced.
    ///
    /// # Errors
    ///
    /// As [`Self::post`].
    pub async fn put(&self, path: &str, body: &Value) -> Result<Value, Error> {
        self.request("PUT", path, Some(body)).await
    }

    /// Has something taken away.
    ///
    /// # Errors
    ///
    /// As [`Self::post`].
    pub async fn delete(&self, path: &str) -> Result<Value, Error> {
        self.request("DELETE", path, None).await
    }

    async fn request(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Error> {
        let limit = self.plan.connect_within;
        let answered = timeout(limit, self.exchange(method, path, body)).await;
        let (status, body) = answered.unwrap_or_else(|_| {
            let reason = format!("the server did not answer within {} s", limit.as_secs());
            Err(Error::Lost { reason })
        })?;
        let json = || serde_json::from_slice(&body).map_err(Error::protocol);
        match status {
            204 => Ok(Value::Null),
            200..=299 => json(),
            401 => match json() {
                Ok(Value::Object(body)) => Err(Error::Refused { reason: reason(&body) }),
                _ => Err(Error::Refused { reason: words(&String::from_utf8_lossy(&body)) }),
            },
            _ => match json() {
                Ok(Value::Object(body)) => Err(Error::Denied { status, reason: reason(&body) }),
                _ => Err(Error::Status { status }),
            },
        }
    }

    async fn exchange(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(u16, Vec<u8>), Error> {
        let authorization = if self.plan.token.is_something() {
            format!("Authorization: Bearer {}\r\n", self.plan.token.get().await?)
        } else {
            String::new()
        };
        let address = &self.plan.address;
        let unreachable = |source| Error::Unreachable { server: address.to_string(), source };
        let mut stream = self.plan.connector.connect(address).await.map_err(unreachable)?;
        let body = body.map_or_else(String::new, Value::to_string);
        let request = format!(
            "{method} {} HTTP/1.1\r\nHost: {}\r\n{authorization}User-Agent: {USER_AGENT}\r\n\
             Accept: application/json\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            address.path(path),
            address.authority(),
            body.len(),
        );
        stream.write_all(request.as_bytes()).await.map_err(Error::lost)?;
        let answer = read(stream).await?;
        split(&answer).ok_or_else(|| Error::protocol("what answers there does not speak HTTP"))
    }
}

/// Reads until the server closes.
async fn read(stream: Transport) -> Result<Vec<u8>, Error> {
    let mut answer = Vec::new();
    let limit = u64::try_from(LARGEST).unwrap_or(u64::MAX);
    // Peers that close TLS without a word have said all the same what they had to say.
    match stream.take(limit).read_to_end(&mut answer).await {
        Err(error) if answer.is_empty() => Err(Error::lost(error)),
        _ if answer.len() == LARGEST => Err(Error::protocol("an answer is larger than 16 MiB")),
        _ => Ok(answer),
    }
}

/// Status and body of a whole answer.
fn split(answer: &[u8]) -> Option<(u16, Vec<u8>)> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let status = head.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    let body = &answer[end + 4..];
    let field = |name: &str| {
        let fields = head.lines().filter_map(|line| line.split_once(':'));
        let mut found = fields.filter(|(field, _)| field.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.trim())
    };
    let is_chunked =
        field("transfer-encoding").is_some_and(|it| it.eq_ignore_ascii_case("chunked"));
    match field("content-length").and_then(|length| length.parse().ok()) {
        _ if is_chunked => Some((status, joined(body)?)),
        Some(length) => Some((status, body.get(..length)?.to_vec())),
        None => Some((status, body.to_vec())),
    }
}

/// The chunks of a body in one piece.
fn joined(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = body.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(&body[..end]).ok()?.split(';').next()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        let chunk = body.get(end + 2..)?;
        if size == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(chunk.get(..size)?);
        body = chunk.get(size.checked_add(2)?..)?;
    }
}

/// What a refusal says, in any of the families' forms.
fn reason(body: &serde_json::Map<String, Value>) -> String {
    let words = ["detail", "error", "message", "title"]
        .into_iter()
        .find_map(|name| body.get(name)?.as_str());
    let inside = || body.get("error")?.get("message")?.as_str();
    words.or_else(inside).unwrap_or("the server refused without a word").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_in_both_framings() {
        let plain = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}rest";
        assert_eq!(split(plain), Some((201, b"{}".to_vec())));
        let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n2\r\n{\"\r\n3;x=y\r\na\":\r\n0\r\n\r\n";
        assert_eq!(split(chunked), Some((200, b"{\"a\":".to_vec())));
        for bad in [
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n",
            "SSH-2.0-x\r\n\r\n",
            "",
        ] {
            assert_eq!(split(bad.as_bytes()), None, "{bad}");
        }
    }
}
