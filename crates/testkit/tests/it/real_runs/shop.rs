//! A shop on this machine in which runs buy tea. It tells what reached it, and has one page that comes when a test says so.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    thread,
};

use pilothouse_testkit::waiting::wait_until;
use serde_json::{Value, json};

const PAGES: &[(&str, &str)] = &[
    ("/", "<title>The tea shop</title><h1>The tea shop</h1><a href=/green>Green tea</a>"),
    (
        "/green",
        "<title>Green tea</title><h1>Green tea</h1><form method=post action=/orders>
        <label>Your name <input name=name autocomplete=off></label><button>Order</button></form>",
    ),
    ("/gate", "<title>open</title><h1>The gate is open</h1><a href=/green>Green tea</a>"),
    ("/favicon.ico", ""),
];

/// What is known of it.
#[derive(Default)]
struct State {
    /// Methods and paths of all requests.
    visits: Vec<String>,
    orders: Vec<String>,
    is_open: bool,
}

type Shared = Arc<(Mutex<State>, Condvar)>;

/// It stays for as long as the process lives.
pub(super) struct Shop {
    address: SocketAddr,
    shared: Shared,
}

impl Shop {
    pub(super) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Shared::default();
        let kept = shared.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { address, shared: kept }
    }

    pub(super) fn host(&self) -> String {
        self.address.to_string()
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    /// Bodies of what was sent to it.
    pub(super) fn orders(&self) -> Vec<String> {
        self.shared.0.lock().unwrap().orders.clone()
    }

    /// Waits until somebody asked for that, such as `GET /gate`.
    pub(super) fn expect(&self, visit: &str) {
        let was = || self.shared.0.lock().unwrap().visits.iter().any(|it| it == visit);
        wait_until(&format!("a browser asks for {visit}"), was);
    }

    /// Lets through who waits at the gate, and who comes.
    pub(super) fn open_gate(&self) {
        self.shared.0.lock().unwrap().is_open = true;
        self.shared.1.notify_all();
    }

    /// What it takes to order, in six steps.
    pub(super) fn script(&self, name: &str) -> Value {
        json!([
            {"type": "navigate", "url": self.url(""), "explanation": "where the tea is"},
            {"type": "click", "role": "link", "name": "Green tea"},
            {"type": "type", "role": "textbox", "name": "Your name", "text": name},
            {"type": "click", "role": "button", "name": "Order"},
            {"type": "wait", "text": "It is on its way."},
            {"type": "done", "answer": format!("ordered for {name}")},
        ])
    }

    /// The same, with the gate between its first step and the others.
    pub(super) fn script_through_the_gate(&self, name: &str) -> Value {
        let Value::Array(mut script) = self.script(name) else { unreachable!("it is a list") };
        script.insert(1, json!({"type": "navigate", "url": self.url("gate")}));
        Value::Array(script)
    }
}

fn serve(mut stream: TcpStream, shared: &Shared) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).ok()?;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? <= 2 {
            break;
        }
        if let Some(number) = line.to_lowercase().strip_prefix("content-length: ") {
            length = number.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut words = first.split(' ');
    let (method, path) = (words.next()?, words.next()?);
    let (state, changed) = &**shared;
    let mut state = state.lock().unwrap();
    state.visits.push(format!("{method} {path}"));
    if method == "POST" {
        state.orders.push(String::from_utf8_lossy(&body).into_owned());
    }
    if path == "/gate" {
        state = changed.wait_while(state, |state| !state.is_open).unwrap();
    }
    drop(state);
    let page = PAGES.iter().find(|(name, _)| *name == path);
    let thanks = "<title>Thank you</title><h1>Thank you</h1><p>It is on its way.</p>";
    let page = page.map_or(thanks, |(_, page)| *page);
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length:";
    stream.write_all(format!("{head} {}\r\n\r\n{page}", page.len()).as_bytes()).ok()
}
