//! Typed client for the protocols of Pilothouse; today for the dashboard protocol.
//!
//! ```no_run
//! use pilothouse_client::{Dashboard, RunOptions, ServerMessage};
//!
//! # async fn example() -> Result<(), pilothouse_client::Error> {
//! let mut dashboard = Dashboard::connect("http://127.0.0.1:7717", "TOKEN").await?;
//! let command = dashboard.run("build-01", "cargo test", RunOptions::default()).await?;
//! loop {
//!     match dashboard.next().await? {
//!         ServerMessage::TerminalOutput(output) if output.command_id == command => {
//!             print!("{}", output.data);
//!         }
//!         ServerMessage::CommandStatus(status) if status.exit_code.is_some() => break,
//!         _ => {}
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod address;
mod backoff;
mod dashboard;
mod error;
mod link;
mod socket;

pub use address::Address;
pub use backoff::retry_delay;
pub use dashboard::{Dashboard, RunOptions};
pub use error::Error;
pub use pilothouse_protocols::dashboard::messages;
pub use pilothouse_protocols::dashboard::messages::{ClientMessage, ServerMessage};
