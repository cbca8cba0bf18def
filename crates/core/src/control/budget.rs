//! What an agent may do in an hour.

use std::time::Duration;

use crate::CoreError;

/// The most commands an hour that can be counted, and so the largest limit.
pub const MOST_COMMANDS: u32 = 4096;

/// A limit on the last hour, whichever hour that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Budget {
    /// How many commands may be started.
    pub commands_per_hour: Option<u32>,
    /// How long commands may run, all together.
    pub time_per_hour: Option<Duration>,
    /// What becomes of further ones.
    pub excess: Excess,
}

/// What becomes of commands beyond a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Excess {
    /// They wait in the queue until there is room.
    #[default]
    Hold,
    /// They are refused; those that wait already go on waiting.
    Refuse,
}

impl Excess {
    /// Its name in tables and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Refuse => "refuse",
        }
    }

    /// The rule of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Hold, Self::Refuse].into_iter().find(|rule| rule.as_str() == name)
    }
}

impl Budget {
    /// Whether it says something that can be kept to.
    pub(crate) fn check(&self) -> Result<(), CoreError> {
        let hour = Duration::from_secs(3600);
        match (self.commands_per_hour, self.time_per_hour) {
            (None, None) => {
                Err(CoreError::Invalid("a budget limits commands per hour, time per hour or both"))
            }
            (Some(0), _) => Err(CoreError::Invalid(
                "a budget of no commands would hold the agent for ever; pause it instead",
            )),
            (Some(count), _) if count > MOST_COMMANDS => {
                Err(CoreError::Invalid("a budget has at most 4096 commands an hour"))
            }
            (_, Some(time)) if time.is_zero() || time > hour => Err(CoreError::Invalid(
                "a budget of time has between a second and an hour per hour",
            )),
            _ => Ok(()),
        }
    }
}
