//! Browsers as they are: a real Chromium, real sites, and a door for pictures that takes them.

mod aimed;
mod ends;
mod gates;
mod pages;
mod permitted;
mod places;
mod shown;
mod steered;

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use nix::unistd::Pid;
use pilothouse_core::ids::{AgentId, SessionId};
use pilothouse_protocols::agent_link::{
    browsers::{Browser, BrowserState, Go, TabAction, Way},
    messages::{FromAgent, FromServer},
    requests::{Ask, Failure},
};
use pilothouse_websocket::connect::Connector;
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::timeout;

use super::{Browsers, Destination};
use crate::AgentConfig;

/// How long any single fact may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(45);

/// Two targets of four pixels, one of them further down; the title says what was hit last.
const TARGETS: &str = "<title>ready</title><style>body { margin: 0; width: 3000px; height: 5000px }
    i { position: absolute; width: 4px; height: 4px; background: red }</style>
    <i id=near style='left: 300px; top: 200px'></i><i id=far style='left: 400px; top: 1500px'></i><script>
    let hits = 0, farHits = 0, misses = 0;
    near.onmousedown = event => { document.title = 'down' };
    near.onclick = event => { event.stopPropagation(); document.title = `hit ${++hits}` };
    far.onclick = event => { event.stopPropagation(); document.title = `far hit ${++farHits}` };
    document.documentElement.onclick = () => { document.title = `missed ${++misses}` };
    onscroll = () => { if (scrollY === 1000) document.title = 'scrolled to 1000' };
    onkeydown = event => { if (event.key === 'z') {
        scrollTo(0, 0); document.body.style.zoom = 1.5; document.title = 'zoomed' }
        // Where the middles of both are in the window, as far as it shows them.
        if (event.key === 'v') {
            const { scale, offsetLeft, offsetTop } = visualViewport;
            const places = [near, far].map(target => target.getBoundingClientRect())
                .map(box => [(box.x + 2 - offsetLeft) * scale, (box.y + 2 - offsetTop) * scale]);
            document.title = `at ${JSON.stringify({ scale, places, ratio: devicePixelRatio })}` } };
    </script>";
/// A field whose text is the title.
const TYPING: &str =
    "<title>ready</title><style>body { margin: 0 } input { width: 300px; height: 40px }</style>
    <input id=field><script>field.oninput = () => { document.title = field.value };
    field.onkeypress = event => { if (event.key === 'Enter') document.title = 'sent' }</script>";
/// Says how something was dragged, touched and clicked.
const DRAGGING: &str = "<title>ready</title><style>html, body { margin: 0; height: 100%; touch-action: none }</style><script>
    let from, begun, last;
    onmousedown = event => { from = event };
    onmouseup = event => { const by = [event.x - from.x, event.y - from.y];
        document.title = by[0] || by[1] ? `dragged by ${by}` : `clicked ${event.x},${event.y}` };
    ontouchstart = event => { begun = event.touches[0] };
    ontouchmove = event => { last = event.touches[0] };
    ontouchend = () => { document.title =
        `touched ${begun.clientX},${begun.clientY} to ${last.clientX},${last.clientY}` };
    </script>";

/// A site on this machine. What it shows is in [`site`].
fn site() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(stream));
        }
    });
    address
}

