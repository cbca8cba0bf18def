//! A WebSocket over any tokio transport, for programs: clients, agents, tests.
//!
//! A server with many viewers uses the codec directly; this is for one peer at a time.

use std::{collections::VecDeque, io, io::IoSlice};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};

use crate::{
    Decoder, Message, ProtocolError, Role,
    deflate::Agreed,
    frame::{self, Opcode},
    handshake::{self, ClientError, ClientHandshake},
};

/// How much is read at a time.
const READ: usize = 64 * 1024;
/// How many pieces are written with one system call.
const MOST_SLICES: usize = 64;
/// How many bytes may wait for a flush before further messages are refused.
pub const MOST_QUEUED: usize = 16 << 20;
/// The longest head of a request.
const LONGEST_HEAD: usize = 16 * 1024;

/// A message of one's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owned {
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Bytes),
    /// The peer asks whether we live; [`Reader`] does not answer by itself, see [`Owned::reply`].
    Ping(Bytes),
    /// The peer lives.
    Pong(Bytes),
    /// The peer closes, with code and reason if it gave any. Nothing follows.
    Close(Option<(u16, String)>),
}

impl Owned {
    /// What the protocol demands as an answer: a pong to a ping, a close to a close.
    pub fn reply(&self) -> Option<Self> {
        match self {
            Self::Ping(payload) => Some(Self::Pong(payload.clone())),
            Self::Close(close) => Some(Self::Close(close.clone())),
            Self::Text(_) | Self::Binary(_) | Self::Pong(_) => None,
        }
    }
}

