//! The ceiling of terminals: what a terminal prints is written to every viewer, over plain TCP.
//!
//! A viewer's first line names its terminal, which the first viewer starts; all that follows is typed.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    os::fd::AsRawFd,
    process::{Child, Command},
};

use anyhow::{Context, Result};
use mio::{Events, Interest, Poll, Token, unix::SourceFd};
use nix::{
    fcntl::{FcntlArg, FdFlag, OFlag, fcntl},
    pty::{Winsize, openpty},
};

const DOOR: Token = Token(0);
const FIRST: usize = 1;

/// What one turn of the loop reads of one terminal, before others have their turn.
const TURN: usize = 64 * 1024;

/// Who is ready to be read.
enum Source {
    Viewer {
        stream: TcpStream,
        terminal: usize,
    },
    Terminal {
        master: File,
        viewers: Vec<TcpStream>,
        /// Ends with this value, as its terminal does.
        _shell: Child,
    },
    Gone,
}

struct Server {
    poll: Poll,
    door: TcpListener,
    sources: Vec<Source>,
    names: BTreeMap<String, usize>,
    buffer: Vec<u8>,
}

pub(super) fn run() -> Result<()> {
    let door = TcpListener::bind("127.0.0.1:0")?;
    door.set_nonblocking(true)?;
    let port = door.local_addr()?.port();
    let poll = Poll::new()?;
    poll.registry().register(&mut SourceFd(&door.as_raw_fd()), DOOR, Interest::READABLE)?;
    super::announce(port, port);
    let buffer = vec![0; TURN];
    let mut server = Server { poll, door, sources: Vec::new(), names: BTreeMap::new(), buffer };
    let mut events = Events::with_capacity(1024);
    loop {
        server.poll.poll(&mut events, None)?;
        for event in &events {
            match event.token() {
                DOOR => server.accept()?,
                Token(number) => server.read(number - FIRST)?,
            }
        }
    }
}

impl Server {
    fn accept(&mut self) -> Result<()> {
        loop {
            let mut stream = match self.door.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            stream.set_nodelay(true)?;
            stream.set_nonblocking(false)?;
            let terminal = self.terminal(first_line(&mut stream)?)?;
            if let Source::Terminal { viewers, .. } = &mut self.sources[terminal] {
                viewers.push(stream.try_clone()?);
            }
            self.add(stream.as_raw_fd(), Source::Viewer { stream, terminal })?;
        }
    }

    /// The terminal of that name, started if it is the first time.
    fn terminal(&mut self, name: String) -> Result<usize> {
        if let Some(&number) = self.names.get(&name) {
            return Ok(number);
        }
        let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        let pair = openpty(Some(&size), None)?;
        fcntl(&pair.master, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        // A shell that held its own terminal's other end would never see it end.
        fcntl(&pair.master, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
        fcntl(&pair.slave, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
        let inside = File::from(pair.slave);
        let mut shell = Command::new("setsid");
        shell.args(["--ctty", "/bin/sh"]);
        shell.stdin(inside.try_clone()?).stdout(inside.try_clone()?).stderr(inside);
        let shell = shell.spawn().context("setsid (of util-linux) gives shells their terminal")?;
        let master = File::from(pair.master);
        let (file, viewers) = (master.as_raw_fd(), Vec::new());
        let number = self.add(file, Source::Terminal { master, viewers, _shell: shell })?;
        self.names.insert(name, number);
        Ok(number)
    }

    fn add(&mut self, file: i32, source: Source) -> Result<usize> {
        let number = self.sources.len();
        let token = Token(FIRST + number);
        self.poll.registry().register(&mut SourceFd(&file), token, Interest::READABLE)?;
        self.sources.push(source);
        Ok(number)
    }

    /// Takes in what is there, and passes it on.
    fn read(&mut self, number: usize) -> Result<()> {
        match &mut self.sources[number] {
            Source::Terminal { master, viewers, .. } => {
                let mut length = 0;
                while let Ok(more @ 1..) = master.read(&mut self.buffer[length..]) {
                    length += more;
                }
                let bytes = &self.buffer[..length];
                // Written with blocking calls: who reads slowly slows the terminal down.
                viewers.retain_mut(|viewer| viewer.write_all(bytes).is_ok());
                if length == TURN {
                    // There may be more, of which no new event would tell.
                    let (file, token) = (master.as_raw_fd(), Token(FIRST + number));
                    let registry = self.poll.registry();
                    registry.reregister(&mut SourceFd(&file), token, Interest::READABLE)?;
                }
            }
            Source::Viewer { stream, terminal } => {
                let (length, terminal) = (stream.read(&mut self.buffer).unwrap_or(0), *terminal);
                if length == 0 {
                    self.poll.registry().deregister(&mut SourceFd(&stream.as_raw_fd()))?;
                    self.sources[number] = Source::Gone;
                } else if let Source::Terminal { master, .. } = &mut self.sources[terminal] {
                    // A few keys: a terminal always has room for them.
                    master.write_all(&self.buffer[..length])?;
                }
            }
            Source::Gone => {}
        }
        Ok(())
    }
}

/// Reads byte by byte, so that nothing typed behind it is lost.
fn first_line(stream: &mut TcpStream) -> Result<String> {
    let (mut line, mut byte) = (Vec::new(), [0]);
    loop {
        stream.read_exact(&mut byte)?;
        if byte == *b"\n" {
            return Ok(String::from_utf8(line)?);
        }
        line.push(byte[0]);
    }
}
