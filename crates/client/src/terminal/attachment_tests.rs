//! Attachments against a server that does to them what servers do: ends, restarts, refuses.

use std::{collections::VecDeque, time::Duration};

use pilothouse_websocket::stream::{Owned, WebSocketStream};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::{Terminal, TerminalEvent, TerminalExit};
use crate::{Backoff, Builder, Error};

const PATIENCE: Duration = Duration::from_secs(20);

/// The other end, played by the test.
struct FakeServer(TcpListener);

struct FakeConnection {
    /// What was asked for after the `?`.
    query: String,
    socket: WebSocketStream<TcpStream>,
}

impl FakeServer {
    async fn start() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    fn builder(&self) -> Builder {
        let wait = Duration::from_millis(10);
        let backoff = Backoff { first: wait, longest: wait, jitter: 30 };
        let server = format!("http://{}", self.0.local_addr().unwrap());
        Builder::new(&server).token("T").backoff(backoff)
    }

    async fn accept(&self) -> FakeConnection {
        let (stream, _) =
            timeout(PATIENCE, self.0.accept()).await.expect("a client comes").unwrap();
        let mut head = [0; 512];
        let read = stream.peek(&mut head).await.unwrap();
        let head = String::from_utf8_lossy(&head[..read]).into_owned();
        let target = head.split(' ').nth(1).unwrap();
        let query = target.strip_prefix("/ws/session/s-1/worker/w-1?").unwrap().to_owned();
        assert!(head.contains("authorization: Bearer T\r\n"), "{head}");
        FakeConnection { query, socket: WebSocketStream::accept(stream, 1 << 20).await.unwrap() }
    }

    /// Attaches, and is the server of that.
    async fn attach(&self) -> (Terminal, FakeConnection) {
        let (terminal, connection) =
            tokio::join!(self.builder().attach("s-1", "w-1"), self.accept());
        (terminal.unwrap(), connection)
    }
}

impl FakeConnection {
    async fn say(&mut self, message: Value) {
        self.socket.send(&Owned::Text(message.to_string())).await.unwrap();
    }

    async fn history(&mut self, data: &str, from: usize, epoch: u32) {
        let offset = from + data.len();
        let message = json!({ "type": "history", "data": data, "startOffset": from, "offset": offset, "epoch": epoch });
        self.say(message).await;
    }

    async fn close(mut self, code: u16) {
        self.socket.send(&Owned::Close(Some((code, "why".into())))).await.unwrap();
    }

