//! Names of things, each a type of its own, so that an agent's id is never taken for a command's.

use std::{fmt, sync::Arc};

/// The longest id anybody may choose, in bytes.
pub const LONGEST_ID: usize = 128;

/// Why a text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id has 1 to {LONGEST_ID} characters out of A-Z a-z 0-9 _ -")]
pub struct InvalidId;

fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks the characters and the length; both are safe in a path, a log and a URL.
            pub fn new(text: &str) -> Result<Self, InvalidId> {
                if is_id(text) { Ok(Self(text.into())) } else { Err(InvalidId) }
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }
    )*};
}

ids! {
    /// A program under control on some machine.
    AgentId
    /// One command line queued on an agent.
    CommandId
    /// A working directory on an agent with its workers.
    SessionId
    /// A PTY process in a session.
    WorkerId
    /// A kind of command line agent: how it is started, and how it asks.
    AgentTypeId
    /// A browser task done step by step.
    RunId
    /// A command's or a run's id, where both are tasks.
    TaskId
    /// A git repository on an agent, from which worktrees are made.
    RepositoryId
    /// A key of an agent; not its secret.
    KeyId
    /// Somebody with an account.
    UserId
    /// One person signed in on one device.
    SignInId
    /// A command line under a name.
    PresetId
    /// Pictures of a session that are kept.
    RecordingId
    /// An address elsewhere that is told of what happens.
    WebhookId
    /// One piece of news on its way to one webhook.
    DeliveryId
    /// One life of an agent process; a new one means that the agent was restarted.
    IncarnationId
}

impl From<&CommandId> for TaskId {
    fn from(command: &CommandId) -> Self {
        Self(command.0.clone())
    }
}

impl From<&RunId> for TaskId {
    fn from(run: &RunId) -> Self {
        Self(run.0.clone())
    }
}

impl TaskId {
    /// The command of that id, if it is one's.
    pub fn as_command(&self) -> CommandId {
        CommandId(self.0.clone())
    }

    /// The run of that id, if it is one's.
    pub fn as_run(&self) -> RunId {
        RunId(self.0.clone())
    }
}

/// One live connection to this server. Never reused while the server runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// One life of the socket between an agent and this server. Reports of an older link are ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_short_and_plain() {
        for good in ["a", "agent-1", "A_b-9", &"x".repeat(128)] {
            assert!(AgentId::new(good).is_ok(), "{good}");
        }
        for bad in ["", "a b", "../etc", "agent.1", "ä", "a\n", &"x".repeat(129)] {
            assert_eq!(AgentId::new(bad), Err(InvalidId), "{bad}");
        }
    }
}
