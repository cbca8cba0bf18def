//! Every key: its name, default, meaning, unit, the reason to change it, and where it goes.

use std::time::Duration;

use super::{Config, Networks, Private, unit::Unit, value};
use crate::auth::secret::Secret;

/// What the environment names of keys begin with.
pub(super) const PREFIX: &str = "PILOTHOUSE_";
/// What the names of variables end with that name a file.
const FILE_SUFFIX: &str = "_FILE";

/// One key of the configuration.
pub struct Key {
    /// Dotted name, as in the TOML file.
    pub name: &'static str,
    /// Default, as it would be written; empty if there is none.
    pub default: &'static str,
    /// What it does.
    pub help: &'static str,
    /// What its value is measured in.
    pub unit: Unit,
    /// Why one would change it.
    pub why: &'static str,
    /// Whether its value is never printed.
    pub is_secret: bool,
    pub(super) set: fn(&mut Config, &str) -> Result<(), String>,
}

impl Key {
    /// The environment variable of that key.
    pub fn environment(&self) -> String {
        format!("{PREFIX}{}", self.name.to_uppercase().replace('.', "_"))
    }

    /// The environment variable that names a file with the value in it, as containers get secrets.
    pub fn file_environment(&self) -> Option<String> {
        self.is_secret.then(|| format!("{}{FILE_SUFFIX}", self.environment()))
    }

    /// The part before the dot; empty for keys without one.
    pub fn section(&self) -> &'static str {
        self.name.split_once('.').map_or("", |(section, _)| section)
    }

    /// The part after the dot.
    pub(super) fn name_in_section(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(_, name)| name)
    }
}

macro_rules! keys {
    ($($name:literal = $default:literal, $help:literal, $unit:ident, $why:literal, |$config:ident, $text:ident| $set:expr;)*) => {
        /// Every key there is.
        pub const KEYS: &[Key] = &[$(Key {
            name: $name,
            default: $default,
            help: $help,
            unit: Unit::$unit,
            why: $why,
            is_secret: matches!($name.as_bytes(), b"auth.secret" | b"database.url" | b"gateway.token" | b"redis.url"),
            set: |$config, $text| { $set; Ok(()) },
        }),*];
    };
}

