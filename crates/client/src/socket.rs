//! The client's half of a WebSocket over any stream: handshake, masked frames out, messages in.
//!
//! Offers no extension. Everything it knows of the protocol on top is the path.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::{Buf, BytesMut};
use sha1::{Digest, Sha1};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::Error;

/// The largest answer to a handshake.
const LARGEST_HEAD: usize = 16 << 10;
/// The largest message: the server's own limit and some more.
const LARGEST_MESSAGE: usize = 4 << 20;
const ACCEPT_SUFFIX: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const MASKED: u8 = 0x80;
const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// What comes in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Incoming {
    Text(String),
    Ping(Vec<u8>),
    Closed { code: u16, reason: String },
}

/// An open WebSocket.
pub(crate) struct Socket<S> {
    stream: S,
    buffer: BytesMut,
    fragments: Option<Vec<u8>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    /// Asks for the upgrade, with the token in a header, where nothing logs it.
    pub(crate) async fn open(
        mut stream: S,
        authority: &str,
        path: &str,
        token: &str,
    ) -> Result<Self, Error> {
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            let reason = "it is empty or has characters that no token has".to_owned();
            return Err(Error::Refused { reason });
        }
        let key = STANDARD.encode(random::<16>()?);
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer {token}\r\n\
             User-Agent: pilothouse/{}\r\n\r\n",
            env!("CARGO_PKG_VERSION"),
        );
        stream.write_all(request.as_bytes()).await.map_err(Error::lost)?;
        let mut socket = Self { stream, buffer: BytesMut::with_capacity(8 << 10), fragments: None };
        loop {
            if let Some(length) = check_answer(&socket.buffer, &key)? {
                socket.buffer.advance(length);
                return Ok(socket);
            }
            if socket.buffer.len() > LARGEST_HEAD {
                return Err(Error::protocol("the answer to the handshake is too large"));
            }
            socket.fill().await?;
        }
    }

    /// The next message. Cancel-safe: what was read stays in the buffer.
    pub(crate) async fn next(&mut self) -> Result<Incoming, Error> {
        loop {
            match take_frame(&mut self.buffer)? {
                Some(frame) => {
                    if let Some(incoming) = self.assemble(frame)? {
                        return Ok(incoming);
                    }
                }
                None => self.fill().await?,
            }
        }
    }

    /// Sends a text message.
    pub(crate) async fn send_text(&mut self, text: &str) -> Result<(), Error> {
        self.send(TEXT, text.as_bytes()).await
    }

    /// Answers a ping.
    pub(crate) async fn send_pong(&mut self, payload: &[u8]) -> Result<(), Error> {
        self.send(PONG, payload).await
    }

    /// Says goodbye; whether the peer hears it does not matter.
    pub(crate) async fn close(&mut self) {
        let _ = self.send(CLOSE, &1000_u16.to_be_bytes()).await;
        let _ = self.stream.shutdown().await;
    }

    async fn fill(&mut self) -> Result<(), Error> {
        match self.stream.read_buf(&mut self.buffer).await {
            Ok(0) => Err(Error::lost("the server closed it")),
            Ok(_) => Ok(()),
            Err(error) => Err(Error::lost(error)),
        }
    }

    async fn send(&mut self, opcode: u8, payload: &[u8]) -> Result<(), Error> {
        let mask = random::<4>()?;
        let mut frame = vec![0x80 | opcode];
        match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
            (Ok(length @ 0..=125), _) => frame.push(MASKED | length),
            (_, Ok(length)) => {
                frame.push(MASKED | 0x7e);
                frame.extend_from_slice(&length.to_be_bytes());
            }
            _ => {
                frame.push(MASKED | 0x7f);
                frame.extend_from_slice(&(payload.len() as u64).to_be_bytes());
            }
        }
        frame.extend_from_slice(&mask);
        frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        self.stream.write_all(&frame).await.map_err(Error::lost)
    }

    /// Puts fragments together. `None` while a message is incomplete or does not matter.
    fn assemble(&mut self, frame: Frame) -> Result<Option<Incoming>, Error> {
        match frame.opcode {
            PING => return Ok(Some(Incoming::Ping(frame.payload))),
            PONG => return Ok(None),
            CLOSE => return Ok(Some(closed(&frame.payload))),
            TEXT | BINARY if self.fragments.is_none() => self.fragments = Some(frame.payload),
            CONTINUATION => match &mut self.fragments {
                Some(message) if message.len() + frame.payload.len() <= LARGEST_MESSAGE => {
                    message.extend_from_slice(&frame.payload);
                }
                _ => return Err(Error::protocol("a continuation that continues nothing")),
            },
            _ => return Err(Error::protocol("a frame that must not come here")),
        }
        if !frame.is_final {
            return Ok(None);
        }
        let message = self.fragments.take().unwrap_or_default();
        let text = String::from_utf8(message).map_err(|_| Error::protocol("text is not UTF-8"))?;
        Ok(Some(Incoming::Text(text)))
    }
}

