//! The audit: every request leaves one record, refusals included.

mod actions;
mod keeping;
mod redaction;

use std::{borrow::Cow, sync::Arc};

pub use actions::{ACTIONS, Action, actions_called};
pub(crate) use keeping::Unsettled;
pub use redaction::redact;

use crate::{CoreError, ids::AgentId, time::Timestamp};

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuditResult {
    /// It was done.
    Success,
    /// It could not be done.
    Failure,
    /// Whoever asked may not.
    Denied,
}

impl AuditResult {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Success, Self::Failure, Self::Denied];

    /// The word in tables and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Denied => "denied",
        }
    }

    /// The result of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|result| result.as_str() == name)
    }

    fn of(refusal: &CoreError) -> Self {
        match refusal {
            CoreError::Forbidden(_) => Self::Denied,
            _ => Self::Failure,
        }
    }
}

/// Who did what, when, from where, with which result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its name, unique over all servers.
    pub id: Arc<str>,
    /// When it was asked.
    pub at: Timestamp,
    /// The user's or the agent's id.
    pub actor: Arc<str>,
    /// What the actor is called.
    pub name: Arc<str>,
    /// From which address, without port.
    pub address: Arc<str>,
    /// With which program, as that says itself; empty if it says nothing.
    pub program: Arc<str>,
    /// What was asked: a word out of [`ACTIONS`].
    pub action: Cow<'static, str>,
    /// What it was asked of: an agent's or a command's id.
    pub subject: Arc<str>,
    /// Which agent it concerns, if one.
    pub agent: Option<AgentId>,
    /// What that agent was called then; empty without one.
    pub agent_name: Arc<str>,
    /// Further words for people, such as the command line; bounded by the request's own limits, without secrets.
    pub detail: Arc<str>,
    /// What became of it.
    pub result: AuditResult,
    /// Empty when it was done, otherwise why not.
    pub refusal: Option<String>,
}

impl AuditRecord {
    /// Notes that it was not done, and why.
    pub(crate) fn refuse(&mut self, refusal: &CoreError) {
        self.result = AuditResult::of(refusal);
        self.refusal = Some(redact(&refusal.to_string()).into_owned());
    }
}

/// A stored record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAudit {
    /// Its place among all; later ones have a larger one.
    pub cursor: i64,
    /// The record. Its action may be one that only an earlier release knew.
    pub record: AuditRecord,
}

/// Which records are wanted; what is not said does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only this actor's.
    pub actor: Option<Arc<str>>,
    /// Only these actions; all if there are none.
    pub actions: Vec<Arc<str>>,
    /// Only what concerns this agent.
    pub agent: Option<Arc<str>>,
    /// Only what was asked of this.
    pub subject: Option<Arc<str>>,
    /// Only with this result.
    pub result: Option<AuditResult>,
    /// Only with this text in one of their words, whatever its case.
    pub text: Option<Arc<str>>,
    /// Not before this moment.
    pub from: Option<Timestamp>,
    /// Not after this moment.
    pub to: Option<Timestamp>,
}

/// A part of the records that a filter leaves, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditPage {
    /// Only older ones than this; all if `None`.
    pub before: Option<i64>,
    /// So many of the newest are left out.
    pub offset: u64,
    /// How many at most.
    pub limit: usize,
}

/// How often something was asked with one result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditCount {
    /// What.
    pub action: Arc<str>,
    /// The result.
    pub result: AuditResult,
    /// How often.
    pub count: u64,
}

/// A request about the audit itself. Reading it is no request: that would fill it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// The whole audit, or what a filter leaves of it, is to be taken out of here.
    Export {
        /// In which format.
        format: &'static str,
    },
}