fn serve(mut stream: TcpStream) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let first = lines.next()?.ok()?;
    while !lines.next()?.ok()?.is_empty() {}
    let path = first.split(' ').nth(1)?.to_owned();
    let (extra, body) = match path.split('?').next()? {
        "/still" => ("", "<title>still</title><h1>nothing moves here</h1>".to_owned()),
        "/other" => ("", "<title>other</title><body style='background:teal'>".to_owned()),
        "/busy" => (
            "",
            "<title>busy</title><canvas id=c width=1280 height=700></canvas><script>
            const x = c.getContext('2d'); let n = 0;
            const draw = () => { x.fillStyle = `hsl(${n++ % 360} 90% 50%)`; x.fillRect(n % 900, 0, 300, 700);
            requestAnimationFrame(draw) }; draw()</script>"
                .to_owned(),
        ),
        "/hang" => ("", "<title>hang</title><script>setTimeout(() => { for (;;); }, 200)</script>".to_owned()),
        "/windows" => (
            "",
            "<title>windows</title><script>for (let n = 0; n < Number(location.search.slice(1)); n++) open('/still?' + n)</script>".to_owned(),
        ),
        "/alert" => (
            "",
            "<title>alert</title><script>setTimeout(() => { alert('who is there?'); document.title = 'answered' }, 100)</script>"
                .to_owned(),
        ),
        "/leave" => (
            "",
            "<title>leave</title><script>onbeforeunload = event => event.preventDefault()</script>".to_owned(),
        ),
        "/away" => {
            let to = path.split_once('?').map(|(_, to)| to.to_owned()).unwrap_or_default();
            let head = format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            return stream.write_all(head.as_bytes()).ok();
        }
        "/fetch" => {
            let to = path.split_once('?').map(|(_, to)| to.to_owned()).unwrap_or_default();
            let script = format!(
                "<title>fetch</title><iframe src='{to}'></iframe><script>
                const said = [];
                const say = word => {{ said.push(word); document.title = said.sort().join() }};
                fetch('{to}', {{mode: 'no-cors'}}).then(() => say('fetched'), () => say('no fetch'));
                const socket = new WebSocket('{to}'.replace('http', 'ws'));
                socket.onopen = () => say('opened'); socket.onerror = () => say('no socket');
                </script>"
            );
            ("", script)
        }
        "/targets" => ("", TARGETS.to_owned()),
        "/typing" => ("", TYPING.to_owned()),
        "/dragging" => ("", DRAGGING.to_owned()),
        "/file" => ("content-disposition: attachment; filename=plan.txt\r\n", "the plan".to_owned()),
        _ => ("", "<title>else</title>".to_owned()),
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n{extra}content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()
}

/// A door for pictures that takes what comes, and says so.
struct Relay {
    address: SocketAddr,
    pictures: mpsc::Receiver<(Instant, Value)>,
    /// Pictures are taken as long as this says so.
    takes: Arc<std::sync::atomic::AtomicBool>,
}

impl Relay {
    fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, pictures) = mpsc::channel();
        let takes = Arc::new(std::sync::atomic::AtomicBool::new(true));
        let taking = takes.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (sender, taking) = (sender.clone(), taking.clone());
                thread::spawn(move || take(stream, &sender, &taking));
            }
        });
        Self { address, pictures, takes }
    }

    /// The next picture.
    fn next(&self) -> Value {
        self.pictures.recv_timeout(PATIENCE).expect("a picture comes").1
    }

    /// All that came until now.
    fn drain(&self) -> Vec<(Instant, Value)> {
        self.pictures.try_iter().collect()
    }
}

