//! The other end of a connection: says lines, and hears them.

use bytes::BytesMut;
use pilothouse_websocket::{
    Decoder, Message, Role,
    frame::{self, Opcode},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::PATIENCE;

pub(super) struct Peer {
    stream: TcpStream,
    decoder: Decoder,
    unread: Vec<u8>,
    /// How many bytes came.
    pub(super) received: usize,
}

impl Peer {
    pub(super) fn new(stream: TcpStream) -> Self {
        let decoder = Decoder::new(Role::Client, 32 << 20, None);
        Self { stream, decoder, unread: Vec::new(), received: 0 }
    }

    pub(super) async fn say(&mut self, text: &str) {
        let mut out = BytesMut::new();
        frame::put_masked(&mut out, Opcode::Text, text.as_bytes(), [1, 2, 3, 4]);
        timeout(PATIENCE, self.stream.write_all(&out)).await.unwrap().unwrap();
    }

    /// Says that it goes.
    pub(super) async fn close(&mut self) {
        let mut out = BytesMut::new();
        frame::put_masked(&mut out, Opcode::Close, &1000_u16.to_be_bytes(), [1, 2, 3, 4]);
        timeout(PATIENCE, self.stream.write_all(&out)).await.unwrap().unwrap();
    }

    /// The next line, without the blanks that make it long.
    pub(super) async fn hear(&mut self) -> String {
        timeout(PATIENCE, self.next()).await.expect("a line in time")
    }

    async fn next(&mut self) -> String {
        loop {
            while !self.unread.is_empty() {
                let decoded = self.decoder.decode(&mut self.unread).unwrap();
                let consumed = decoded.consumed;
                let line = match decoded.message {
                    Some(Message::Text(text)) => Some(text.trim_end().to_owned()),
                    Some(Message::Close(_)) => Some("closed".to_owned()),
                    _ => None,
                };
                self.unread.drain(..consumed);
                if let Some(line) = line {
                    return line;
                }
            }
            let mut buffer = vec![0; 256 << 10];
            match self.stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return "gone".to_owned(),
                Ok(read) => {
                    self.received += read;
                    self.unread.extend_from_slice(&buffer[..read]);
                }
            }
        }
    }
}
