//! A site on this machine for browsers on this machine.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
};

/// What each path shows.
const PAGES: &[(&str, &str)] = &[
    ("/still", "<title>still</title><h1>nothing moves here</h1>"),
    // A picture that no picture before was like, as often as the screen is painted.
    (
        "/busy",
        "<title>busy</title><body style='margin:0'><canvas id=c width=1280 height=720></canvas><script>
        const x = c.getContext('2d'); let n = 0;
        const draw = () => { x.fillStyle = `hsl(${n++ % 360} 60% 50%)`; x.fillRect(n % 900, 0, 300, 700);
        x.font = '40px sans-serif'; x.fillText(n, 20, 60 + n % 600); requestAnimationFrame(draw) }; draw()</script>",
    ),
    // A target of four pixels; the title says what was hit.
    (
        "/target",
        "<title>ready</title><style>html, body { margin: 0; height: 100% }
        i { position: absolute; left: 300px; top: 200px; width: 4px; height: 4px; background: red }</style><i id=it></i>
        <script>let hits = 0, misses = 0;
        it.onclick = event => { event.stopPropagation(); document.title = `hit ${++hits}` };
        document.documentElement.onclick = () => { document.title = `missed ${++misses}` }</script>",
    ),
];

/// Opens it. It stays for as long as the process lives.
pub(super) fn open() -> SocketAddr {
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
    let path = first.split(' ').nth(1)?;
    let page = PAGES.iter().find(|(name, _)| *name == path);
    let body = page.map_or("<!doctype html><title>else</title>", |(_, body)| *body);
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()
}
