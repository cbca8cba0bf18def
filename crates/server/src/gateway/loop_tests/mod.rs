//! Tests over a real event loop and real sockets, with doors of their own.

mod pace;
mod panics;
mod peer;
mod store;
mod terminals;
mod words;

use std::{rc::Rc, sync::Arc, time::Duration};

use bytes::Bytes;
use pilothouse_core::{Caller, Core};
use pilothouse_protocols::{Door, Opening};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

use self::store::FakeStore;
use super::{
    Shared,
    admission::Admission,
    connection::{Accepted, Connection},
    event_loop::EventLoop,
    pasts::Pasts,
    sockets::Sockets,
    transport::Transport,
    whence::Whence,
};
use crate::{
    auth::{Authenticator, Reception, Signer, Verifier, revoked::Revoked, secret::Secret},
    clock::Clock,
    committer,
    config::Config,
    descriptors::Exhaustion,
    gateway::Relay,
    hub::Hub,
    kept_pictures::Keeper,
    revocations,
    telemetry::Metrics,
};

const PATIENCE: Duration = Duration::from_secs(20);

/// One loop and its connections.
struct Bench {
    event_loop: Rc<EventLoop>,
    store: Arc<FakeStore>,
    listener: TcpListener,
    _folder: tempfile::TempDir,
    _shutdown: watch::Sender<bool>,
}

impl Bench {
    async fn new(store: FakeStore, configure: impl FnOnce(&mut Config)) -> Self {
        Self::with(Clock::start(), store, configure).await
    }

    async fn with(clock: Clock, store: FakeStore, configure: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config { data_dir: folder.path().to_owned(), ..Config::default() };
        configure(&mut config);
        let (keep, shutdown) = watch::channel(false);
        let secret = Secret::new([7; 32]).unwrap();
        let verifier = Verifier::new(&secret);
        let store = Arc::new(store);
        let admission = Admission::new(&config.connections, 1);
        let shared = Arc::new(Shared {
            socket_io: crate::socket_io::Front::new(&config, admission.limits()),
            stopped_loops: tokio::sync::Barrier::new(1),
            hub: Hub::new(Core::new(config.core.clone(), 1), clock, 1),
            store: store.clone(),
            search: store.clone(),
            history: store.clone(),
            runs: store.clone(),
            audit: store.clone(),
            replies: store.clone(),
            under_way: Arc::default(),
            fingerprints: crate::idempotency::Fingerprints::new(&secret),
            protocols: config.protocols.clone(),
            authenticator: Authenticator::new(verifier, Revoked::default()),
            reception: Reception::new(&config, Signer::new(&secret), store.clone()),
            sockets: Sockets::default(),
            pasts: Pasts::default(),
            revocations: revocations::orders().0,
            metrics: Metrics::new(1),
            admission,
            exhaustion: Exhaustion::default(),
            certificate: None,
            shelf: crate::ui::Shelf::new(crate::ui::Page::Absent(String::new()), ""),
            upstream: crate::upstream::Upstream::configured(&config).unwrap(),
            redis: crate::readiness::Presence::default(),
            relay: Relay::new(config.streams.clone(), config.core.open_streams),
            keeper: Arc::new(Keeper::open(&config.data_dir, config.recordings.clone()).0),
            config,
            shutdown: shutdown.clone(),
        });
        let event_loop = EventLoop::new(shared.clone(), 0, axum::Router::new());
        tokio::task::spawn_local(event_loop.clone().run_turns());
        tokio::task::spawn_local(event_loop.clone().run_timers());
        tokio::task::spawn_local({
            let store = store.clone();
            async move { committer::commit(&shared, store.as_ref(), shutdown).await }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { event_loop, store, listener, _folder: folder, _shutdown: keep }
    }

    /// Opens a connection as the gateway does once the upgrade is decided. The caller's connection is filled in.
    async fn connect(
        &self,
        door: &'static Door,
        caller: Option<Caller>,
        query: &[(&str, &str)],
    ) -> TcpStream {
        let client = TcpStream::connect(self.listener.local_addr().unwrap()).await.unwrap();
        let (stream, peer) = self.listener.accept().await.unwrap();
        let place = self.event_loop.shared.admission.admit(Some(peer.ip())).unwrap();
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let connection = self.event_loop.shared.hub.next_connection(0);
        let accepted = Accepted {
            door,
            agreed: None,
            whence: Whence::new("127.0.0.1".into(), None),
            claims: None,
            opening: Opening {
                connection,
                caller: caller.map(|caller| Caller { connection, ..caller }),
                parameters: Vec::new(),
                query: query.iter().map(owned).collect(),
                subprotocol: None,
                denied: None,
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
