//! Long-lived connections: one event loop per core, one task per connection, one write per turn and viewer.
//!
//! Read [`connection`] first: it is the loop between a socket, its conversation and the core.

mod actions;
mod admission;
mod attach;
mod connection;
mod event_loop;
mod forwarded;
mod framing;
mod greet;
mod groups;
mod head;
mod history;
mod listen;
mod listeners;
mod local;
#[cfg(test)]
mod loop_tests;
mod outbound;
mod pacing;
mod parting;
mod pasts;
mod pictures;
mod recall;
mod refused;
mod route;
mod run_steps;
mod secure;
mod sockets;
mod state;
mod steering;
mod terminal_pace;
mod timers;
mod transport;
mod upgrade;
mod whence;
mod writing;

pub(crate) use admission::{Admission, Place};
pub(crate) use event_loop::{EventLoop, Shared};
pub(crate) use forwarded::Client;
pub(crate) use greet::adopt;
pub(crate) use listen::{bind, bind_beside, serve};
pub(crate) use local::local_caller;
pub(crate) use pasts::Pasts;
pub use pictures::Limits as StreamLimits;
pub(crate) use pictures::{Framed, Relay, Stream, tend as tend_pictures};
pub(crate) use refused::{Cause, Refused};
pub(crate) use route::{is_door, without_base};
pub(crate) use secure::Carrier;
pub(crate) use sockets::{Sockets, Whose};
pub(crate) use upgrade::{Request, decide};
pub(crate) use whence::Whence;
