//! Accepting: every event loop has its own listener on the same port, the kernel shares connections out.

use std::{io, net::SocketAddr, rc::Rc, task::Poll, time::Duration};

use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::net::{TcpListener, TcpStream};

use super::{admission::Full, event_loop::EventLoop, greet, refused::Refused};
use crate::descriptors::{self, Reserve};

/// Connections the kernel keeps ready for us.
const BACKLOG: i32 = 4096;
/// What the kernel may hold unsent per socket. More would defeat every policy about slow viewers.
const NOT_SENT: u32 = 128 * 1024;
/// How long to wait when nothing can be accepted, not even to be refused.
const PAUSE: Duration = Duration::from_millis(50);
/// How much of a refused peer's request is read, so that closing does not reset its answer away.
const DISCARDED: usize = 4096;

/// A listener on a port that nobody has yet; [`bind_beside`] may share it afterwards.
pub(crate) fn bind(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = socket(address)?;
    // Taken alone, shared later: another server of the same user would otherwise get half of our connections.
    socket.bind(&address.into())?;
    socket.set_reuse_port(true)?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// One more listener on a port that is ours.
pub(crate) fn bind_beside(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = socket(address)?;
    socket.set_reuse_port(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn socket(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Accepts for as long as the loop runs. While it stops, peers are told so.
pub(crate) async fn serve(event_loop: Rc<EventLoop>, listener: TcpListener) {
    let mut reserve = Reserve::new();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) if reserve.restore() => admit(stream, peer, &event_loop),
            Ok((stream, _)) => {
                // The reserve was lost to somebody quicker; this descriptor becomes the next one, or
                // nobody could be refused any more and all would wait.
                event_loop.shared.exhaustion.note(event_loop.now());
                refuse(&stream, Full::Descriptors, &event_loop);
                drop(stream);
                reserve.restore();
            }
            Err(error) if descriptors::is_exhaustion(&error) => {
                // Once, since a crowd that comes again and again would fill the log.
                if event_loop.shared.exhaustion.note(event_loop.now()) {
                    tracing::warn!(%error, "connections are refused");
                }
                if !refuse_one(&listener, &mut reserve, &event_loop) {
                    tokio::time::sleep(PAUSE).await;
                }
            }
            // A peer that left before it was accepted says nothing about the next one.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn admit(stream: TcpStream, peer: SocketAddr, event_loop: &Rc<EventLoop>) {
    let shared = &event_loop.shared;
    // A proxy's own address says nothing about whose connection it is; the head will.
    let address = Some(peer.ip()).filter(|ip| !shared.config.trusted_proxies.contains(*ip));
    match shared.admission.admit(address) {
        Ok(place) => {
            tune(&stream);
            tokio::task::spawn_local(greet::greet(stream, peer, place, event_loop.clone()));
        }
        Err(full) => refuse(&stream, full, event_loop),
    }
}

/// Takes one peer from the queue with the descriptor kept back for this, and tells it to come later.
/// Nobody would answer it otherwise, and it would keep the listener ready for ever. `false` if even
/// that cannot be done now.
fn refuse_one(listener: &TcpListener, reserve: &mut Reserve, event_loop: &EventLoop) -> bool {
    reserve.release();
    let waker = std::task::Waker::noop();
    let accepted = listener.poll_accept(&mut std::task::Context::from_waker(waker));
    let is_refused = match accepted {
        Poll::Ready(Ok((stream, _))) => {
            refuse(&stream, Full::Descriptors, event_loop);
            true
        }
        // Somebody else was quicker, or took the descriptor.
        Poll::Pending => true,
        Poll::Ready(Err(_)) => false,
    };
    reserve.restore() && is_refused
}

/// Says no without waiting for the request, or for a handshake, which costs more than a refusal may.
fn refuse(stream: &TcpStream, full: Full, event_loop: &EventLoop) {
    let refused = Refused::from(full);
    event_loop.tally.refused(refused.cause);
    if event_loop.shared.certificate.is_none() {
        let _ = stream.try_write(&refused.response());
    }
    let _ = SockRef::from(stream).shutdown(std::net::Shutdown::Write);
    let mut discarded = [0; DISCARDED];
    let _ = stream.try_read(&mut discarded);
}

/// Small messages leave at once, and the kernel does not hoard what a slow peer does not read.
fn tune(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    #[cfg(target_os = "linux")]
    let _ = SockRef::from(stream).set_tcp_notsent_lowat(NOT_SENT);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_shared_among_the_loops_of_one_server_only() {
        let ours = bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = ours.local_addr().unwrap();
        let beside = bind_beside(address).unwrap();
        let error = bind(address).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        drop((ours, beside));
        assert!(bind(address).is_ok(), "a restart gets it again");
    }
}