fn take(
    stream: TcpStream,
    pictures: &mpsc::Sender<(Instant, Value)>,
    takes: &std::sync::atomic::AtomicBool,
) -> Option<()> {
    let mut socket = tungstenite::accept(stream).ok()?;
    loop {
        let message = socket.read().ok()?;
        let tungstenite::Message::Text(text) = message else { continue };
        let picture: Value = serde_json::from_str(&text).ok()?;
        let ack = format!(r#"{{"type":"ack","seq":{}}}"#, picture["seq"]);
        pictures.send((Instant::now(), picture)).ok()?;
        if takes.load(std::sync::atomic::Ordering::Relaxed) {
            socket.send(tungstenite::Message::text(ack)).ok()?;
        }
    }
}

/// An agent's browsers, and all that is around them.
struct Bench {
    browsers: Arc<Browsers>,
    relay: Relay,
    site: SocketAddr,
    folder: TempDir,
    seen: VecDeque<FromAgent>,
}

impl Bench {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut AgentConfig)) -> Self {
        nix::sys::prctl::set_child_subreaper(true).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let relay = Relay::listen();
        let address = relay.address;
        let id = AgentId::new("a-1").unwrap();
        let mut config = AgentConfig::new("ws://127.0.0.1:1", id, None, folder.path());
        config.browser.allow = vec!["loopback".parse().unwrap()];
        change(&mut config);
        let connector = Connector::new(None, Duration::from_secs(5)).unwrap();
        let destinations = move |session: &SessionId, _: Option<&str>| {
            Some(Destination {
                address: format!("ws://{address}").parse().unwrap(),
                path: format!("/ws/stream/{session}?ack=1"),
                fields: Vec::new(),
                acknowledges: true,
            })
        };
        let browsers = Browsers::new(Arc::new(config), connector, Arc::new(destinations));
        Self { browsers, relay, site: site(), folder, seen: VecDeque::new() }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.site)
    }

    async fn open(&self, path: &str) {
        let url = self.url(path);
        self.ask(Ask::OpenBrowser {
            session: "s-1".into(),
            url: Some(url),
            width: None,
            height: None,
            token: None,
        })
        .await
        .unwrap();
    }

    async fn ask(&self, ask: Ask) -> Result<(), Failure> {
        timeout(PATIENCE, self.browsers.answer(ask)).await.expect("an answer comes").map(drop)
    }

    async fn go(&self, url: &str) -> Result<(), Failure> {
        self.ask(Ask::Browse { session: "s-1".into(), go: Go::To { url: url.to_owned() } }).await
    }

    async fn close(&self) {
        self.ask(Ask::CloseBrowser { session: "s-1".into() }).await.unwrap();
    }

    fn watch(&self, fps: u32) {
        self.browsers.take(&FromServer::BrowserWanted { session: "s-1".into(), fps });
    }

    /// Waits until the browser is as wanted.
    async fn until(&mut self, wanted: impl Fn(&Browser) -> bool) -> Browser {
        let mut last = None;
        let found = timeout(PATIENCE, async {
            loop {
                self.seen.extend(self.browsers.take_news());
                while let Some(news) = self.seen.pop_front() {
                    if let FromAgent::Browser(browser) = news {
                        last = Some(browser.clone());
                        if wanted(&browser) {
                            return *browser;
                        }
                    }
                }
                self.browsers.changed().await;
            }
        })
        .await;
        found.unwrap_or_else(|_| panic!("it was last {last:?}"))
    }

    async fn until_title(&mut self, title: &str) -> Browser {
        self.until(|browser| browser.title == title).await
    }

    /// The processes of the browser: the one that was started, and those of a kind.
    fn processes(&self, kind: &str) -> Vec<i32> {
        let mark = self.folder.path().to_str().unwrap();
        let mut found = Vec::new();
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let Ok(pid) = entry.file_name().to_string_lossy().parse::<i32>() else { continue };
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            let is_kind = match kind {
                "" => {
                    line.contains(mark)
                        && line.contains("--remote-debugging-pipe")
                        && !line.contains("--type=")
                }
                kind => line.contains(mark) && line.contains(&format!("--type={kind}")),
            };
            if is_kind {
                found.push(pid);
            }
        }
        found
    }

    /// Everything that descends from this process, zombies included.
    fn descendants() -> Vec<String> {
        let mut left = Vec::new();
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            let fields = stat.rsplit_once(')').map(|(_, rest)| rest.to_owned()).unwrap_or_default();
            let parent = fields.split_ascii_whitespace().nth(1).and_then(|it| it.parse().ok());
            if parent == Some(Pid::this().as_raw()) {
                left.push(stat);
            }
        }
        left
    }

    fn folders(&self) -> Vec<PathBuf> {
        let Ok(all) = std::fs::read_dir(self.folder.path().join("browsers")) else {
            return Vec::new();
        };
        all.flatten().map(|entry| entry.path()).collect()
    }
}

fn kill(pids: &[i32]) {
    assert!(!pids.is_empty(), "there is nothing to kill");
    for pid in pids {
        let _ = nix::sys::signal::kill(Pid::from_raw(*pid), nix::sys::signal::Signal::SIGKILL);
    }
}

/// What a picture shows, roughly: the bytes of its JPEG.
fn jpeg(picture: &Value) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(picture["data"].as_str().unwrap()).unwrap()
}

fn read_all(mut from: impl Read) -> String {
    let mut text = String::new();
    let _ = from.read_to_string(&mut text);
    text
}
