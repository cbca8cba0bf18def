//! Tells Redis which browsers are ready, for programs that look there.
//!
//! One task of its own, and nothing waits for it. What it has to tell it asks the core for when Redis is there, so that the
//! newest state of each stream is all that is ever told, and nothing is gathered while Redis is away.

mod flags;
mod told;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use pilothouse_core::{readiness::Readiness, time::Steady};
use redis::{AsyncConnectionConfig, Client, RedisError, aio::MultiplexedConnection};

use crate::{
    config::{Config, RedisConfig},
    gateway::Shared,
};
use told::Told;

/// What Redis is called among the troubles.
const REDIS: &str = "redis";
/// The first pause after a failure, doubled each time up to `redis.check_every`.
const FIRST_RETRY: Duration = Duration::from_millis(100);
/// How often what is live is told again, so that it does not expire there.
const REFRESH_EVERY: Duration = Duration::from_hours(1);
/// How long a stopping server tries to say that nothing flows any more.
const FAREWELL_WITHIN: Duration = Duration::from_secs(2);

/// Whether Redis is there.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    is_wanted: bool,
    is_there: AtomicBool,
}

impl Presence {
    pub(crate) fn of(config: &Config) -> Self {
        Self { is_wanted: config.redis.url.is_some(), is_there: AtomicBool::new(false) }
    }

    /// In a word, for `/health`.
    pub(crate) fn state(&self) -> &'static str {
        match (self.is_wanted, self.is_there.load(Ordering::Relaxed)) {
            (false, _) => "disabled",
            (true, true) => "connected",
            (true, false) => "disconnected",
        }
    }
}

/// Tells Redis until the server stops; then that nothing flows any more.
pub(crate) async fn tell(shared: Arc<Shared>) {
    let config = &shared.config.redis;
    let Some(url) = &config.url else { return };
    let client = match Client::open(url.0.as_str()) {
        Ok(client) => client,
        Err(error) => {
            shared.hub.troubles.raise(REDIS, trouble(&error));
            return tracing::error!(%error, "redis.url cannot be used");
        }
    };
    let mut shutdown = shared.shutdown.clone();
    let mut told = Told::default();
    let mut pause = FIRST_RETRY;
    loop {
        let served = tokio::select! {
            served = serve(&shared, &client, &mut told) => served,
            _ = shutdown.wait_for(|stop| *stop) => break,
        };
        let was_there = shared.redis.is_there.swap(false, Ordering::Relaxed);
        if let Err(error) = served {
            if was_there || !shared.hub.troubles.is_raised(REDIS) {
                tracing::warn!(%error, "redis is away; it is told again once it is back");
            }
            shared.hub.troubles.raise(REDIS, trouble(&error));
        }
        if was_there {
            pause = FIRST_RETRY;
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = shutdown.wait_for(|stop| *stop) => break,
        }
        pause = (pause * 2).min(config.check_every);
    }
    if shared.redis.is_there.load(Ordering::Relaxed) {
        let _ = tokio::time::timeout(FAREWELL_WITHIN, farewell(&shared, &client, &told)).await;
    }
}

/// For people who see `/health`, who need not be let in: nothing of the address, and no text of the other side.
fn trouble(error: &RedisError) -> String {
    let why = match error.code() {
        Some("WRONGPASS" | "NOAUTH" | "NOPERM") => {
            "it refuses the user, the password or what they may do"
        }
        Some(_) => "it answers with an error",
        None if error.kind() == redis::ErrorKind::AuthenticationFailed => {
            "it refuses the user or the password"
        }
        None if error.is_timeout() => "it does not answer in time",
        None if error.is_connection_refusal() => "nobody listens at its address",
        None => "it cannot be reached",
    };
    format!("{why}; who reads there does not learn which browsers are ready")
}

async fn connect(
    client: &Client,
    config: &RedisConfig,
) -> Result<MultiplexedConnection, RedisError> {
    let limits = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(config.timeout))
        .set_response_timeout(Some(config.timeout));
    let mut connection = client.get_multiplexed_async_connection_with_config(&limits).await?;
    ping(&mut connection).await?;
    Ok(connection)
}

async fn ping(connection: &mut MultiplexedConnection) -> Result<(), RedisError> {
    redis::cmd("PING").query_async::<redis::Value>(connection).await.map(drop)
}

/// Connects, tells all that is live and all that is new, then whatever changes. Ends when Redis fails.
async fn serve(shared: &Shared, client: &Client, told: &mut Told) -> Result<(), RedisError> {
    let (hub, config) = (&shared.hub, &shared.config.redis);
    let mut connection = connect(client, config).await?;
    // It may have lost everything.
    told.forget();
    let mut refresh_at = hub.clock.now().steady + REFRESH_EVERY;
    loop {
        let changed = hub.readiness.notified();
        for news in due(shared, told, &mut refresh_at) {
            flags::write(&mut connection, &news).await?;
            told.note(&news);
        }
        // Only now: one that may be asked but not written to is of no use.
        if !shared.redis.is_there.swap(true, Ordering::Relaxed) {
            hub.troubles.clear(REDIS);
            tracing::info!("redis is told which browsers are ready");
        }
        match tokio::time::timeout(config.check_every, changed).await {
            Ok(()) => {}
            Err(_) => ping(&mut connection).await?,
        }
    }
}

/// What Redis does not know yet, the oldest change first. It learns what is stored and nothing newer, so that a server which
/// is killed knows in its next life what it has to take back.
fn due(shared: &Shared, told: &mut Told, refresh_at: &mut Steady) -> Vec<Arc<Readiness>> {
    shared.hub.look(|core, now| {
        if *refresh_at <= now.steady {
            *refresh_at = now.steady + REFRESH_EVERY;
            told.forget();
        }
        let view = core.fleet().view();
        let known: Vec<_> = view.readiness_since(0).cloned().collect();
        told.missing(&known, now.wall)
    })
}

/// Nothing that sends pictures outlives the server.
async fn farewell(shared: &Shared, client: &Client, told: &Told) -> Result<(), RedisError> {
    let mut connection = connect(client, &shared.config.redis).await?;
    for last in told.ended(shared.hub.clock.now().wall) {
        flags::write(&mut connection, &last).await?;
    }
    Ok(())
}

/// Waits for the end of [`tell`], for a bounded time.
pub(crate) async fn finish(task: tokio::task::JoinHandle<()>) {
    let _ = tokio::time::timeout(FAREWELL_WITHIN * 2, task).await;
}

/// Whether the configured Redis answers, if there is one; in words.
pub async fn reach(config: &Config) -> Option<Result<String, String>> {
    let url = config.redis.url.as_ref()?;
    let reached = async {
        let client = Client::open(url.0.as_str())?;
        connect(&client, &config.redis).await.map(drop)
    };
    Some(match reached.await {
        Ok(()) => Ok("Redis answers".to_owned()),
        Err(error) => Err(error.to_string()),
    })
}
