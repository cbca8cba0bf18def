//! The opening of a `WebSocket` while a run's permission holds: it waits until somebody says what becomes of it.

use std::io;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::TcpStream,
    time::timeout,
};

use super::{HEAD_WITHIN, Inside, LONGEST_HEAD, request::Target};
use crate::browsers::permission::Permission;

/// What a handshake of TLS begins with (RFC 8446, 5.1).
const TLS: u8 = 22;

impl Inside {
    /// Takes the opening in, waits, and carries it on or not. The browser takes the tunnel for open: only so it says
    /// what it wants, and waits as long as it waits for a server.
    pub(super) async fn carry_socket(
        &self,
        mut socket: TcpStream,
        target: &Target,
        permission: &Permission,
    ) -> io::Result<()> {
        socket.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
        let mut opening = Vec::with_capacity(4 << 10);
        let Ok(address) = timeout(HEAD_WITHIN, listen(&mut socket, target, &mut opening)).await
        else {
            return Ok(());
        };
        let Some(address) = address? else { return Ok(()) };
        tokio::select! {
            is_admitted = permission.admits(&address) => if !is_admitted { return Ok(()) },
            ended = stays(&mut socket, &mut opening) => return ended,
        }
        let Ok(mut upstream) = self.reach(&target.host, target.port).await else { return Ok(()) };
        upstream.write_all(&opening).await?;
        copy_bidirectional(&mut socket, &mut upstream).await.map(drop)
    }
}

/// The address that is meant, as far as it can be seen; nothing if that is no opening.
async fn listen(
    socket: &mut TcpStream,
    target: &Target,
    opening: &mut Vec<u8>,
) -> io::Result<Option<String>> {
    let Target { host, port } = target;
    let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
    loop {
        if socket.read_buf(opening).await? == 0 || opening.len() > LONGEST_HEAD {
            return Ok(None);
        }
        if opening.first() == Some(&TLS) {
            return Ok(Some(format!("wss://{host}:{port}/")));
        }
        if opening.windows(4).any(|four| four == b"\r\n\r\n") {
            let line = opening.split(|byte| *byte == b'\r').next().unwrap_or_default();
            let line = String::from_utf8_lossy(line);
            let path = line.strip_prefix("GET ").and_then(|rest| rest.split(' ').next());
            return Ok(path
                .filter(|it| it.starts_with('/'))
                .map(|path| format!("ws://{host}:{port}{path}")));
        }
    }
}

/// Ends when the browser does not wait any more.
async fn stays(socket: &mut TcpStream, opening: &mut Vec<u8>) -> io::Result<()> {
    while opening.len() <= LONGEST_HEAD {
        if socket.read_buf(opening).await? == 0 {
            return Ok(());
        }
    }
    Ok(())
}
