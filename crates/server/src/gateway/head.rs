//! Reads a request's head without taking it off the socket, so that a slow handshake costs no memory.

use std::{io, mem::MaybeUninit};

use socket2::SockRef;
use tokio::{io::Interest, net::TcpStream};

use super::event_loop::EventLoop;
use crate::socket_io;

/// The longest head, in bytes: what browsers with many cookies send, and what other servers take.
pub(crate) const LONGEST: usize = 16 * 1024;
/// The most header fields.
pub(crate) const MOST_FIELDS: usize = 64;

/// What the first bytes of a connection are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Head {
    /// A whole head that asks for a WebSocket; so many bytes long.
    Upgrade(usize),
    /// Anything else; the HTTP server reads it itself.
    Http,
    /// The peer left.
    Gone,
}

/// Waits until the whole head lies in the socket. Nothing is consumed.
pub(crate) async fn wait(stream: &TcpStream, event_loop: &EventLoop) -> io::Result<Head> {
    loop {
        let ready = stream.ready(Interest::READABLE).await?;
        let looked = stream.try_io(Interest::READABLE, || {
            let mut buffer = event_loop.buffer.borrow_mut();
            let peeked = peek(stream, &mut buffer[..LONGEST])?;
            if peeked == 0 {
                return Ok(Head::Gone);
            }
            match classify(&buffer[..peeked]) {
                Some(head) => Ok(head),
                None if peeked == LONGEST => Ok(Head::Http),
                // Says that the socket has nothing new, so that the next wait is for further bytes.
                None => Err(io::ErrorKind::WouldBlock.into()),
            }
        });
        match looked {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if ready.is_read_closed() {
                    return Ok(Head::Gone);
                }
            }
            other => return other,
        }
    }
}

#[expect(unsafe_code, reason = "socket2 peeks into uninitialised memory, ours is initialised")]
fn peek(stream: &TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    let buffer: *mut [u8] = buffer;
    // SAFETY: `MaybeUninit<u8>` has the layout of `u8`, and `recv` only ever writes initialised bytes.
    let buffer = unsafe { &mut *(buffer as *mut [MaybeUninit<u8>]) };
    SockRef::from(stream).peek(buffer)
}

/// `None` if the head is not complete yet.
pub(super) fn classify(bytes: &[u8]) -> Option<Head> {
    let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    match request.parse(bytes) {
        Ok(httparse::Status::Complete(len)) => {
            let is_get = request.method == Some("GET");
            let upgrades = request.headers.iter().any(|field| {
                field.name.eq_ignore_ascii_case("upgrade")
                    && field.value.eq_ignore_ascii_case(b"websocket")
            });
            // That one is answered behind the HTTP server, by whichever transport a client comes.
            let path = request.path.unwrap_or_default().split('?').next().unwrap_or_default();
            let is_socket_io = path.trim_end_matches('/').ends_with(socket_io::PATH);
            let is_door = is_get && upgrades && !is_socket_io;
            Some(if is_door { Head::Upgrade(len) } else { Head::Http })
        }
        Ok(httparse::Status::Partial) => None,
        // The HTTP server knows how to refuse it.
        Err(_) => Some(Head::Http),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_an_upgrade_or_for_the_http_server() {
        let upgrade = b"GET /ws/agent HTTP/1.1\r\nHost: x\r\nUpgrade: WebSocket\r\n\r\n";
        assert_eq!(classify(upgrade), Some(Head::Upgrade(upgrade.len())));
        let socket_io =
            b"GET /base/ws/socket.io/?EIO=4 HTTP/1.1\r\nHost: x\r\nUpgrade: WebSocket\r\n\r\n";
        assert_eq!(classify(socket_io), Some(Head::Http));
        assert_eq!(classify(&upgrade[..30]), None);
        assert_eq!(classify(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"), Some(Head::Http));
        assert_eq!(classify(b"POST / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"), Some(Head::Http));
        assert_eq!(classify(b"\x16\x03\x01\x02"), Some(Head::Http));
    }
}
