//! A panic in one connection's conversation costs that connection and nothing else.

use std::{rc::Rc, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use pilothouse_core::{Core, fanout::MessageKind, time::Moment};
use pilothouse_protocols::{
    Action, Actions, Claim, Conversation, Door, Input, Opening, TokenRule, door::MessageLimits,
};
use pilothouse_websocket::frame::{self, Opcode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::LocalSet,
    time::timeout,
};

use super::{
    Shared,
    admission::Admission,
    connection::{Accepted, Connection},
    event_loop::EventLoop,
    sockets::Sockets,
    transport::Transport,
};
use crate::{
    auth::{Authenticator, Verifier, revoked::Revoked, secret::Secret},
    clock::Clock,
    config::Config,
    descriptors::Exhaustion,
    hub::Hub,
    revocations,
    storage::SqlStore,
    telemetry::Metrics,
};

const PATIENCE: Duration = Duration::from_secs(20);

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
    token: TokenRule::HandshakeOrMessage,
    open_on_loopback: false,
    admits: |_| true,
    largest_message: |_| MessageLimits { before_token: 1000, after_token: 1000 },
    excess: None,
    compress_above: |_| None,
    ping: |_| None,
    open: |_| Box::new(FakeConversation),
};

/// One loop and its connections.
struct Bench {
    event_loop: Rc<EventLoop>,
    listener: TcpListener,
    _folder: tempfile::TempDir,
    _shutdown: watch::Sender<bool>,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data_dir: folder.path().to_owned(), ..Config::default() };
        let clock = Clock::start();
        let (keep, shutdown) = watch::channel(false);
        let verifier = Verifier::new(&Secret::new([7; 32]).unwrap());
        let shared = Arc::new(Shared {
            stopped_loops: tokio::sync::Barrier::new(1),
            hub: Hub::new(Core::new(config.core.clone(), 1), clock, 1),
            store: Arc::new(SqlStore::open(&config.database()).await.unwrap()),
            protocols: config.protocols.clone(),
            authenticator: Authenticator::new(verifier, Revoked::default()),
            sockets: Sockets::default(),
            revocations: revocations::orders().0,
            metrics: Metrics::new(1),
            admission: Admission::new(&config.connections, 1),
            exhaustion: Exhaustion::default(),
            certificate: None,
            config,
            shutdown,
        });
        let event_loop = EventLoop::new(shared, 0, axum::Router::new());
        tokio::task::spawn_local(event_loop.clone().run_turns());
        tokio::task::spawn_local(event_loop.clone().run_timers());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { event_loop, listener, _folder: folder, _shutdown: keep }
    }

    /// A client whose connection panics while it is opened if `query` is not empty.
    async fn connect(&self, query: &[(&str, &str)]) -> TcpStream {
        let client = TcpStream::connect(self.listener.local_addr().unwrap()).await.unwrap();
        let (stream, peer) = self.listener.accept().await.unwrap();
        let place = self.event_loop.shared.admission.admit(Some(peer.ip())).unwrap();
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let accepted = Accepted {
            door: &FRAGILE,
            agreed: None,
            address: "127.0.0.1".into(),
            claims: None,
            opening: Opening {
                connection: self.event_loop.shared.hub.next_connection(0),
                caller: None,
                parameters: Vec::new(),
                query: query.iter().map(owned).collect(),
            },
            response: Bytes::new(),
            leftover: Vec::new(),
        };
        let stream = Transport::Plain(stream);
        let run = Connection::run(stream, accepted, place, self.event_loop.clone());
        tokio::task::spawn_local(run);
        client
    }
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
        let bench = Bench::new().await;
        let mut bystander = bench.connect(&[]).await;
        assert_answered(&mut bystander).await;
        for words in ["at once", "later"] {
            let mut client = bench.connect(&[]).await;
            assert_answered(&mut client).await;
            say(&mut client, words).await;
            assert_closed(&mut client).await;
            assert_answered(&mut bystander).await;
        }
        let mut client = bench.connect(&[("panic", "yes")]).await;
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
