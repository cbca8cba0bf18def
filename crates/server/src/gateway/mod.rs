//! Long-lived connections: one event loop per core, one task per connection, one write per turn and viewer.
//!
//! Read [`connection`] first: it is the loop between a socket, its conversation and the core.

mod actions;
mod connection;
mod event_loop;
mod framing;
mod head;
mod listen;
mod outbound;
mod recall;
mod route;
mod state;
mod timers;
mod upgrade;
mod writing;

pub(crate) use event_loop::{EventLoop, Shared};
pub(crate) use listen::{adopt, bind, serve};
pub(crate) use route::is_door;
pub(crate) use upgrade::{Request, decide};
