//! `pilothouse witness`: the process beside an agent that outlives it. Agents start it; people do not.

use crate::{commands::agent, failure::Failure, signals::Shutdown};

/// Runs until the agent says farewell, or until all that it left is reported.
pub(crate) async fn run() -> Result<u8, Failure> {
    let shutdown = Shutdown::catch()?;
    let watched = pilothouse_agent::witness(tokio::io::stdin(), shutdown.requested()).await;
    watched.map(|()| 0).map_err(|error| agent::failure(&error))
}
