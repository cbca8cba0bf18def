//! The domain of Pilothouse: deterministic, silent, without I/O, JSON or a clock of its own.
//!
//! [`Core::ask`] is the front door for people, [`Core::report`] for agents, [`Core::advance`] for time.

pub mod access;
pub mod agent_type;
pub mod agents;
pub mod attention;
pub mod audit;
pub mod browsers;
pub mod caller;
pub mod calls;
pub mod commands;
mod commits;
pub mod control;
mod core;
mod description;
pub mod error;
pub mod event;
pub mod fanout;
pub mod ids;
pub mod keys;
pub mod listening;
mod naming;
mod outbox;
pub mod people;
mod permission;
pub mod pictures;
pub mod ports;
pub mod presets;
pub mod readiness;
pub mod request;
pub mod resources;
pub mod runs;
pub mod said;
pub mod search;
pub mod sessions;
pub mod settings;
pub mod streams;
pub mod time;
mod totals;
pub mod view;
pub mod webhooks;

pub use self::core::{Asked, Core, Delivery, LookedAt, Urgency};
pub use agent_type::AgentType;
pub use caller::{Caller, Role, Scope};
pub use error::CoreError;
pub use event::{Event, Notice, Published};
pub use request::{Reply, Request};
pub use settings::Settings;
pub use totals::{Ends, Totals};
