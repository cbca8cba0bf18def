//! One command from its order to its end.

use std::{process::ExitStatus, sync::Arc, time::Duration};

use nix::sys::signal::Signal;
use pilothouse_core::{
    commands::{Ended, Outcome, StartOrder},
    streams::StreamKey,
};
use tokio::{
    process::Child,
    sync::watch,
    time::{Instant, interval_at, sleep_until, timeout},
};

use super::{
    Commands,
    output::{Phase, Pump},
    process,
};
use crate::{
    clock,
    journal::{End, Process},
    processes::{
        Ending, Mark, exit_code, signal_name,
        tree::{self, Tree},
    },
};

/// How often to clear away dead children of a long command that nobody waits for.
const SWEEP_EVERY: Duration = Duration::from_secs(30);

/// How long a pipe may stay open when everybody who could write to it is gone.
const PIPE_ENDS_WITHIN: Duration = Duration::from_millis(500);

/// Lives a command's whole life. Returns when its end is in the outbox, or when nobody wants it.
pub(super) async fn live(
    commands: &Arc<Commands>,
    order: StartOrder,
    mut asked: watch::Receiver<Ending>,
    has_room: bool,
) {
    let stream = StreamKey::command(order.command.clone());
    let (begun_at, begun_steadily) = (clock::now(), Instant::now());
    let begun =
        commands.books.write(&stream, move |journal, id| journal.begin(id, begun_at, None)).await;
    let refused = match begun {
        Some(true) if has_room => None,
        Some(true) => Some("the agent runs too many commands already"),
        Some(false) => return,
        // Without a journal it could be started twice, so it is not started at all.
        None => Some("the agent cannot write its journal; check its disk"),
    };
    let spawned = match refused {
        Some(reason) => Err(reason.to_owned()),
        None => process::spawn(&order, commands.books.config()),
    };
    let outcome = match spawned {
        Ok(child) => run(commands, &stream, &order, child, &mut asked).await,
        Err(reason) => Outcome::NotStarted { reason: reason.into() },
    };
    finish(commands, &stream, outcome, begun_steadily, &asked).await;
}

async fn finish(
    commands: &Arc<Commands>,
    stream: &StreamKey,
    outcome: Outcome,
    begun: Instant,
    asked: &watch::Receiver<Ending>,
) {
    let at = clock::now();
    let ran_for = match outcome {
        Outcome::NotStarted { .. } => Duration::ZERO,
        Outcome::Exited { .. }
        | Outcome::Interrupted { .. }
        | Outcome::TimedOut { .. }
        | Outcome::AgentLost => begun.elapsed(),
    };
    let end = End::Command(Ended { outcome, at, ran_for });
    let written = end.clone();
    commands.books.write(stream, move |journal, id| journal.end(id, &written)).await;
    if *asked.borrow() != Ending::Unwanted {
        commands.books.outbox().end(stream, end);
    }
}

/// From a living process to its outcome; all of its output is in the outbox then.
async fn run(
    commands: &Arc<Commands>,
    stream: &StreamKey,
    order: &StartOrder,
    mut child: Child,
    asked: &mut watch::Receiver<Ending>,
) -> Outcome {
    // Not reaped before `wait`, so that it is still in /proc however short it lives.
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).unwrap_or(-1);
    let shell = Process { pid, born: tree::born(pid).unwrap_or(0) };
    commands.books.write(stream, move |journal, id| journal.running(id, shell)).await;
    commands.books.outbox().started(stream, clock::now());
    let mut tree = Tree::new(&Mark::of(stream), shell);
    let (phase, pump) = Pump::start(commands, stream, &mut child);

    let why = wait(&mut child, &mut tree, order.timeout, asked).await;
    let status = match why {
        Why::Exited(status) => {
            phase.send_replace(Phase::Draining);
            Some(status)
        }
        Why::Asked(_) | Why::TimedOut => {
            // A process that is slowed down would not notice a polite signal while it writes.
            phase.send_replace(Phase::Draining);
            let grace = match why {
                Why::Asked(Ending::Interrupted { grace }) => grace,
                Why::Asked(_) | Why::TimedOut | Why::Exited(_) => commands.books.config().grace,
            };
            let left = tree.end(&[Signal::SIGINT, Signal::SIGTERM], grace).await;
            if left > 0 {
                tracing::warn!(%stream, left, "processes cannot be ended");
            }
            timeout(PIPE_ENDS_WITHIN, child.wait()).await.ok().and_then(Result::ok)
        }
    };
    end_output(commands, stream, &mut tree, &phase, pump).await;
    outcome(why, status)
}

/// Why a command is over.
#[derive(Debug, Clone, Copy)]
enum Why {
    Exited(ExitStatus),
    Asked(Ending),
    TimedOut,
}

async fn wait(
    child: &mut Child,
    tree: &mut Tree,
    limit: Duration,
    asked: &mut watch::Receiver<Ending>,
) -> Why {
    let deadline = Instant::now().checked_add(limit);
    let mut sweep = interval_at(Instant::now() + SWEEP_EVERY, SWEEP_EVERY);
    let timed_out = async {
        match deadline {
            Some(deadline) => sleep_until(deadline).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(timed_out);
    loop {
        tokio::select! {
            biased;
            Ok(ending) = asked.wait_for(|ending| *ending != Ending::Unasked) => {
                return Why::Asked(*ending);
            }
            status = child.wait() => match status {
                Ok(status) => return Why::Exited(status),
                // It cannot be waited for, so it is ended like one that takes too long.
                Err(_) => return Why::Asked(Ending::Stopping),
            },
            () = &mut timed_out => return Why::TimedOut,
            _ = sweep.tick() => drop(tree.look()),
        }
    }
}

/// Gives the output a moment to end, and ends whoever is left of the command.
async fn end_output(
    commands: &Commands,
    stream: &StreamKey,
    tree: &mut Tree,
    phase: &watch::Sender<Phase>,
    mut pump: Pump,
) {
    let _ = timeout(commands.books.config().output_ends_within, pump.ended()).await;
    let leftovers = tree.look().len();
    if leftovers > 0 {
        let left = tree.end(&[Signal::SIGTERM], commands.books.config().grace).await;
        tracing::info!(%stream, leftovers, left, "the shell left processes behind; they were ended");
    }
    let _ = timeout(PIPE_ENDS_WITHIN, pump.ended()).await;
    phase.send_replace(Phase::Over);
    pump.ended().await;
}

fn outcome(why: Why, status: Option<ExitStatus>) -> Outcome {
    let code = status.map(exit_code);
    match why {
        Why::Exited(status) => {
            Outcome::Exited { code: exit_code(status), signal: signal_name(status).map(Into::into) }
        }
        Why::Asked(Ending::Interrupted { .. } | Ending::Unwanted | Ending::Unasked) => {
            Outcome::Interrupted { code }
        }
        Why::Asked(Ending::Stopping) => Outcome::AgentLost,
        Why::TimedOut => Outcome::TimedOut { code },
    }
}
