//! A small blocking WebSocket client: what publishers and the set-up of a server need.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};

/// How long anything may take that is no load.
const PATIENCE: Duration = Duration::from_secs(10);

/// The request that opens a WebSocket connection.
pub(crate) fn upgrade_request(path: &str, is_deflated: bool) -> Vec<u8> {
    let extension = if is_deflated {
        "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; \
         client_no_context_takeover\r\n"
    } else {
        ""
    };
    format!(
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{extension}\r\n"
    )
    .into_bytes()
}

/// A message as a client sends it. The mask is zero, which leaves the payload as it is.
pub(crate) fn client_message(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = opening(opcode, payload.len(), 0x80);
    frame.extend([0; 4]);
    frame.extend_from_slice(payload);
    frame
}

/// A message as a server sends it.
pub(crate) fn server_message(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = opening(opcode, payload.len(), 0);
    frame.extend_from_slice(payload);
    frame
}

fn opening(opcode: u8, length: usize, mask: u8) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ ..=125), _) => frame.push(mask | short),
        (_, Ok(medium)) => {
            frame.push(mask | 0x7e);
            frame.extend(medium.to_be_bytes());
        }
        _ => {
            frame.push(mask | 0x7f);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame
}

/// An open WebSocket connection.
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    /// Opens one and waits until it is open.
    pub(crate) fn open(address: SocketAddr, path: &str) -> Result<Self> {
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(&upgrade_request(path, false))?;
        let mut connection = Self { stream, received: Vec::new() };
        loop {
            let end = connection.received.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = end {
                let head = String::from_utf8_lossy(&connection.received[..end]).into_owned();
                ensure!(head.starts_with("HTTP/1.1 101"), "the server answered {head}");
                connection.received.drain(..end + 4);
                return Ok(connection);
            }
            connection.read_more()?;
        }
    }

    /// A connection over which no WebSocket is spoken; only bytes come of it.
    pub(crate) fn bare(stream: TcpStream) -> Result<Self> {
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, received: Vec::new() })
    }

    /// Sends what is already framed.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.stream.write_all(bytes)?)
    }

    /// Sends one text message.
    pub(crate) fn send_text(&mut self, text: &str) -> Result<()> {
        Ok(self.stream.write_all(&client_message(1, text.as_bytes()))?)
    }

    /// Waits for a text message that `wanted` recognises, passing over all others.
    pub(crate) fn expect<T>(
        &mut self,
        what: &str,
        wanted: impl Fn(&str) -> Option<T>,
    ) -> Result<T> {
        loop {
            let message = self.message().with_context(|| format!("waiting for {what}"))?;
            if let Some(found) = wanted(&String::from_utf8_lossy(&message)) {
                return Ok(found);
            }
        }
    }

    /// The bare stream, once nothing is waited for any more.
    pub(crate) fn into_stream(self) -> TcpStream {
        self.stream
    }

    /// The bare stream, and what was read of it beyond the messages that were asked for.
    pub(crate) fn into_stream_and_rest(self) -> (TcpStream, Vec<u8>) {
        (self.stream, self.received)
    }

    /// Waits for bytes and gives all that have come.
    pub(crate) fn bytes(&mut self) -> Result<Vec<u8>> {
        self.read_more()?;
        Ok(std::mem::take(&mut self.received))
    }

    /// Waits for the next text or binary message.
    pub(crate) fn message(&mut self) -> Result<Vec<u8>> {
        loop {
            if let Some((start, end)) = first_frame(&self.received) {
                let opcode = self.received[0] & 0x0f;
                let payload = self.received[start..end].to_vec();
                self.received.drain(..end);
                match opcode {
                    1 | 2 => return Ok(payload),
                    8 => bail!(
                        "the server closed: {}",
                        String::from_utf8_lossy(payload.get(2..).unwrap_or(&[]))
                    ),
                    _ => continue,
                }
            }
            self.read_more()?;
        }
    }

    fn read_more(&mut self) -> Result<()> {
        let mut buffer = [0; 16 * 1024];
        let length = self.stream.read(&mut buffer)?;
        ensure!(length > 0, "the server closed the connection");
        self.received.extend_from_slice(&buffer[..length]);
        Ok(())
    }
}

/// Where the payload of the first frame begins and ends, if all of it is there.
fn first_frame(bytes: &[u8]) -> Option<(usize, usize)> {
    let (start, size) = match *bytes.get(1)? {
        126 => (4, usize::from(u16::from_be_bytes(*bytes.get(2..4)?.first_chunk()?))),
        127 => (10, usize::try_from(u64::from_be_bytes(*bytes.get(2..10)?.first_chunk()?)).ok()?),
        size => (2, usize::from(size)),
    };
    (bytes.len() >= start + size).then_some((start, start + size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_sends_is_read_back() {
        for size in [0, 1, 125, 126, 65535, 65536] {
            let message = server_message(1, &vec![b'x'; size]);
            let (start, end) = first_frame(&message).unwrap();
            assert_eq!((end - start, end), (size, message.len()));
            assert_eq!(first_frame(&message[..message.len() - 1]), None);
            assert_eq!(client_message(1, &vec![b'x'; size]).len(), message.len() + 4);
        }
    }
}
