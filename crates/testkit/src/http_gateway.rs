//! A real HTTP gateway for agents that are elsewhere: it answers what a test tells it to, and keeps what it is asked.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Instant,
};

use serde_json::{Value, json};

use crate::program::PATIENCE;

/// One request as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Method and path, such as `GET /sessions`.
    pub line: String,
    /// The header fields, as they were.
    pub head: String,
    /// The body, byte for byte.
    pub body: Vec<u8>,
}

/// What is answered to a path.
#[derive(Debug, Clone)]
pub enum Reply {
    /// JSON.
    Json(Value),
    /// These bytes, as they are: status line, fields, body.
    Raw(Vec<u8>),
    /// Nothing: the connection stays open and silent.
    Silence,
    /// A body without an end, as fast as it is read.
    Flood,
}

#[derive(Default)]
struct State {
    replies: Mutex<BTreeMap<String, Reply>>,
    asked: Mutex<Vec<Asked>>,
    came: Condvar,
    is_over: AtomicBool,
}

/// The gateway.
pub struct HttpGateway {
    state: Arc<State>,
    address: SocketAddr,
}

impl HttpGateway {
    /// One that is well and has no sessions.
    pub fn start() -> Self {
        Self::at("127.0.0.1:0".parse().expect("an address"))
    }

    /// The same at a fixed address.
    pub fn at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).expect("the port is free");
        let address = listener.local_addr().expect("it listens");
        let state = Arc::new(State::default());
        let kept = state.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if kept.is_over.load(Ordering::Relaxed) {
                    return;
                }
                let state = kept.clone();
                thread::spawn(move || state.serve(stream));
            }
        });
        let gateway = Self { state, address };
        gateway.answer("/health", Reply::Json(json!({"status": "ok"})));
        gateway.answer("/sessions", Reply::Json(json!({"sessions": []})));
        gateway
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on that path is answered with this.
    pub fn answer(&self, path: &str, reply: Reply) {
        self.state.replies.lock().expect("no test panicked").insert(path.to_owned(), reply);
    }

    /// From now on it has these sessions.
    pub fn has(&self, sessions: &Value) {
        self.answer("/sessions", Reply::Json(json!({ "sessions": sessions })));
    }

    /// The next request whose line is `line`, from the `from`th request on.
    pub fn expect(&self, from: usize, line: &str) -> Asked {
        let deadline = Instant::now() + PATIENCE;
        let mut asked = self.state.asked.lock().expect("no test panicked");
        loop {
            if let Some(found) = asked.iter().skip(from).find(|asked| asked.line == line) {
                return found.clone();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "nobody asked {line}");
            asked = self.state.came.wait_timeout(asked, left).expect("no test panicked").0;
        }
    }

    /// All that it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.state.asked.lock().expect("no test panicked").clone()
    }

    /// How often it was asked for anything.
    pub fn count(&self) -> usize {
        self.state.asked.lock().expect("no test panicked").len()
    }

    /// Waits until it was asked for its sessions so many times more, so that what it answers now was seen.
    pub fn wait_for_looks(&self, times: usize) {
        for _ in 0..times {
            self.expect(self.count(), "GET /sessions");
        }
    }
}

impl Drop for HttpGateway {
    fn drop(&mut self) {
        self.state.is_over.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts, so that the port is free again.
        let _ = TcpStream::connect(self.address);
    }
}

impl State {
    fn serve(&self, mut stream: TcpStream) {
        let Some(asked) = read(&mut stream) else { return };
        let path = asked.line.split(' ').nth(1).unwrap_or_default().to_owned();
        let reply = self.replies.lock().expect("no test panicked").get(&path).cloned();
        self.asked.lock().expect("no test panicked").push(asked);
        self.came.notify_all();
        let _ = match reply {
            None => stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"),
            Some(Reply::Raw(bytes)) => stream.write_all(&bytes),
            Some(Reply::Json(value)) => {
                let body = value.to_string();
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                stream.write_all([head, body].concat().as_bytes())
            }
            // Until the other side has had enough.
            Some(Reply::Silence) => stream.read_to_end(&mut Vec::new()).map(drop),
            Some(Reply::Flood) => {
                let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[";
                let mut written = stream.write_all(head);
                while written.is_ok() {
                    written = stream.write_all(&[b' '; 4096]);
                }
                written
            }
        };
    }
}

/// One request with the length it says it has.
fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).ok()?;
    let (first, _) = head.split_once(" HTTP/1.1\r\n")?;
    let field = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse().ok())?
    };
    let mut body = vec![0; head.lines().find_map(field).unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    Some(Asked { line: first.to_owned(), head: head.clone(), body })
}