/// Why a connection is of no use any more.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The transport failed.
    #[error("the connection failed: {0}")]
    Transport(#[from] io::Error),
    /// The peer broke the protocol.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// Too much waits to be flushed.
    #[error("more than {MOST_QUEUED} bytes wait to be sent; flush first")]
    Full,
    /// The handshake did not succeed.
    #[error(transparent)]
    Handshake(#[from] ClientError),
}

/// The reading half.
#[derive(Debug)]
pub struct Reader<T> {
    transport: T,
    decoder: Decoder,
    buffer: BytesMut,
}

/// The writing half.
#[derive(Debug)]
pub struct Writer<T> {
    transport: T,
    role: Role,
    /// Frames that wait for [`Writer::flush`].
    queue: VecDeque<Bytes>,
    queued_bytes: usize,
    mask_state: u64,
}

/// Both halves.
#[derive(Debug)]
pub struct WebSocketStream<T> {
    /// For reading.
    pub reader: Reader<ReadHalf<T>>,
    /// For writing.
    pub writer: Writer<WriteHalf<T>>,
    /// A message whose answer is being sent; kept so that a cancelled [`WebSocketStream::receive`] loses nothing.
    held: Option<Owned>,
}

impl<T: AsyncRead + AsyncWrite> WebSocketStream<T> {
    /// Opens a WebSocket over a transport that is connected to the server.
    pub async fn connect(
        transport: T,
        handshake: &ClientHandshake,
        max_message: usize,
    ) -> Result<Self, StreamError>
    where
        T: Unpin,
    {
        let mut transport = transport;
        transport.write_all(handshake.request()).await?;
        transport.flush().await?;
        let mut buffer = BytesMut::new();
        loop {
            if let Some((len, opened)) = handshake.parse(&buffer)? {
                buffer.advance(len);
                let rest = (opened.agreed, buffer);
                return Self::new(transport, Role::Client, max_message, rest);
            }
            if transport.read_buf(&mut buffer).await? == 0 {
                return Err(handshake.ended(&buffer).into());
            }
        }
    }

    /// Takes a WebSocket from a client, whatever path it asks for.
    pub async fn accept(transport: T, max_message: usize) -> Result<Self, StreamError>
    where
        T: Unpin,
    {
        let mut transport = transport;
        let mut buffer = BytesMut::new();
        loop {
            let mut fields = [httparse::EMPTY_HEADER; 64];
            let mut request = httparse::Request::new(&mut fields);
            let parsed = request.parse(&buffer).map_err(io::Error::other)?;
            if let httparse::Status::Complete(len) = parsed {
                let fields = request.headers.iter().map(|field| (field.name, field.value));
                let accepted = handshake::accept(fields)
                    .map_err(|refusal| io::Error::other(format!("{refusal:?}")))?;
                transport.write_all(&accepted.response(None)).await?;
                buffer.advance(len);
                let rest = (accepted.deflate, buffer);
                return Self::new(transport, Role::Server, max_message, rest);
            }
            if buffer.len() > LONGEST_HEAD || transport.read_buf(&mut buffer).await? == 0 {
                return Err(io::Error::from(io::ErrorKind::InvalidData).into());
            }
        }
    }

    fn new(
        transport: T,
        role: Role,
        max_message: usize,
        (agreed, buffer): (Option<Agreed>, BytesMut),
    ) -> Result<Self, StreamError> {
        let (read, write) = tokio::io::split(transport);
        let decoder = Decoder::new(role, max_message, agreed);
        let mut seed = [0; 8];
        getrandom::fill(&mut seed).map_err(io::Error::other)?;
        let mask_state = u64::from_ne_bytes(seed);
        let queue = VecDeque::new();
        Ok(Self {
            reader: Reader { transport: read, decoder, buffer },
            writer: Writer { transport: write, role, queue, queued_bytes: 0, mask_state },
            held: None,
        })
    }

    /// The next message but pings, which are answered. `None` when the peer has closed. A peer that
    /// breaks the protocol is told with which code. Can be cancelled without losing anything.
    pub async fn receive(&mut self) -> Result<Option<Owned>, StreamError> {
        loop {
            if self.held.is_some() {
                self.writer.flush().await?;
                match self.held.take() {
                    Some(Owned::Ping(_)) | None => {}
                    other => return Ok(other),
                }
            }
            match self.reader.receive().await {
                Ok(Some(message)) => match message.reply() {
                    Some(reply) => {
                        self.writer.queue(&reply)?;
                        self.held = Some(message);
                    }
                    None => return Ok(Some(message)),
                },
                Ok(None) => return Ok(None),
                Err(StreamError::Protocol(error)) => {
                    let close = Owned::Close(Some((error.code, error.reason.to_owned())));
                    // It may have left already; the error is the news either way.
                    let _ = self.writer.send(&close).await;
                    return Err(error.into());
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Sends one message at once.
    pub async fn send(&mut self, message: &Owned) -> Result<(), StreamError> {
        self.writer.send(message).await
    }
}

impl<T: AsyncRead + Unpin> Reader<T> {
    /// The next message. `None` when the transport is over. Can be cancelled without losing anything.
    pub async fn receive(&mut self) -> Result<Option<Owned>, StreamError> {
        loop {
            if !self.buffer.is_empty() {
                let decoded = self.decoder.decode(&mut self.buffer)?;
                let (consumed, message) = (decoded.consumed, decoded.message.map(owned));
                self.buffer.advance(consumed);
                if message.is_some() {
                    return Ok(message);
                }
                continue;
            }
            self.buffer.reserve(READ);
            if self.transport.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        }
    }
}

fn owned(message: Message<'_>) -> Owned {
    match message {
        Message::Text(text) => Owned::Text(text.to_owned()),
        Message::Binary(bytes) => Owned::Binary(Bytes::copy_from_slice(bytes)),
        Message::Ping(bytes) => Owned::Ping(Bytes::copy_from_slice(bytes)),
        Message::Pong(bytes) => Owned::Pong(Bytes::copy_from_slice(bytes)),
        Message::Close(close) => Owned::Close(close.map(|c| (c.code, c.reason.to_owned()))),
    }
}

impl<T: AsyncWrite + Unpin> Writer<T> {
    /// Queues a message for the next [`Writer::flush`]. Overflow rule: beyond [`MOST_QUEUED`] bytes a
    /// message is refused, and what is queued has to be flushed first.
    pub fn queue(&mut self, message: &Owned) -> Result<(), StreamError> {
        if self.queued_bytes > MOST_QUEUED {
            return Err(StreamError::Full);
        }
        let (opcode, payload) = match message {
            Owned::Text(text) => (Opcode::Text, text.as_bytes()),
            Owned::Binary(bytes) => (Opcode::Binary, bytes.as_ref()),
            Owned::Ping(bytes) => (Opcode::Ping, bytes.as_ref()),
            Owned::Pong(bytes) => (Opcode::Pong, bytes.as_ref()),
            Owned::Close(close) => {
                let (code, reason) = close.as_ref().map_or((1005, ""), |(c, r)| (*c, r.as_str()));
                let payload = frame::close_payload(code, reason);
                self.queue_payload(Opcode::Close, &payload);
                return Ok(());
            }
        };
        self.queue_payload(opcode, payload);
        Ok(())
    }

    fn queue_payload(&mut self, opcode: Opcode, payload: &[u8]) {
        let mut out = BytesMut::new();
        match self.role {
            Role::Server => frame::put(&mut out, opcode, false, payload),
            Role::Client => {
                let key = self.next_key();
                frame::put_masked(&mut out, opcode, payload, key);
            }
        }
        self.queued_bytes += out.len();
        self.queue.push_back(out.freeze());
    }

    /// Writes everything that is queued, as many messages as fit with one system call. Can be
    /// cancelled: what was not written stays queued.
    pub async fn flush(&mut self) -> Result<(), StreamError> {
        while !self.queue.is_empty() {
            let slices: Vec<_> =
                self.queue.iter().take(MOST_SLICES).map(|bytes| IoSlice::new(bytes)).collect();
            let mut written = self.transport.write_vectored(&slices).await?;
            if written == 0 {
                return Err(io::Error::from(io::ErrorKind::WriteZero).into());
            }
            self.queued_bytes -= written;
            while let Some(front) = self.queue.front_mut() {
                let taken = written.min(front.len());
                front.advance(taken);
                written -= taken;
                if !front.is_empty() {
                    break;
                }
                self.queue.pop_front();
            }
        }
        Ok(self.transport.flush().await?)
    }

    /// Sends one message at once, behind what is queued.
    pub async fn send(&mut self, message: &Owned) -> Result<(), StreamError> {
        self.queue(message)?;
        self.flush().await
    }

    /// SplitMix64 over a random seed: unpredictable enough for what RFC 6455 10.3 guards against.
    fn next_key(&mut self) -> [u8; 4] {
        self.mask_state = self.mask_state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.mask_state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bytes = (z ^ (z >> 31)).to_ne_bytes();
        [bytes[0], bytes[1], bytes[2], bytes[3]]
    }
}
