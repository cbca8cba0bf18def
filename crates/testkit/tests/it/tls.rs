//! TLS on the server's port: the same conversations, certificates that change, and clear words for plain peers.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    process::Command,
    time::Instant,
};

use bytes::BytesMut;
use pilothouse_testkit::{
    certificate::{CertificateFiles, Trusted},
    program::{PATIENCE, Server, request},
    viewer::{Received, Upgrade, Viewer},
};
use pilothouse_websocket::frame::{self, Opcode};
use serde_json::{Value, json};

fn start(files: &CertificateFiles, more: &[(&str, &str)]) -> Server {
    let (certificate, key) = (files.certificate(), files.key());
    let own =
        [("tls.certificate", certificate.to_str().unwrap()), ("tls.key", key.to_str().unwrap())];
    Server::start(&[&own, more].concat())
}

fn dashboard(server: &Server, tunnel: SocketAddr) -> Viewer {
    let upgrade = Upgrade::to(format!("/ws/dashboard?token={}", server.operator()));
    let mut viewer = upgrade.send(tunnel).unwrap();
    viewer.expect("agent:list");
    viewer
}

/// The answer to a plain GET request that is sent through the tunnel; empty if it is cut off.
fn get(tunnel: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(tunnel).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let _ = stream.write_all(request.as_bytes());
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

/// Waits until the server greets with that certificate.
fn wait_until_used(trusted: &Trusted, server: &Server) -> SocketAddr {
    let tunnel = trusted.tunnel(server.address());
    let deadline = Instant::now() + PATIENCE;
    while !get(tunnel, "/health").contains("\"status\":\"ok\"") {
        assert!(Instant::now() < deadline, "the certificate is not used");
        std::thread::yield_now();
    }
    tunnel
}

/// All that a command printed, from its start to its end.
fn output(viewer: &mut Viewer) -> String {
    let mut text = String::new();
    loop {
        let Received::Text(message) = viewer.receive() else { panic!("the connection is over") };
        let message: Value = serde_json::from_str(&message).unwrap();
        match message["type"].as_str().unwrap() {
            "terminal:output" => text.push_str(message["payload"]["data"].as_str().unwrap()),
            "command:status" if message["payload"]["status"] == "completed" => return text,
            _ => {}
        }
    }
}

fn numbers(up_to: u32) -> String {
    (1..=up_to).flat_map(|number| [number.to_string(), "\n".to_owned()]).collect()
}

#[test]
fn agents_and_dashboards_speak_tls_and_nothing_is_lost_or_changed() {
    let files = CertificateFiles::absent();
    let trusted = files.replace();
    // Room for all of it, so that a viewer that reads late misses nothing.
    let server = start(&files, &[("output.ring", "64 MiB")]);
    let tunnel = trusted.tunnel(server.address());
    let mut ready = dashboard(&server, tunnel);
    let mut late = dashboard(&server, tunnel);
    let _agent = server.agent_at("agent-1", tunnel);
    ready.expect_that(|message| {
        message["type"] == "agent:status" && message["payload"]["status"] == "online"
    });
    ready.send(&request("agent-1", "seq 1 1000"));
    assert_eq!(output(&mut ready), numbers(1000));
    // More than the kernel keeps for a peer that does not read: TLS has to stop in the middle, and go on.
    ready.send(&request("agent-1", "seq 1 2000000"));
    assert!(output(&mut ready) == numbers(2_000_000), "a ready viewer got something else");
    assert_eq!(output(&mut late), numbers(1000));
    assert!(output(&mut late) == numbers(2_000_000), "a late viewer got something else");
}

#[test]
fn http_over_tls_serves_the_page_and_may_be_upgraded_later() {
    let files = CertificateFiles::absent();
    let trusted = files.replace();
    let server = start(&files, &[]);
    let tunnel = trusted.tunnel(server.address());
    assert!(get(tunnel, "/").contains("<title>Pilothouse</title>"));
    assert!(get(tunnel, "/ws/dashboard").starts_with("HTTP/1.1 426 "));
    let refused = Upgrade::to("/ws/dashboard?token=bad").send(tunnel).err().unwrap();
    assert_eq!(refused.0, 401);
    let mut stream = TcpStream::connect(tunnel).unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"}") {
        let mut piece = [0; 1024];
        let read = stream.read(&mut piece).unwrap();
        assert!(read > 0);
        answer.extend_from_slice(&piece[..read]);
    }
    let upgrade = Upgrade::to(format!("/ws/dashboard?token={}", server.operator()));
    let mut viewer = upgrade.send_on(stream, b"").unwrap();
    viewer.expect("agent:list");
    viewer.send(&json!({"type": "heartbeat", "payload": {"sequence": 3}}));
    assert_eq!(viewer.expect("heartbeat"), json!({"sequence": 3}));
}

