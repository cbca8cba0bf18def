//! Where the server is just now: a file may say so, and is looked at again before every attempt to connect.

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use pilothouse_websocket::connect::ServerAddress;
use tokio::time::{Instant, sleep};

/// How often to look whether the file changed.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What the file says, if there is one with a server's URL in it.
pub(super) fn told(file: Option<&Path>) -> Option<ServerAddress> {
    let text = fs::read_to_string(file?).ok()?;
    match text.trim().parse() {
        Ok(address) => Some(address),
        Err(error) => {
            tracing::warn!(?file, %error, "the file does not say where the server is");
            None
        }
    }
}

/// Waits that long, or until the file changes: whoever writes it has just started a server.
pub(super) async fn pause(file: Option<&Path>, at_most: Duration) {
    let Some(file) = file else { return sleep(at_most).await };
    let deadline = Instant::now() + at_most;
    let before = changed(file);
    while Instant::now() < deadline && changed(file) == before {
        sleep(LOOK_EVERY.min(deadline - Instant::now())).await;
    }
}

fn changed(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|found| found.modified()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_changed_file_ends_the_wait_and_says_where_the_server_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("address");
        assert!(told(Some(&file)).is_none(), "there is none yet");
        let waiting = pause(Some(&file), Duration::from_hours(1));
        let writing = async {
            fs::write(&file, "http://127.0.0.1:4242\n").unwrap();
        };
        tokio::join!(waiting, writing);
        assert_eq!(told(Some(&file)), "ws://127.0.0.1:4242".parse().ok());
        fs::write(&file, "not an address").unwrap();
        assert!(told(Some(&file)).is_none());
    }
}
