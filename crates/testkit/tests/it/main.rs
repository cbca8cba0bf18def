//! The one integration binary: every suite is a module of it, so that all are linked once.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod doctor;
mod endings;
mod example_session;
mod hostile;
mod one_message_reaches_every_viewer;
mod refusals;
mod restarts;
mod slow_viewers;
mod storage;
mod supervised;
mod up;
mod witness;
