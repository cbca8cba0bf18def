//! The echo server of the conformance runs: `echo ADDRESS [--compress-above BYTES]`.
//!
//! It answers text and binary with the same, deflated if that was agreed and the message is larger
//! than BYTES (never by default). With 0 everything is deflated, even what does not shrink: the
//! conformance client cannot take plain text where deflate was agreed.

use std::{io, net::SocketAddr};

use anyhow::{Context, Result, bail};
use bytes::{Buf, BytesMut};
use pilothouse_websocket::{
    Decoder, Message, Role,
    deflate::Deflater,
    frame::{self, Opcode},
    handshake,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const MAX_MESSAGE: usize = 16 << 20;
const LONGEST_HEAD: usize = 16 << 10;
const READ: usize = 64 << 10;
/// Answers wait for the end of what was read, up to this many bytes.
const MOST_PENDING: usize = 1 << 20;
/// The longest stored block of deflate (RFC 1951 3.2.4).
const LONGEST_BLOCK: usize = 0xffff;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let (address, compress_above) = arguments()?;
    let listener = TcpListener::bind(address).await.context("cannot listen there")?;
    say(&format!("listening on {}", listener.local_addr()?));
    loop {
        let (peer, _) = listener.accept().await?;
        tokio::spawn(async move {
            if let Err(error) = serve(peer, compress_above).await {
                say(&format!("closed: {error}"));
            }
        });
    }
}

fn arguments() -> Result<(SocketAddr, Option<usize>)> {
    const USAGE: &str = "usage: echo ADDRESS [--compress-above BYTES]";
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [address] => Ok((address.parse().context(USAGE)?, None)),
        [address, "--compress-above", bytes] | ["--compress-above", bytes, address] => {
            Ok((address.parse().context(USAGE)?, Some(bytes.parse().context(USAGE)?)))
        }
        _ => bail!(USAGE),
    }
}

#[expect(clippy::print_stdout, reason = "whoever starts the example waits for its address")]
fn say(line: &str) {
    println!("{line}");
}

/// One connection from its handshake to its end.
async fn serve(mut peer: TcpStream, compress_above: Option<usize>) -> Result<()> {
    peer.set_nodelay(true)?;
    let mut input = BytesMut::with_capacity(READ);
    let accepted = shake_hands(&mut peer, &mut input).await?;
    let mut decoder = Decoder::new(Role::Server, MAX_MESSAGE, accepted.deflate);
    let mut echo = Echo {
        deflater: accepted
            .deflate
            .zip(compress_above)
            .map(|(agreed, above)| (Deflater::new(agreed.server_window_bits, 1), above)),
        out: BytesMut::new(),
    };
    loop {
        let is_over = echo.answer(&mut decoder, &mut input);
        peer.write_all_buf(&mut echo.out).await?;
        if is_over {
            return Ok(linger(peer).await?);
        }
        if input.is_empty() {
            input.reserve(READ);
            if peer.read_buf(&mut input).await? == 0 {
                return Ok(());
            }
        }
    }
}

/// Reads the request and answers it. What follows the request stays in `input`.
async fn shake_hands(peer: &mut TcpStream, input: &mut BytesMut) -> Result<handshake::Accepted> {
    loop {
        let mut fields = [httparse::EMPTY_HEADER; 64];
        let mut request = httparse::Request::new(&mut fields);
        if let httparse::Status::Complete(len) = request.parse(input)? {
            let fields = request.headers.iter().map(|field| (field.name, field.value));
            let accepted = match handshake::accept(fields) {
                Ok(accepted) => accepted,
                Err(refusal) => {
                    peer.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
                        .await?;
                    bail!("refused: {refusal:?}");
                }
            };
            peer.write_all(&accepted.response(None)).await?;
            input.advance(len);
            return Ok(accepted);
        }
        if input.len() > LONGEST_HEAD || peer.read_buf(input).await? == 0 {
            bail!("there was no request");
        }
    }
}

/// Ends our side and waits until the peer has ended its own, so that it reads our close frame.
async fn linger(mut peer: TcpStream) -> io::Result<()> {
    peer.shutdown().await?;
    let mut rest = [0; 4096];
    while peer.read(&mut rest).await? > 0 {}
    Ok(())
}

struct Echo {
    /// And from which size on it is used.
    deflater: Option<(Deflater, usize)>,
    out: BytesMut,
}

impl Echo {
    /// Takes messages from `input` until it is used up or enough is waiting in `out`. Returns
    /// whether the conversation is over; then the close frame is in `out`.
    fn answer(&mut self, decoder: &mut Decoder, input: &mut BytesMut) -> bool {
        while !input.is_empty() && self.out.len() < MOST_PENDING {
            let decoded = match decoder.decode(input) {
                Ok(decoded) => decoded,
                Err(error) => {
                    self.out.extend_from_slice(&frame::close(error.code, error.reason));
                    return true;
                }
            };
            let consumed = decoded.consumed;
            match decoded.message {
                Some(Message::Text(text)) => self.reply(Opcode::Text, text.as_bytes()),
                Some(Message::Binary(bytes)) => self.reply(Opcode::Binary, bytes),
                Some(Message::Ping(bytes)) => self.out.extend_from_slice(&frame::pong(bytes)),
                Some(Message::Pong(_)) | None => {}
                Some(Message::Close(close)) => {
                    let (code, reason) =
                        close.map_or((1005, ""), |close| (close.code, close.reason));
                    self.out.extend_from_slice(&frame::close(code, reason));
                    return true;
                }
            }
            input.advance(consumed);
        }
        false
    }

    fn reply(&mut self, opcode: Opcode, payload: &[u8]) {
        match &mut self.deflater {
            Some((deflater, above)) if payload.len() > *above || *above == 0 => {
                if deflater.deflate_message(opcode, payload, &mut self.out) {
                    return;
                }
                if *above == 0 {
                    return frame::put(&mut self.out, opcode, true, &stored(payload));
                }
            }
            _ => {}
        }
        frame::put(&mut self.out, opcode, false, payload);
    }
}

/// The payload as deflate's stored blocks: a form that anything has, and that is never smaller.
fn stored(payload: &[u8]) -> Vec<u8> {
    let mut deflated = Vec::with_capacity(payload.len() + 16);
    for block in payload.chunks(LONGEST_BLOCK) {
        let len = u16::try_from(block.len()).unwrap_or(u16::MAX);
        deflated.push(0);
        deflated.extend_from_slice(&len.to_le_bytes());
        deflated.extend_from_slice(&(!len).to_le_bytes());
        deflated.extend_from_slice(block);
    }
    // The first byte of an empty block, whose other four RFC 7692 7.2.1 cuts off.
    deflated.push(0);
    deflated
}