keys! {
    "listen" = "127.0.0.1:7717", "Address and port to listen on.",
        Address, "The default is for this machine only. 0.0.0.0:7717 lets other machines in; put TLS in front of it.",
        |config, text| config.listen = text.parse().map_err(|_| format!("`{text}` is not an address with a port"))?;
    "data_dir" = "", "Where the database and the signing secret are kept. Default: $XDG_DATA_HOME/pilothouse.",
        Path, "A service wants a place of its own, such as /var/lib/pilothouse; each server needs its own.",
        |config, text| config.data_dir = text.into();
    "auth.secret" = "", "The secret that signs tokens, at least 32 bytes. Default: made on the first start, in the data directory.",
        Text, "Several installations that accept the same tokens, or a secret that a vault keeps.",
        |config, text| config.auth_secret = Some(Secret::new(text).map_err(|error| error.to_string())?);
    "auth.public_key" = "", "The public key of somebody else who signs tokens: a PEM text or file, RSA (RS256) or Ed25519 (EdDSA). Needs auth.issuer and auth.audience.",
        Text, "People sign in elsewhere, and their tokens are to count here; one key is all that signs them.",
        |config, text| config.auth_public_key = value::given(text);
    "auth.jwks" = "", "A file with a JSON Web Key Set of somebody else who signs tokens; read again when it changes. Needs auth.issuer and auth.audience.",
        Path, "The same, where the other side changes its keys from time to time.",
        |config, text| config.auth_jwks = value::given(text).map(Into::into);
    "auth.issuer" = "", "The `iss` of tokens that are signed with auth.public_key or auth.jwks.",
        Text, "Has to be what the other side writes, or none of its tokens counts.",
        |config, text| config.auth_issuer = value::given(text);
    "auth.audience" = "", "What has to be in the `aud` of those tokens.",
        Text, "Keeps tokens out that the same issuer made for another service.",
        |config, text| config.auth_audience = value::given(text);
    "auth.token_lifetime" = "24h", "How long the token counts that somebody gets who signs in.",
        Duration, "Shorter where tokens may be overheard; pages and the command line renew theirs by themselves.",
        |config, text| config.people.token_lifetime = value::duration(text)?;
    "auth.refresh_lifetime" = "30d", "How long somebody stays signed in who does not come back.",
        Duration, "Shorter where devices are shared or lost.",
        |config, text| config.people.refresh_lifetime = value::duration(text)?;
    "auth.code_lifetime" = "1h", "How long a link with a code in it opens the page; it does so once.",
        Duration, "Longer where it takes time until somebody reads what a starting server prints.",
        |config, text| config.people.code_lifetime = value::duration(text)?;
    "auth.session_token_lifetime" = "1h", "How long the token of a session counts that programs get from /api/auth/token; never longer than the token they asked with.",
        Duration, "Shorter where such tokens travel in URLs that proxies may log.",
        |config, text| config.people.session_token_lifetime = value::duration(text)?;
    "people.self_registration" = "false", "Lets everybody who reaches the server make an account for themselves, as a viewer.",
        Switch, "A server behind a gate of its own, where whoever gets through may look.",
        |config, text| config.people.self_registration = value::switch(text)?;
    "people.attempts_per_account" = "10", "How often sign-ins of one account may fail in 15 minutes.",
        Count, "Lower against guessing; whoever knows the password waits as well once they are used up.",
        |config, text| config.people.attempts_per_account = at_least_one(text)?;
    "people.attempts_per_address" = "50", "How often sign-ins from one address may fail in 15 minutes; an IPv6 network of 64 bits counts as one.",
        Count, "Higher where many people share an address.",
        |config, text| config.people.attempts_per_address = at_least_one(text)?;
    "database.url" = "", "sqlite://FILE or postgres://USER:PASSWORD@HOST/NAME. Default: SQLite in the data directory.",
        Address, "PostgreSQL where it is backed up and watched already, or a faster disk for SQLite.",
        |config, text| config.database_url = Some(Private(text.to_owned()));
    "origins.allowed" = "", "Origins of web pages that may connect, with commas between them, beside our own.",
        List, "A dashboard of your own that is served from elsewhere, such as https://ops.example.",
        |config, text| config.origins_allowed = value::list(text);
    "hosts.allowed" = "", "Further host names to answer when listening on loopback, against DNS rebinding.",
        List, "A proxy on the same machine that passes the public name on.",
        |config, text| config.hosts_allowed = value::list(text);
    "console.open_on_loopback" = "false", "Lets programs on this machine that send no token in as operators: at the doors /ws/app and /ws/session/…, and to the REST routes about sessions, repositories and agent types.",
        Switch, "Front ends that know no token, on a machine where you trust everybody who can log in. Origin and Host are checked all the same.",
        |config, text| config.is_console_open = value::switch(text)?;
    "tls.certificate" = "", "The certificate and its chain, a PEM file; with tls.key, TLS is all that is spoken. Read again when it changes.",
        Path, "Other machines connect and no proxy speaks TLS for the server.",
        |config, text| config.tls.certificate = Some(text.into());
    "tls.key" = "", "The certificate's private key, a PEM file.",
        Path, "Goes with tls.certificate; readable by the server's user alone.",
        |config, text| config.tls.key = Some(text.into());
    "trusted_proxies" = "", "Addresses and networks of proxies whose Forwarded and X-Forwarded-… fields count, with commas between them.",
        List, "A proxy stands before the server, and limits and the audit are to go by the addresses of its clients.",
        |config, text| config.trusted_proxies = Networks::parse(&value::list(text))?;
    "public_url" = "", "Where people find this server's page, such as https://pilot.example; what webhooks are told has it as a link.",
        Address, "Whoever reads such a message wants to get to the page.",
        |config, text| config.public_url = value::given(text);
    "base_path" = "", "The path under which a proxy shows this server, such as /pilot, whether it takes it off or not.",
        Path, "One host name serves several programs, each below a path of its own.",
        |config, text| config.base_path = value::base_path(text)?;
    "server.loops" = "0", "Event loops; 0 means one per core.",
        Count, "Fewer leave cores to other programs; more than there are cores does not help.",
        |config, text| config.loops = value::number(text)?;
    "timing.ping_interval" = "30s", "How often doors without a heartbeat of their own are pinged, at least twice per timing.heartbeat_timeout, and mission control is sent its heartbeat.",
        Duration, "Shorter where proxies cut idle connections before 30 s.",
        |config, text| {
            let interval = value::duration(text)?;
            config.protocols.ping_interval = interval;
            config.core.beat_every = (!interval.is_zero()).then_some(interval);
        };
    "timing.heartbeat_timeout" = "60s", "A peer that says nothing for so long is dead; one that leaves a ping unanswered for half an interval, at most 15 s, is dead before.",
        Duration, "Longer for viewers on bad networks, shorter to free their connections sooner. Keep it above the ping interval.",
        |config, text| config.protocols.heartbeat_timeout = value::duration(text)?;
    "timing.auth_timeout" = "30s", "How long a connection may stay without saying who it is.",
        Duration, "Shorter when strangers can reach the port.",
        |config, text| config.protocols.auth_timeout = value::duration(text)?;
    "timing.header_timeout" = "10s", "How long a peer may take to send a request's head.",
        Duration, "Longer for very slow networks, shorter when strangers hold connections open.",
        |config, text| config.header_timeout = value::duration(text)?;
    "timing.expiry_check" = "5s", "How often live sockets are checked for an expired token.",
        Duration, "Shorter if expired tokens must lose their sockets sooner.",
        |config, text| config.expiry_check = value::duration(text)?;
    "timing.expiry_grace" = "10s", "How long a socket may go on with an expired token, to refresh it.",
        Duration, "Longer if clients take long to fetch a token.",
        |config, text| config.protocols.expiry_grace = value::duration(text)?;
    "commands.timeout" = "5m", "How long a command may run.",
        Duration, "Builds and test runs that take longer; a request may also name its own.",
        |config, text| config.core.command_timeout = value::duration(text)?;
    "commands.queue_capacity" = "100", "How many commands may wait on one agent.",
        Count, "Longer queues for batch work; each waiting command is kept in memory.",
        |config, text| config.core.queue_capacity = value::number(text)?;
    "commands.per_minute" = "10", "How many commands one dashboard may ask for in a minute.",
        Count, "Scripts that ask for many commands over one connection.",
        |config, text| config.protocols.commands_per_minute = value::number(text)?;
    "commands.interrupt_grace" = "2s", "How long SIGINT and SIGTERM each get before the next signal.",
        Duration, "Programs that need longer to save their work when they are interrupted.",
        |config, text| config.core.interrupt_grace = value::duration(text)?;
    "limits.messages_per_second" = "100", "How many messages one dashboard may send in a second.",
        Count, "Lower against clients that run wild, higher for one that speaks for many people.",
        |config, text| config.messages_per_second = value::number(text)?;
    "limits.connections" = "0", "How many connections there may be; 0 means as many as there are file descriptors for, at most 50000.",
        Count, "Less than the machine could hold, to leave memory and descriptors to other programs.",
        |config, text| config.connections.connections = value::number(text)?;
    "limits.connections_per_address" = "20000", "How many connections one address may have; an IPv6 network of 64 bits counts as one.",
        Count, "Lower against one machine that takes all places, higher if a proxy that is not trusted stands before all clients.",
        |config, text| config.connections.connections_per_address = at_least_one(text)?;
    "limits.pending" = "0", "How many connections may be open that have not said who they are; 0 means half of limits.connections.",
        Count, "Lower when strangers can reach the port.",
        |config, text| config.connections.pending = value::number(text)?;
    "limits.pending_per_address" = "0", "How many of these one address may have; 0 means half of limits.pending.",
        Count, "Lower when strangers can reach the port and clients do not share addresses.",
        |config, text| config.connections.pending_per_address = value::number(text)?;
    "resources.interval" = "10s", "How often agents tell how much of their machine is in use; 0s turns that off. An hour at most.",
        Duration, "Shorter for finer curves, longer where an agent has very many processes. The last 60 reports are kept.",
        |config, text| config.protocols.resources_interval = interval(text)?;
    "output.batch" = "50ms", "How long agents gather a command's output before they send it.",
        Duration, "Shorter shows output sooner, longer sends fewer messages.",
        |config, text| config.protocols.output_batch = value::duration(text)?;
    "output.chunk" = "10 KiB", "The largest piece of a command's output in one message.",
        Bytes, "Smaller for clients that cannot take large messages; larger costs fewer messages per byte.",
        |config, text| config.protocols.output_chunk = size(text)?;
    "output.ring" = "4 MiB", "How much each shape of a topic keeps for viewers that are behind.",
        Bytes, "Larger lets slow viewers stay behind for longer without a gap; it is memory.",
        |config, text| config.core.ring_bytes = size(text)?;
    "output.viewer_backlog" = "100 KiB", "The newest output that a viewer gets who fell behind all of that.",
        Bytes, "More context for who fell behind, at the price of more to send to a slow viewer.",
        |config, text| config.core.backlog_bytes = size(text)?;
    "output.keep_bytes" = "10 MB", "How much output of one command or terminal is kept; the oldest goes.",
        Bytes, "More history for each, if the disk has room.",
        |config, text| config.keep_bytes = value::size(text)?;
    "output.keep_total" = "10 GB", "How much output is kept in all; the oldest goes.",
        Bytes, "Set it below the free space of the disk that the database is on.",
        |config, text| config.keep_total = value::size(text)?;
    "recordings.fps" = "5", "How many pictures a second a recording keeps.",
        Count, "More for smoother recordings, fewer to keep longer ones.",
        |config, text| config.recordings.per_second = at_least_one(text)?;
    "recordings.keep_bytes" = "200 MB", "How large one recording of pictures may become; then it ends.",
        Bytes, "More for long recordings, if the disk has room.",
        |config, text| config.recordings.bytes = value::size(text)?;
    "recordings.keep_total" = "2 GB", "How much all recordings of pictures may take; the oldest give way to new ones.",
        Bytes, "Set it below the free space of the disk that data_dir is on.",
        |config, text| config.recordings.total = value::size(text)?;
    "audit.keep_for" = "90d", "How long it is kept who did what; older records go.",
        Duration, "As long as your rules for such records say.",
        |config, text| config.keep_audit = value::duration(text)?;
    "idempotency.keep_for" = "24h", "How long the reply to a request with an Idempotency-Key is kept, so that it is not done twice.",
        Duration, "Longer where programs try again after more than a day.",
        |config, text| config.keep_replies = value::duration(text)?;
    "compression.threshold" = "10 KiB", "Messages larger than this are deflated for those who agreed to it.",
        Bytes, "Lower for slow networks; higher saves processor time.",
        |config, text| config.protocols.compression_threshold = size(text)?;
    "agents.lost_after" = "2m", "How long an agent may be away before its work counts as failed.",
        Duration, "Longer where machines sleep or networks are away for minutes; shorter to have failures told sooner.",
        |config, text| config.core.lost_after = value::duration(text)?;
    "agents.resume_wait" = "5s", "How long a viewer that has more of a terminal than is stored waits for the agent to send it again.",
        Duration, "Longer where agents take long to come back after the server was killed.",
        |config, text| config.resume_wait = value::duration(text)?;
    "agents.stop_within" = "15s", "How long an agent may take to confirm that nothing of it runs any more when it is stopped.",
        Duration, "Longer where programs need long to end; until then a stop is not answered.",
        |config, text| config.core.stop_within = value::duration(text)?;
    "agents.restart_within" = "30s", "How long an agent may take to come back when it is restarted.",
        Duration, "Longer on slow machines.",
        |config, text| config.core.restart_within = value::duration(text)?;
    "agents.list_delay" = "250ms", "How long changes of the set of agents are gathered before the list is sent again.",
        Duration, "Longer for fleets in which agents come and go all the time.",
        |config, text| config.core.list_delay = value::duration(text)?;
    "agents.crash_loop" = "3", "An agent that is started anew so often, within agents.crash_loop_within, has the status `error`; 0 turns that off.",
        Count, "More for agents that are restarted on purpose, for instance after each task.",
        |config, text| config.core.crash_loop = value::number(text)?;
    "agents.crash_loop_within" = "60s", "See agents.crash_loop; the status goes back to normal once the agent has lived so long.",
        Duration, "Longer for agents that crash only after a while.",
        |config, text| config.core.crash_loop_within = value::duration(text)?;
    "agents.reported_for" = "5m", "How long the reported status of an agent without a link counts; then it is offline.",
        Duration, "Longer for programs that report seldom.",
        |config, text| config.core.reported_for = value::duration(text)?;
    "runs.per_agent" = "2", "How many runs an agent does at once.",
        Count, "More where the machines of agents have room for more browsers.",
        |config, text| config.core.runs.per_agent = value::number(text)?;
    "runs.queue_capacity" = "100", "How many runs may wait on one agent.",
        Count, "Longer queues for batch work; each waiting run is kept in memory.",
        |config, text| config.core.runs.queue_capacity = value::number(text)?;
    "runs.time_limit" = "30m", "How long a run may take, from when it begins.",
        Duration, "Tasks that take longer; a request may also name a shorter time of its own.",
        |config, text| config.core.runs.limits.time = value::duration(text)?;
    "runs.step_limit" = "100", "How many steps a run may take.",
        Count, "Lower to bound what a run can cost; a request may also name a smaller number of its own.",
        |config, text| config.core.runs.limits.steps = at_least_one(text)?;
    "runs.keep" = "1000", "How many ended runs are kept with their steps; the oldest go.",
        Count, "More history, if the disk has room.",
        |config, text| config.keep_runs = value::number(text)?;
    "runs.keep_pictures" = "1 GB", "How many bytes of pictures of steps are kept in all; the oldest go, and their steps stay.",
        Bytes, "More where people look at old runs, if the disk has room.",
        |config, text| config.keep_run_pictures = value::size(text)?;
    "gateway.url" = "", "An HTTP gateway whose sessions are shown as agents, such as http://localhost:8888; it is asked for /sessions and /health.",
        Address, "Agents that live behind a gateway of their own and have no link here.",
        |config, text| config.gateway.url = value::given(text);
    "gateway.token" = "", "What the gateway is sent as a bearer token.",
        Text, "The gateway asks who is there.",
        |config, text| config.gateway.token = value::given(text).map(Private);
    "gateway.interval" = "5s", "How often the gateway is asked.",
        Duration, "Shorter to see changes sooner; a change of status counts once two answers in a row had it.",
        |config, text| config.gateway.interval = value::duration(text)?.max(std::time::Duration::from_millis(10));
    "gateway.timeout" = "5s", "How long the gateway may take to answer.",
        Duration, "Longer for a gateway far away.",
        |config, text| config.gateway.timeout = value::duration(text)?;
    "gateway.mock" = "false", "Shows five agents that do not exist, for a demonstration; says so in /health, in the agents' metadata, and in the log.",
        Switch, "To see how it looks before there are agents.",
        |config, text| config.gateway.is_mock = value::switch(text)?;
    "control.request_timeout" = "1m", "How long somebody who asks to steer a browser waits for the answer of whoever steers it.",
        Duration, "Longer where people do not look at the page all the time.",
        |config, text| config.core.steering.request_timeout = value::duration(text)?;
    "control.idle" = "10m", "How long somebody who steers a browser may do nothing before somebody else can.",
        Duration, "Shorter where many people share few browsers.",
        |config, text| config.core.steering.idle = value::duration(text)?;
    "control.warning" = "30s", "How long before the end whoever steers a browser is warned.",
        Duration, "Longer for people who read slowly, or look elsewhere.",
        |config, text| config.core.steering.warning = value::duration(text)?;
    "control.longest" = "1h", "How long somebody steers a browser at a time, however busy.",
        Duration, "Longer for work that takes long; whoever waits waits as long.",
        |config, text| config.core.steering.longest = value::duration(text)?;
    "control.grace" = "30s", "How long somebody whose connection broke may come back and go on steering.",
        Duration, "Longer where networks are bad; meanwhile nobody else steers.",
        |config, text| config.core.steering.grace = value::duration(text)?;
    "webhooks.offline_after" = "30s", "How long an agent has to be away before webhooks are told that it is offline.",
        Duration, "Longer where machines sleep or networks are bad; shorter to be told sooner.",
        |config, text| config.core.webhooks.offline_after = value::duration(text)?;
    "webhooks.timeout" = "10s", "How long a webhook's receiver may take to answer, connecting included.",
        Duration, "Longer for receivers that do their work before they answer.",
        |config, text| config.webhooks.timeout = value::duration(text)?;
    "webhooks.retry_after" = "5s", "How long to wait after an attempt that failed; each further pause is three times as long.",
        Duration, "Longer for receivers that are away for hours; eight attempts with 5 s span an hour and a half.",
        |config, text| config.core.webhooks.retry_after = value::duration(text)?;
    "webhooks.attempts" = "8", "How often a delivery is tried before it is given up.",
        Count, "More for receivers that are away for long.",
        |config, text| config.core.webhooks.attempts = at_least_one(text)?;
    "webhooks.pending" = "1000", "How many deliveries may wait for one webhook; the oldest gives way.",
        Count, "More where much happens while a receiver is away; each is kept in memory.",
        |config, text| config.core.webhooks.pending = value::number(text)?;
    "streams.require_token" = "false", "Whether producers of pictures need a token; without, they may come without one, as seed programs do.",
        Switch, "Strangers can reach the port: pictures of anybody would be shown as a session's.",
        |config, text| config.protocols.streams_require_token = value::switch(text)?;
    "streams.open_per_address" = "5", "How many streams of pictures without a token one address may bring; an IPv6 network of 64 bits counts as one.",
        Count, "More where many workers share an address.",
        |config, text| config.streams.per_address = value::number(text)?;
    "streams.keep_for" = "60s", "How long the last picture of a stream is kept after its producer left.",
        Duration, "Longer where producers take long to come back; each may be 16 MB of memory.",
        |config, text| config.streams.keep_for = value::duration(text)?;
    "streams.lighten" = "true", "Whether a viewer whose line is too narrow for the pictures gets them at a lower quality, and sharp once the page stands still.",
        Switch, "Off where each picture has to arrive as its producer made it, or the server has no processor time for it.",
        |config, text| config.streams.lightens = value::switch(text)?;
    "streams.open_max" = "100", "How many streams of pictures without a session there may be, and are kept in mind.",
        Count, "More where many producers without a token send pictures; each has its last picture in memory.",
        |config, text| config.core.open_streams = value::number(text)?;
    "redis.url" = "", "redis://USER:PASSWORD@HOST:PORT/DATABASE of a Redis or Valkey that is told which browsers are ready; rediss:// speaks TLS.",
        Address, "Other programs read there whether a session's pictures flow, in the hash session:ID.",
        |config, text| config.redis.url = Some(redis_url(text)?);
    "redis.timeout" = "2s", "How long Redis may take to connect, and to answer.",
        Duration, "Longer for one that is far away; nothing else waits for it.",
        |config, text| config.redis.timeout = at_least_a_millisecond(text)?;
    "redis.check_every" = "5s", "How often Redis is asked whether it is there, and how long at most until it is tried again.",
        Duration, "Shorter to hear sooner that it is away.",
        |config, text| config.redis.check_every = at_least_a_millisecond(text)?;
    "agents.credit" = "4 MiB", "How much output of one stream an agent may have unacknowledged.",
        Bytes, "More for fast agents far away; each stream may hold so much of the server's memory.",
        |config, text| config.core.credit = value::size(text)?;
}

fn at_least_one(text: &str) -> Result<u32, String> {
    match value::number(text)? {
        0 => Err("`0` would let nobody in".to_owned()),
        number => Ok(number),
    }
}

fn interval(text: &str) -> Result<Option<Duration>, String> {
    let every = value::duration(text)?;
    if every > Duration::from_hours(1) || (!every.is_zero() && every < Duration::from_secs(1)) {
        return Err(format!("`{text}` is neither 0s nor between a second and an hour"));
    }
    Ok((!every.is_zero()).then_some(every))
}

fn redis_url(text: &str) -> Result<Private, String> {
    use redis::IntoConnectionInfo;
    match text.into_connection_info() {
        Ok(_) => Ok(Private(text.to_owned())),
        Err(_) => {
            Err("this is not redis://HOST, with user, password, port and database as needed"
                .to_owned())
        }
    }
}

fn at_least_a_millisecond(text: &str) -> Result<Duration, String> {
    Ok(value::duration(text)?.max(Duration::from_millis(1)))
}

fn size(text: &str) -> Result<usize, String> {
    usize::try_from(value::size(text)?).map_err(|_| format!("`{text}` is too large"))
}
