//! The one integration binary: every suite is a module of it, so that all are linked once.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "what a test chose and measured is told when it fails")]
#![allow(clippy::format_collect, reason = "expected output reads best as it is printed")]

mod activity;
mod agent_lives;
mod api_v1;
mod attach;
mod attach_shells;
mod audit;
mod audited_acts;
mod budgets;
mod client;
mod clocks;
mod configuration;
mod control;
mod control_by_command_line;
mod crowd;
mod crowded_terminals;
mod cuts;
mod described;
mod descriptors;
mod doctor;
mod endings;
mod example_session;
mod exec;
mod floods;
mod full_agent;
mod hostile;
mod keys;
mod kills;
mod limits;
mod logs;
mod metrics;
mod mission_control;
mod odd_tokens;
mod offsets;
mod older_link;
mod one_message_reaches_every_viewer;
mod origins;
mod people;
mod proxies;
mod queries;
mod redaction;
mod refusals;
mod restarts;
mod revocation;
mod sessions_in_scripts;
mod sessions_rest;
mod shutdown;
mod silent_viewers;
mod slow_viewers;
mod stopped;
mod stopping;
mod storage;
mod supervised;
mod terminal_cuts;
mod terminal_viewers;
mod terminals;
mod tls;
mod unread;
mod up;
mod without_storage;
mod witness;
mod worker_lives;
