//! What an agent's browsers are told on the command line.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use pilothouse_agent::{Allowance, BrowserConfig};

use crate::environment;

/// Which browser, and where it may go.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct BrowserOptions {
    /// The browser to run: Chromium or a relative of it [default: the first one that is found]
    #[arg(long, env = "PILOTHOUSE_BROWSER", value_name = "PROGRAM", value_hint = ValueHint::ExecutablePath)]
    pub(crate) browser: Option<PathBuf>,
    /// What browsers may reach besides the open internet: loopback, private, a network like 10.1.0.0/16, or a host's
    /// name; may be said more than once
    #[arg(
        long,
        env = "PILOTHOUSE_BROWSER_ALLOW",
        value_name = "WHAT",
        value_delimiter = ',',
        value_parser = allowance
    )]
    pub(crate) browser_allow: Vec<String>,
}

fn allowance(text: &str) -> Result<String, String> {
    let checked = text.parse::<Allowance>();
    checked.map(|_| text.to_owned()).map_err(|error| error.to_string())
}

impl BrowserOptions {
    /// For an agent of this process, with what its environment says of other places for pictures.
    pub(crate) fn config(&self) -> BrowserConfig {
        let backend = environment::backend();
        BrowserConfig {
            program: self.browser.clone(),
            allow: self.browser_allow.iter().filter_map(|text| text.parse().ok()).collect(),
            backend_url: backend.url,
            backend_origin: backend.origin,
            backend_token: backend.token,
        }
    }

    /// The same for an agent in a process of its own.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = std::ffi::OsString> {
        let program = self.browser.iter().flat_map(|it| ["--browser".into(), it.into()]);
        let allow = self.browser_allow.iter();
        program.chain(allow.flat_map(|it| ["--browser-allow".into(), it.into()]))
    }
}
