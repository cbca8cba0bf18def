//! The ceiling: what is read from a publisher is written to every viewer at once, over plain TCP.
//!
//! No protocol at all; publishers send the bytes that viewers are to get.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream as BlockingStream,
};

use anyhow::Result;
use mio::{
    Events, Interest, Poll, Token,
    net::{TcpListener, TcpStream},
};

/// What a viewer gets on arrival, so that it knows it is there: an empty WebSocket message.
const WELCOME: &[u8] = &[0x82, 0];

const VIEWERS: Token = Token(0);
const PUBLISHERS: Token = Token(1);
const FIRST_PUBLISHER: usize = 2;

pub(super) fn run() -> Result<()> {
    let mut poll = Poll::new()?;
    let mut viewer_door = TcpListener::bind("127.0.0.1:0".parse()?)?;
    let mut publisher_door = TcpListener::bind("127.0.0.1:0".parse()?)?;
    poll.registry().register(&mut viewer_door, VIEWERS, Interest::READABLE)?;
    poll.registry().register(&mut publisher_door, PUBLISHERS, Interest::READABLE)?;
    super::announce(viewer_door.local_addr()?.port(), publisher_door.local_addr()?.port());

    let mut viewers: Vec<BlockingStream> = Vec::new();
    let mut publishers: Vec<TcpStream> = Vec::new();
    let mut events = Events::with_capacity(1024);
    let mut buffer = vec![0; 256 * 1024];
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            match event.token() {
                VIEWERS => accept(&viewer_door, |stream| {
                    // Written with blocking calls: never more is under way than sockets can hold.
                    let mut stream = BlockingStream::from(stream);
                    stream.set_nonblocking(false)?;
                    stream.set_nodelay(true)?;
                    stream.write_all(WELCOME)?;
                    viewers.push(stream);
                    Ok(())
                })?,
                PUBLISHERS => accept(&publisher_door, |mut stream| {
                    let token = Token(FIRST_PUBLISHER + publishers.len());
                    poll.registry().register(&mut stream, token, Interest::READABLE)?;
                    publishers.push(stream);
                    Ok(())
                })?,
                Token(number) => {
                    relay(&mut publishers[number - FIRST_PUBLISHER], &mut viewers, &mut buffer);
                }
            }
        }
    }
}

fn accept(door: &TcpListener, mut take: impl FnMut(TcpStream) -> Result<()>) -> Result<()> {
    loop {
        match door.accept() {
            Ok((stream, _)) => take(stream)?,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

fn relay(publisher: &mut TcpStream, viewers: &mut Vec<BlockingStream>, buffer: &mut [u8]) {
    while let Ok(length @ 1..) = publisher.read(buffer) {
        viewers.retain_mut(|viewer| viewer.write_all(&buffer[..length]).is_ok());
    }
}
