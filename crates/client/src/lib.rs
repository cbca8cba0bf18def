//! An asynchronous client of Pilothouse: sees every agent, runs commands, follows their output, and
//! stays connected.
//!
//! ```no_run
//! use pilothouse_client::{Dashboard, Event, RunOptions, ServerMessage};
//!
//! # async fn example() -> Result<(), pilothouse_client::Error> {
//! let mut dashboard = Dashboard::connect("http://127.0.0.1:7717", "TOKEN").await?;
//! let command = dashboard.run("build-01", "cargo test", RunOptions::default()).await?;
//! loop {
//!     match dashboard.next().await? {
//!         Event::Message(ServerMessage::TerminalOutput(output)) if output.command_id == command => {
//!             print!("{}", output.data);
//!         }
//!         Event::Message(ServerMessage::CommandStatus(status))
//!             if status.command_id == command && status.status.is_final() =>
//!         {
//!             break;
//!         }
//!         _ => {}
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Staying connected
//!
//! A [`Dashboard`] comes back by itself: at once, then after 1, 2, 4, 8, 16 and at most 30 s, each ±20 %
//! ([`Backoff`]), with a fresh token if there is a source of them ([`Builder::token_source`]). It tells how
//! that goes in the same stream of events ([`Event::Reconnecting`], [`Event::Connected`],
//! [`Event::Resynced`], [`Event::Failed`]). Over all reconnections nothing is told twice. Output that was
//! missed is fetched from the server's storage, in order and before what is newer; what is not kept any
//! more is told as [`Event::Gap`].
//!
//! # Terminals
//!
//! [`Builder::attach`] opens a worker's terminal. A [`Terminal`] comes back by itself, too, and goes on with the
//! byte where it stopped; where that cannot be, it says so with [`TerminalEvent::Begin`].
//!
//! # Runs
//!
//! [`Builder::follow_run`] follows a browser task that an agent does step by step. A [`FollowedRun`] comes back by
//! itself, too, and tells every step once; runs are made and steered with [`Api`].
//!
//! # Requests
//!
//! No command is sent twice; an interrupt is repeated until it shows. While there is no connection a request is refused at once, or waits if
//! [`Builder::queue_while_away`] lets it. A command whose answer was lost is looked for after coming back;
//! if it is not to be seen, the answer is [`Error::Unknown`].
//!
//! # Cancellation
//!
//! All futures are `Send`. [`Dashboard::next`] can be dropped at any time and loses nothing;
//! [`Dashboard::run`] can be dropped too, but the command may run.
//!
//! # TLS
//!
//! `https://` and `wss://` addresses are spoken to with TLS; certificates are always verified, against those
//! the machine trusts or against a file ([`Builder::authorities`]).

mod api;
mod attempts;
mod backoff;
mod builder;
mod catching;
mod clock;
mod dashboard;
mod error;
mod event;
mod ledger;
mod line;
mod requests;
mod runs;
mod serving;
mod session;
mod socket;
mod terminal;
mod token;

pub use api::Api;
pub use backoff::Backoff;
pub use builder::{Builder, Follow};
pub use dashboard::{Dashboard, RunOptions};
pub use error::Error;
pub use event::{Event, OutputGap, Reconnecting, State};
pub use pilothouse_protocols::dashboard::messages;
pub use pilothouse_protocols::dashboard::messages::{ClientMessage, ServerMessage};
pub use pilothouse_websocket::connect::{
    ConnectError, Connector, InvalidAddress, ServerAddress, TrustError,
};
pub use runs::{
    Completion, FollowedRun, LiveStatus, RunEvent, RunStatus, RunStep, Waiting, WaitingKind,
    WaitingRequest,
};
pub use terminal::{AgentActivityState, Keyboard, Screen, Terminal, TerminalEvent, TerminalExit};
