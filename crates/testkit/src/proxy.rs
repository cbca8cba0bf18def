//! A TCP proxy that does to connections what networks do: cuts, resets, silence, delay, narrowness.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream, tcp},
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};

/// The most that is passed on at once.
const PIECE: usize = 64 * 1024;
/// How many pieces may be on their way in each direction. When there are more, the sender waits.
const MOST_UNDER_WAY: usize = 64;
/// How much the kernel keeps in front of a narrow line. One that kept more would be a long queue and not a narrow line.
const KEPT_BEFORE_NARROW: u32 = 8 * 1024;
/// No byte count at which to cut.
const NEVER: u64 = u64::MAX;

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// With a FIN to both ends, as when the programs between them are stopped.
    Fin,
    /// With an RST to both ends, as when a middlebox forgets the connection.
    Reset,
}

/// What the network is like at present.
#[derive(Debug, Clone, Copy)]
struct Weather {
    /// How often all connections were cut, and how the last time.
    cuts: (u64, Cut),
    /// Nothing is passed on and nobody is told.
    is_silent: bool,
    /// New connections are closed at once.
    refuses: bool,
    /// How long every byte is under way.
    delay: Duration,
    /// How many bytes a second pass in each direction of each connection.
    rate: Option<u64>,
}

/// What all connections of a proxy share.
#[derive(Clone)]
struct Network {
    weather: watch::Receiver<Weather>,
    change: Arc<watch::Sender<Weather>>,
    live: Arc<AtomicUsize>,
    /// How many bytes may still pass before everything is cut.
    budget: Arc<AtomicU64>,
}

/// Passes bytes on until it is told otherwise. Listens for as long as the process lives.
pub struct Proxy {
    address: SocketAddr,
    network: Network,
}

impl Proxy {
    /// A proxy in front of that address, in fair weather.
    pub fn before(target: SocketAddr) -> Self {
        let fair = Weather {
            cuts: (0, Cut::Fin),
            is_silent: false,
            refuses: false,
            delay: Duration::ZERO,
            rate: None,
        };
        let (change, weather) = watch::channel(fair);
        let network = Network {
            weather,
            change: Arc::new(change),
            live: Arc::default(),
            budget: Arc::new(AtomicU64::new(NEVER)),
        };
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        listener.set_nonblocking(true).expect("a listener can be asked without waiting");
        let address = listener.local_addr().expect("a listener has an address");
        let shared = network.clone();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("there is a runtime").block_on(listen(listener, target, shared));
        });
        Self { address, network }
    }

    /// Where to connect instead.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts every connection with a FIN; new ones are passed on. Returns how many there were.
    pub fn cut(&self) -> usize {
        self.cut_with(Cut::Fin)
    }

    /// Cuts every connection in that way; new ones are passed on. Returns how many there were.
    pub fn cut_with(&self, how: Cut) -> usize {
        let live = self.network.live.load(Ordering::Relaxed);
        self.change(|weather| weather.cuts = (weather.cuts.0 + 1, how));
        live
    }

    /// Cuts every connection when so many more bytes have passed, wherever that is in a message.
    pub fn cut_after(&self, bytes: u64) {
        self.network.budget.store(bytes, Ordering::Relaxed);
    }

    /// From now on nothing arrives at either end, nor a word about that; or everything does again.
    pub fn silence(&self, is_silent: bool) {
        self.change(|weather| weather.is_silent = is_silent);
    }

    /// From now on new connections are closed at once, or passed on again.
    pub fn refuse(&self, refuses: bool) {
        self.change(|weather| weather.refuses = refuses);
    }

    /// From now on every byte takes so long, and as many as before pass in a second.
    pub fn delay(&self, delay: Duration) {
        self.change(|weather| weather.delay = delay);
    }

    /// From now on so many bytes a second pass in each direction of each connection.
    pub fn throttle(&self, rate: Option<u64>) {
        self.change(|weather| weather.rate = rate);
    }

    fn change(&self, change: impl FnOnce(&mut Weather)) {
        self.network.change.send_modify(change);
    }
}

