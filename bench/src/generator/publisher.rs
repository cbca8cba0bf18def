//! Who speaks: a client that repeats one message, or an agent whose command prints.

use std::{io::Write, net::TcpStream, os::fd::AsRawFd};

use anyhow::Result;
use nix::{
    errno::Errno,
    sys::socket::{MsgFlags, recv},
};
use pilothouse_protocols::agent_link::records::{Kind, RawRecord, encode};

use super::wire::client_message;

/// One publisher.
pub(crate) trait Publisher {
    /// Sends so many messages with one write. `false` if it may not at the moment.
    fn publish(&mut self, count: usize) -> Result<bool>;
}

/// Sends the same bytes again and again.
pub(crate) struct Repeater {
    stream: TcpStream,
    message: Vec<u8>,
    batch: Vec<u8>,
}

impl Repeater {
    /// Sends `message`, which is already framed.
    pub(crate) fn new(stream: TcpStream, message: Vec<u8>) -> Self {
        Self { stream, message, batch: Vec::new() }
    }
}

impl Publisher for Repeater {
    fn publish(&mut self, count: usize) -> Result<bool> {
        if self.batch.len() != count * self.message.len() {
            self.batch = self.message.repeat(count);
        }
        self.stream.write_all(&self.batch)?;
        Ok(true)
    }
}

/// An agent on whose link one command prints the same record again and again.
///
/// Keeps to its credit: so many bytes may be unacknowledged, no more.
pub(crate) struct Link {
    stream: TcpStream,
    output: Vec<u8>,
    position: u64,
    sequence: u64,
    acknowledged: u64,
    credit: u64,
    batch: Vec<u8>,
}

/// The number that the agent gives its only stream on the link.
pub(crate) const LANE: u32 = 1;

impl Link {
    /// A link whose lane [`LANE`] was announced from its beginning.
    pub(crate) fn new(stream: TcpStream, output: Vec<u8>, credit: u64) -> Self {
        Self {
            stream,
            output,
            position: 0,
            sequence: 1,
            acknowledged: 0,
            credit,
            batch: Vec::new(),
        }
    }

    /// Reads what the server says meanwhile; of interest is how far it has stored.
    fn listen(&mut self) -> Result<()> {
        let mut buffer = [0; 16 * 1024];
        loop {
            match recv(self.stream.as_raw_fd(), &mut buffer, MsgFlags::MSG_DONTWAIT) {
                Ok(0) => anyhow::bail!("the server closed an agent's link"),
                Ok(length) => {
                    if let Some(position) = last_position(&buffer[..length]) {
                        self.acknowledged = self.acknowledged.max(position);
                    }
                }
                Err(Errno::EAGAIN) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Publisher for Link {
    fn publish(&mut self, count: usize) -> Result<bool> {
        let bytes = (self.output.len() * count) as u64;
        if self.position + bytes > self.acknowledged + self.credit / 2 {
            self.listen()?;
        }
        if self.position + bytes > self.acknowledged + self.credit {
            return Ok(false);
        }
        self.batch.clear();
        for _ in 0..count {
            let (position, sequence) = (self.position, self.sequence);
            let record = RawRecord {
                lane: LANE,
                kind: Kind::Stdout,
                epoch: 0,
                position,
                sequence,
                bytes: &self.output,
            };
            let mut message = Vec::new();
            encode(&record, &mut message);
            self.batch.extend(client_message(2, &message));
            self.position += self.output.len() as u64;
            self.sequence += 1;
        }
        self.stream.write_all(&self.batch)?;
        Ok(true)
    }
}

/// The last number behind `"position":`; one that is cut off is only smaller.
fn last_position(bytes: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(bytes);
    let (_, after) = text.rsplit_once("\"position\":")?;
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_acknowledgement_counts() {
        let text = br#"..{"type":"acknowledge","position":12,"sequence":3}..{"position":340,"#;
        assert_eq!(last_position(text), Some(340));
        assert_eq!(last_position(b"{\"type\":\"heartbeat\"}"), None);
    }
}
