//! `pilothouse doctor` finds what proxies, clocks and wrong tokens break, and says what to do.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    process::Command,
    thread,
};

use pilothouse_testkit::{
    certificate::CertificateFiles,
    program::{Server, program},
    redis::Redis,
};
use serde_json::Value;
use tempfile::TempDir;

/// What the doctor said, and how it ended.
struct Report {
    exit: Option<i32>,
    json: Value,
}

impl Report {
    /// Verdict and sentence of a check.
    fn of(&self, check: &str) -> (&str, &str) {
        let checks = self.json["checks"].as_array().unwrap();
        let found = checks.iter().find(|one| one["check"] == check);
        let found = found.unwrap_or_else(|| panic!("no check `{check}` in {}", self.json));
        (found["verdict"].as_str().unwrap(), found["sentence"].as_str().unwrap())
    }

    fn verdict(&self, check: &str) -> &str {
        self.of(check).0
    }
}

/// Looks at a server from a machine that has no data of its own.
fn look(url: &str, token: &str) -> Report {
    look_with(url, token, &[])
}

fn look_with(url: &str, token: &str, more: &[&str]) -> Report {
    let empty = TempDir::new().unwrap();
    let output = Command::new(program())
        .args(["doctor", "--json", "--listen", "127.0.0.1:0", "--server", url])
        .args(more)
        .args(["--data-dir".as_ref(), empty.path().join("data").as_os_str()])
        .env("PILOTHOUSE_CONFIG", "/dev/null")
        .env("PILOTHOUSE_TOKEN", token)
        .output()
        .unwrap();
    let json = serde_json::from_slice(&output.stdout);
    let json = json.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    Report { exit: output.status.code(), json }
}

/// A proxy that changes each line of the head of a request before it passes it on.
fn proxy(target: SocketAddr, change: fn(&str) -> String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            thread::spawn(move || pass_on(client, target, change));
        }
    });
    format!("http://{address}")
}

fn pass_on(client: TcpStream, target: SocketAddr, change: fn(&str) -> String) {
    let mut server = TcpStream::connect(target).unwrap();
    let mut reader = BufReader::new(client.try_clone().unwrap());
    let mut head = String::new();
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
        head.push_str(&change(&line));
        if line == "\r\n" {
            break;
        }
        line.clear();
    }
    server.write_all(head.as_bytes()).unwrap();
    let (mut from, mut to) = (server.try_clone().unwrap(), client);
    let back = thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
    });
    let _ = std::io::copy(&mut reader, &mut server);
    let _ = server.shutdown(Shutdown::Both);
    let _ = back.join();
}

/// As proxies do that speak HTTP/1.0 to what is behind them.
fn loses_upgrades(line: &str) -> String {
    let name = line.split(':').next().unwrap_or_default().to_lowercase();
    match name.as_str() {
        "upgrade" => String::new(),
        "connection" => "Connection: close\r\n".to_owned(),
        _ => line.to_owned(),
    }
}

/// As proxies do that name what is behind them.
fn changes_the_host(line: &str) -> String {
    let is_host = line.to_lowercase().starts_with("host:");
    if is_host { "Host: localhost\r\n".to_owned() } else { line.to_owned() }
}

fn unchanged(line: &str) -> String {
    line.to_owned()
}

#[test]
fn a_server_that_is_well_is_found_well_through_a_good_proxy() {
    let server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let direct = format!("http://{}", server.address());
    for url in [direct, proxy(server.address(), unchanged)] {
        let report = look(&url, &server.operator());
        assert_eq!(report.exit, Some(0), "{}", report.json);
        for check in ["server", "health", "clock", "agents", "websocket", "token", "page"] {
            assert_eq!(report.verdict(check), "ok", "{}", report.json);
        }
    }
}

