//! What ends a long-running subcommand.

use tokio::signal::unix::{SignalKind, signal};

/// Done at the first Ctrl-C or SIGTERM.
pub(crate) async fn shutdown() {
    let mut terminate = match signal(SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(error) => return tracing::error!(%error, "cannot listen for signals"),
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
