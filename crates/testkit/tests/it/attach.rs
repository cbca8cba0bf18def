//! `pilothouse attach` in a real terminal, against the messages of a worker's socket, played by the test.

use std::{process::Command, time::Duration};

use pilothouse_testkit::{
    persons_terminal::PersonsTerminal,
    program::{PATIENCE, program, signal},
};
use pilothouse_websocket::stream::{Owned, WebSocketStream};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};

/// A server that has one worker, played by the test.
struct FakeServer(TcpListener);

struct FakeConnection {
    target: String,
    socket: WebSocketStream<TcpStream>,
    /// Everything that the worker has printed.
    log: String,
}

impl FakeServer {
    async fn start() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    fn attach(&self, options: &[&str]) -> Command {
        let mut command = Command::new(program());
        let server = format!("http://{}", self.0.local_addr().unwrap());
        command.args(["attach", "s-1/w-1", "--server", &server, "--token", "T"]).args(options);
        command
    }

    async fn accept(&self, log: &str) -> FakeConnection {
        let (stream, _) =
            timeout(PATIENCE, self.0.accept()).await.expect("a client comes").unwrap();
        let mut head = [0; 512];
        let read = stream.peek(&mut head).await.unwrap();
        let head = String::from_utf8_lossy(&head[..read]).into_owned();
        let target = head.split(' ').nth(1).unwrap().to_owned();
        let socket = WebSocketStream::accept(stream, 1 << 20).await.unwrap();
        FakeConnection { target, socket, log: log.to_owned() }
    }

    /// A person's terminal with the program in it, attached to a worker that has printed a prompt.
    async fn attached(&self, options: &[&str]) -> (PersonsTerminal, FakeConnection) {
        let terminal = PersonsTerminal::run(&self.attach(options), 90, 30);
        let mut connection = self.accept("$ ").await;
        assert_eq!(connection.target, "/ws/session/s-1/worker/w-1?fromOffset=0");
        connection.history(0).await;
        terminal.wait_for_text("$ ");
        (terminal, connection)
    }
}

impl FakeConnection {
    async fn say(&mut self, message: Value) {
        self.socket.send(&Owned::Text(message.to_string())).await.unwrap();
    }

    /// Tells the log from there.
    async fn history(&mut self, from: usize) {
        let data = self.log[from..].to_owned();
        let message = json!({ "type": "history", "data": data, "startOffset": from, "offset": self.log.len(), "epoch": 1 });
        self.say(message).await;
    }

    async fn print(&mut self, data: &str) {
        self.log.push_str(data);
        let message =
            json!({ "type": "output", "data": data, "offset": self.log.len(), "epoch": 1 });
        self.say(message).await;
    }

    async fn exit(&mut self, code: i32) {
        self.say(json!({ "type": "exit", "exitCode": code, "signal": null })).await;
    }

