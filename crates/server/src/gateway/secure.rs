//! Greeting over TLS: handshake, then a head that cannot be peeked at and is kept until it is whole.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::{Buf, Bytes};
use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{
    admission::Place,
    event_loop::EventLoop,
    greet,
    head::{self, Head},
    refused::{Cause, Refused},
    transport::Transport,
};

/// The first byte of every TLS connection: a record of the handshake.
const HANDSHAKE: u8 = 22;
/// How much is read at a time.
const PIECE: usize = 4096;

/// A stream that the HTTP server can serve, and that the gateway can take over.
pub(crate) trait Carrier: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// What is left when HTTP is over.
    fn into_transport(self) -> Transport;
}

impl Carrier for TcpStream {
    fn into_transport(self) -> Transport {
        Transport::Plain(self)
    }
}

/// A TLS stream whose first bytes have been read already.
pub(crate) struct Begun {
    first: Bytes,
    stream: TlsStream<TcpStream>,
}

impl Carrier for Begun {
    fn into_transport(self) -> Transport {
        let (tcp, session) = self.stream.into_inner();
        Transport::tls(tcp, session)
    }
}

/// Does the handshake and reads a head, all within the header timeout.
pub(super) async fn greet(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    (peer, place): (SocketAddr, Rc<Place>),
    event_loop: Rc<EventLoop>,
) {
    let timeout = event_loop.shared.config.header_timeout;
    let Ok(Ok(Some((stream, bytes, head)))) =
        tokio::time::timeout(timeout, open(stream, config)).await
    else {
        return;
    };
    match head {
        Head::Upgrade(len) => match greet::parse(&bytes[..len], peer, &place, &event_loop) {
            Ok(mut accepted) => {
                accepted.leftover = bytes[len..].to_vec();
                let (tcp, session) = stream.into_inner();
                greet::adopt(Transport::tls(tcp, session), accepted, place, &event_loop);
            }
            Err(refused) => {
                event_loop.tally.refused(refused.cause);
                let said = say(stream, refused.response());
                let _ = tokio::time::timeout(timeout, said).await;
            }
        },
        Head::Http => {
            let begun = Begun { first: bytes.into(), stream };
            tokio::task::spawn_local(crate::http::serve(begun, peer, place, event_loop));
        }
        Head::Gone => {}
    }
}

/// The stream, what has been read of it, and what that is.
async fn open(
    mut stream: TcpStream,
    config: Arc<ServerConfig>,
) -> io::Result<Option<(TlsStream<TcpStream>, Vec<u8>, Head)>> {
    let mut first = [0];
    stream.peek(&mut first).await?;
    if first[0].is_ascii_alphabetic() {
        let reason = "this port speaks TLS; use https:// or wss://";
        stream.write_all(&Refused::new(Cause::Malformed, reason).response()).await?;
        stream.shutdown().await?;
        // Closing with an unread request would reset the connection, and the answer could be lost.
        let mut rest = [0; PIECE];
        while stream.read(&mut rest).await? > 0 {}
        return Ok(None);
    }
    if first[0] != HANDSHAKE {
        return Ok(None);
    }
    let mut stream = TlsAcceptor::from(config).accept(stream).await?;
    let mut bytes = Vec::with_capacity(PIECE);
    loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
        match head::classify(&bytes) {
            Some(head) => return Ok(Some((stream, bytes, head))),
            None if bytes.len() >= head::LONGEST => return Ok(Some((stream, bytes, Head::Http))),
            None => {}
        }
    }
}

async fn say(mut stream: TlsStream<TcpStream>, response: Bytes) -> io::Result<()> {
    stream.write_all(&response).await?;
    stream.shutdown().await
}

impl AsyncRead for Begun {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.first.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let len = self.first.len().min(buffer.remaining());
        buffer.put_slice(&self.first[..len]);
        self.first.advance(len);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Begun {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
