//! Mission control over real sockets: its documented clients, real agents and commands, a real gateway.

mod activity;
mod browser;
mod clients;
mod counts;
mod gateway;
mod promises;
mod reports;

use pilothouse_testkit::{
    program::Server,
    viewer::{Upgrade, Viewer},
};
use serde_json::Value;

/// The door's address.
fn door(server: &Server) -> String {
    format!("ws://{}/", server.address())
}

/// An operator who listens.
fn feed(server: &Server) -> Viewer {
    let token = server.operator();
    Upgrade::to(format!("/?token={token}")).send(server.address()).expect("the token is good")
}

/// Waits until an agent is told to be in that status.
fn expect_status(feed: &mut Viewer, agent: &str, status: &str) -> Value {
    feed.expect_that(|message| {
        let payload = &message["payload"];
        message["type"] == "agent:status"
            && payload["agentId"] == agent
            && payload["status"] == status
    })
}
