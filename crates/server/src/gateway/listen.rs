//! Accepting: every event loop has its own listener on the same port, the kernel shares connections out.

use std::{io, net::SocketAddr, rc::Rc, time::Duration};

use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::net::{TcpListener, TcpStream};

use super::{
    connection::Connection,
    event_loop::EventLoop,
    head::{self, Head},
    upgrade::{self, Request},
};

/// Connections the kernel keeps ready for us.
const BACKLOG: i32 = 4096;
/// What the kernel may hold unsent per socket. More would defeat every policy about slow viewers.
const NOT_SENT: u32 = 128 * 1024;
/// How long to wait when the process has no file descriptors left.
const EXHAUSTED: Duration = Duration::from_millis(50);

/// A listener that others may share the port with.
pub(crate) fn bind(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Accepts until the server stops.
pub(crate) async fn serve(event_loop: Rc<EventLoop>, listener: TcpListener) {
    let mut shutdown = event_loop.shared.shutdown.clone();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = shutdown.wait_for(|stop| *stop) => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                let event_loop = event_loop.clone();
                tokio::task::spawn_local(greet(stream, peer, event_loop));
            }
            Err(error) => {
                // A peer that left at once, or no file descriptors: neither ends the loop.
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(EXHAUSTED).await;
            }
        }
    }
}

/// Finds out what a peer wants, within the header timeout. Small on purpose: thousands may be here.
async fn greet(stream: TcpStream, peer: SocketAddr, event_loop: Rc<EventLoop>) {
    tune(&stream);
    let timeout = event_loop.shared.config.header_timeout;
    let head = tokio::time::timeout(timeout, head::wait(&stream, &event_loop)).await;
    match head {
        Ok(Ok(Head::Upgrade(len))) => start(stream, peer, len, &event_loop),
        Ok(Ok(Head::Http)) => {
            tokio::task::spawn_local(crate::http::serve(stream, peer, event_loop));
        }
        Ok(Ok(Head::Gone) | Err(_)) | Err(_) => {}
    }
}

fn start(stream: TcpStream, peer: SocketAddr, len: usize, event_loop: &Rc<EventLoop>) {
    let decision = {
        let mut buffer = event_loop.buffer.borrow_mut();
        match stream.try_read(&mut buffer[..len]) {
            Ok(read) if read == len => {}
            _ => return,
        }
        parse(&buffer[..len], peer, event_loop)
    };
    match decision {
        Ok(accepted) => {
            tokio::task::spawn_local(Connection::run(stream, accepted, event_loop.clone()));
        }
        Err(refused) => {
            event_loop.shared.metrics.refused(refused.status);
            let _ = stream.try_write(&refused.response());
        }
    }
}

fn parse(
    head: &[u8],
    peer: SocketAddr,
    event_loop: &EventLoop,
) -> Result<super::connection::Accepted, upgrade::Refused> {
    let malformed = || upgrade::Refused { status: 400, reason: "the request cannot be read" };
    let mut fields = [httparse::EMPTY_HEADER; head::MOST_FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    let target = match request.parse(head) {
        Ok(httparse::Status::Complete(_)) => request.path.ok_or_else(malformed)?,
        _ => return Err(malformed()),
    };
    let (authority, target) = split_target(target).ok_or_else(malformed)?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let fields: Vec<_> = request.headers.iter().map(|field| (field.name, field.value)).collect();
    upgrade::decide(&Request { path, query, authority, fields: &fields }, peer, event_loop)
}

/// A target is a path, or a whole URL as proxies are sent it: then the host it names, and the path.
fn split_target(target: &str) -> Option<(Option<&str>, &str)> {
    if target.starts_with('/') {
        return Some((None, target));
    }
    let (_, rest) = target.split_once("://")?;
    let path = rest.find('/')?;
    Some((Some(&rest[..path]), &rest[path..]))
}

/// Small messages leave at once, and the kernel does not hoard what a slow peer does not read.
fn tune(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    #[cfg(target_os = "linux")]
    let _ = SockRef::from(stream).set_tcp_notsent_lowat(NOT_SENT);
}

/// Takes over a connection on which the HTTP server agreed to an upgrade.
pub(crate) fn adopt(
    stream: TcpStream,
    accepted: super::connection::Accepted,
    event_loop: &Rc<EventLoop>,
) {
    tokio::task::spawn_local(Connection::run(stream, accepted, event_loop.clone()));
}
