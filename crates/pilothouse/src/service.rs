//! What a service that systemd started tells it (`sd_notify(3)`): ready, alive, stopping.
//!
//! Without systemd all of this does nothing, and a supervisor that does not listen is no error of ours.

use std::{
    future::{Future, pending},
    os::unix::net::{SocketAddr, UnixDatagram},
    time::Duration,
};

use crate::environment::{self, Watched};

/// Who is told.
#[derive(Debug)]
pub(crate) struct Supervisor {
    socket: Option<(UnixDatagram, SocketAddr)>,
    watchdog: Option<Duration>,
}

impl Supervisor {
    /// The one that started this process, if any did.
    pub(crate) fn of_process() -> Self {
        let Watched { socket, watchdog } = environment::watched();
        let address = socket.and_then(|name| address(name.as_encoded_bytes()));
        let socket = address.and_then(|address| Some((UnixDatagram::unbound().ok()?, address)));
        Self { socket, watchdog }
    }

    /// The service does its work now.
    pub(crate) fn ready(&self, status: &str) {
        self.tell(&format!("READY=1\nSTATUS={status}"));
    }

    /// The service ends.
    pub(crate) fn stopping(&self) {
        self.tell("STOPPING=1\nSTATUS=stopping");
    }

    /// Says that we live for as long as `lives` says so, twice per interval that the supervisor set. Never ends.
    pub(crate) async fn keep_alive<Lives: Future<Output = bool>>(
        &self,
        lives: impl Fn(Duration) -> Lives,
    ) {
        let Some(interval) = self.watchdog.filter(|_| self.socket.is_some()) else {
            return pending().await;
        };
        let mut ticks = tokio::time::interval(interval / 2);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if lives(interval / 4).await {
                self.tell("WATCHDOG=1");
            } else {
                tracing::error!(
                    "an event loop does not answer; the supervisor is not told that we live"
                );
            }
        }
    }

    fn tell(&self, state: &str) {
        if let Some((socket, address)) = &self.socket {
            let _ = socket.send_to_addr(state.as_bytes(), address);
        }
    }
}

/// A path, or, on Linux, a name in the abstract namespace behind `@`.
fn address(name: &[u8]) -> Option<SocketAddr> {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    match name {
        #[cfg(target_os = "linux")]
        [b'@', name @ ..] => {
            use std::os::linux::net::SocketAddrExt;
            SocketAddr::from_abstract_name(name).ok()
        }
        [b'/', ..] => SocketAddr::from_pathname(OsStr::from_bytes(name)).ok(),
        _ => None,
    }
}
