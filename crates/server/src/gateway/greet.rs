//! Greeting: finds out what a peer wants, and hands it to a door, to the HTTP server, or refuses it.

use std::{net::SocketAddr, rc::Rc};

use tokio::net::TcpStream;

use super::{
    admission::Place,
    connection::{Accepted, Connection},
    event_loop::EventLoop,
    head::{self, Head},
    refused::{Cause, Refused},
    secure,
    transport::Transport,
    upgrade::{self, Request},
};

/// Reads a head within the header timeout. Small on purpose: thousands may be here.
pub(super) async fn greet(
    stream: TcpStream,
    peer: SocketAddr,
    place: Rc<Place>,
    event_loop: Rc<EventLoop>,
) {
    if let Some(certificate) = &event_loop.shared.certificate {
        let config = certificate.current();
        // Boxed, so that plain peers do not carry the room for a handshake.
        let secure = secure::greet(stream, config, (peer, place), event_loop);
        return Box::pin(secure).await;
    }
    let timeout = event_loop.shared.config.header_timeout;
    let head = tokio::time::timeout(timeout, head::wait(&stream, &event_loop)).await;
    match head {
        Ok(Ok(Head::Upgrade(len))) => start(stream, (peer, place), len, &event_loop),
        Ok(Ok(Head::Http)) => {
            tokio::task::spawn_local(crate::http::serve(stream, peer, place, event_loop));
        }
        Ok(Ok(Head::Gone) | Err(_)) | Err(_) => {}
    }
}

fn start(
    stream: TcpStream,
    (peer, place): (SocketAddr, Rc<Place>),
    len: usize,
    event_loop: &Rc<EventLoop>,
) {
    let decision = {
        let mut buffer = event_loop.buffer.borrow_mut();
        match stream.try_read(&mut buffer[..len]) {
            Ok(read) if read == len => {}
            _ => return,
        }
        parse(&buffer[..len], peer, &place, event_loop)
    };
    match decision {
        Ok(accepted) => adopt(Transport::Plain(stream), accepted, place, event_loop),
        Err(refused) => {
            event_loop.tally.refused(refused.cause);
            let _ = stream.try_write(&refused.response());
        }
    }
}

pub(super) fn parse(
    head: &[u8],
    peer: SocketAddr,
    place: &Place,
    event_loop: &EventLoop,
) -> Result<Accepted, Refused> {
    let malformed = || Refused::new(Cause::Malformed, "the request cannot be read");
    let mut fields = [httparse::EMPTY_HEADER; head::MOST_FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    let target = match request.parse(head) {
        Ok(httparse::Status::Complete(_)) => request.path.ok_or_else(malformed)?,
        _ => return Err(malformed()),
    };
    let (authority, target) = split_target(target).ok_or_else(malformed)?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let fields: Vec<_> = request.headers.iter().map(|field| (field.name, field.value)).collect();
    upgrade::decide(&Request { path, query, authority, fields: &fields }, peer, place, event_loop)
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

/// Begins the conversation with a peer that was let in.
pub(crate) fn adopt(
    transport: Transport,
    accepted: Accepted,
    place: Rc<Place>,
    event_loop: &Rc<EventLoop>,
) {
    tokio::task::spawn_local(Connection::run(transport, accepted, place, event_loop.clone()));
}
