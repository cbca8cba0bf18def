//! Every key: its name, default, meaning, and where it goes.

use super::{Config, Private, value};
use crate::auth::secret::Secret;

/// One key of the configuration.
pub struct Key {
    /// Dotted name, as in the TOML file.
    pub name: &'static str,
    /// Default, as it would be written; empty if there is none.
    pub default: &'static str,
    /// What it does, and why one would change it.
    pub help: &'static str,
    /// Whether its value is never printed.
    pub is_secret: bool,
    pub(super) set: fn(&mut Config, &str) -> Result<(), String>,
}

impl Key {
    /// The environment variable of that key.
    pub fn environment(&self) -> String {
        format!("PILOTHOUSE_{}", self.name.to_uppercase().replace('.', "_"))
    }
}

macro_rules! keys {
    ($($name:literal = $default:literal, $help:literal, |$config:ident, $text:ident| $set:expr;)*) => {
        /// Every key there is.
        pub const KEYS: &[Key] = &[$(Key {
            name: $name,
            default: $default,
            help: $help,
            is_secret: matches!($name.as_bytes(), b"auth.secret" | b"database.url"),
            set: |$config, $text| { $set; Ok(()) },
        }),*];
    };
}

keys! {
    "listen" = "127.0.0.1:7717", "Address and port to listen on.",
        |config, text| config.listen = text.parse().map_err(|_| format!("`{text}` is not an address with a port"))?;
    "data_dir" = "", "Where the database and the signing secret are kept. Default: $XDG_DATA_HOME/pilothouse.",
        |config, text| config.data_dir = text.into();
    "auth.secret" = "", "The secret that signs tokens, at least 32 bytes. Default: made on the first start, in the data directory.",
        |config, text| config.auth_secret = Some(Secret::new(text).map_err(|error| error.to_string())?);
    "auth.public_key" = "", "The public key of somebody else who signs tokens: a PEM text or file, RSA (RS256) or Ed25519 (EdDSA). Needs auth.issuer and auth.audience.",
        |config, text| config.auth_public_key = value::given(text);
    "auth.jwks" = "", "A file with a JSON Web Key Set of somebody else who signs tokens; read again when it changes. Needs auth.issuer and auth.audience.",
        |config, text| config.auth_jwks = value::given(text).map(Into::into);
    "auth.issuer" = "", "The `iss` of tokens that are signed with auth.public_key or auth.jwks.",
        |config, text| config.auth_issuer = value::given(text);
    "auth.audience" = "", "What has to be in the `aud` of those tokens.",
        |config, text| config.auth_audience = value::given(text);
    "database.url" = "", "sqlite://FILE or postgres://USER:PASSWORD@HOST/NAME. Default: SQLite in the data directory.",
        |config, text| config.database_url = Some(Private(text.to_owned()));
    "origins.allowed" = "", "Origins of web pages that may connect, with commas between them, beside our own.",
        |config, text| config.origins_allowed = value::list(text);
    "hosts.allowed" = "", "Further host names to answer when listening on loopback, against DNS rebinding.",
        |config, text| config.hosts_allowed = value::list(text);
    "tls.certificate" = "", "The certificate and its chain, a PEM file; with tls.key, TLS is all that is spoken. Read again when it changes.",
        |config, text| config.tls.certificate = Some(text.into());
    "tls.key" = "", "The certificate's private key, a PEM file.",
        |config, text| config.tls.key = Some(text.into());
    "server.loops" = "0", "Event loops; 0 means one per core.",
        |config, text| config.loops = value::number(text)?;
    "timing.ping_interval" = "30s", "How often doors without a heartbeat of their own are pinged.",
        |config, text| config.protocols.ping_interval = value::duration(text)?;
    "timing.heartbeat_timeout" = "60s", "A peer that says nothing for so long is dead.",
        |config, text| config.protocols.heartbeat_timeout = value::duration(text)?;
    "timing.auth_timeout" = "30s", "How long a connection may stay without saying who it is.",
        |config, text| config.protocols.auth_timeout = value::duration(text)?;
    "timing.header_timeout" = "10s", "How long a peer may take to send a request's head.",
        |config, text| config.header_timeout = value::duration(text)?;
    "timing.expiry_check" = "5s", "How often live sockets are checked for an expired token.",
        |config, text| config.expiry_check = value::duration(text)?;
    "timing.expiry_grace" = "10s", "How long a socket may go on with an expired token, to refresh it.",
        |config, text| config.protocols.expiry_grace = value::duration(text)?;
    "commands.timeout" = "5m", "How long a command may run.",
        |config, text| config.core.command_timeout = value::duration(text)?;
    "commands.queue_capacity" = "100", "How many commands may wait on one agent.",
        |config, text| config.core.queue_capacity = value::number(text)?;
    "commands.per_minute" = "10", "How many commands one dashboard may ask for in a minute.",
        |config, text| config.protocols.commands_per_minute = value::number(text)?;
    "commands.interrupt_grace" = "2s", "How long SIGINT and SIGTERM each get before the next signal.",
        |config, text| config.core.interrupt_grace = value::duration(text)?;
    "limits.messages_per_second" = "100", "How many messages one dashboard may send in a second.",
        |config, text| config.messages_per_second = value::number(text)?;
    "limits.connections" = "0", "How many connections there may be; 0 means as many as there are file descriptors for, at most 50000.",
        |config, text| config.connections.connections = value::number(text)?;
    "limits.connections_per_address" = "20000", "How many connections one address may have; an IPv6 network of 64 bits counts as one.",
        |config, text| config.connections.connections_per_address = at_least_one(text)?;
    "limits.pending" = "0", "How many connections may be open that have not said who they are; 0 means half of limits.connections.",
        |config, text| config.connections.pending = value::number(text)?;
    "limits.pending_per_address" = "0", "How many of these one address may have; 0 means half of limits.pending.",
        |config, text| config.connections.pending_per_address = value::number(text)?;
    "output.batch" = "50ms", "How long agents gather a command's output before they send it.",
        |config, text| config.protocols.output_batch = value::duration(text)?;
    "output.chunk" = "10 KiB", "The largest piece of a command's output in one message.",
        |config, text| config.protocols.output_chunk = size(text)?;
    "output.ring" = "4 MiB", "How much each shape of a topic keeps for viewers that are behind.",
        |config, text| config.core.ring_bytes = size(text)?;
    "output.viewer_backlog" = "100 KiB", "The newest output that a viewer gets who fell behind all of that.",
        |config, text| config.core.backlog_bytes = size(text)?;
    "output.keep_bytes" = "10 MB", "How much output of one command is kept; the oldest goes.",
        |config, text| config.keep_bytes = value::size(text)?;
    "output.keep_total" = "10 GB", "How much output is kept in all; the oldest goes.",
        |config, text| config.keep_total = value::size(text)?;
    "compression.threshold" = "10 KiB", "Messages larger than this are deflated for those who agreed to it.",
        |config, text| config.protocols.compression_threshold = size(text)?;
    "agents.lost_after" = "2m", "How long an agent may be away before its work counts as failed.",
        |config, text| config.core.lost_after = value::duration(text)?;
    "agents.list_delay" = "250ms", "How long changes of the set of agents are gathered before the list is sent again.",
        |config, text| config.core.list_delay = value::duration(text)?;
    "agents.credit" = "4 MiB", "How much output of one stream an agent may have unacknowledged.",
        |config, text| config.core.credit = value::size(text)?;
}

fn at_least_one(text: &str) -> Result<u32, String> {
    match value::number(text)? {
        0 => Err("`0` would let nobody in".to_owned()),
        number => Ok(number),
    }
}

fn size(text: &str) -> Result<usize, String> {
    usize::try_from(value::size(text)?).map_err(|_| format!("`{text}` is too large"))
}