async fn listen(listener: std::net::TcpListener, target: SocketAddr, network: Network) {
    let listener = TcpListener::from_std(listener).expect("the runtime takes listeners");
    loop {
        let Ok((client, _)) = listener.accept().await else { continue };
        let network = network.clone();
        if network.weather.borrow().refuses {
            continue;
        }
        tokio::spawn(async move {
            let is_narrow = network.weather.borrow().rate.is_some();
            if let Ok(server) = connect(target, is_narrow).await {
                network.live.fetch_add(1, Ordering::Relaxed);
                join(client, server, &network).await;
                network.live.fetch_sub(1, Ordering::Relaxed);
            }
        });
    }
}

async fn connect(target: SocketAddr, is_narrow: bool) -> std::io::Result<TcpStream> {
    let socket = if target.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if is_narrow {
        socket.set_recv_buffer_size(KEPT_BEFORE_NARROW)?;
    }
    socket.connect(target).await
}

/// Passes bytes on in both directions until one end has had enough or the connection is cut.
async fn join(client: TcpStream, server: TcpStream, network: &Network) {
    let mut weather = network.weather.clone();
    let seen = weather.borrow().cuts.0;
    let _ = network.budget.compare_exchange(0, NEVER, Ordering::Relaxed, Ordering::Relaxed);
    let mut ends = (client, server);
    let cut = {
        let (from_client, to_client) = ends.0.split();
        let (from_server, to_server) = ends.1.split();
        let both = async {
            tokio::join!(
                pass(from_client, to_server, network),
                pass(from_server, to_client, network)
            )
        };
        tokio::select! {
            _ = both => None,
            changed = weather.wait_for(|weather| weather.cuts.0 != seen) => {
                changed.ok().map(|weather| weather.cuts.1)
            }
        }
    };
    if cut == Some(Cut::Reset) {
        // Without lingering, closing is an RST.
        let _ = ends.0.set_zero_linger();
        let _ = ends.1.set_zero_linger();
    }
}

/// One direction: what is read waits as long as it is under way, then it is written.
async fn pass(mut from: tcp::ReadHalf<'_>, mut to: tcp::WriteHalf<'_>, network: &Network) {
    let (send, mut under_way) = mpsc::channel::<(Instant, Vec<u8>)>(MOST_UNDER_WAY);
    let read = async move {
        let mut weather = network.weather.clone();
        let mut is_free = Instant::now();
        loop {
            if weather.wait_for(|weather| !weather.is_silent).await.is_err() {
                return;
            }
            // The line is narrow where it begins, so that whoever sends sees it.
            let longest = weather.borrow().rate.map_or(PIECE, one_step);
            let mut piece = vec![0; longest];
            let Ok(read @ 1..) = from.read(&mut piece).await else { return };
            piece.truncate(read);
            let rate = weather.borrow().rate;
            if let Some(rate) = rate {
                is_free = is_free.max(Instant::now()) + takes(read, rate);
                sleep_until(is_free).await;
            }
            let arrives = Instant::now() + weather.borrow().delay;
            if send.send((arrives, piece)).await.is_err() {
                return;
            }
        }
    };
    let write = async move {
        let mut weather = network.weather.clone();
        while let Some((arrives, piece)) = under_way.recv().await {
            sleep_until(arrives).await;
            if weather.wait_for(|weather| !weather.is_silent).await.is_err() {
                return;
            }
            let may_pass = spend(&network.budget, piece.len() as u64);
            let piece = &piece[..usize::try_from(may_pass).unwrap_or(piece.len()).min(piece.len())];
            if to.write_all(piece).await.is_err() {
                return;
            }
            if network.budget.load(Ordering::Relaxed) == 0 {
                network.change.send_modify(|weather| weather.cuts = (weather.cuts.0 + 1, Cut::Fin));
                // Nothing passes behind what was cut off; the connection is over in a moment.
                return std::future::pending().await;
            }
        }
        let _ = to.shutdown().await;
    };
    tokio::join!(read, write);
}

