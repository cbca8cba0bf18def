//! The numbers the core goes by; names and defaults as in the configuration reference.

use std::time::Duration;

use crate::runs::RunSettings;

/// Limits and intervals of the domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `commands.queue_capacity`: how many commands may wait on one agent.
    pub queue_capacity: usize,
    /// `commands.timeout`: how long a command may run.
    pub command_timeout: Duration,
    /// `commands.interrupt_grace`: how long each politer signal gets before the next.
    pub interrupt_grace: Duration,
    /// `agents.lost_after`: how long an agent may be away before its work counts as failed.
    pub lost_after: Duration,
    /// `agents.list_delay`: how long changes of the set of agents are gathered.
    pub list_delay: Duration,
    /// `agents.stop_within`: how long an agent may take to confirm that nothing runs.
    pub stop_within: Duration,
    /// `agents.restart_within`: how long an agent may take to come back in a new life.
    pub restart_within: Duration,
    /// `agents.credit`: how much of a stream may be unacknowledged, in bytes.
    pub credit: u64,
    /// `output.ring`, in bytes.
    pub ring_bytes: usize,
    /// `output.viewer_backlog`, in bytes.
    pub backlog_bytes: usize,
    /// `timing.ping_interval`: how often viewers are told that time passes; never if absent.
    pub beat_every: Option<Duration>,
    /// `agents.crash_loop`: an agent that is started anew so often is in trouble; 0 for never.
    pub crash_loop: usize,
    /// `agents.crash_loop_within`: within so long, and until it has lived so long.
    pub crash_loop_within: Duration,
    /// `agents.reported_for`: how long a reported status counts.
    pub reported_for: Duration,
    /// `streams.open_max`: how many streams without a session are kept in mind.
    pub open_streams: usize,
    /// How much runs may take.
    pub runs: RunSettings,
    /// How webhooks are told.
    pub webhooks: WebhookSettings,
    /// How long people steer a browser, and wait for it.
    pub steering: SteeringSettings,
}

/// How long people steer a browser, and wait for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SteeringSettings {
    /// `control.request_timeout`: whoever asks to steer waits so long for the holder's answer.
    pub request_timeout: Duration,
    /// `control.idle`: a holder who does nothing for so long steers no longer.
    pub idle: Duration,
    /// `control.warning`: so long before the end the holder is warned.
    pub warning: Duration,
    /// `control.longest`: nobody steers longer at a time.
    pub longest: Duration,
    /// `control.grace`: a holder whose connection broke may come back for so long.
    pub grace: Duration,
}

impl Default for SteeringSettings {
    fn default() -> Self {
        Self {
            request_timeout: Duration::from_mins(1),
            idle: Duration::from_mins(10),
            warning: Duration::from_secs(30),
            longest: Duration::from_mins(60),
            grace: Duration::from_secs(30),
        }
    }
}

/// How webhooks are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSettings {
    /// `webhooks.offline_after`: an agent that is back before that was not away.
    pub offline_after: Duration,
    /// `webhooks.pending`: how many deliveries may wait for one webhook.
    pub pending: usize,
    /// `webhooks.retry_after`: the first pause after a failed attempt; each is three times as long as the one before.
    pub retry_after: Duration,
    /// `webhooks.attempts`: how often one is tried.
    pub attempts: u32,
}

impl Default for WebhookSettings {
    fn default() -> Self {
        Self {
            offline_after: Duration::from_secs(30),
            pending: 1000,
            retry_after: Duration::from_secs(5),
            attempts: 8,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            queue_capacity: 100,
            command_timeout: Duration::from_secs(300),
            interrupt_grace: Duration::from_secs(2),
            lost_after: Duration::from_secs(120),
            list_delay: Duration::from_millis(250),
            stop_within: Duration::from_secs(15),
            restart_within: Duration::from_secs(30),
            credit: 4 << 20,
            ring_bytes: 4 << 20,
            backlog_bytes: 100 << 10,
            beat_every: None,
            crash_loop: 3,
            crash_loop_within: Duration::from_mins(1),
            reported_for: Duration::from_mins(5),
            open_streams: 100,
            runs: RunSettings::default(),
            webhooks: WebhookSettings::default(),
            steering: SteeringSettings::default(),
        }
    }
}
