//! The load: viewers that count, publishers that send, and the loop that keeps both going.

mod frames;
mod load;
mod publisher;
mod viewers;
mod wire;

pub(crate) use load::{Reading, drive, settle};
pub(crate) use publisher::{LANE, Link, Publisher, Repeater};
pub(crate) use viewers::Viewers;
pub(crate) use wire::{Connection, client_message, server_message};