/// Takes as much of the budget as there is, up to `wanted`.
fn spend(budget: &AtomicU64, wanted: u64) -> u64 {
    let left = |left| if left == NEVER { left } else { left - wanted.min(left) };
    let before = budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |have| Some(left(have)));
    before.map_or(wanted, |before| before.min(wanted))
}

/// How long so many bytes take on a line of that many a second.
fn takes(bytes: usize, rate: u64) -> Duration {
    Duration::from_nanos((bytes as u64).saturating_mul(1_000_000_000) / rate.max(1))
}

/// How many bytes pass at once. A hundred steps a second are narrow enough for anybody who measures in seconds.
fn one_step(rate: u64) -> usize {
    usize::try_from(rate / 100).unwrap_or(PIECE).clamp(1, PIECE)
}

#[cfg(test)]
mod tests {
    use std::{
        io::{ErrorKind, Read, Write},
        net::{TcpListener, TcpStream},
    };

    use super::*;

    fn pair() -> (Proxy, TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Proxy::before(listener.local_addr().unwrap());
        let client = TcpStream::connect(proxy.address()).unwrap();
        let server = listener.accept().unwrap().0;
        for end in [&client, &server] {
            end.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        }
        (proxy, client, server)
    }

    fn read(stream: &mut TcpStream, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        stream.read_exact(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn bytes_pass_in_both_directions_and_so_does_the_end() {
        let (_proxy, mut client, mut server) = pair();
        client.write_all(b"there").unwrap();
        assert_eq!(read(&mut server, 5), b"there");
        server.write_all(b"back").unwrap();
        assert_eq!(read(&mut client, 4), b"back");
        drop(client);
        assert_eq!(server.read(&mut [0]).unwrap(), 0);
    }

    #[test]
    fn a_cut_is_an_end_or_a_reset_as_asked() {
        let (proxy, mut client, mut server) = pair();
        client.write_all(b"x").unwrap();
        read(&mut server, 1);
        assert_eq!(proxy.cut(), 1);
        assert_eq!(client.read(&mut [0]).unwrap(), 0);
        let (proxy, mut client, mut server) = pair();
        client.write_all(b"x").unwrap();
        read(&mut server, 1);
        proxy.cut_with(Cut::Reset);
        assert_eq!(client.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
        assert_eq!(server.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    }

    #[test]
    fn silence_keeps_everything_back_and_says_nothing() {
        let (proxy, mut client, mut server) = pair();
        proxy.silence(true);
        client.write_all(b"later").unwrap();
        server.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let nothing = server.read(&mut [0]).unwrap_err().kind();
        assert!(matches!(nothing, ErrorKind::WouldBlock | ErrorKind::TimedOut), "{nothing}");
        proxy.silence(false);
        server.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        assert_eq!(read(&mut server, 5), b"later");
    }

    #[test]
    fn a_connection_can_be_cut_in_the_middle_of_a_message() {
        let (proxy, mut client, mut server) = pair();
        proxy.cut_after(3);
        client.write_all(b"message").unwrap();
        let mut got = Vec::new();
        let _ = server.read_to_end(&mut got);
        assert_eq!(got, b"mes");
    }

    #[test]
    fn delay_and_narrowness_take_their_time() {
        let (proxy, mut client, mut server) = pair();
        proxy.delay(Duration::from_millis(150));
        let begun = std::time::Instant::now();
        client.write_all(b"x").unwrap();
        read(&mut server, 1);
        assert!(begun.elapsed() >= Duration::from_millis(150));
        proxy.delay(Duration::ZERO);
        proxy.throttle(Some(10_000));
        let begun = std::time::Instant::now();
        client.write_all(&[1; 2_000]).unwrap();
        read(&mut server, 2_000);
        assert!(begun.elapsed() >= Duration::from_millis(150), "{:?}", begun.elapsed());
        proxy.refuse(true);
        let mut refused = TcpStream::connect(proxy.address()).unwrap();
        assert_eq!(refused.read(&mut [0]).unwrap_or(0), 0);
    }
}
