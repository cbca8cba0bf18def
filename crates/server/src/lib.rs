//! The Pilothouse server: everything that touches the outside.
//!
//! [`Server::start`] binds, restores and runs; protocol rules live in `pilothouse_protocols`, what
//! things mean in `pilothouse_core`.

pub mod auth;
mod beside;
mod clock;
mod committer;
pub mod config;
mod descriptors;
mod desk;
mod gateway;
mod http;
mod hub;
pub mod idempotency;
mod kept_pictures;
pub mod place;
mod pulse;
pub mod readiness;
pub mod recording;
mod revocations;
mod server;
mod socket_io;
pub mod storage;
mod telemetry;
mod tls;
mod troubles;
pub mod ui;
mod upstream;
mod watchers;
mod webhooks;

pub use http::{asyncapi, openapi};
pub use server::{Server, StartError};
pub use tls::TlsError;
pub use upstream::UpstreamError;