#[test]
fn messages_that_came_with_the_request_are_answered_although_the_socket_is_quiet() {
    let files = CertificateFiles::absent();
    let trusted = files.replace();
    let server = start(&files, &[]);
    let mut behind = BytesMut::new();
    // More than is read together with the head, less than a TLS record: decrypted at once, and left lying.
    for sequence in 1..=40 {
        let beat = json!({"type": "heartbeat", "payload": {"sequence": sequence}}).to_string();
        let padded = format!("{beat:150}");
        frame::put_masked(&mut behind, Opcode::Text, padded.as_bytes(), [1, 2, 3, 4]);
    }
    assert!((5 << 10..7 << 10).contains(&behind.len()));
    let stream = TcpStream::connect(trusted.tunnel(server.address())).unwrap();
    let upgrade = Upgrade::to(format!("/ws/dashboard?token={}", server.operator()));
    let mut viewer = upgrade.send_on(stream, &behind).unwrap();
    for sequence in 1..=40 {
        assert_eq!(viewer.expect("heartbeat"), json!({"sequence": sequence}));
    }
}

#[test]
fn a_certificate_is_replaced_under_live_connections_and_a_broken_one_is_not_used() {
    let files = CertificateFiles::absent();
    let first = files.replace();
    let server = start(&files, &[]);
    let tunnel = first.tunnel(server.address());
    let mut viewer = dashboard(&server, tunnel);
    files.spoil();
    pilothouse_testkit::program::signal(server.id(), "HUP");
    assert!(get(tunnel, "/health").contains("200 OK"), "the old one is kept");
    let second = files.replace();
    let renewed = wait_until_used(&second, &server);
    assert_eq!(get(tunnel, "/health"), "", "new connections get the new one");
    viewer.send(&json!({"type": "heartbeat", "payload": {"sequence": 7}}));
    assert_eq!(viewer.expect("heartbeat"), json!({"sequence": 7}));
    dashboard(&server, renewed);
}

#[test]
fn plain_requests_are_told_that_the_port_speaks_tls() {
    let files = CertificateFiles::absent();
    let trusted = files.replace();
    let server = start(&files, &[]);
    let (status, body) = server.get("/health");
    assert_eq!(status, 400);
    assert!(body.contains("https:// or wss://"), "{body}");
    let mut garbage = TcpStream::connect(server.address()).unwrap();
    garbage.write_all(&[22, 3, 1, 255, 255, 1, 2, 3]).unwrap();
    let mut answer = Vec::new();
    let _ = garbage.read_to_end(&mut answer);
    assert!(get(trusted.tunnel(server.address()), "/health").contains("200 OK"));
}

#[test]
fn a_server_whose_certificate_cannot_be_used_does_not_start() {
    let files = CertificateFiles::absent();
    files.replace();
    let (certificate, key) = (files.certificate(), files.key());
    let (certificate, key) = (certificate.to_str().unwrap(), key.to_str().unwrap());
    let other = CertificateFiles::absent();
    other.replace();
    let other_key = other.key();
    let cases = [
        (vec![format!("tls.certificate={certificate}")], "belong together"),
        (vec![format!("tls.certificate={key}"), format!("tls.key={key}")], "no usable certificate"),
        (
            vec![
                format!("tls.certificate={certificate}"),
                format!("tls.key={}", other_key.display()),
            ],
            "cannot be used",
        ),
    ];
    for (settings, expected) in cases {
        let folder = tempfile::TempDir::new().unwrap();
        let mut serve = Command::new(pilothouse_testkit::program::program());
        serve.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder.path());
        serve.args(settings.iter().flat_map(|setting| ["--set", setting]));
        let ended = serve.output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(!ended.status.success() && said.contains(expected), "{said}");
    }
}