struct Frame {
    is_final: bool,
    opcode: u8,
    payload: Vec<u8>,
}

/// Header and payload lengths of the frame at the front, as soon as they can be told.
fn measure(buffer: &[u8]) -> Result<Option<(usize, usize)>, Error> {
    let [first, second, rest @ ..] = buffer else { return Ok(None) };
    // RFC 6455 5.1: a server never masks; 5.2: no extension was agreed on.
    if second & 0x80 != 0 || first & 0x70 != 0 {
        return Err(Error::protocol("a masked frame or reserved bits"));
    }
    let (header, length) = match second & 0x7f {
        126 => match rest.first_chunk::<2>() {
            Some(length) => (4, u64::from(u16::from_be_bytes(*length))),
            None => return Ok(None),
        },
        127 => match rest.first_chunk::<8>() {
            Some(length) => (10, u64::from_be_bytes(*length)),
            None => return Ok(None),
        },
        length => (2, u64::from(length)),
    };
    match usize::try_from(length) {
        Ok(length) if length <= LARGEST_MESSAGE => Ok(Some((header, length))),
        _ => Err(Error::protocol("a message is too large")),
    }
}

fn take_frame(buffer: &mut BytesMut) -> Result<Option<Frame>, Error> {
    let Some((header, length)) = measure(buffer)? else { return Ok(None) };
    if buffer.len() < header + length {
        return Ok(None);
    }
    let first = buffer[0];
    buffer.advance(header);
    let payload = buffer.split_to(length).to_vec();
    Ok(Some(Frame { is_final: first & 0x80 != 0, opcode: first & 0x0f, payload }))
}

fn closed(payload: &[u8]) -> Incoming {
    match payload.split_first_chunk::<2>() {
        Some((code, reason)) => Incoming::Closed {
            code: u16::from_be_bytes(*code),
            reason: String::from_utf8_lossy(reason).into_owned(),
        },
        None => Incoming::Closed { code: 1005, reason: String::new() },
    }
}

/// Checks the answer to the handshake; its length once it is complete.
fn check_answer(buffer: &[u8], key: &str) -> Result<Option<usize>, Error> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut answer = httparse::Response::new(&mut headers);
    let length = match answer.parse(buffer) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(Error::protocol(format!("its answer is not HTTP ({error})"))),
    };
    match answer.code.unwrap_or_default() {
        101 => {}
        401 | 403 => {
            let text = String::from_utf8_lossy(&buffer[length..]).into_owned();
            return Err(Error::Refused { reason: reason_in(&text) });
        }
        status => return Err(Error::Status { status }),
    }
    let wanted =
        STANDARD.encode(Sha1::new().chain_update(key).chain_update(ACCEPT_SUFFIX).finalize());
    let accepted = answer.headers.iter().any(|header| {
        header.name.eq_ignore_ascii_case("sec-websocket-accept")
            && header.value == wanted.as_bytes()
    });
    if accepted {
        Ok(Some(length))
    } else {
        Err(Error::protocol("it accepted another handshake than ours"))
    }
}

/// The sentence in a short JSON body, wherever the server put it.
fn reason_in(body: &str) -> String {
    let start = body.find('{').unwrap_or(body.len());
    let value: serde_json::Value = serde_json::from_str(body[start..].trim()).unwrap_or_default();
    let places = [&value["message"], &value["error"]["message"], &value["error"], &value["detail"]];
    let found = places.iter().find_map(|place| place.as_str());
    found.unwrap_or("it does not count here").to_owned()
}

fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], Error> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(Error::lost)?;
    Ok(bytes)
}

#[cfg(test)]
#[path = "socket_tests.rs"]
mod tests;