    async fn heard(&mut self) -> Value {
        loop {
            let message = timeout(PATIENCE, self.socket.receive()).await.expect("the person acts");
            if let Owned::Text(text) = message.unwrap().expect("the program is there") {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    /// What is typed, until it is all there.
    async fn typed(&mut self, length: usize) -> String {
        let mut typed = String::new();
        while typed.len() < length {
            let message = self.heard().await;
            if message["type"] == "input" {
                typed.push_str(message["data"].as_str().unwrap());
            }
        }
        typed
    }
}

fn size(columns: u16, rows: u16) -> Value {
    json!({ "type": "resize", "cols": columns, "rows": rows })
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_go_in_output_comes_out_and_the_size_follows() {
    let server = FakeServer::start().await;
    let (mut terminal, mut worker) = server.attached(&[]).await;
    assert_eq!(worker.heard().await, size(90, 30));
    assert!(!terminal.is_cooked(), "every key is the worker's");
    terminal.press("ls \u{e4}\u{3}\r");
    assert_eq!(worker.typed(6).await, "ls \u{e4}\u{3}\r", "Ctrl-C too");
    worker.print("one\r\n\u{1b}[6n\u{1b}[?1049h\u{1b}[?25ltwo").await;
    let text = terminal.wait_for_text("two");
    assert!(!text.contains("\u{1b}[6n"), "a query is the agent's to answer: {text:?}");
    terminal.resize(132, 50);
    assert_eq!(worker.heard().await, size(132, 50));
    terminal.press("\u{1d}");
    assert_eq!(terminal.exit_code(), Some(0));
    let text = terminal.wait_for_text("the worker goes on");
    assert!(text.contains("\u{1b}[?1049l") && text.contains("\u{1b}[?25h"), "{text:?}");
    assert!(terminal.is_cooked());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_workers_exit_code_is_ours() {
    let server = FakeServer::start().await;
    let (mut terminal, mut worker) = server.attached(&[]).await;
    worker.print("bye\r\n").await;
    worker.exit(7).await;
    assert_eq!(terminal.exit_code(), Some(7));
    assert!(terminal.text().contains("bye") && terminal.is_cooked());
    terminal.wait_for_text("exit code 7");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_that_leaves_can_be_another_one() {
    let server = FakeServer::start().await;
    let (mut terminal, mut worker) = server.attached(&["--detach-key", "ctrl-a"]).await;
    terminal.press("\u{1d}");
    assert_eq!(worker.typed(1).await, "\u{1d}");
    terminal.press("\u{1}");
    assert_eq!(terminal.exit_code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_costs_no_line_and_repeats_none() {
    let server = FakeServer::start().await;
    let (mut terminal, mut worker) = server.attached(&[]).await;
    for life in 0..3 {
        for line in 0..200 {
            worker.print(&format!("line {:04}.\r\n", life * 400 + line)).await;
        }
        terminal.wait_for_text(&format!("line {:04}.", life * 400 + 100));
        // The rest is printed while nobody is connected.
        let mut log = worker.log.clone();
        drop(worker);
        let rest: String =
            (200..400).map(|line| format!("line {:04}.\r\n", life * 400 + line)).collect();
        log.push_str(&rest);
        worker = server.accept(&log).await;
        let (_, from) = worker.target.split_once("?fromOffset=").unwrap();
        let (from, epoch) = from.split_once('&').unwrap();
        assert_eq!(epoch, "epoch=1");
        worker.history(from.parse().unwrap()).await;
        assert_eq!(worker.heard().await, size(90, 30));
    }
    worker.exit(0).await;
    assert_eq!(terminal.exit_code(), Some(0));
    let text = terminal.wait_for_text("exit code 0");
    for line in 0..1200 {
        let line = format!("line {line:04}.\r\n");
        assert_eq!(text.matches(&line).count(), 1, "{line:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_terminal_is_given_back_after_every_signal_and_error() {
    let server = FakeServer::start().await;
    for (name, code) in [("TERM", 143), ("HUP", 129), ("INT", 130), ("QUIT", 131)] {
        let (mut terminal, _worker) = server.attached(&[]).await;
        terminal.wait_for("raw mode", |_| !terminal.is_cooked());
        signal(terminal.program(), name);
        assert_eq!(terminal.exit_code(), Some(code), "{name}");
        assert!(terminal.is_cooked(), "{name}");
    }
    let (mut terminal, mut worker) = server.attached(&[]).await;
    let gone =
        json!({ "type": "error", "code": "SESSION_DELETED", "message": "the session was deleted" });
    worker.say(gone).await;
    worker.exit(1).await;
    worker.socket.send(&Owned::Close(Some((1000, "done".into())))).await.unwrap();
    assert_eq!(terminal.exit_code(), Some(69));
    terminal.wait_for_text("the session was deleted");
    assert!(terminal.is_cooked());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_only_looks_types_nothing_and_needs_no_terminal() {
    let server = FakeServer::start().await;
    let (mut terminal, mut worker) = server.attached(&["--read-only"]).await;
    terminal.press("rm -r /\r");
    terminal.resize(10, 10);
    terminal.press("\u{1d}");
    assert_eq!(terminal.exit_code(), Some(0));
    let close = timeout(PATIENCE, worker.socket.receive()).await.unwrap();
    assert!(matches!(close, Ok(Some(Owned::Close(_)) | None) | Err(_)), "{close:?}");

    let refused = server.attach(&[]).stdin(std::process::Stdio::null()).output().unwrap();
    assert_eq!(refused.status.code(), Some(64));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--read-only"));

    let mut looking = server.attach(&["--read-only"]);
    looking.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped());
    let looking = tokio::task::spawn_blocking(move || looking.output().unwrap());
    let mut worker = server.accept("whole \u{1b}[31mlog\r\n").await;
    worker.history(0).await;
    worker.exit(3).await;
    let looked = timeout(Duration::from_secs(30), looking).await.unwrap().unwrap();
    assert_eq!(String::from_utf8_lossy(&looked.stdout), "whole \u{1b}[31mlog\r\n");
    assert_eq!(looked.status.code(), Some(3));
}
