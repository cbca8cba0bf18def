//! Everything a caller can ask. One line a feature; the variants live in the feature's folder.

use crate::{
    access, agent_type, agents, attention, audit, browsers, calls, commands, control, ids, keys,
    people, pictures, presets, runs, sessions, webhooks,
};

/// A request to [`crate::Core::ask`]. Checked against the caller's role there, and nowhere else.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// About agents and their links.
    Agents(agents::Request),
    /// About commands and queues.
    Commands(commands::Request),
    /// About what waits for a person.
    Attention(attention::Request),
    /// About credentials and sockets.
    Access(access::Request),
    /// About sessions, their workers and repositories.
    Sessions(sessions::Request),
    /// About kinds of command line agents.
    AgentTypes(agent_type::Request),
    /// A question to an agent.
    Call(calls::Request),
    /// About the audit.
    Audit(audit::Request),
    /// About browsers.
    Browsers(browsers::Request),
    /// About keys of agents.
    Keys(keys::Request),
    /// About people and their sign-ins.
    People(people::Request),
    /// About agents as a whole.
    Control(control::Request),
    /// About live pictures and recordings of them.
    Pictures(pictures::Request),
    /// About presets.
    Presets(presets::Request),
    /// About runs.
    Runs(runs::Request),
    /// About webhooks.
    Webhooks(webhooks::Request),
}

/// What a granted request answers. Facts come as events; a reply carries only ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Done; whoever watches learns the rest.
    Done,
    /// The command was queued under this id.
    Queued(crate::ids::CommandId),
    /// The command had ended before; this is how, for the caller alone.
    AlreadyEnded(std::sync::Arc<commands::Command>),
    /// The agent is linked; this is what the server knows of its streams and commands.
    Linked(std::sync::Arc<agents::Linked>),
    /// The session was made under this id.
    SessionMade(ids::SessionId),
    /// The worker was added under this id.
    WorkerAdded(ids::WorkerId),
    /// The worker may be watched; and typed into, if the caller's role allows it.
    Attached {
        /// Whether the caller may type.
        may_type: bool,
    },
    /// The repository was registered under this id.
    RepositoryAdded(ids::RepositoryId),
    /// The agent type was added under this id.
    AgentTypeAdded(ids::AgentTypeId),
    /// What became of agents that were to be stopped.
    Stopped(std::sync::Arc<[control::StopOutcome]>),
    /// The preset was made under this id.
    PresetAdded(ids::PresetId),
    /// What the agent answered.
    Called(calls::Found),
    /// The key was made under this id.
    KeyMade(ids::KeyId),
    /// The account was made under this id.
    UserMade(ids::UserId),
    /// The run was made under this id.
    RunMade(ids::RunId),
    /// The webhook was made under this id.
    WebhookAdded(ids::WebhookId),
    /// The delivery was made under this id.
    DeliveryMade(ids::DeliveryId),
}
