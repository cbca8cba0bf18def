//! The only way out of a browser: a forward proxy inside the agent, one for each browser.
//!
//! It resolves names itself and judges the address that it connects to, so neither redirects nor frames, scripts,
//! `WebSocket`s or names that lead elsewhere the second time get around it. It reads heads of requests and nothing else.

mod peer;
mod request;
mod rules;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

pub(crate) use rules::Rules;
pub use rules::{Allowance, InvalidAllowance};

use request::{Head, Target};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream, lookup_host},
    sync::{Semaphore, watch},
    task::{JoinHandle, JoinSet},
    time::timeout,
};

/// How many connections a browser may have. Overflow rule: further ones wait.
const MOST_CONNECTIONS: usize = 256;
/// The longest head of a request.
const LONGEST_HEAD: usize = 64 << 10;
/// How long a head may take to come.
const HEAD_WITHIN: Duration = Duration::from_secs(15);
/// How long resolving and connecting may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(20);

/// One browser's gate. Closed when this is dropped, with all that goes through it.
#[derive(Debug)]
pub(super) struct Gate {
    address: SocketAddr,
    owner: watch::Sender<Option<i32>>,
    refused: watch::Receiver<Option<String>>,
    task: JoinHandle<()>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
enum NoWay {
    #[error("{0} is closed to browsers on this machine; `--browser-allow` opens it")]
    Closed(String),
    #[error("{0} cannot be found")]
    Unknown(String),
    #[error("{0} cannot be reached")]
    Unreachable(String),
}

#[derive(Debug)]
struct Inside {
    rules: Rules,
    listens_at: SocketAddr,
    owner: watch::Receiver<Option<i32>>,
    refused: watch::Sender<Option<String>>,
}

impl Gate {
    /// Opens a gate that nobody may use yet.
    pub(super) async fn open(rules: Rules) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (owner, owned) = watch::channel(None);
        let (refuses, refused) = watch::channel(None);
        let inside =
            Arc::new(Inside { rules, listens_at: address, owner: owned, refused: refuses });
        let task = tokio::spawn(serve(listener, inside));
        Ok(Self { address, owner, refused, task })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on the processes of that one's session may use it, and nobody else.
    pub(super) fn belongs_to(&self, leader: i32) {
        self.owner.send_replace(Some(leader));
    }

    /// What was refused last, in words; changes with each refusal.
    pub(super) fn refusals(&self) -> watch::Receiver<Option<String>> {
        self.refused.clone()
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, inside: Arc<Inside>) {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    // Ends with this task.
    let mut connections = JoinSet::new();
    loop {
        let Ok(permit) = room.clone().acquire_owned().await else { return };
        let Ok((socket, peer)) = listener.accept().await else {
            // Out of descriptors: whoever holds them has to let go first.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        while connections.try_join_next().is_some() {}
        let inside = inside.clone();
        connections.spawn(async move {
            // An error is the end of one connection, which the browser sees for itself.
            let _ = inside.carry(socket, peer).await;
            drop(permit);
        });
    }
}

impl Inside {
    async fn carry(&self, mut socket: TcpStream, peer: SocketAddr) -> io::Result<()> {
        let Some(leader) = *self.owner.borrow() else { return Ok(()) };
        let listens_at = self.listens_at;
        let is_owner =
            tokio::task::spawn_blocking(move || peer::is_of(leader, peer, listens_at)).await?;
        if !is_owner {
            tracing::warn!(%peer, "somebody else knocked at a browser's gate");
            return Ok(());
        }
        socket.set_nodelay(true)?;
        let read = timeout(HEAD_WITHIN, read_head(&mut socket)).await;
        let Ok(Some((bytes, length))) = read? else {
            return refuse(&mut socket, "400 Bad Request", "this is no request for a proxy").await;
        };
        let Some(head) = Head::parse(&bytes[..length]) else {
            return refuse(&mut socket, "400 Bad Request", "this is no request for a proxy").await;
        };
        let Target { host, port } = &head.target;
        let way = timeout(CONNECT_WITHIN, self.connect(host, *port)).await;
        let mut upstream = match way.unwrap_or_else(|_| Err(NoWay::Unreachable(host.clone()))) {
            Ok(upstream) => upstream,
            Err(why) => {
                let status = match &why {
                    NoWay::Closed(_) => {
                        self.refused.send_replace(Some(why.to_string()));
                        "403 Forbidden"
                    }
                    NoWay::Unknown(_) | NoWay::Unreachable(_) => "502 Bad Gateway",
                };
                return refuse(&mut socket, status, &why.to_string()).await;
            }
        };
        match &head.forwarded {
            Some(forwarded) => upstream.write_all(forwarded).await?,
            None => socket.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?,
        }
        upstream.write_all(&bytes[length..]).await?;
        copy_bidirectional(&mut socket, &mut upstream).await.map(drop)
    }

    async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, NoWay> {
        let found = lookup_host((host, port)).await;
        let found: Vec<_> = found.map_err(|_| NoWay::Unknown(host.to_owned()))?.collect();
        let open = found.iter().filter(|address| self.rules.permit(host, address.ip()));
        let mut is_closed = true;
        for address in open {
            is_closed = false;
            if let Ok(stream) = TcpStream::connect(address).await {
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
        }
        let named = host.to_owned();
        Err(if is_closed { NoWay::Closed(named) } else { NoWay::Unreachable(named) })
    }
}

/// What came until the head was whole, and how long the head is; nothing if it is too long or ends before.
async fn read_head(socket: &mut TcpStream) -> io::Result<Option<(Vec<u8>, usize)>> {
    let mut bytes = Vec::with_capacity(4 << 10);
    loop {
        let from = bytes.len().saturating_sub(3);
        if socket.read_buf(&mut bytes).await? == 0 || bytes.len() > LONGEST_HEAD {
            return Ok(None);
        }
        if let Some(end) = bytes[from..].windows(4).position(|four| four == b"\r\n\r\n") {
            return Ok(Some((bytes, from + end + 4)));
        }
    }
}

async fn refuse(socket: &mut TcpStream, status: &str, why: &str) -> io::Result<()> {
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{why}",
        why.len()
    );
    socket.write_all(answer.as_bytes()).await?;
    socket.shutdown().await
}
