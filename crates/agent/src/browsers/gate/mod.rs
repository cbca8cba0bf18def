//! The only way out of a browser: a forward proxy inside the agent, one for each browser.
//!
//! It resolves names itself and judges the address that it connects to, so neither redirects nor frames, scripts,
//! `WebSocket`s or names that lead elsewhere the second time get around it. It reads heads of requests and nothing else.
//!
//! It has two doors, one of them for `WebSocket`s alone: inside of a tunnel nobody could tell them from the rest.

mod peer;
mod request;
mod rules;
mod sockets;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use parking_lot::Mutex;

pub(crate) use rules::Rules;
pub use rules::{Allowance, InvalidAllowance};

use super::permission::Permission;
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
    socket_address: SocketAddr,
    owner: watch::Sender<Option<i32>>,
    refused: watch::Receiver<Option<String>>,
    inside: Arc<Inside>,
    tasks: [JoinHandle<()>; 2],
}

/// What a door is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Requests,
    Sockets,
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
    #[error("nothing that may go to {0} is expected here")]
    Unexpected(String),
}

#[derive(Debug)]
struct Inside {
    rules: Rules,
    owner: watch::Receiver<Option<i32>>,
    refused: watch::Sender<Option<String>>,
    /// What a run may do; everything if nothing is said.
    permission: Mutex<Option<Permission>>,
    /// Changes when all connections have to end.
    cuts: watch::Sender<()>,
}

impl Gate {
    /// Opens a gate that nobody may use yet.
    pub(super) async fn open(rules: Rules) -> io::Result<Self> {
        let requests = TcpListener::bind(("127.0.0.1", 0)).await?;
        let sockets = TcpListener::bind(("127.0.0.1", 0)).await?;
        let (address, socket_address) = (requests.local_addr()?, sockets.local_addr()?);
        let (owner, owned) = watch::channel(None);
        let (refuses, refused) = watch::channel(None);
        let permission = Mutex::default();
        let cuts = watch::Sender::new(());
        let inside = Arc::new(Inside { rules, owner: owned, refused: refuses, permission, cuts });
        let tasks = [
            tokio::spawn(serve(requests, inside.clone(), Door::Requests)),
            tokio::spawn(serve(sockets, inside.clone(), Door::Sockets)),
        ];
        Ok(Self { address, socket_address, owner, refused, inside, tasks })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens for those who want to open a `WebSocket`.
    pub(super) fn socket_address(&self) -> SocketAddr {
        self.socket_address
    }

    /// From now on only what that permits gets through, and what got through before is cut off.
    pub(super) fn guard(&self, permission: Option<Permission>) {
        let is_guarded = permission.is_some();
        *self.inside.permission.lock() = permission;
        if is_guarded {
            self.cut();
        }
    }

    /// Ends all connections.
    pub(super) fn cut(&self) {
        self.inside.cuts.send_replace(());
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
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn serve(listener: TcpListener, inside: Arc<Inside>, door: Door) {
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
        let mut cut = inside.cuts.subscribe();
        connections.spawn(async move {
            // An error is the end of one connection, which the browser sees for itself.
            tokio::select! {
                _ = inside.carry(socket, peer, door) => {}
                _ = cut.changed() => {}
            }
            drop(permit);
        });
    }
}

impl Inside {
    async fn carry(&self, mut socket: TcpStream, peer: SocketAddr, door: Door) -> io::Result<()> {
        let Some(leader) = *self.owner.borrow() else { return Ok(()) };
        let listens_at = socket.local_addr()?;
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
        if door == Door::Sockets && head.asked.is_some() {
            return refuse(&mut socket, "400 Bad Request", "this door is for tunnels").await;
        }
        let permission = self.permission.lock().clone();
        if let (Door::Sockets, Some(permission)) = (door, &permission) {
            return self.carry_socket(socket, &head.target, permission).await;
        }
        let mut upstream = match self.way_out(&head, permission.as_ref()).await {
            Ok(upstream) => upstream,
            Err(why) => {
                let status = match &why {
                    NoWay::Closed(_) | NoWay::Unexpected(_) => "403 Forbidden",
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

    async fn way_out(
        &self,
        head: &Head,
        permission: Option<&Permission>,
    ) -> Result<TcpStream, NoWay> {
        let Target { host, port } = &head.target;
        let (method, uri) = match &head.asked {
            Some((method, uri)) => (&**method, Some(&**uri)),
            None => ("CONNECT", None),
        };
        if permission.is_some_and(|permission| !permission.lets(method, uri, host, *port)) {
            return Err(NoWay::Unexpected(host.clone()));
        }
        self.reach(host, *port).await
    }

    /// A connection to where it may go; tells people if it may not.
    async fn reach(&self, host: &str, port: u16) -> Result<TcpStream, NoWay> {
        let way = timeout(CONNECT_WITHIN, self.connect(host, port)).await;
        let way = way.unwrap_or_else(|_| Err(NoWay::Unreachable(host.to_owned())));
        if let Err(why @ NoWay::Closed(_)) = &way {
            self.refused.send_replace(Some(why.to_string()));
        }
        way
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

#[cfg(test)]
mod tests;
