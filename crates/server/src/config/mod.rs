//! The configuration: defaults, then a TOML file, then the environment, then flags; the last one wins.

mod environment;
mod file;
mod hint;
mod keys;
mod load;
mod networks;
pub mod reference;
mod unit;
mod value;

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use pilothouse_core::Settings;

pub use crate::{gateway::StreamLimits, kept_pictures::Limits as RecordingLimits};
pub use environment::OTHER_VARIABLES;
pub use keys::{KEYS, Key};
pub use load::{ConfigError, Invalid, Loaded, Origin, Setting, Source, load};
pub use networks::Networks;
pub use unit::Unit;
pub use value::duration;

/// Everything that can be configured. [`KEYS`] has each key's name, default, unit and reason.
#[derive(Debug, Clone)]
pub struct Config {
    /// `listen`
    pub listen: SocketAddr,
    /// `data_dir`
    pub data_dir: PathBuf,
    /// `auth.secret`; the one in the data directory if absent.
    pub auth_secret: Option<crate::auth::secret::Secret>,
    /// `auth.public_key`: a PEM text or the name of a file.
    pub auth_public_key: Option<String>,
    /// `auth.jwks`
    pub auth_jwks: Option<PathBuf>,
    /// `auth.issuer`
    pub auth_issuer: Option<String>,
    /// `auth.audience`
    pub auth_audience: Option<String>,
    /// `database.url`; SQLite in the data directory if absent.
    pub database_url: Option<Private>,
    /// `origins.allowed`
    pub origins_allowed: Vec<String>,
    /// `hosts.allowed`
    pub hosts_allowed: Vec<String>,
    /// `console.open_on_loopback`
    pub is_console_open: bool,
    /// `tls.certificate` and `tls.key`
    pub tls: TlsFiles,
    /// `trusted_proxies`
    pub trusted_proxies: Networks,
    /// `base_path`; empty, or with a slash in front and none behind.
    pub base_path: String,
    /// `server.loops`; one per core if 0.
    pub loops: usize,
    /// `agents.resume_wait`
    pub resume_wait: Duration,
    /// `timing.header_timeout`
    pub header_timeout: Duration,
    /// `timing.expiry_check`
    pub expiry_check: Duration,
    /// `limits.messages_per_second`
    pub messages_per_second: u32,
    /// `limits.connections` and the limits beside it.
    pub connections: ConnectionLimits,
    /// How people sign in.
    pub people: PeopleSettings,
    /// `output.keep_bytes`
    pub keep_bytes: u64,
    /// `output.keep_total`
    pub keep_total: u64,
    /// `streams.open_per_address` and the keys beside it.
    pub streams: StreamLimits,
    /// `recordings.keep_bytes` and the limits beside it.
    pub recordings: RecordingLimits,
    /// `audit.keep_for`
    pub keep_audit: Duration,
    /// `idempotency.keep_for`
    pub keep_replies: Duration,
    /// `runs.keep`: how many ended runs.
    pub keep_runs: u64,
    /// `runs.keep_pictures`, in bytes.
    pub keep_run_pictures: u64,
    /// `gateway.url` and the keys beside it.
    pub gateway: GatewayConfig,
    /// `webhooks.timeout`; the keys beside it are the core's.
    pub webhooks: WebhookConfig,
    /// Where other programs read which browsers are ready.
    pub redis: RedisConfig,
    /// `public_url`
    pub public_url: Option<String>,
    /// What the protocols go by.
    pub protocols: pilothouse_protocols::Settings,
    /// What the core goes by.
    pub core: Settings,
}

/// How many connections there may be. 0 lets a limit follow from what the process may open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// `limits.connections`
    pub connections: u32,
    /// `limits.connections_per_address`
    pub connections_per_address: u32,
    /// `limits.pending`
    pub pending: u32,
    /// `limits.pending_per_address`
    pub pending_per_address: u32,
}

/// How people sign in, and for how long.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeopleSettings {
    /// `auth.token_lifetime`
    pub token_lifetime: Duration,
    /// `auth.refresh_lifetime`
    pub refresh_lifetime: Duration,
    /// `auth.code_lifetime`
    pub code_lifetime: Duration,
    /// `auth.session_token_lifetime`
    pub session_token_lifetime: Duration,
    /// `people.self_registration`
    pub self_registration: bool,
    /// `people.attempts_per_account`
    pub attempts_per_account: u32,
    /// `people.attempts_per_address`
    pub attempts_per_address: u32,
}

/// The gateway whose sessions are shown as agents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GatewayConfig {
    /// `gateway.url`
    pub url: Option<String>,
    /// `gateway.token`
    pub token: Option<Private>,
    /// `gateway.interval`
    pub interval: Duration,
    /// `gateway.timeout`
    pub timeout: Duration,
    /// `gateway.mock`
    pub is_mock: bool,
}

/// How webhooks are told; the rest is the core's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookConfig {
    /// `webhooks.timeout`
    pub timeout: Duration,
}

/// Where other programs read which browsers are ready.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RedisConfig {
    /// `redis.url`
    pub url: Option<Private>,
    /// `redis.timeout`
    pub timeout: Duration,
    /// `redis.check_every`
    pub check_every: Duration,
}

/// Where the certificate and its key are, both in PEM.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsFiles {
    /// `tls.certificate`
    pub certificate: Option<PathBuf>,
    /// `tls.key`
    pub key: Option<PathBuf>,
}

/// A text that is not to be printed, such as a URL with a password in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Private(pub String);

impl std::fmt::Debug for Private {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl Default for Config {
    fn default() -> Self {
        let mut config = Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7717)),
            data_dir: PathBuf::new(),
            auth_secret: None,
            auth_public_key: None,
            auth_jwks: None,
            auth_issuer: None,
            auth_audience: None,
            database_url: None,
            origins_allowed: Vec::new(),
            hosts_allowed: Vec::new(),
            is_console_open: false,
            tls: TlsFiles::default(),
            trusted_proxies: Networks::default(),
            base_path: String::new(),
            loops: 0,
            resume_wait: Duration::ZERO,
            header_timeout: Duration::ZERO,
            expiry_check: Duration::ZERO,
            messages_per_second: 0,
            connections: ConnectionLimits::default(),
            people: PeopleSettings::default(),
            keep_bytes: 0,
            keep_total: 0,
            streams: StreamLimits::default(),
            recordings: RecordingLimits::default(),
            keep_audit: Duration::ZERO,
            keep_replies: Duration::ZERO,
            keep_runs: 0,
            keep_run_pictures: 0,
            gateway: GatewayConfig::default(),
            webhooks: WebhookConfig::default(),
            redis: RedisConfig::default(),
            public_url: None,
            protocols: pilothouse_protocols::Settings::default(),
            core: Settings::default(),
        };
        for key in KEYS {
            if !key.default.is_empty() {
                (key.set)(&mut config, key.default).expect("defaults are valid values");
            }
        }
        config
    }
}

impl Config {
    /// Where programs on this machine reach the server.
    pub fn url(&self) -> String {
        let ip = match self.listen.ip() {
            ip if !ip.is_unspecified() => ip,
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        };
        let scheme = if self.tls.certificate.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", SocketAddr::new(ip, self.listen.port()))
    }

    /// Where the database is.
    pub(crate) fn database(&self) -> String {
        match &self.database_url {
            Some(url) => url.0.clone(),
            None => format!("sqlite://{}?mode=rwc", self.data_dir.join("pilothouse.db").display()),
        }
    }
}
