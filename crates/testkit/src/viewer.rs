//! A plain WebSocket client on a blocking socket, which can also misbehave.

use std::{
    collections::VecDeque,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use bytes::BytesMut;
use pilothouse_websocket::{
    Decoder, Message, Role,
    deflate::Agreed,
    frame::{self, Opcode},
};
use serde_json::Value;

use crate::program::PATIENCE;

/// The largest message a viewer takes.
const LARGEST: usize = 16 << 20;

/// What came in.
#[derive(Debug, Clone, PartialEq)]
pub enum Received {
    /// A text message, as it was.
    Text(String),
    /// The server closed, with that code and reason.
    Closed(u16, String),
    /// The connection is over without a close frame.
    Ended,
}

/// A connected client.
pub struct Viewer {
    stream: TcpStream,
    decoder: Decoder,
    buffer: Vec<u8>,
    start: usize,
    /// Whether pings stay without an answer.
    is_mute: bool,
    subprotocol: Option<String>,
}

/// A request for an upgrade, to be changed before it is sent.
#[derive(Debug, Clone)]
pub struct Upgrade {
    /// Path and query.
    pub target: String,
    /// Header fields behind the usual ones.
    pub fields: Vec<(String, String)>,
}

impl Upgrade {
    /// A request for that path.
    pub fn to(target: impl Into<String>) -> Self {
        Self { target: target.into(), fields: Vec::new() }
    }

    /// With one more header field.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    /// Sends it; the client, or the status and body of the refusal.
    pub fn send(&self, address: SocketAddr) -> Result<Viewer, (u16, String)> {
        self.send_on(TcpStream::connect(address).expect("the server listens"), b"")
    }

    /// Sends it on a connection that was used before, with `behind` right behind it.
    pub fn send_on(&self, mut stream: TcpStream, behind: &[u8]) -> Result<Viewer, (u16, String)> {
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        stream.set_nodelay(true).expect("delays can be turned off");
        let has_host = self.fields.iter().any(|(name, _)| name == "Host");
        let host = if has_host { "" } else { "Host: localhost\r\n" };
        let fields = self.fields.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        let head = format!(
            "GET {} HTTP/1.1\r\n{host}Upgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{}\r\n",
            self.target,
            fields.collect::<String>(),
        );
        let request = [head.as_bytes(), behind].concat();
        stream.write_all(&request).expect("the server reads");
        let mut bytes = Vec::new();
        let mut piece = [0; 4096];
        loop {
            let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
            if let Some(end) = end {
                let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
                return answered(stream, &head, bytes.split_off(end + 4));
            }
            let read = stream.read(&mut piece).expect("the server answers in time");
            assert!(read > 0, "the server closed the connection without an answer");
            bytes.extend_from_slice(&piece[..read]);
        }
    }
}

fn answered(mut stream: TcpStream, head: &str, mut rest: Vec<u8>) -> Result<Viewer, (u16, String)> {
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    if status != 101 {
        let _ = stream.read_to_end(&mut rest);
        return Err((status, String::from_utf8_lossy(&rest).into_owned()));
    }
    // A server that deflates with a larger window than it said is found out by the messages themselves.
    let bits = head
        .split_once("server_max_window_bits=")
        .map(|(_, rest)| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
    let server_window_bits = bits.and_then(|bits| bits.parse().ok()).unwrap_or(15);
    let agreed = head.contains("permessage-deflate").then_some(Agreed { server_window_bits });
    let decoder = Decoder::new(Role::Client, LARGEST, agreed);
    let fields = head.lines().filter_map(|line| line.split_once(": "));
    let mut fields = fields.filter(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-protocol"));
    let subprotocol = fields.next().map(|(_, value)| value.to_owned());
    Ok(Viewer { stream, decoder, buffer: rest, start: 0, is_mute: false, subprotocol })
}

impl Viewer {
    /// A dashboard with that token.
    pub fn dashboard(address: SocketAddr, token: &str) -> Self {
        let upgrade =
            Upgrade::to("/ws/dashboard").with("Authorization", &format!("Bearer {token}"));
        upgrade.send(address).expect("the token is good")
    }

    /// The socket itself.
    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// The subprotocol that the server selected.
    pub fn subprotocol(&self) -> Option<&str> {
        self.subprotocol.as_deref()
    }

    /// Leaves pings without an answer from now on.
    pub fn be_mute(&mut self) {
        self.is_mute = true;
    }

    /// Sends a JSON message.
    pub fn send(&mut self, message: &Value) {
        self.send_raw(Opcode::Text, message.to_string().as_bytes());
    }

    /// Sends one message of any kind.
    pub fn send_raw(&mut self, opcode: Opcode, payload: &[u8]) {
        let mut out = BytesMut::new();
        frame::put_masked(&mut out, opcode, payload, [7, 8, 9, 10]);
        // A server that has closed does not read; what it said before is still there to be read.
        let _ = self.stream.write_all(&out);
    }

    /// Sends bytes as they are.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// The next message.
    pub fn receive(&mut self) -> Received {
        self.receive_within(PATIENCE)
    }

    /// The next message, if it comes in time; the socket's own timeout counts besides.
    pub fn receive_within(&mut self, patience: Duration) -> Received {
        self.receive_until(Instant::now() + patience)
    }

    /// The next binary message; text is skipped.
    pub fn binary(&mut self) -> Vec<u8> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.next_until(deadline) {
                Ok(bytes) => return bytes,
                Err(Received::Text(_)) => {}
                Err(other) => panic!("a binary message was expected, not {other:?}"),
            }
        }
    }

    fn receive_until(&mut self, deadline: Instant) -> Received {
        match self.next_until(deadline) {
            Ok(_) => panic!("a binary message came"),
            Err(received) => received,
        }
    }

    /// A binary message, or else what came.
    fn next_until(&mut self, deadline: Instant) -> Result<Vec<u8>, Received> {
        loop {
            assert!(Instant::now() < deadline, "nothing came in time");
            if self.start < self.buffer.len() {
                let decoded = self.decoder.decode(&mut self.buffer[self.start..]);
                let decoded = decoded.expect("the server keeps to the protocol");
                self.start += decoded.consumed;
                match decoded.message {
                    Some(Message::Text(text)) => return Err(Received::Text(text.to_owned())),
                    Some(Message::Close(close)) => {
                        let (code, reason) = close.map_or((1005, ""), |c| (c.code, c.reason));
                        return Err(Received::Closed(code, reason.to_owned()));
                    }
                    Some(Message::Binary(bytes)) => return Ok(bytes.to_vec()),
                    Some(Message::Ping(payload)) => {
                        let payload = payload.to_vec();
                        if !self.is_mute {
                            self.send_raw(Opcode::Pong, &payload);
                        }
                        continue;
                    }
                    Some(Message::Pong(_)) | None => continue,
                }
            }
            self.buffer.resize(64 * 1024, 0);
            self.start = 0;
            let read = match self.stream.read(&mut self.buffer) {
                Ok(read) => read,
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => 0,
                Err(error) => panic!("nothing came in time: {error}"),
            };
            self.buffer.truncate(read);
            if read == 0 {
                return Err(Received::Ended);
            }
        }
    }

    /// The next text message.
    pub fn text(&mut self) -> String {
        self.text_until(Instant::now() + PATIENCE)
    }

    fn text_until(&mut self, deadline: Instant) -> String {
        match self.receive_until(deadline) {
            Received::Text(text) => text,
            other => panic!("a text message was expected, not {other:?}"),
        }
    }

    /// Whether a text comes for which `wanted` holds before the connection is over; others are skipped.
    pub fn receive_that(&mut self, wanted: impl Fn(&str) -> bool) -> bool {
        loop {
            match self.receive() {
                Received::Text(text) if wanted(&text) => return true,
                Received::Text(_) => {}
                Received::Closed(..) | Received::Ended => return false,
            }
        }
    }

    /// The next message for which `wanted` holds; others are skipped.
    pub fn expect_that(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        let mut skipped = Skipped::default();
        loop {
            let text = self.text_until(deadline);
            let message: Value = serde_json::from_str(&text).expect("messages are JSON");
            if wanted(&message) {
                skipped.0.clear();
                return message;
            }
            skipped.push(text);
        }
    }

    /// The payload of the next message of that type; others are skipped.
    pub fn expect(&mut self, kind: &str) -> Value {
        self.expect_that(|message| message["type"] == kind)["payload"].take()
    }

    /// The payload of the next `command:status` with that status.
    pub fn expect_status(&mut self, status: &str) -> Value {
        let is_it = |message: &Value| {
            message["type"] == "command:status" && message["payload"]["status"] == status
        };
        self.expect_that(is_it)["payload"].take()
    }

    /// The code the server closes with; messages before it are skipped.
    pub fn expect_close(&mut self) -> u16 {
        loop {
            match self.receive() {
                Received::Text(_) => {}
                Received::Closed(code, _) => return code,
                Received::Ended => panic!("the connection ended without a close frame"),
            }
        }
    }
}

/// Sends a text message on a socket that somebody else reads.
pub fn send_text(mut stream: &TcpStream, text: &str) -> std::io::Result<()> {
    let mut out = BytesMut::new();
    frame::put_masked(&mut out, Opcode::Text, text.as_bytes(), [7, 8, 9, 10]);
    stream.write_all(&out)
}

/// What came instead of what was waited for; told when the test fails meanwhile.
#[derive(Default)]
struct Skipped(VecDeque<String>);

impl Skipped {
    const MOST: usize = 8;

    fn push(&mut self, text: String) {
        if self.0.len() == Self::MOST {
            self.0.pop_front();
        }
        self.0.push_back(text);
    }
}

impl Drop for Skipped {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for text in &self.0 {
                let _ = writeln!(std::io::stderr(), "came and was skipped: {text:.300}");
            }
        }
    }
}
