//! Browsers of a real agent in a real Chromium, through a real server.

mod backends;
mod lives;
mod seen;
mod site;

use std::{cell::Cell, net::SocketAddr};

use pilothouse_testkit::{
    http,
    program::{Agent, Server, Surroundings},
    viewer::{Upgrade, Viewer},
};
use serde_json::{Value, json};

/// A server, an agent whose browsers may go to this machine, a session of it, and a site.
struct Front {
    server: Server,
    agent: Agent,
    session: String,
    site: SocketAddr,
}

impl Front {
    fn start() -> Self {
        Self::start_at(site::open(), &[], &[])
    }

    fn start_at(site: SocketAddr, settings: &[(&str, &str)], variables: &[(&str, &str)]) -> Self {
        let server = Server::start(settings);
        let own = [("PILOTHOUSE_BROWSER_ALLOW", "loopback")];
        let variables = own.iter().chain(variables);
        let surroundings = Surroundings {
            variables: variables.map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            ..Surroundings::default()
        };
        let agent = server.agent_in(&surroundings, "a-1", server.address());
        server.wait_until_online("a-1");
        let body = json!({"type": "quick", "locationPath": server.folder(), "agentId": "a-1"});
        let made =
            http::send_json(server.address(), "POST /api/sessions", &server.operator(), &body);
        let session = made.json()["session"]["id"].as_str().expect("a session").to_owned();
        Self { server, agent, session, site }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.site)
    }

    /// Shows a page in the session's browser, which is opened if it is not.
    fn open(&self, path: &str) {
        let request = format!("POST /api/v1/sessions/{}/browser", self.session);
        let body = json!({"url": self.url(path)});
        let answer =
            http::send_json(self.server.address(), &request, &self.server.operator(), &body);
        assert_eq!(answer.status, 201, "{answer:?}");
    }

    /// Somebody who watches the browser and learns what happens to it.
    fn watches(&self) -> Viewer {
        let token = self.server.operator();
        let target = format!("/ws/view/{}?token={token}&events=1", self.session);
        Upgrade::to(target).send(self.server.address()).unwrap()
    }

    /// Somebody who steers it, too.
    fn steers(&self) -> Viewer {
        let mut viewer = self.watches();
        viewer.send(&json!({"type": "control", "action": "request"}));
        viewer.expect_that(|it| it["type"] == "control" && it["you"] == json!(true));
        viewer
    }
}

/// The next picture.
fn picture(viewer: &mut Viewer) -> Value {
    viewer.expect_that(|it| it["type"] == "frame")
}

/// Waits for a picture, and until the page in front has that title, whichever comes first.
fn expect_shown(viewer: &mut Viewer, title: &str) {
    let (is_named, is_pictured) = (Cell::new(false), Cell::new(false));
    viewer.expect_that(|it| {
        is_pictured.set(is_pictured.get() || it["type"] == "frame");
        let is_live = it["type"] == "status" && it["live"] == json!(true);
        is_named.set(is_named.get() || is_live && it["title"] == title);
        is_named.get() && is_pictured.get()
    });
}

/// Waits until the page in front has that title.
fn expect_title(viewer: &mut Viewer, title: &str) {
    viewer.expect_that(|it| it["type"] == "status" && it["title"] == title);
}
