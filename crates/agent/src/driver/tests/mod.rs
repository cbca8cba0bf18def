//! The driver on pages of ours, in a real Chromium: what it means to hit is hit, and nothing else.

mod faults;
mod looking;
mod people;
mod site;
mod table;

use std::{sync::Arc, time::Duration};

use pilothouse_core::ids::{AgentId, SessionId};
use pilothouse_websocket::connect::Connector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::timeout;

use super::{Action, Done, Driver, DriverError, Observation};
use crate::{AgentConfig, browsers::Browsers};
use site::Site;

/// How long any single thing may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A browser that is driven, and a site that it is driven on.
struct Bench {
    browsers: Arc<Browsers>,
    session: SessionId,
    driver: Driver,
    site: Site,
    folder: TempDir,
}

impl Bench {
    async fn new() -> Self {
        nix::sys::prctl::set_child_subreaper(true).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("files")).unwrap();
        let id = AgentId::new("a-1").unwrap();
        let mut config = AgentConfig::new("ws://127.0.0.1:1", id, None, folder.path());
        config.browser.allow = vec!["loopback".parse().unwrap()];
        let connector = Connector::new(None, Duration::from_secs(5)).unwrap();
        let browsers = Browsers::new(Arc::new(config), connector, Arc::new(|_, _| None));
        let session = SessionId::new("r-1").unwrap();
        let driver = browsers.drive(&session, None).await.unwrap();
        let site = Site::open();
        let driver =
            driver.with_files(folder.path().join("files")).searching(site.url("search.html?q={}"));
        Self { browsers, session, driver, site, folder }
    }

    async fn act(&mut self, action: Value) -> Result<Done, DriverError> {
        let action = Action::parse(&action).unwrap().0;
        timeout(PATIENCE, self.driver.act(&action)).await.expect("an action ends")
    }

    async fn open(&mut self, page: &str) {
        let url = self.site.url(page);
        self.act(json!({"type": "navigate", "url": url})).await.unwrap();
        self.site.hits();
    }

    async fn observe(&mut self) -> Observation {
        timeout(PATIENCE, self.driver.observe()).await.expect("it is looked").unwrap()
    }

    async fn close(&self) {
        timeout(PATIENCE, self.browsers.close(&self.session)).await.expect("it is closed");
    }
}

/// The reference in the line that contains this.
fn ref_of(outline: &str, words: &str) -> String {
    let line = outline.lines().find(|line| line.contains(words));
    let line = line.unwrap_or_else(|| panic!("{words} is not in\n{outline}"));
    line.trim().trim_start_matches('[').split(']').next().unwrap().to_owned()
}