#[test]
fn a_proxy_that_loses_upgrades_is_told_with_the_remedy() {
    let server = Server::start(&[]);
    let report = look(&proxy(server.address(), loses_upgrades), &server.operator());
    assert_eq!(report.exit, Some(1));
    assert_eq!(report.verdict("server"), "ok");
    let (verdict, sentence) = report.of("websocket");
    assert_eq!(verdict, "problem");
    assert!(sentence.contains("426") && sentence.contains("$http_upgrade"), "{sentence}");
}

#[test]
fn a_proxy_that_changes_the_host_is_told_with_the_remedy() {
    let server = Server::start(&[]);
    let report = look(&proxy(server.address(), changes_the_host), &server.operator());
    assert_eq!(report.verdict("websocket"), "ok");
    let (verdict, sentence) = report.of("page");
    assert_eq!((report.exit, verdict), (Some(1), "problem"));
    assert!(sentence.contains("pass Host on"), "{sentence}");
}

#[test]
fn a_token_of_another_server_is_told() {
    let (server, other) = (Server::start(&[]), Server::start(&[]));
    let report = look(&format!("http://{}", server.address()), &other.operator());
    assert_eq!((report.exit, report.verdict("websocket")), (Some(1), "ok"));
    assert_eq!(report.verdict("token"), "problem");
    assert_eq!(report.verdict("agents"), "warning", "no agent was ever here");
}

#[test]
fn a_server_with_tls_is_looked_at_by_its_name_and_whom_one_trusts() {
    let files = CertificateFiles::absent();
    files.replace();
    let (certificate, key) = (files.certificate(), files.key());
    let (certificate, key) = (certificate.to_str().unwrap(), key.to_str().unwrap());
    let server = Server::start(&[("tls.certificate", certificate), ("tls.key", key)]);
    let url = format!("https://localhost:{}", server.address().port());
    let report = look_with(&url, &server.operator(), &["--ca", certificate]);
    assert_eq!(report.exit, Some(0), "{}", report.json);
    assert!(report.of("certificate").1.contains("good until 4096-01-01"), "{}", report.json);
    for check in ["websocket", "token", "page"] {
        assert_eq!(report.verdict(check), "ok", "{}", report.json);
    }
    let stranger = look(&url, &server.operator());
    assert_eq!(stranger.verdict("server"), "problem");
    assert!(stranger.of("server").1.contains("TLS"), "{}", stranger.json);
}

#[test]
fn a_clock_that_is_wrong_is_told() {
    let body = r#"{"status":"ok","timestamp":"2001-01-01T00:00:00.000Z","version":"0.1.0","websocket":{},"agents":{}}"#;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let _ = client.read(&mut [0; 4096]);
            let length = body.len();
            let _ = client.write_all(
                format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}").as_bytes(),
            );
        }
    });
    let report = look(&url, "");
    let (verdict, sentence) = report.of("clock");
    assert_eq!(verdict, "warning");
    assert!(sentence.contains("behind ours"), "{sentence}");
    assert_eq!(report.verdict("websocket"), "problem", "200 is no upgrade");
}

#[test]
fn nobody_there_is_a_problem() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let report = look(&format!("http://{free}"), "x");
    assert_eq!((report.exit, report.verdict("server")), (Some(1), "problem"));
}

#[test]
fn a_configured_redis_is_tried_and_one_that_does_not_answer_is_no_more_than_a_warning() {
    let redis = Redis::start_with(Some("open-sesame-4712")).unwrap();
    let server = Server::start(&[]);
    let (url, token) = (format!("http://{}", server.address()), server.operator());
    assert!(look(&url, &token).json.to_string().find("\"redis\"").is_none(), "it is not wanted");
    let with = |address: &str| look_with(&url, &token, &["--set", &format!("redis.url={address}")]);
    let report = with(&redis.url());
    assert_eq!(report.of("redis"), ("ok", "Redis answers"));
    for wrong in [redis.url_with(Some("another-sesame-4712")), "redis://127.0.0.1:1".to_owned()] {
        let report = with(&wrong);
        assert_eq!((report.verdict("redis"), report.exit), ("warning", Some(0)), "{}", report.json);
        assert!(!report.json.to_string().contains("sesame"), "{}", report.json);
    }
}
