//! Kinds of command line agents: how each is started, continued, and recognised when it asks something.

mod built_in;
mod catalogue;
mod life;
pub mod pattern;
mod request;
pub mod template;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use self::template::Purpose;
pub use self::{
    catalogue::Catalogue,
    pattern::{CheckedPatterns, PatternError},
    request::{Change, Definition, Edit, Request},
    template::{PROMPT_VARIABLE, TemplateError, expand, prompt_value},
};
use crate::{
    ids::{AgentTypeId, SessionId},
    time::Timestamp,
};

/// The longest name, in characters.
pub const LONGEST_NAME: usize = 100;

/// The longest description, in characters.
pub const LONGEST_DESCRIPTION: usize = 1000;

/// A kind of command line agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentType {
    /// What sessions name it by.
    pub id: AgentTypeId,
    /// What people call it.
    pub name: String,
    /// A sentence for people.
    pub description: Option<String>,
    /// Whether it comes with the program; such a type is neither changed nor deleted.
    pub is_built_in: bool,
    /// The command line that begins a conversation.
    pub command_template: String,
    /// The command line that goes on with the last conversation of the folder, if it can.
    pub continue_template: Option<String>,
    /// The command line that answers once and ends, if it can.
    pub headless_template: Option<String>,
    /// What its screen shows when it waits for a person; without any, it is only ever active or idle.
    pub asking_patterns: Vec<String>,
    /// Since when it is known; zero for those that come with the program.
    pub created_at: Timestamp,
}

/// Why a type cannot be accepted. Fields are called as on the wire.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAgentType {
    /// The name is missing, too long, or not one line.
    #[error("name has to be one line of 1 to {LONGEST_NAME} characters")]
    Name,
    /// The description is too long.
    #[error("description may have up to {LONGEST_DESCRIPTION} characters, and no NUL")]
    Description,
    /// A template cannot be used.
    #[error("{template}: {error}")]
    Template {
        /// Which of them.
        template: &'static str,
        /// What is wrong with it.
        error: TemplateError,
    },
    /// The patterns cannot be used.
    #[error("askingPatterns: {0}")]
    Patterns(#[from] PatternError),
    /// It comes with the program.
    #[error(
        "agent type {0} comes with the program and stays as it is; add one of your own instead"
    )]
    BuiltIn(AgentTypeId),
}

/// Why what is asked does not fit what there is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// Another one has that id.
    #[error("there is an agent type {0} already; give yours another id, or change that one")]
    IdTaken(AgentTypeId),
    /// Another one is called so.
    #[error("agent type {0} has that name already; choose another one")]
    NameTaken(AgentTypeId),
    /// Workers of it live.
    #[error("agent type {agent_type} is in use; end its workers first: session {}", listed(.sessions))]
    InUse {
        /// Which type.
        agent_type: AgentTypeId,
        /// The sessions in which they live.
        sessions: Arc<[SessionId]>,
    },
}

/// How many sessions a refusal names.
const MOST_NAMED: usize = 5;

fn listed(sessions: &[SessionId]) -> String {
    let named: Vec<_> = sessions.iter().take(MOST_NAMED).map(SessionId::as_str).collect();
    let rest = sessions.len() - named.len();
    let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    named.join(", ") + &rest
}

/// What viewers learn about agent types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// There is a new one, or it changed.
    Kept(Arc<AgentType>),
    /// It was removed.
    Gone(AgentTypeId),
}

impl AgentType {
    /// The types that come with the program: claude, codex and gemini.
    pub fn built_in() -> Vec<Self> {
        built_in::all()
    }

    /// Whether its conversation can be continued after a restart.
    pub fn supports_continue(&self) -> bool {
        self.continue_template.is_some()
    }

    /// Whether it can answer once without a terminal.
    pub fn supports_headless(&self) -> bool {
        self.headless_template.is_some()
    }

    /// Checks everything that people may write but the patterns, which cost more ([`CheckedPatterns`]).
    pub fn validate(&self) -> Result<(), InvalidAgentType> {
        let name_length = self.name.trim().chars().count();
        if !(1..=LONGEST_NAME).contains(&name_length) || self.name.contains(char::is_control) {
            return Err(InvalidAgentType::Name);
        }
        let is_readable =
            |text: &String| text.chars().count() <= LONGEST_DESCRIPTION && !text.contains('\0');
        if !self.description.as_ref().is_none_or(is_readable) {
            return Err(InvalidAgentType::Description);
        }
        let templates = [
            ("commandTemplate", Some(&self.command_template), Purpose::Begin),
            ("continueTemplate", self.continue_template.as_ref(), Purpose::Continue),
            ("headlessTemplate", self.headless_template.as_ref(), Purpose::Headless),
        ];
        for (name, text, purpose) in templates {
            if let Some(text) = text {
                template::validate(text, purpose)
                    .map_err(|error| InvalidAgentType::Template { template: name, error })?;
            }
        }
        Ok(())
    }
}
