//! Putting it together: storage, the core, one event loop per core, and an orderly end.

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc, thread::JoinHandle, time::Duration};

use pilothouse_core::{
    Caller, Core, Request, Role, Scope, control,
    ids::AgentId,
    people,
    ports::{Store, StoreError},
};
use tokio::{
    net::TcpListener,
    sync::{Barrier, mpsc, watch},
    task::LocalSet,
};

use crate::{
    auth::{
        Authenticator, KeyError, Reception, Signer, Verifier,
        reception::{self, LOCAL},
        secret::{Secret, SecretError},
        tokens::Issuer,
    },
    clock::Clock,
    committer::{self, Keep},
    config::Config,
    descriptors::{self, Exhaustion},
    gateway::{self, Admission, EventLoop, Pasts, Relay, Shared, Sockets},
    http,
    hub::Hub,
    idempotency::Fingerprints,
    kept_pictures::{self, Keeper},
    place,
    pulse::{Beat, Pulse},
    readiness,
    revocations::{self, Order},
    socket_io::{self, Front},
    storage::SqlStore,
    telemetry::Metrics,
    tls::{Certificate, TlsError},
    ui::{Page, Shelf},
    upstream::{self, Upstream, UpstreamError},
    webhooks,
};

/// How many ended commands a starting server remembers.
const REMEMBERED_ENDS: usize = 256;
/// How long connections may take to close when the server stops.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);
/// How long storage may take for what is left after that.
const STORE_WITHIN: Duration = Duration::from_secs(6);
/// When stopping ends whatever is not done: service managers kill after 20 s.
const STOP_WITHIN: Duration = Duration::from_secs(14);

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port cannot be used.
    #[error("cannot listen on {address}: {source}; choose another address with --listen")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The data directory cannot be used.
    #[error("cannot use the data directory {path}: {source}")]
    DataDir {
        /// Which directory.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Another server uses the data directory.
    #[error("another server uses {0}; stop it or choose another --data-dir")]
    Locked(PathBuf),
    /// There is no secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A public key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The gateway cannot be used.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// Threads or random numbers cannot be had.
    #[error("cannot start: {0}")]
    System(#[from] io::Error),
}

/// A running server.
pub struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    threads: Vec<JoinHandle<()>>,
    commits: JoinHandle<()>,
    stop_commits: watch::Sender<bool>,
    pulse: Pulse,
    redis: tokio::task::JoinHandle<()>,
    _lock: std::fs::File,
}

impl Server {
    /// Binds, restores what was stored, and serves, also that page. Returns once connections are accepted.
    pub async fn start(config: Config, page: Page) -> Result<Self, StartError> {
        descriptors::raise();
        let lock = prepare(&config)?;
        let secret = secret(&config)?;
        let verifier = Verifier::new(&secret).with_issuer(Issuer::configured(&config)?);
        let certificate = Certificate::open(&config.tls)?.map(Arc::new);
        let upstream = Upstream::configured(&config)?;
        let (address, listeners) = listeners(&config)?;
        let loops = listeners.len();

        let clock = Clock::start();
        let store = Arc::new(SqlStore::open(&config.database()).await?);
        let core = restored(&config, store.as_ref(), &clock).await?;
        let revoked = revocations::load(&store, clock.now().wall).await?;
        let (revocations, orders) = revocations::orders();
        let (keeper, pictures) = Keeper::open(&config.data_dir, config.recordings.clone());
        let keeper = Arc::new(keeper);
        let (stop, shutdown) = watch::channel(false);
        let config = Config { listen: address, ..config };
        let admission = Admission::new(&config.connections, loops);
        let shared = Arc::new(Shared {
            hub: Hub::new(core, clock, loops),
            store: store.clone(),
            search: store.clone(),
            history: store.clone(),
            runs: store.clone(),
            audit: store.clone(),
            replies: store.clone(),
            under_way: Arc::default(),
            fingerprints: Fingerprints::new(&secret),
            protocols: config.protocols.clone(),
            authenticator: Authenticator::new(verifier, revoked),
            reception: Reception::new(&config, Signer::new(&secret), store.clone()),
            sockets: Sockets::default(),
            socket_io: Front::new(&config, admission.limits()),
            pasts: Pasts::default(),
            relay: Relay::new(config.streams.clone(), config.core.open_streams),
            keeper: keeper.clone(),
            revocations,
            metrics: Metrics::new(loops),
            upstream,
            redis: readiness::Presence::of(&config),
            admission,
            exhaustion: Exhaustion::default(),
            certificate,
            shelf: Shelf::new(page, &config.base_path),
            stopped_loops: Barrier::new(loops),
            config,
            shutdown,
        });
        warn_if_exposed(&shared.config);
        tell_if_without_page(&shared).await;
        spawn_companions(&shared);
        kept_pictures::spawn(keeper, pictures)?;
        let redis = tokio::spawn(readiness::tell(shared.clone()));
        let (stop_commits, commits_stopped) = watch::channel(false);
        let commits = spawn_commits(shared.clone(), store, orders, commits_stopped)?;
        let (threads, pulse) = spawn_loops(&shared, listeners)?;
        write_place(&shared.config);
        Ok(Self {
            shared,
            address,
            stop,
            threads,
            commits,
            stop_commits,
            pulse,
            redis,
            _lock: lock,
        })
    }

