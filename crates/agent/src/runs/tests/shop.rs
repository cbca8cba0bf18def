//! A shop on this machine, and an agent with a real Chromium that goes there.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use pilothouse_websocket::connect::Connector;

use super::*;

/// The value of the secret `pass`.
pub(super) const VALUE: &str = "hunter2-and-more";
/// What has come when a script has ordered.
pub(super) const SENT: &str = "name=Ann&word=hunter2-and-more&size=XL";

/// A page whose fields are where a test looks for them in pictures; whatever is typed into one comes back in many ways.
const ENTRANCE: &str = "<title>entrance</title><style>body { margin: 0 } input, select { position: absolute; left: 20px;
    width: 300px; height: 30px; font: 20px monospace; border: 0; background: #fff; color: #000; outline: 0;
    caret-color: transparent }</style>
    <input id=plain aria-label=Plain style='top: 40px'><input id=word aria-label=Word style='top: 120px'>
    <input id=pass type=password aria-label=Password style='top: 200px'>
    <select id=size aria-label=Size style='top: 280px'><option>S<option>XL</select>
    <p id=echo style='position: absolute; left: -3000px'></p><script>
    word.onchange = pass.onchange = event => {
        const { value } = event.target;
        history.replaceState({}, '', '/enter?' + encodeURIComponent(value));
        document.title = value + ' ' + btoa('user:' + value);
        echo.textContent += value + ' ' + encodeURIComponent(value) + ' ';
        console.log(value);
        alert('is it ' + value + '?');
    };</script>";

/// A shop where people log in and order; each visit gives its elements other ids if it is told to.
#[derive(Clone)]
pub(super) struct Shop {
    address: SocketAddr,
    pub(super) orders: Arc<Mutex<Vec<String>>>,
    pub(super) moves: Arc<AtomicUsize>,
    /// What is at `/shown`.
    pub(super) shown: Arc<Mutex<String>>,
}

impl Shop {
    pub(super) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shop =
            Self { address, orders: Arc::default(), moves: Arc::default(), shown: Arc::default() };
        let serving = shop.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shop = serving.clone();
                thread::spawn(move || shop.serve(stream));
            }
        });
        shop
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    fn serve(&self, mut stream: TcpStream) -> Option<()> {
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
        let body = String::from_utf8_lossy(&body).into_owned();
        let moved = self.moves.load(Ordering::SeqCst);
        let page = match first.split(' ').nth(1)? {
            "/order" => {
                self.orders.lock().push(body.clone());
                format!("<title>thanks</title><h1>Thank you</h1><p id=said>You sent {body}</p>")
            }
            "/favicon.ico" => String::new(),
            "/shown" => self.shown.lock().clone(),
            path if path.starts_with("/enter") => ENTRANCE.to_owned(),
            _ => format!(
                "<title>shop</title><h1>Shop</h1><form method=post action=/order>
                <label>Name <input id=name{moved} name=name></label>
                <label>Word <input id=word{moved} name=word></label>
                <select name=size aria-label=Size id=size{moved}><option>S<option>XL</select>
                <button id=buy{moved}>Buy</button></form>"
            ),
        };
        let head =
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length:";
        stream.write_all(format!("{head} {}\r\n\r\n{page}", page.len()).as_bytes()).ok()
    }
}

impl Front {
    /// With browsers as they are.
    pub(super) fn real(change: impl FnOnce(&mut RunConfig)) -> Self {
        let mut front = Self::with(change);
        let mut config = (*front.runs.config).clone();
        config.browser.allow = vec!["loopback".parse().unwrap()];
        let secrets = config.runs.secrets_file.clone().unwrap();
        std::fs::write(secrets, format!("pass@127.0.0.1 = {VALUE}\n")).unwrap();
        let config = Arc::new(config);
        let connector = Connector::new(None, Duration::from_secs(5)).unwrap();
        let browsers = Browsers::new(config.clone(), connector, Arc::new(|_, _| None));
        front.runs = Runs::new(config, browsers);
        front
    }

    /// Processes of browsers of this agent.
    pub(super) fn processes(&self) -> usize {
        let mark = self.folder.path().join("agent/browsers");
        let mark = mark.to_str().unwrap();
        let all = std::fs::read_dir("/proc").unwrap().flatten();
        let lines = all.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
        lines.filter(|line| String::from_utf8_lossy(line).contains(mark)).count()
    }

    pub(super) fn is_silent(&self) {
        let told = serde_json::to_string(&self.heard).unwrap();
        assert!(!told.contains("hunter2"), "{told}");
    }
}

pub(super) fn order(shop: &Shop) -> Value {
    json!([
        {"type": "navigate", "url": shop.url()},
        {"type": "type", "selector": "#name0", "text": "Ann"},
        {"type": "type", "selector": "#word0", "text": "{{secret:pass}}"},
        {"type": "select", "selector": "#size0", "value": "XL"},
        {"type": "click", "selector": "#buy0"},
        {"type": "extract", "selector": "#said"},
    ])
}
