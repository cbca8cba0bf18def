//! The one integration binary: every suite is a module of it, so that all are linked once.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod client;
mod endings;
mod example_session;
mod exec;
mod hostile;
mod one_message_reaches_every_viewer;
mod refusals;
mod restarts;
mod slow_viewers;
mod storage;
