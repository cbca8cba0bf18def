//! The hosts that a run may send to without leave, as they are given.

use std::sync::Arc;

use crate::CoreError;

/// How many hosts may be named.
const MOST_HOSTS: usize = 100;
/// The longest of them, in bytes: a name of the domain name system, a scheme and a port.
const LONGEST_HOST: usize = 300;

/// Whether these can be hosts at all. What they stand for is known to the agent, which holds requests against them.
pub(super) fn check(hosts: &[Arc<str>]) -> Result<(), CoreError> {
    if hosts.len() > MOST_HOSTS {
        return Err(CoreError::Invalid("at most 100 hosts can be allowed"));
    }
    let is_host = |host: &Arc<str>| {
        let has_only = |c: char| !c.is_whitespace() && !c.is_control();
        !host.is_empty() && host.len() <= LONGEST_HOST && host.chars().all(has_only)
    };
    if !hosts.iter().all(is_host) {
        let text = "an allowed host is a name such as shop.example or *.shop.example";
        return Err(CoreError::Invalid(text));
    }
    Ok(())
}
