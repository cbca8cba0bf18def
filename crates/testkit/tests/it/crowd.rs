//! Ten thousand dashboards lose their server at once and all come back at once.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use pilothouse_testkit::program::{Server, request};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::watch,
    time::{sleep, timeout},
};

const CROWD: usize = 10_000;
/// Descriptors that this process needs besides one per dashboard.
const OTHERS: u64 = 200;

/// One dashboard: connects until it has the whole snapshot, then waits for the end, for ever.
async fn attend(address: SocketAddr, head: Arc<str>, here: Arc<AtomicUsize>) {
    loop {
        let joined = join(address, &head).await;
        let Some(mut stream) = joined else {
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        here.fetch_add(1, Ordering::Relaxed);
        let mut piece = [0; 512];
        while matches!(stream.read(&mut piece).await, Ok(1..)) {}
        here.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection on which the last part of the snapshot has come.
async fn join(address: SocketAddr, head: &str) -> Option<TcpStream> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    stream.write_all(head.as_bytes()).await.ok()?;
    let mut got = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let read = stream.read(&mut piece).await.ok().filter(|read| *read > 0)?;
        got.extend_from_slice(&piece[..read]);
        let has = |part: &str| got.windows(part.len()).any(|window| window == part.as_bytes());
        if has("\"type\":\"agent:list\"") && has("sleep 1000") {
            return Some(stream);
        }
    }
}

async fn until_all(here: &AtomicUsize, deadline: Duration) -> Duration {
    let begun = Instant::now();
    while here.load(Ordering::Relaxed) < CROWD {
        assert!(begun.elapsed() < deadline, "{} are here", here.load(Ordering::Relaxed));
        sleep(Duration::from_millis(20)).await;
    }
    begun.elapsed()
}

/// Asks for `/health` all the time; gives the longest time an answer took.
async fn watch_health(address: SocketAddr, mut over: watch::Receiver<bool>) -> (Duration, usize) {
    let (mut longest, mut answers) = (Duration::ZERO, 0);
    while !*over.borrow_and_update() {
        let begun = Instant::now();
        let answer = timeout(Duration::from_secs(20), async {
            let mut stream = TcpStream::connect(address).await?;
            let request = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            stream.write_all(request.as_bytes()).await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await?;
            std::io::Result::Ok(answer)
        });
        match answer.await.expect("health answers") {
            Ok(answer) if answer.starts_with("HTTP/1.1 200") => {
                longest = longest.max(begun.elapsed());
                answers += 1;
            }
            // Between two lives nobody listens.
            Ok(_) | Err(_) => {}
        }
        let _ = timeout(Duration::from_millis(100), over.changed()).await;
    }
    (longest, answers)
}

#[test]
fn ten_thousand_dashboards_are_back_within_twenty_seconds() {
    let (_, hard) =
        nix::sys::resource::getrlimit(nix::sys::resource::Resource::RLIMIT_NOFILE).unwrap();
    if hard < CROWD as u64 + OTHERS {
        eprintln!("skipped: this process may have {hard} descriptors only");
        return;
    }
    nix::sys::resource::setrlimit(nix::sys::resource::Resource::RLIMIT_NOFILE, hard, hard).unwrap();
    let mut server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let mut viewer = server.dashboard();
    viewer.send(&request("agent-1", "sleep 1000"));
    viewer.expect_status("running");
    let address = server.address();
    let head: Arc<str> = format!(
        "GET /ws/dashboard HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Authorization: Bearer {}\r\n\r\n",
        server.operator()
    )
    .into();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.unwrap();
    let here = Arc::new(AtomicUsize::new(0));
    for _ in 0..CROWD {
        runtime.spawn(attend(address, head.clone(), here.clone()));
    }
    let first = runtime.block_on(until_all(&here, Duration::from_secs(60)));
    let (over, is_over) = watch::channel(false);
    let health = runtime.spawn(watch_health(address, is_over));
    server.kill_and_restart();
    while here.load(Ordering::Relaxed) > CROWD / 2 {
        // The ends have to come first, or those who are still here would count as back.
        std::thread::yield_now();
    }
    let back = runtime.block_on(until_all(&here, Duration::from_secs(20)));
    over.send(true).unwrap();
    let (longest, answers) = runtime.block_on(health).unwrap();
    eprintln!("first {first:?}, back {back:?}, health at most {longest:?} in {answers} answers");
    assert!(answers > 0 && longest < Duration::from_secs(1), "{longest:?} in {answers}");
}