    /// Where it listens; the real port if 0 was configured.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens, as a URL.
    pub fn url(&self) -> String {
        let scheme = if self.shared.certificate.is_some() { "https" } else { "http" };
        format!("{scheme}://{}{}", self.address, self.shared.config.base_path)
    }

    /// Where programs on this machine reach it.
    pub fn local_url(&self) -> String {
        self.shared.config.url()
    }

    /// Whether anybody has an account.
    pub fn has_people(&self) -> bool {
        self.shared.hub.look(|core, _| !core.people().is_empty())
    }

    /// A code that opens the page once, as an administrator without an account.
    pub fn one_time_code(&self) -> io::Result<String> {
        let Shared { hub, reception, .. } = self.shared.as_ref();
        let caller = Caller {
            scope: Scope::Person(Role::Admin),
            connection: hub.desk_connection(),
            ..reception::stranger(LOCAL, &Arc::from("here"))
        };
        // Nobody waits for the answer: what is asked for is the record.
        let request = Request::People(people::Request::MakeCode);
        hub.with(|core, now| core.ask(&caller, request, now));
        let now = hub.clock.now().steady;
        reception.codes.lock().make(reception.settings.code_lifetime, now)
    }

    /// Waits until that agent has a link, for at most that long. Returns whether it has.
    pub async fn wait_for_agent(&self, agent: &AgentId, at_most: Duration) -> bool {
        let is_linked = || {
            self.shared.hub.look(|core, _| {
                core.fleet().view().agents().iter().any(|known| {
                    known.id == *agent && known.status != pilothouse_core::agents::Status::Offline
                })
            })
        };
        let wait = async {
            while !is_linked() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(at_most, wait).await.is_ok()
    }

    /// Whether every event loop answers in time.
    pub async fn answers(&self, within: Duration) -> bool {
        self.pulse.answers(within).await
    }

    /// Closes every connection with its protocol's code, stores what waits, and ends, all within 15 s.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        let farewell = readiness::finish(self.redis);
        let ended = tokio::task::spawn_blocking(move || {
            for thread in self.threads {
                let _ = thread.join();
            }
            let _ = self.stop_commits.send(true);
            let _ = self.commits.join();
            let now = self.shared.hub.clock.now();
            self.shared.relay.stop_recordings(now.steady);
            self.shared.keeper.stop(now.wall);
        });
        let (ended, ()) = tokio::join!(tokio::time::timeout(STOP_WITHIN, ended), farewell);
        if ended.is_err() {
            tracing::error!("stopping took too long and is cut short");
        }
    }

    /// Serves until `shutdown` is done, then stops.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) {
        shutdown.await;
        self.stop().await;
    }
}

/// The page may come later, to a folder that it is read from.
async fn tell_if_without_page(shared: &Shared) {
    if shared.shelf.index().await.is_none() {
        tracing::info!(why = %shared.shelf.why_absent(), "there is no page; everything else works");
    }
}

/// Local agents look there.
fn write_place(config: &Config) {
    if let Err(error) = place::write(config) {
        tracing::warn!(%error, "cannot write down where the server is; local agents may not find it");
    }
}

fn secret(config: &Config) -> Result<Secret, StartError> {
    Ok(match config.auth_secret.clone() {
        Some(secret) => secret,
        None => Secret::read_or_create(&config.data_dir)?,
    })
}

/// One socket for each event loop, all at one address; the real port if 0 was configured.
fn listeners(config: &Config) -> Result<(SocketAddr, Vec<std::net::TcpListener>), StartError> {
    let listen = |source| StartError::Listen { address: config.listen, source };
    let first = gateway::bind(config.listen).map_err(listen)?;
    let address = first.local_addr().map_err(listen)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let loops = if config.loops == 0 { cores } else { config.loops }.clamp(1, 64);
    let mut listeners = vec![first];
    for _ in 1..loops {
        listeners.push(gateway::bind_beside(address).map_err(listen)?);
    }
    Ok((address, listeners))
}

/// What runs beside the event loops as long as the server does.
fn spawn_companions(shared: &Arc<Shared>) {
    follow_certificate(shared);
    socket_io::open(shared);
    tokio::spawn(upstream::follow(shared.clone()));
    tokio::spawn(webhooks::dispatch(shared.clone()));
    tokio::spawn(gateway::tend_pictures(shared.clone()));
}

/// Tokens and output travel in the clear if nobody speaks TLS.
fn warn_if_exposed(config: &Config) {
    let is_secure = config.tls.certificate.is_some() || !config.trusted_proxies.is_empty();
    if !config.listen.ip().is_loopback() && !is_secure {
        tracing::warn!(
            listen = %config.listen,
            "other machines can connect without TLS, and read tokens and output on the way; set \
             tls.certificate and tls.key, or trusted_proxies if a proxy in front speaks TLS"
        );
    }
}

