//! The compared servers that are written in Rust.
//!
//! All peers speak alike: viewers on one address, publishers on another (or on `/publish` of the same),
//! and a line `ready VIEW_PORT PUBLISH_PORT` once they listen.

mod axum;
mod raw;
mod terminals;

use clap::Subcommand;

/// Which one.
#[derive(Subcommand)]
pub(crate) enum Peer {
    /// Writes what it reads from a publisher to every viewer, over plain TCP.
    Raw,
    /// Writes what terminals print to every viewer, over plain TCP.
    Terminals,
    /// axum with a broadcast channel, as its examples show.
    Axum,
}

/// Is that server until it is killed.
pub(crate) fn run(peer: &Peer) -> anyhow::Result<()> {
    match peer {
        Peer::Raw => raw::run(),
        Peer::Terminals => terminals::run(),
        Peer::Axum => axum::run(),
    }
}

/// Says that the server listens.
fn announce(view_port: u16, publish_port: u16) {
    crate::output::line(&format!("ready {view_port} {publish_port}"));
}
