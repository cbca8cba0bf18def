//! Doors: which path leads to which protocol, and what may come in there.

use std::time::Duration;

use pilothouse_core::{Role, Scope, ids::AgentId};

use crate::Conversation;

/// How long the answer to a native ping may take.
const PONG_WITHIN: Duration = Duration::from_secs(15);

/// When a token has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenRule {
    /// With the handshake; without one the upgrade is refused with 401.
    Handshake,
    /// With the handshake or by message; a bad one in the handshake is refused with 401.
    HandshakeOrMessage,
    /// With the handshake or not at all. The conversation hears that one is bad, and closes in its protocol's words.
    AfterUpgrade,
}

/// What happens to messages beyond the door's rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    /// They are thrown away and the protocol says so.
    Refuse,
    /// They wait; the peer is simply read slower.
    Delay,
}

/// How a door takes a connection.
#[derive(Clone, Copy)]
pub enum Claim {
    /// The path alone decides.
    Path,
    /// Several protocols share the path; the first message that one of them claims decides.
    FirstMessage(fn(&str) -> bool),
}

/// One path and the protocol behind it.
pub struct Door {
    /// The protocol's folder, and the variant if there are several: the name in metrics and documents.
    pub name: &'static str,
    /// The path; `*` stands for one variable part.
    pub path: &'static str,
    /// How it takes a connection.
    pub claim: Claim,
    /// Ways of speaking that a peer may ask for by subprotocol, the best first.
    pub subprotocols: &'static [&'static str],
    /// When a token has to be there.
    pub token: TokenRule,
    /// Whether `console.open_on_loopback` opens it to programs on the server's machine that send no token.
    pub open_on_loopback: bool,
    /// Whose credentials open it; those of another kind are refused like bad ones.
    pub admits: fn(&Scope) -> bool,
    /// The largest message, in bytes, before and after the caller is known.
    pub largest_message: fn(&Settings) -> MessageLimits,
    /// What happens to messages beyond `limits.messages_per_second`; `None` where nothing limits them.
    pub excess: Option<Excess>,
    /// From which size on a message is worth deflating; `None` where it never is.
    pub compress_above: fn(&Settings) -> Option<usize>,
    /// How often to send a native ping; `None` where the protocol has its own heartbeat.
    pub ping: fn(&Settings) -> Option<Duration>,
    /// After how much silence a peer is dead and closed with [`crate::CloseCode::Dead`]; `None` where the
    /// conversation sees to that. Any byte is life, and so is room in a socket that had none.
    pub silence: fn(&Settings) -> Option<Duration>,
    /// Makes the server's side of a new conversation; where several share the path, once one was claimed:
    /// [`crate::lobby::open`] is what a connection begins with.
    pub open: fn(&Settings) -> Box<dyn Conversation>,
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Door {
    /// Whether only administrators may come in.
    pub fn is_for_administrators(&self) -> bool {
        let admits = |role| (self.admits)(&Scope::Person(role));
        admits(Role::Admin) && !admits(Role::Operator)
    }

    /// Whether keys of agents open it.
    pub fn takes_keys(&self) -> bool {
        let Ok(agent) = AgentId::new("any") else { return false };
        (self.admits)(&Scope::Enrolled(agent))
    }
}

/// How large messages may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageLimits {
    /// Before the caller is known: small, since anybody can make us keep it.
    pub before_token: usize,
    /// Afterwards.
    pub after_token: usize,
}

/// The configuration that protocols depend on; names and defaults as in the configuration reference.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// `timing.ping_interval`
    pub ping_interval: Duration,
    /// `timing.heartbeat_timeout`
    pub heartbeat_timeout: Duration,
    /// `timing.auth_timeout`
    pub auth_timeout: Duration,
    /// `timing.expiry_grace`: how long a connection with an expired token may go on to refresh it.
    pub expiry_grace: Duration,
    /// `commands.per_minute`
    pub commands_per_minute: u32,
    /// `compression.threshold`, in bytes
    pub compression_threshold: usize,
    /// `output.batch`
    pub output_batch: Duration,
    /// `output.chunk`, in bytes
    pub output_chunk: usize,
    /// `resources.interval`; never if absent.
    pub resources_interval: Option<Duration>,
    /// `streams.require_token`
    pub streams_require_token: bool,
    /// The server's version, for greetings.
    pub server_version: &'static str,
}

impl Settings {
    /// How often doors ping whose protocol has no heartbeat: often enough for every living peer to be heard within
    /// `timing.heartbeat_timeout`.
    pub fn ping_every(&self) -> Duration {
        self.ping_interval.min(self.heartbeat_timeout / 2)
    }

    /// After how much silence a peer is dead that is pinged so often: 45 s with the default settings.
    pub fn silence_after_pings(&self) -> Duration {
        let every = self.ping_every();
        self.heartbeat_timeout.min(every + PONG_WITHIN.min(every / 2))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            ping_interval: Duration::from_secs(30),
            heartbeat_timeout: Duration::from_mins(1),
            auth_timeout: Duration::from_secs(30),
            expiry_grace: Duration::from_secs(10),
            commands_per_minute: 10,
            compression_threshold: 10 * 1024,
            output_batch: Duration::from_millis(50),
            output_chunk: 10 * 1024,
            resources_interval: Some(Duration::from_secs(10)),
            streams_require_token: false,
            server_version: env!("CARGO_PKG_VERSION"),
        }
    }
}
