//! The socket to the server: one WebSocket over TCP, tuned for small delays.

use std::{io, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD};
use socket2::SockRef;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::Mutex,
};

use super::{Address, random};

/// The largest message a server may send; command lines and pictures to be typed have to fit.
const LARGEST_MESSAGE: u64 = 16 << 20;

/// How much the kernel may hold that is not sent, so that what is urgent does not wait behind it.
const UNSENT: u32 = 128 << 10;

/// Why there is no socket, or no more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransportError {
    /// The network says so.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The server answers the handshake with something else.
    #[error("the server answers the handshake with {0:?}; check address and token")]
    Handshake(String),
    /// What comes is not WebSocket.
    #[error("the server does not speak WebSocket")]
    Framing,
    /// Nothing came for too long.
    #[error("the server was silent for too long")]
    Silent,
}

/// What comes from the server.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A text message.
    Text(String),
    /// Something that only shows that the server lives.
    Life,
    /// The end.
    Closed(u16),
}

/// The sending half.
#[derive(Debug)]
pub(super) struct Sender {
    half: Arc<Mutex<OwnedWriteHalf>>,
}

/// The receiving half.
#[derive(Debug)]
pub(super) struct Receiver {
    half: BufReader<OwnedReadHalf>,
    answers: Arc<Mutex<OwnedWriteHalf>>,
    message: Vec<u8>,
}

/// Opens a socket and does the handshake.
pub(super) async fn connect(
    address: &Address,
    token: &str,
) -> Result<(Sender, Receiver), TransportError> {
    let stream = TcpStream::connect((address.host.as_str(), address.port)).await?;
    stream.set_nodelay(true)?;
    #[cfg(target_os = "linux")]
    SockRef::from(&stream).set_tcp_notsent_lowat(UNSENT)?;
    let (read, mut write) = stream.into_split();
    let key = [random().to_le_bytes(), random().to_le_bytes()].concat();
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: {}\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer {token}\r\n\r\n",
        address.path,
        address.authority,
        BASE64_STANDARD.encode(key)
    );
    write.write_all(request.as_bytes()).await?;
    let mut read = BufReader::with_capacity(64 << 10, read);
    let mut status = String::new();
    read.read_line(&mut status).await?;
    if !status.starts_with("HTTP/1.1 101") {
        return Err(TransportError::Handshake(status.trim().to_owned()));
    }
    let mut line = String::new();
    while line.trim_end().len() != 0 || line.is_empty() {
        line.clear();
        if read.read_line(&mut line).await? == 0 {
            return Err(TransportError::Framing);
        }
    }
    let half = Arc::new(Mutex::new(write));
    let receiver = Receiver { half: read, answers: half.clone(), message: Vec::new() };
    Ok((Sender { half }, receiver))
}

impl Sender {
    /// Sends a text message.
    pub(super) async fn text(&mut self, text: String) -> Result<(), TransportError> {
        send(&self.half, 1, text.into_bytes()).await
    }

    /// Sends a binary message.
    pub(super) async fn binary(&mut self, bytes: Vec<u8>) -> Result<(), TransportError> {
        send(&self.half, 2, bytes).await
    }
}

async fn send(
    half: &Mutex<OwnedWriteHalf>,
    opcode: u8,
    mut payload: Vec<u8>,
) -> Result<(), TransportError> {
    let mut frame = vec![0x80 | opcode];
    match payload.len() {
        length @ 0..=125 => frame.push(0x80 | length as u8),
        length @ 126..=0xffff => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            frame.push(0x80 | 127);
            frame.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    let mask = (random() as u32).to_le_bytes();
    frame.extend_from_slice(&mask);
    payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
    frame.append(&mut payload);
    half.lock().await.write_all(&frame).await?;
    Ok(())
}

impl Receiver {
    /// The next thing that comes. Not to be called again after it was cancelled.
    pub(super) async fn next(&mut self) -> Result<Incoming, TransportError> {
        loop {
            let [first, second] = [self.half.read_u8().await?, self.half.read_u8().await?];
            let length = match second & 0x7f {
                126 => u64::from(self.half.read_u16().await?),
                127 => self.half.read_u64().await?,
                short => u64::from(short),
            };
            if length + self.message.len() as u64 > LARGEST_MESSAGE || second & 0x80 != 0 {
                return Err(TransportError::Framing);
            }
            let mut payload = vec![0; length as usize];
            self.half.read_exact(&mut payload).await?;
            match first & 0x0f {
                0..=2 => self.message.append(&mut payload),
                8 => {
                    let code = payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code));
                    return Ok(Incoming::Closed(code));
                }
                9 => send(&self.answers, 10, payload).await?,
                _ => {}
            }
            if first & 0x0f > 7 {
                return Ok(Incoming::Life);
            }
            if first & 0x80 != 0 {
                let text = String::from_utf8(std::mem::take(&mut self.message));
                return text.map(Incoming::Text).map_err(|_| TransportError::Framing);
            }
        }
    }
}
