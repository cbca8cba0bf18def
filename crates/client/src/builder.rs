//! How a dashboard is to connect, and what it does while it is away.

use std::{path::PathBuf, time::Duration};

use pilothouse_websocket::connect::{Connector, ServerAddress};

use crate::{
    Api, Backoff, Dashboard, Error, FollowedRun, Terminal, runs, session, terminal,
    token::TokenSource,
};

/// Which commands' output is fetched after it was missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Follow {
    /// Every command this dashboard was told of.
    #[default]
    All,
    /// Only what it ran itself or asked for with [`Dashboard::follow`]. Of the others, holes are told
    /// where output goes on behind them.
    Own,
}

/// Everything that can be chosen about a connection. Made by [`Dashboard::builder`].
///
/// ```no_run
/// # async fn example() -> Result<(), pilothouse_client::Error> {
/// use std::time::Duration;
/// use pilothouse_client::Dashboard;
///
/// let dashboard = Dashboard::builder("https://pilothouse.example.org")
///     .token_source(async || Ok(std::fs::read_to_string("token").unwrap_or_default().trim().to_owned()))
///     .authorities("/etc/ssl/our-own.pem")
///     .give_up_after(Duration::from_secs(600))
///     .connect()
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Builder {
    server: String,
    token: TokenSource,
    authorities: Option<PathBuf>,
    connect_within: Duration,
    pub(crate) heartbeat: Duration,
    pub(crate) dead_after: Duration,
    pub(crate) backoff: Backoff,
    pub(crate) give_up_after: Option<Duration>,
    pub(crate) most_waiting: usize,
    pub(crate) follow: Follow,
}

/// All that a session needs to connect, over and over.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) address: ServerAddress,
    pub(crate) connector: Connector,
    pub(crate) token: TokenSource,
    pub(crate) connect_within: Duration,
    pub(crate) options: Builder,
}

impl Builder {
    pub(crate) fn new(server: &str) -> Self {
        Self {
            server: server.to_owned(),
            token: TokenSource::Fixed(String::new()),
            authorities: None,
            connect_within: Duration::from_secs(15),
            heartbeat: Duration::from_secs(30),
            dead_after: Duration::from_secs(60),
            backoff: Backoff::default(),
            give_up_after: None,
            most_waiting: 0,
            follow: Follow::default(),
        }
    }

    /// The token. When it has expired, the connection is over for good; see [`Self::token_source`].
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = TokenSource::Fixed(token.into());
        self
    }

    /// Shows no token: for the few HTTP routes that need none, such as those one gets a token from.
    #[must_use]
    pub fn without_token(mut self) -> Self {
        self.token = TokenSource::Nothing;
        self
    }

    /// Asks for a token whenever one is needed: for every connection, and before the present one expires
    /// (then it is shown with `token:refresh`). The error is a reason in words.
    #[must_use]
    pub fn token_source<F, R>(mut self, source: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<String, String>> + Send + 'static,
    {
        self.token = TokenSource::callback(source);
        self
    }

    /// Trusts the certificates in this PEM file and no others, instead of what the machine trusts.
    /// Certificates are always verified.
    #[must_use]
    pub fn authorities(mut self, pem_file: impl Into<PathBuf>) -> Self {
        self.authorities = Some(pem_file.into());
        self
    }

    /// How long one attempt may take, from resolving the name to the server's greeting; 15 s.
    #[must_use]
    pub fn connect_within(mut self, limit: Duration) -> Self {
        self.connect_within = limit;
        self
    }

    /// How often a heartbeat is sent (30 s), and after how much silence the server counts as dead (60 s).
    /// These are the protocol's own; shorter ones are for tests.
    #[must_use]
    pub fn heartbeat(mut self, every: Duration, dead_after: Duration) -> Self {
        (self.heartbeat, self.dead_after) = (every, dead_after);
        self
    }

    /// How long to wait between attempts to come back.
    #[must_use]
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// Gives up when the server did not come back for so long. Without this, never.
    #[must_use]
    pub fn give_up_after(mut self, limit: Duration) -> Self {
        self.give_up_after = Some(limit);
        self
    }

    /// Lets so many requests wait while there is no connection; they are sent in order when it is back.
    /// A further one is refused with [`Error::TooManyWaiting`]. Without this, every request is refused
    /// at once with [`Error::Away`].
    #[must_use]
    pub fn queue_while_away(mut self, requests: usize) -> Self {
        self.most_waiting = requests;
        self
    }

    /// Which commands' output is fetched after it was missed.
    #[must_use]
    pub fn follow(mut self, follow: Follow) -> Self {
        self.follow = follow;
        self
    }

    /// Connects, and waits for the server's greeting. From then on the connection comes back by itself.
    ///
    /// Has to be called inside a tokio runtime, where a task of its own then serves the connection.
    /// Cancelling it leaves nothing behind.
    ///
    /// # Errors
    ///
    /// The first attempt is the only one: whatever keeps it from succeeding is the error.
    pub async fn connect(self) -> Result<Dashboard, Error> {
        session::start(self.plan()?).await
    }

    /// Attaches to a worker's terminal, and waits until the server lets us in. From then on the connection comes
    /// back by itself: after 1 s, then twice as long each time up to 30 s, each ±30 %, unless
    /// [`Self::backoff`] says something else.
    ///
    /// Has to be called inside a tokio runtime, where a task of its own then serves the connection.
    ///
    /// # Errors
    ///
    /// The first attempt is the only one: whatever keeps it from succeeding is the error.
    pub async fn attach(self, session: &str, worker: &str) -> Result<Terminal, Error> {
        terminal::start(self.plan()?, session, worker).await
    }

    /// Follows a run from behind that step on, 0 for all of it. Connects by itself, at first as later: an attempt that
    /// fails is repeated after 1 s, then twice as long each time up to 30 s, each ±30 %, unless [`Self::backoff`] says
    /// something else.
    ///
    /// Has to be called inside a tokio runtime, where a task of its own then serves the connection.
    ///
    /// # Errors
    ///
    /// The address or the file with the authorities cannot be used.
    pub fn follow_run(self, run: &str, after: u32) -> Result<FollowedRun, Error> {
        Ok(runs::start(self.plan()?, run, after))
    }

    /// For requests over HTTP.
    ///
    /// # Errors
    ///
    /// The address or the file with the authorities cannot be used.
    pub fn api(self) -> Result<Api, Error> {
        self.plan().map(Api::new)
    }

    fn plan(self) -> Result<Plan, Error> {
        Ok(Plan {
            address: self.server.parse()?,
            connector: Connector::new(self.authorities.clone(), self.connect_within)?,
            token: self.token.clone(),
            connect_within: self.connect_within,
            options: self,
        })
    }
}