    /// The next message of the viewer.
    async fn heard(&mut self) -> Value {
        loop {
            let message =
                timeout(PATIENCE, self.socket.receive()).await.expect("the viewer speaks");
            if let Owned::Text(text) = message.unwrap().unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }
}

async fn next(terminal: &mut Terminal) -> TerminalEvent {
    timeout(PATIENCE, terminal.next()).await.expect("something happens").unwrap()
}

/// The next thing that is shown, behind whatever is told about the connection.
async fn shown(terminal: &mut Terminal) -> TerminalEvent {
    loop {
        match next(terminal).await {
            TerminalEvent::Reconnecting(_) | TerminalEvent::Connected => {}
            event => return event,
        }
    }
}

fn output(text: &str) -> TerminalEvent {
    TerminalEvent::Output(text.into())
}

#[tokio::test]
async fn a_viewer_comes_back_and_every_line_is_shown_once() {
    let server = FakeServer::start().await;
    let (mut terminal, mut connection) = server.attach().await;
    assert_eq!(connection.query, "fromOffset=0");
    let mut lines: VecDeque<String> = (0..1000).map(|line| format!("line {line}\n")).collect();
    let expected: String = lines.iter().map(String::as_str).collect();
    let (mut printed, mut seen) = (String::new(), String::new());
    connection.history("", 0, 7).await;
    for life in 0..10 {
        // What the server has printed is told up to somewhere, and then the connection is gone.
        for line in lines.drain(..100) {
            printed.push_str(&line);
            let message =
                json!({ "type": "output", "data": line, "offset": printed.len(), "epoch": 7 });
            connection.say(message).await;
            if life % 2 == 0 && printed.len() % 7 == 0 {
                match shown(&mut terminal).await {
                    TerminalEvent::Output(text) | TerminalEvent::Begin(text) => {
                        seen.push_str(&text);
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
        drop(connection);
        let missed;
        (connection, missed) = {
            let connection = server.accept();
            tokio::pin!(connection);
            loop {
                tokio::select! {
                    back = &mut connection => {
                        let (from, epoch) = back.query.split_once('&').unwrap();
                        assert_eq!(epoch, "epoch=7");
                        let from: usize = from.strip_prefix("fromOffset=").unwrap().parse().unwrap();
                        break (back, from);
                    }
                    event = next(&mut terminal) => match event {
                        TerminalEvent::Output(text) | TerminalEvent::Begin(text) => seen.push_str(&text),
                        _ => {}
                    },
                }
            }
        };
        connection.history(&printed[missed..], missed, 7).await;
    }
    while seen.len() < expected.len() {
        if let TerminalEvent::Output(text) = next(&mut terminal).await {
            seen.push_str(&text);
        }
    }
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_worker_that_is_started_anew_is_shown_from_its_beginning() {
    let server = FakeServer::start().await;
    let (mut terminal, mut connection) = server.attach().await;
    connection.history("old", 0, 1).await;
    assert_eq!(shown(&mut terminal).await, TerminalEvent::Begin("old".into()));
    connection.close(4001).await;
    let mut connection = server.accept().await;
    assert_eq!(connection.query, "fromOffset=3&epoch=1");
    connection.history("new", 0, 2).await;
    assert_eq!(shown(&mut terminal).await, TerminalEvent::Begin("new".into()));
}

#[tokio::test]
async fn a_worker_that_is_not_there_is_an_error_and_an_end_is_an_event() {
    let server = FakeServer::start().await;
    let (mut terminal, mut connection) = server.attach().await;
    connection
        .say(json!({ "type": "error", "code": "WORKER_NOT_FOUND", "message": "no such worker" }))
        .await;
    connection.say(json!({ "type": "exit", "exitCode": 1, "signal": null })).await;
    connection.close(1000).await;
    let error = timeout(PATIENCE, terminal.next()).await.unwrap().unwrap_err();
    assert!(matches!(&error, Error::Gone { reason } if reason == "no such worker"), "{error:?}");

    let (mut terminal, mut connection) = server.attach().await;
    connection.say(json!({ "type": "history", "data": "bye" })).await;
    connection
        .say(json!({ "type": "error", "code": "IMAGE_TOO_LARGE", "message": "too large" }))
        .await;
    connection.say(json!({ "type": "of a later version" })).await;
    connection.say(json!({ "type": "exit", "exitCode": 137, "signal": "SIGKILL" })).await;
    assert_eq!(shown(&mut terminal).await, TerminalEvent::Begin("bye".into()));
    assert!(matches!(shown(&mut terminal).await, TerminalEvent::Refused { .. }));
    let exit = TerminalExit { code: 137, signal: Some("SIGKILL".into()) };
    assert_eq!(shown(&mut terminal).await, TerminalEvent::Exit(exit));
    assert!(timeout(PATIENCE, terminal.next()).await.unwrap().is_err());
}

#[tokio::test]
async fn sizes_are_told_again_and_keys_are_not_kept_for_a_server_that_is_away() {
    let server = FakeServer::start().await;
    let (mut terminal, mut connection) = server.attach().await;
    let keyboard = terminal.keyboard();
    keyboard.resize(100, 40).await.unwrap();
    keyboard.input("ls\r").await.unwrap();
    let size = json!({ "type": "resize", "cols": 100, "rows": 40 });
    assert_eq!(connection.heard().await, size);
    assert_eq!(connection.heard().await, json!({ "type": "input", "data": "ls\r" }));
    drop(connection);
    assert!(matches!(next(&mut terminal).await, TerminalEvent::Reconnecting(_)));
    keyboard.input("lost").await.unwrap();
    let mut connection = server.accept().await;
    assert_eq!(connection.heard().await, size);
    connection.history("", 0, 1).await;
    while next(&mut terminal).await != TerminalEvent::Begin(String::new()) {}
    keyboard.input("kept").await.unwrap();
    assert_eq!(connection.heard().await, json!({ "type": "input", "data": "kept" }));
    connection.say(json!({ "type": "output", "data": "x", "offset": 1, "epoch": 1 })).await;
    assert_eq!(shown(&mut terminal).await, output("x"));
}

#[tokio::test]
async fn a_server_that_is_silent_is_left_for_another_connection() {
    let server = FakeServer::start().await;
    let every = Duration::from_millis(20);
    let builder = server.builder().heartbeat(every, every * 4);
    let (terminal, silent) = tokio::join!(builder.attach("s-1", "w-1"), server.accept());
    let mut terminal = terminal.unwrap();
    assert!(matches!(next(&mut terminal).await, TerminalEvent::Reconnecting(_)));
    let _back = server.accept().await;
    drop(silent);
}
