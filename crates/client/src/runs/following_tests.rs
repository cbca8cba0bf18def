//! Runs followed at a server that does what servers do: tells, ends in the middle, refuses.

use std::time::Duration;

use pilothouse_websocket::stream::{Owned, WebSocketStream};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::{FollowedRun, RunEvent};
use crate::{Backoff, Builder, Error};

const PATIENCE: Duration = Duration::from_secs(20);

/// The other end, played by the test.
struct FakeServer(TcpListener);

struct FakeConnection(WebSocketStream<TcpStream>);

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

    fn follow(&self) -> FollowedRun {
        self.builder().follow_run("run-1", 0).unwrap()
    }

    /// The next connection, and what it asks for.
    async fn accept(&self) -> (FakeConnection, Value) {
        let (stream, _) =
            timeout(PATIENCE, self.0.accept()).await.expect("a client comes").unwrap();
        let mut connection =
            FakeConnection(WebSocketStream::accept(stream, 1 << 20).await.unwrap());
        let asked = connection.hear().await;
        (connection, asked)
    }
}

impl FakeConnection {
    async fn hear(&mut self) -> Value {
        loop {
            match timeout(PATIENCE, self.0.reader.receive()).await.expect("it speaks").unwrap() {
                Some(Owned::Text(text)) => return serde_json::from_str(&text).unwrap(),
                Some(_) => {}
                None => panic!("the client is gone"),
            }
        }
    }

    async fn say(&mut self, message: Value) {
        self.0.send(&Owned::Text(message.to_string())).await.unwrap();
    }

    async fn step(&mut self, number: u32) {
        let action = json!({"type": "click", "selector": "#a"});
        let message = json!({"type": "step_update", "stepNumber": number, "screenshot": "",
                             "action": action, "explanation": "why", "runId": "run-1"});
        self.say(message).await;
    }
}

/// The next event that is about the run itself.
async fn told(run: &mut FollowedRun) -> Result<RunEvent, Error> {
    loop {
        match timeout(PATIENCE, run.next()).await.expect("something comes") {
            Ok(RunEvent::Connected | RunEvent::Reconnecting(_)) => {}
            other => return other,
        }
    }
}

async fn number(run: &mut FollowedRun) -> u32 {
    match told(run).await {
        Ok(RunEvent::Step(step)) => step.number,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn steps_go_on_over_a_lost_connection_and_none_comes_twice() {
    let server = FakeServer::start().await;
    let mut run = server.follow();
    let (mut first, asked) = server.accept().await;
    let start = json!({"type": "start_agent", "runId": "run-1", "afterStep": 0, "extended": true});
    assert_eq!(asked, start);
    first.step(1).await;
    first.step(2).await;
    assert_eq!((number(&mut run).await, number(&mut run).await), (1, 2));
    drop(first);
    let (mut second, asked) = server.accept().await;
    assert_eq!(asked["afterStep"], 2);
    // A server that tells too much does not confuse anybody.
    second.step(2).await;
    second.say(json!({"type": "hologram", "of": "tomorrow"})).await;
    second.step(3).await;
    assert_eq!(number(&mut run).await, 3);
    let end = json!({"type": "completion", "status": "success", "commands": [], "runId": "run-1"});
    second.say(end).await;
    assert!(matches!(told(&mut run).await, Ok(RunEvent::Ended(_))));
    assert!(run.next().await.is_err(), "nothing comes after the end");
}

#[tokio::test]
async fn a_run_that_is_not_there_is_over_at_once() {
    let server = FakeServer::start().await;
    let mut run = server.follow();
    let (mut connection, _) = server.accept().await;
    let error = json!({"type": "error", "error": "Failed to start agent", "reason": "there is no such run"});
    connection.say(error).await;
    let error = told(&mut run).await.unwrap_err();
    assert!(
        matches!(&error, Error::Gone { reason } if reason == "there is no such run"),
        "{error}"
    );
}

#[tokio::test]
async fn a_token_that_expires_is_replaced_on_the_same_connection() {
    let server = FakeServer::start().await;
    let builder = server.builder().token_source(async || Ok("newer".to_owned()));
    let mut run = builder.follow_run("run-1", 0).unwrap();
    let (mut connection, _) = server.accept().await;
    connection.say(json!({"type": "error", "error": "Authentication token expired"})).await;
    assert_eq!(connection.hear().await, json!({"type": "authenticate", "token": "newer"}));
    connection.say(json!({"type": "authentication", "status": "success"})).await;
    connection.step(1).await;
    assert_eq!(number(&mut run).await, 1);
}

#[tokio::test]
async fn a_server_that_stays_away_is_given_up() {
    let server = FakeServer::start().await;
    let limit = Duration::from_millis(200);
    let mut run = server.builder().give_up_after(limit).follow_run("run-1", 0).unwrap();
    let (mut connection, _) = server.accept().await;
    connection.step(1).await;
    assert_eq!(number(&mut run).await, 1);
    drop((server, connection));
    let error = told(&mut run).await.unwrap_err();
    assert!(matches!(error, Error::GaveUp { .. }), "{error}");
}
