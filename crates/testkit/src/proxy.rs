//! A TCP proxy whose connections can be cut, as a network does it: without a word to the programs at its ends.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// Passes bytes on until it is told to cut. Listens for as long as the process lives.
pub struct Proxy {
    address: SocketAddr,
    live: Arc<Mutex<Vec<TcpStream>>>,
}

impl Proxy {
    /// A proxy in front of that address.
    pub fn before(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let live: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
        let kept = live.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(target) else { continue };
                let both =
                    [&client, &server].map(|end| end.try_clone().expect("sockets can be shared"));
                kept.lock().expect("nobody panics here").extend(both);
                let back =
                    [&server, &client].map(|end| end.try_clone().expect("sockets can be shared"));
                let [from, to] = back;
                thread::spawn(move || pass(from, to));
                thread::spawn(move || pass(client, server));
            }
        });
        Self { address, live }
    }

    /// Where to connect instead.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts every connection; new ones are passed on again. Returns how many sockets there were.
    pub fn cut(&self) -> usize {
        let mut live = self.live.lock().expect("nobody panics here");
        for socket in live.iter() {
            let _ = socket.shutdown(Shutdown::Both);
        }
        live.drain(..).count()
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    let mut piece = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut piece) {
        if to.write_all(&piece[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
