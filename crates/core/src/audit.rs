//! The audit record that every request leaves, refusals included.

use std::sync::Arc;

use crate::time::Timestamp;

/// Who did what, when, from where, with which result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// When it was asked.
    pub at: Timestamp,
    /// The user's or the agent's id.
    pub actor: Arc<str>,
    /// From which address, without port.
    pub address: Arc<str>,
    /// What was asked: a word from a closed list such as `command.enqueue`.
    pub action: &'static str,
    /// What it was asked of: an agent's or a command's id.
    pub subject: Arc<str>,
    /// Further words for people, such as the command line; bounded by the request's own limits.
    pub detail: Arc<str>,
    /// Empty when it was done, otherwise why not.
    pub refusal: Option<String>,
}