/// Looks for new certificates until the server stops.
fn follow_certificate(shared: &Shared) {
    if let Some(certificate) = shared.certificate.clone() {
        let mut shutdown = shared.shutdown.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = certificate.follow() => {}
                _ = shutdown.wait_for(|stop| *stop) => {}
            }
        });
    }
}

/// Makes the data directory and takes its lock.
fn prepare(config: &Config) -> Result<std::fs::File, StartError> {
    use std::os::unix::fs::DirBuilderExt;
    let path = &config.data_dir;
    let wrong = |source| StartError::DataDir { path: path.clone(), source };
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(wrong)?;
    let file = std::fs::File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(place::lock(path))
        .map_err(wrong)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StartError::Locked(path.clone())),
        Err(std::fs::TryLockError::Error(source)) => Err(wrong(source)),
    }
}

async fn restored(config: &Config, store: &dyn Store, clock: &Clock) -> Result<Core, StartError> {
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).map_err(io::Error::from)?;
    let mut core = Core::new(config.core.clone(), u64::from_le_bytes(seed));
    let mut stored = store.load(REMEMBERED_ENDS).await?;
    let now = clock.now();
    stored.control.spent = store.spent(control::hour_before(now.wall)).await?;
    core.restore(stored, now);
    Ok(core)
}

/// The thread that stores, prunes and keeps the core's deadlines.
fn spawn_commits(
    shared: Arc<Shared>,
    store: Arc<SqlStore>,
    orders: mpsc::Receiver<Order>,
    stopped: watch::Receiver<bool>,
) -> io::Result<JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let keep = Keep {
        stream: shared.config.keep_bytes,
        total: shared.config.keep_total,
        audit: shared.config.keep_audit,
        replies: shared.config.keep_replies,
        runs: shared.config.keep_runs,
        run_pictures: shared.config.keep_run_pictures,
    };
    std::thread::Builder::new().name("storage".into()).spawn(move || {
        let work = async {
            tokio::select! {
                () = committer::commit(&shared, store.as_ref(), stopped.clone()) => {}
                () = committer::advance(&shared) => {}
                () = committer::prune(store.as_ref(), keep) => {}
                () = committer::prune_audit(&shared, store.as_ref(), keep) => {}
                () = committer::prune_replies(&shared, store.as_ref(), keep) => {}
                () = committer::prune_runs(store.as_ref(), keep) => {}
                () = committer::index(store.as_ref()) => {}
                () = revocations::store_all(orders, &store) => {}
            }
            committer::commit_rest(&shared, store.as_ref()).await
        };
        let too_late = async {
            let _ = stopped.clone().wait_for(|stop| *stop).await;
            tokio::time::sleep(STORE_WITHIN).await;
        };
        let is_stored = runtime.block_on(async {
            tokio::select! {
                is_stored = work => is_stored,
                () = too_late => false,
            }
        });
        if !is_stored {
            tracing::error!("some output could not be stored; agents will send it again");
        }
        // Whatever still waits for the database is not waited for.
        runtime.shutdown_background();
    })
}

fn spawn_loops(
    shared: &Arc<Shared>,
    listeners: Vec<std::net::TcpListener>,
) -> io::Result<(Vec<JoinHandle<()>>, Pulse)> {
    let mut pulse = Pulse::default();
    let threads = listeners
        .into_iter()
        .enumerate()
        .map(|(index, listener)| spawn_loop(shared.clone(), index, listener, pulse.attach()));
    Ok((threads.collect::<io::Result<_>>()?, pulse))
}

fn spawn_loop(
    shared: Arc<Shared>,
    index: usize,
    listener: std::net::TcpListener,
    beat: Beat,
) -> io::Result<JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name(format!("loop-{index}")).spawn(move || {
        let local = LocalSet::new();
        local.block_on(&runtime, async move {
            let router = http::router(shared.clone());
            let mut shutdown = shared.shutdown.clone();
            let event_loop = EventLoop::new(shared, index, router);
            let listener = match TcpListener::from_std(listener) {
                Ok(listener) => listener,
                Err(error) => return tracing::error!(%error, "cannot accept connections"),
            };
            tokio::task::spawn_local(beat.answer());
            tokio::task::spawn_local(event_loop.clone().run_turns());
            tokio::task::spawn_local(event_loop.clone().run_timers());
            tokio::task::spawn_local(event_loop.clone().run_clock());
            tokio::task::spawn_local(gateway::serve(event_loop.clone(), listener));
            let _ = shutdown.wait_for(|stop| *stop).await;
            let deadline = tokio::time::Instant::now() + CLOSE_WITHIN;
            event_loop.stop(deadline).await;
            // Until all loops are done, this one goes on telling newcomers that the server stops.
            let others = event_loop.shared.stopped_loops.wait();
            let _ = tokio::time::timeout_at(deadline, others).await;
        });
    })
}
