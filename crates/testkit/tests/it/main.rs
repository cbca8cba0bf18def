//! The one integration binary: every suite is a module of it, so that all are linked once.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod client;
mod clocks;
mod configuration;
mod crowd;
mod cuts;
mod descriptors;
mod doctor;
mod endings;
mod example_session;
mod exec;
mod full_agent;
mod hostile;
mod kills;
mod limits;
mod odd_tokens;
mod older_link;
mod one_message_reaches_every_viewer;
mod origins;
mod proxies;
mod redaction;
mod refusals;
mod restarts;
mod revocation;
mod shutdown;
mod slow_viewers;
mod storage;
mod supervised;
mod tls;
mod up;
mod without_storage;
mod witness;
