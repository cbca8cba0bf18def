//! Any number of viewers in one thread: opened in groups, read with one buffer, counted.

use std::{
    io::{ErrorKind, Read, Write},
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use mio::{Events, Interest, Poll, Token, event::Event, net::TcpStream};
use socket2::{Domain, Protocol, Socket, Type};

use super::{
    frames::{Counts, FrameCounter},
    wire::upgrade_request,
};

/// How many connections are being opened at once.
const OPENING: usize = 128;

/// How long opening all of them may take.
const PATIENCE: Duration = Duration::from_secs(40);

enum Stage {
    /// The TCP connection is under way.
    Connecting,
    /// The request was sent; this much of the answer came.
    Asked(Vec<u8>),
    /// Open.
    Open,
}

struct Viewer {
    stream: TcpStream,
    stage: Stage,
    counter: FrameCounter,
}

/// The viewers of one server.
pub(crate) struct Viewers {
    poll: Poll,
    events: Events,
    buffer: Vec<u8>,
    each: Vec<Viewer>,
    address: SocketAddr,
    request: Vec<u8>,
    opened: usize,
    least: u64,
    pub(crate) counts: Counts,
}

impl Viewers {
    /// None yet. They will ask for `path`, or for nothing where the server speaks no WebSocket.
    pub(crate) fn new(address: SocketAddr, path: Option<&str>, is_deflated: bool) -> Result<Self> {
        Ok(Self {
            poll: Poll::new()?,
            events: Events::with_capacity(4096),
            buffer: vec![0; 256 * 1024],
            each: Vec::new(),
            address,
            request: path.map(|path| upgrade_request(path, is_deflated)).unwrap_or_default(),
            opened: 0,
            least: 0,
            counts: Counts::default(),
        })
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.each.len()
    }

    /// Counts anew, and only messages with a payload of at least that.
    pub(crate) fn count_from(&mut self, least: u64) {
        self.least = least;
        self.counts = Counts::default();
    }

    /// Opens so many more and waits until all are open.
    pub(crate) fn open(&mut self, count: usize) -> Result<()> {
        let wanted = self.each.len() + count;
        let deadline = Instant::now() + PATIENCE;
        while self.opened < wanted {
            while self.each.len() < wanted && self.each.len() - self.opened < OPENING {
                self.connect()?;
            }
            self.pump(Duration::from_millis(100))?;
            ensure!(Instant::now() < deadline, "only {} of {wanted} viewers got in", self.opened);
        }
        Ok(())
    }

    fn connect(&mut self) -> Result<()> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM.nonblocking(), Some(Protocol::TCP))?;
        // Closed without a farewell, or tens of thousands of ports would wait for a minute each.
        socket.set_linger(Some(Duration::ZERO))?;
        socket.set_tcp_nodelay(true)?;
        match socket.connect(&self.address.into()) {
            Err(error) if error.raw_os_error() != Some(nix::libc::EINPROGRESS) => {
                return Err(error).context("connecting a viewer");
            }
            _ => {}
        }
        let mut stream = TcpStream::from_std(socket.into());
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut stream, Token(self.each.len()), interest)?;
        let counter = FrameCounter::default();
        self.each.push(Viewer { stream, stage: Stage::Connecting, counter });
        Ok(())
    }

    /// Waits for something to come, and takes in all that came.
    pub(crate) fn pump(&mut self, timeout: Duration) -> Result<()> {
        let polled = self.poll.poll(&mut self.events, Some(timeout));
        match polled {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            other => other?,
        }
        let events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        let done = events.iter().try_for_each(|event| self.take(event));
        self.events = events;
        done
    }

    fn take(&mut self, event: &Event) -> Result<()> {
        let viewer = &mut self.each[event.token().0];
        if matches!(viewer.stage, Stage::Connecting) && event.is_writable() {
            if let Some(error) = viewer.stream.take_error()? {
                return Err(error).context("connecting a viewer");
            }
            viewer.stream.write_all(&self.request)?;
            viewer.stage = Stage::Asked(Vec::new());
        }
        if !event.is_readable() {
            return Ok(());
        }
        loop {
            let length = match viewer.stream.read(&mut self.buffer) {
                Ok(0) => bail!("the server closed a viewer"),
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error).context("reading as a viewer"),
            };
            let bytes = &self.buffer[..length];
            if let Stage::Asked(answer) = &mut viewer.stage {
                answer.extend_from_slice(bytes);
                let Some(start) = answer_end(answer, self.request.is_empty())? else { continue };
                viewer.counter.feed(&answer[start..], self.least, &mut self.counts);
                viewer.stage = Stage::Open;
                self.opened += 1;
            } else {
                viewer.counter.feed(bytes, self.least, &mut self.counts);
            }
            // A read that does not fill the buffer has emptied the socket: spare the next call.
            if length < self.buffer.len() {
                return Ok(());
            }
        }
    }
}

/// Where the answer to the request ends and messages begin. A server that speaks no WebSocket says
/// with its first message that the viewer is there.
fn answer_end(answer: &[u8], is_plain: bool) -> Result<Option<usize>> {
    if is_plain {
        return Ok(Some(0));
    }
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    if end.is_some() && !answer.starts_with(b"HTTP/1.1 101") {
        bail!("a viewer was refused: {}", String::from_utf8_lossy(answer));
    }
    Ok(end.map(|end| end + 4))
}
