//! The agent: owns processes, keeps their output, and survives its server.
//!
//! A library; the binary's `agent` command and tests run it.

mod clock;
mod commands;
mod config;
mod cutting;
mod journal;
mod outbox;
mod spool;

pub use config::AgentConfig;
