//! What the binary itself takes from the environment; everything else goes through the configuration.

use std::{ffi::OsString, path::PathBuf, time::Duration};

/// Whether somebody asked for no colours (<https://no-color.org>).
pub(crate) fn wants_no_colour() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// Where people's own configuration is: `$XDG_CONFIG_HOME`, or its usual place.
pub(crate) fn config_home() -> Option<PathBuf> {
    let path = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    path("XDG_CONFIG_HOME").or_else(|| Some(path("HOME")?.join(".config")))
}

/// Opens somebody else's door for pictures; not for commands to see.
pub(crate) const BACKEND_TOKEN: &str = "BACKEND_TOKEN";

/// Where a browser's pictures go instead of to the agent's own server, as workers of other systems are told.
#[derive(Default)]
pub(crate) struct Backend {
    /// `BACKEND_WS_URL`.
    pub(crate) url: Option<String>,
    /// `BACKEND_ORIGIN`.
    pub(crate) origin: Option<String>,
    /// `BACKEND_TOKEN`.
    pub(crate) token: Option<String>,
}

/// What is said of it.
pub(crate) fn backend() -> Backend {
    let text = |name| std::env::var_os(name)?.into_string().ok().filter(|value| !value.is_empty());
    Backend {
        url: text("BACKEND_WS_URL"),
        origin: text("BACKEND_ORIGIN"),
        token: text(BACKEND_TOKEN),
    }
}

/// What opens the language model that does runs.
pub(crate) fn llm_key() -> Option<String> {
    let key = std::env::var_os("PILOTHOUSE_LLM_KEY")?.into_string().ok()?;
    Some(key.trim().to_owned()).filter(|key| !key.is_empty())
}

/// Variables that a supervisor sets for this process, and that are nobody else's business.
pub(crate) const OF_SUPERVISOR: &[&str] = &["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"];

/// How a supervisor wants to be told about this process.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    /// Where to.
    pub(crate) socket: Option<OsString>,
    /// How long it waits for a sign of life, if it does.
    pub(crate) watchdog: Option<Duration>,
}

/// What `sd_notify(3)` and `sd_watchdog_enabled(3)` read.
pub(crate) fn watched() -> Watched {
    let number = |name: &str| std::env::var_os(name)?.to_str()?.parse::<u64>().ok();
    let process = number("WATCHDOG_PID");
    let is_meant = process.is_none_or(|process| process == u64::from(std::process::id()));
    let interval = number("WATCHDOG_USEC").filter(|micros| *micros > 0 && is_meant);
    Watched {
        socket: std::env::var_os("NOTIFY_SOCKET").filter(|name| !name.is_empty()),
        watchdog: interval.map(Duration::from_micros),
    }
}
