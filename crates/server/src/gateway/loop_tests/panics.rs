//! A panic in one connection's conversation costs that connection and nothing else.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use pilothouse_core::{fanout::MessageKind, time::Moment};
use pilothouse_protocols::{
    Action, Actions, Claim, Conversation, Door, Input, TokenRule, door::MessageLimits,
};
use pilothouse_websocket::frame::{self, Opcode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::LocalSet,
    time::timeout,
};

use super::{Bench, PATIENCE, store::FakeStore};

/// Says everything back, and panics where it is told to.
struct FakeConversation;

impl Conversation for FakeConversation {
    fn handle(&mut self, input: Input<'_>, now: Moment, actions: &mut Actions) {
        match input {
            Input::Opened(opening) => assert!(opening.query.is_empty(), "while it is opened"),
            Input::Text("at once") => panic!("at once"),
            Input::Text("later") => {
                actions.push(Action::WakeAt(now.steady + Duration::from_millis(1)));
            }
            Input::Text(text) => {
                let payload = Bytes::copy_from_slice(text.as_bytes());
                actions.push(Action::Send { kind: MessageKind::Text, payload });
            }
            Input::Woke => panic!("when it is woken"),
            _ => {}
        }
    }
}

static FRAGILE: Door = Door {
    // Counts are kept for the doors that there are.
    name: "dashboard",
    path: "/fragile",
    claim: Claim::Path,
    subprotocols: &[],
    token: TokenRule::HandshakeOrMessage,
    open_on_loopback: false,
    admits: |_| true,
    largest_message: |_| MessageLimits { before_token: 1000, after_token: 1000 },
    excess: None,
    compress_above: |_| None,
    ping: |_| None,
    silence: |_| None,
    open: |_| Box::new(FakeConversation),
};

/// A client whose connection panics while it is opened if `query` is not empty.
async fn connect(bench: &Bench, query: &[(&str, &str)]) -> TcpStream {
    bench.connect(&FRAGILE, None, query).await
}

async fn say(client: &mut TcpStream, text: &str) {
    let mut out = BytesMut::new();
    frame::put_masked(&mut out, Opcode::Text, text.as_bytes(), [1, 2, 3, 4]);
    client.write_all(&out).await.unwrap();
}

/// That the connection lives: what is said comes back.
async fn assert_answered(client: &mut TcpStream) {
    say(client, "hello").await;
    let mut answer = [0; 7];
    timeout(PATIENCE, client.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer[2..], b"hello");
}

async fn assert_closed(client: &mut TcpStream) {
    let read = timeout(PATIENCE, client.read(&mut [0; 100])).await;
    assert!(matches!(read, Ok(Ok(0) | Err(_))), "{read:?}");
}

#[tokio::test]
async fn a_panic_costs_its_own_connection_and_no_other() {
    let test = async {
        let bench = Bench::new(FakeStore::default(), |_| {}).await;
        let mut bystander = connect(&bench, &[]).await;
        assert_answered(&mut bystander).await;
        for words in ["at once", "later"] {
            let mut client = connect(&bench, &[]).await;
            assert_answered(&mut client).await;
            say(&mut client, words).await;
            assert_closed(&mut client).await;
            assert_answered(&mut bystander).await;
        }
        let mut client = connect(&bench, &[("panic", "yes")]).await;
        assert_closed(&mut client).await;
        assert_answered(&mut bystander).await;
        // Nothing is left of those that are gone, and nobody waits for them when the server stops.
        drop(bystander);
        let until = tokio::time::Instant::now() + PATIENCE;
        assert!(timeout(PATIENCE, bench.event_loop.stop(until)).await.is_ok());
        assert!(bench.event_loop.is_empty());
    };
    LocalSet::new().run_until(test).await;
}
