//! Whose the other end of a loopback connection is.

use std::{
    fs,
    net::{IpAddr, SocketAddr},
};

use crate::processes::tree;

/// Whether a process of that leader's session holds the connection from `peer` to `here`.
pub(super) fn is_of(leader: i32, peer: SocketAddr, here: SocketAddr) -> bool {
    let Some(inode) = inode(peer, here) else { return false };
    let wanted = format!("socket:[{inode}]");
    tree::of_session(leader).into_iter().any(|pid| {
        let Ok(open) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
        open.flatten().any(|open| {
            fs::read_link(open.path()).is_ok_and(|link| link.as_os_str() == wanted.as_str())
        })
    })
}

/// The socket whose own address is `peer` and whose other end is `here` (`proc_net(5)`).
fn inode(peer: SocketAddr, here: SocketAddr) -> Option<u64> {
    let (peer, here) = (written(peer)?, written(here)?);
    let table = fs::read_to_string("/proc/net/tcp").ok()?;
    table.lines().find_map(|line| {
        let mut fields = line.split_ascii_whitespace().skip(1);
        let is_it = fields.next()? == peer && fields.next()? == here;
        if is_it { fields.nth(6)?.parse().ok() } else { None }
    })
}

/// An address as the kernel writes it.
fn written(address: SocketAddr) -> Option<String> {
    let IpAddr::V4(four) = address.ip() else { return None };
    Some(format!("{:08X}:{:04X}", u32::from_ne_bytes(four.octets()), address.port()))
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn a_connection_is_known_to_be_of_this_process_and_of_no_other() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (_accepted, peer) = listener.accept().unwrap();
        let here = listener.local_addr().unwrap();
        assert_eq!(socket.local_addr().unwrap(), peer);
        let session = nix::unistd::getsid(None).unwrap().as_raw();
        assert!(is_of(session, peer, here));
        assert!(!is_of(1_000_000_000, peer, here));
        let nobody = SocketAddr::new(peer.ip(), 1);
        assert!(!is_of(session, nobody, here));
    }
}
