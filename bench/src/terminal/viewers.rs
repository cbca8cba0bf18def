//! The viewers of one terminal, in one thread: read with one buffer and counted each for itself.

use std::{
    io::{ErrorKind, Read, Write},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use mio::{Events, Interest, Poll, Token, net::TcpStream};

use super::{
    meter::{Counts, Meter},
    place::Place,
    text::BEGIN,
};

/// So long nothing may come before what is there counts as all.
const QUIET: Duration = Duration::from_millis(25);

/// So long nothing at all may come before the cell counts as failed.
const STUCK: Duration = Duration::from_secs(20);

struct Viewer {
    stream: TcpStream,
    meter: Meter,
    last_read: Instant,
}

/// All of them.
pub(super) struct Viewers {
    poll: Poll,
    events: Events,
    buffer: Vec<u8>,
    each: Vec<Viewer>,
}

impl Viewers {
    /// Opens so many.
    pub(super) fn open(place: &Place, count: usize) -> Result<Self> {
        let mut each = Vec::new();
        let poll = Poll::new()?;
        for number in 0..count {
            let (stream, rest) = place.open()?.into_stream_and_rest();
            stream.set_nonblocking(true)?;
            let mut stream = TcpStream::from_std(stream);
            poll.registry().register(&mut stream, Token(number), Interest::READABLE)?;
            let mut meter = Meter::new(place.dialect);
            meter.feed(&rest);
            each.push(Viewer { stream, meter, last_read: Instant::now() });
        }
        Ok(Self { poll, events: Events::with_capacity(1024), buffer: vec![0; 1024 * 1024], each })
    }

    /// The first one types.
    pub(super) fn type_in(&mut self, place: &Place, text: &str) -> Result<()> {
        let first = self.each.first_mut().context("nobody is there to type")?;
        // A few bytes into an empty socket: never in part.
        Ok(first.stream.write_all(&place.dialect.input(text))?)
    }

    /// Starts a program instead of the shell, and waits until all see that it is ready.
    pub(super) fn start(&mut self, place: &Place, command: &str) -> Result<()> {
        self.type_in(place, &format!("exec {command}\r"))?;
        self.read_until(BEGIN)?;
        // What else a server says of the beginning is not part of what is measured.
        while self.pump(10 * QUIET)? {}
        Ok(())
    }

    /// Reads until all have seen a mark and nothing comes any more; gives when the last byte came.
    pub(super) fn read_until(&mut self, mark: &str) -> Result<Instant> {
        let mut moved = Instant::now();
        loop {
            if self.pump(QUIET)? {
                moved = Instant::now();
            } else if self.each.iter().all(|viewer| viewer.meter.has_seen(mark)) {
                let last = self.each.iter().map(|viewer| viewer.last_read).max();
                return last.context("there are no viewers");
            } else {
                let seen = self.each.iter().filter(|viewer| viewer.meter.has_seen(mark)).count();
                ensure!(
                    moved.elapsed() < STUCK,
                    "nothing came for {STUCK:?}, and {seen} of {} viewers saw {mark}",
                    self.each.len()
                );
            }
        }
    }

    /// What each has got.
    pub(super) fn counts(&self) -> Vec<Counts> {
        self.each.iter().map(|viewer| viewer.meter.counts).collect()
    }

    /// Waits for something to come and takes in all that came; whether there was something.
    pub(super) fn pump(&mut self, timeout: Duration) -> Result<bool> {
        match self.poll.poll(&mut self.events, Some(timeout)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(true),
            other => other?,
        }
        for event in &self.events {
            let viewer = &mut self.each[event.token().0];
            loop {
                let length = match viewer.stream.read(&mut self.buffer) {
                    Ok(0) => bail!("the server closed a viewer"),
                    Ok(length) => length,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error).context("reading as a viewer"),
                };
                viewer.last_read = Instant::now();
                viewer.meter.feed(&self.buffer[..length]);
                // A read that does not fill the buffer has emptied the socket: spare the next call.
                if length < self.buffer.len() {
                    break;
                }
            }
        }
        Ok(!self.events.is_empty())
    }
}
