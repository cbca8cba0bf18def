//! The site with our pages, which tell it what was hit.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    thread,
    time::Duration,
};

/// A site on this machine, at all of its own addresses: two of them are two sites to a browser.
pub(super) struct Site {
    port: u16,
    hits: mpsc::Receiver<String>,
}

impl Site {
    pub(super) fn open() -> Self {
        let listener = TcpListener::bind("0.0.0.0:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (hit, hits) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let hit = hit.clone();
                thread::spawn(move || serve(stream, &hit));
            }
        });
        Self { port, hits }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    /// What was hit since this was asked last.
    pub(super) fn hits(&self) -> Vec<String> {
        self.hits.try_iter().collect()
    }
}

fn serve(mut stream: TcpStream, hit: &mpsc::Sender<String>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? <= 2 {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    std::io::copy(&mut reader.take(length), &mut std::io::sink()).ok()?;
    let target = first.split(' ').nth(1)?.to_owned();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let mut status = "200 OK";
    let mut kind = "text/html; charset=utf-8";
    let mut more = String::new();
    let body = match path {
        "/hit" => {
            hit.send(decoded(query)).ok()?;
            String::new()
        }
        "/redirect" => {
            status = "302 Found";
            more = format!("location: {query}\r\n");
            String::new()
        }
        "/slow" | "/slow-page" => {
            thread::sleep(Duration::from_millis(query.parse().ok()?));
            page("slow-page.html")
        }
        "/never" => {
            // Whoever asked gives up, or ends.
            let _ = stream.read(&mut [0]);
            return None;
        }
        path if path.starts_with("/file/") => {
            more = "content-disposition: attachment\r\n".to_owned();
            kind = "application/octet-stream";
            "the plan".to_owned()
        }
        path => {
            if path == "/hit.js" {
                kind = "text/javascript";
            }
            page(&path[1..])
        }
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\n{more}content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()
}

fn page(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/driver/tests/pages/");
    let sound = !name.contains("..") && !name.contains('/');
    let found = sound.then(|| std::fs::read_to_string(format!("{folder}{name}")).ok()).flatten();
    found.unwrap_or_else(|| "<title>else</title><h1>Nothing is here</h1>".to_owned())
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap_or(b'0'), rest.next().unwrap_or(b'0')];
            let digits = String::from_utf8_lossy(&digits).into_owned();
            bytes.push(u8::from_str_radix(&digits, 16).unwrap_or(b'?'));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
