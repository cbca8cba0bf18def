//! Servers that write down everything that comes to them.

use std::fmt::Write as _;

use tokio::sync::watch;

use super::*;

/// One server on all addresses of this machine: each is another host.
pub(super) struct Recorder {
    scheme: &'static str,
    port: u16,
    seen: watch::Receiver<Vec<Arrived>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Arrived {
    pub(super) method: String,
    pub(super) host: String,
    pub(super) path: String,
    pub(super) body: String,
}

impl Recorder {
    pub(super) fn listen() -> Self {
        Self::behind(None)
    }

    /// A server that is reached with TLS alone.
    pub(super) fn behind(tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let listener = TcpListener::bind("0.0.0.0:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, seen) = watch::channel(Vec::new());
        let sender = Arc::new(sender);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (sender, tls) = (sender.clone(), tls.clone());
                thread::spawn(move || match tls {
                    None => answer(stream, &sender),
                    Some(tls) => {
                        let connection = rustls::ServerConnection::new(tls).ok()?;
                        answer(rustls::StreamOwned::new(connection, stream), &sender)
                    }
                });
            }
        });
        Self { scheme, port, seen }
    }

    /// The host whose pages are allowed.
    pub(super) fn own(&self) -> String {
        format!("{}://127.0.0.1:{}", self.scheme, self.port)
    }

    /// A host whose pages are not.
    pub(super) fn foreign(&self) -> String {
        format!("{}://127.0.0.2:{}", self.scheme, self.port)
    }

    /// Where such a page is shown; `OWN` and `FOREIGN` in it are the hosts.
    pub(super) fn page(&self, html: &str) -> String {
        format!("{}/page?{}", self.own(), encoded(&self.named(html)))
    }

    /// Such a text with the hosts in it.
    pub(super) fn named(&self, text: &str) -> String {
        text.replace("OWN", &self.own()).replace("FOREIGN", &self.foreign())
    }

    pub(super) fn seen(&self) -> Vec<Arrived> {
        self.seen.borrow().clone()
    }

    /// How often that came, to whichever host.
    pub(super) fn count(&self, method: &str, path: &str) -> usize {
        self.seen.borrow().iter().filter(|it| it.method == method && it.path == path).count()
    }

    pub(super) async fn until(&self, is_there: impl Fn(&[Arrived]) -> bool) {
        let mut seen = self.seen.clone();
        let found = timeout(PATIENCE, seen.wait_for(|seen| is_there(seen))).await.map(drop);
        assert!(found.is_ok(), "that does not come: {:#?}", self.seen());
    }
}

/// Text as part of an address.
pub(super) fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        let _ = write!(all, "%{byte:02X}");
        all
    })
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let code = more.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        let code =
            code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|_| *first == b'%');
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &more[2..] } else { more };
    }
    String::from_utf8(bytes).unwrap_or_default()
}

fn answer(stream: impl Read + Write, arrived: &watch::Sender<Vec<Arrived>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let (mut length, mut host) = (0, String::new());
    loop {
        let mut field = String::new();
        reader.read_line(&mut field).ok()?;
        let field = field.trim().to_ascii_lowercase();
        if field.is_empty() {
            break;
        }
        if let Some(value) = field.strip_prefix("content-length: ") {
            length = value.parse().ok()?;
        }
        if let Some(value) = field.strip_prefix("host: ") {
            value.clone_into(&mut host);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let body = String::from_utf8_lossy(&body).into_owned();
    let (name, query) = path.split_once('?').unwrap_or((&path, ""));
    let (status, kind, extra, content) = match name {
        "/page" => ("200 OK", "text/html", String::new(), decoded(query)),
        "/csp" => {
            let rules = "content-security-policy: img-src 'none'; report-uri /do/report\r\n";
            ("200 OK", "text/html", rules.to_owned(), decoded(query))
        }
        // This one is reported by the network and by no page.
        "/reporting" => {
            let rules = "content-security-policy: img-src 'none'; report-to here\r\nreporting-endpoints: here=\"/do/reporting\"\r\n";
            ("200 OK", "text/html", rules.to_owned(), decoded(query))
        }
        "/script" => ("200 OK", "text/javascript", String::new(), decoded(query)),
        "/away" => {
            ("302 Found", "text/plain", format!("location: {}\r\n", decoded(query)), String::new())
        }
        "/again" => {
            ("307 Again", "text/plain", format!("location: {}\r\n", decoded(query)), String::new())
        }
        _ => ("200 OK", "text/html", String::new(), format!("<title>{name}</title>")),
    };
    arrived.send_modify(|all| all.push(Arrived { method, host, path: path.clone(), body }));
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\n{extra}access-control-allow-origin: *\r\n\
         access-control-allow-headers: *\r\naccess-control-allow-methods: *\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        content.len()
    );
    let mut stream = reader.into_inner();
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(content.as_bytes()).ok()?;
    stream.flush().ok()
}
