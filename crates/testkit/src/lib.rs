//! What the integration tests are made of: the real program, real databases, and plain viewers.

pub mod browser;
pub mod certificate;
pub mod confidential;
pub mod fake_agent;
pub mod http;
pub mod http_gateway;
mod memory;
pub mod node;
pub mod numbered;
pub mod openmetrics;
pub mod persons_terminal;
pub mod postgres;
pub mod processes;
pub mod program;
pub mod proxy;
pub mod python;
pub mod redis;
pub mod set_clock;
pub mod small_disk;
pub mod terminal;
pub mod viewer;
pub mod waiting;
pub mod watcher;
