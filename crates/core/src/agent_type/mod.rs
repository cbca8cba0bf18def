//! Kinds of command line agents: how each is started, continued, and recognised when it asks something.
//!
//! Whether a pattern is a valid regular expression is checked by whoever has an engine for them.

mod built_in;
pub mod template;
#[cfg(test)]
mod tests;

use self::template::Purpose;
pub use self::template::{PROMPT_VARIABLE, TemplateError, expand, prompt_value};
use crate::{ids::AgentTypeId, time::Timestamp};

/// The longest name, in characters.
pub const LONGEST_NAME: usize = 100;

/// The longest description, in characters.
pub const LONGEST_DESCRIPTION: usize = 1000;

/// How many patterns one type may have.
pub const MOST_PATTERNS: usize = 50;

/// The longest pattern, in characters.
pub const LONGEST_PATTERN: usize = 500;

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

/// Why a type cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAgentType {
    /// The name is missing, too long, or not one line.
    #[error("the name has to be one line of 1 to {LONGEST_NAME} characters")]
    Name,
    /// The description is too long.
    #[error("the description may have up to {LONGEST_DESCRIPTION} characters")]
    Description,
    /// A template cannot be used.
    #[error("{template}: {error}")]
    Template {
        /// Which of them, as it is called on the wire.
        template: &'static str,
        /// What is wrong with it.
        error: TemplateError,
    },
    /// There are too many patterns.
    #[error("there may be up to {MOST_PATTERNS} asking patterns, these are {0}; join some with |")]
    TooManyPatterns(usize),
    /// One pattern cannot be used.
    #[error("asking pattern {number}: {reason}")]
    Pattern {
        /// Its place in the list, from 1.
        number: usize,
        /// What is wrong with it.
        reason: String,
    },
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

    /// Checks everything that people may write; `check_pattern` says what is wrong with a regular expression.
    pub fn validate(
        &self,
        check_pattern: impl Fn(&str) -> Result<(), String>,
    ) -> Result<(), InvalidAgentType> {
        let name_length = self.name.trim().chars().count();
        if !(1..=LONGEST_NAME).contains(&name_length) || self.name.contains(char::is_control) {
            return Err(InvalidAgentType::Name);
        }
        if self.description.as_ref().is_some_and(|text| text.chars().count() > LONGEST_DESCRIPTION)
        {
            return Err(InvalidAgentType::Description);
        }
        self.validate_templates()?;
        if self.asking_patterns.len() > MOST_PATTERNS {
            return Err(InvalidAgentType::TooManyPatterns(self.asking_patterns.len()));
        }
        for (pattern, number) in self.asking_patterns.iter().zip(1..) {
            let result = if (1..=LONGEST_PATTERN).contains(&pattern.chars().count()) {
                check_pattern(pattern)
            } else {
                Err(format!("a pattern has 1 to {LONGEST_PATTERN} characters"))
            };
            result.map_err(|reason| InvalidAgentType::Pattern { number, reason })?;
        }
        Ok(())
    }

    fn validate_templates(&self) -> Result<(), InvalidAgentType> {
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
