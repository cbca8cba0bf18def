//! One life of a worker from its order to its end.

use std::{
    process::ExitStatus,
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};

use nix::sys::signal::Signal;
use parking_lot::Mutex;
use pilothouse_core::{
    sessions::{Exit, SpawnOrder},
    streams::StreamKey,
};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, interval_at, timeout},
};

use super::{
    Touch, WantedSizes, Workers,
    desk::{Desk, Phase, Pump, Viewers},
    launch::launch,
    pty::{PtyProcess, Started},
};
use crate::{
    clock,
    journal::{End, Process},
    processes::{
        Ending, Mark, exit_code, signal_name,
        tree::{self, Tree},
    },
};

/// How often to clear away dead children of a worker that nobody waits for.
const SWEEP_EVERY: Duration = Duration::from_secs(30);
/// How long a terminal may stay open when everybody who could write to it is gone.
const TERMINAL_ENDS_WITHIN: Duration = Duration::from_millis(500);
/// What ends a terminal's programs politely: the line is cut, then they are asked.
const POLITELY: [Signal; 2] = [Signal::SIGHUP, Signal::SIGTERM];
/// What shells say when there is no such program.
const NO_SUCH_PROGRAM: i32 = 127;

/// How a worker is reached.
pub(super) struct Line {
    pub(super) asked: watch::Receiver<Ending>,
    pub(super) touched: mpsc::Receiver<Touch>,
    /// How many typed bytes are under way.
    pub(super) waiting: Arc<AtomicUsize>,
    /// The sizes that viewers want.
    pub(super) sizes: Arc<Mutex<WantedSizes>>,
}

/// Lives a worker's whole life. Returns when its end is in the outbox, or when nobody wants it.
pub(super) async fn live(
    workers: &Arc<Workers>,
    order: SpawnOrder,
    mut line: Line,
    has_room: bool,
) {
    let stream = order.stream.clone();
    let (begun_at, size) = (clock::now(), order.size);
    let begun = workers
        .books
        .write(&stream, move |journal, stream| journal.begin(stream, begun_at, Some(size)));
    let refused = match begun.await {
        Some(true) if has_room => None,
        Some(true) => Some("the agent runs too many workers already"),
        Some(false) => return,
        // Without a journal it could be started twice, so it is not started at all.
        None => Some("the agent cannot write its journal; check its disk"),
    };
    let started = match refused {
        Some(reason) => Err(reason.to_owned()),
        None => start(workers, &order),
    };
    let exit = match started {
        Ok(started) => run(workers, &order, started, &mut line).await,
        Err(reason) => {
            Exit { code: 1, signal: None, reason: Some(reason.into()), at: clock::now() }
        }
    };
    let end = End::Worker(exit);
    let written = end.clone();
    workers.books.write(&stream, move |journal, stream| journal.end(stream, &written)).await;
    if *line.asked.borrow() != Ending::Unwanted {
        workers.books.outbox().end(&stream, end);
    }
}

fn start(workers: &Workers, order: &SpawnOrder) -> Result<Started, String> {
    let launch = launch(order, &workers.config().environment)?;
    workers
        .terminals
        .start(&launch)
        .map_err(|error| format!("{} cannot be started: {error}", launch.program.display()))
}

/// From a living process to how it ended; all of its output is in the outbox then.
async fn run(
    workers: &Arc<Workers>,
    order: &SpawnOrder,
    started: Started,
    line: &mut Line,
) -> Exit {
    let stream = &order.stream;
    let Started { output, keyboard, mut process } = started;
    // Not reaped before `wait`, so that it is still in /proc however short it lives.
    let pid = process.pid().unwrap_or(-1);
    let shell = Process { pid, born: tree::born(pid).unwrap_or(0) };
    workers.books.write(stream, move |journal, stream| journal.running(stream, shell)).await;
    workers.books.outbox().started(stream, clock::now());
    let mut tree = Tree::new(&Mark::of(stream), shell);
    let (phase, phases) = watch::channel(Phase::Running);
    let (_, closed) = mpsc::channel(1);
    let touched = std::mem::replace(&mut line.touched, closed);
    let viewers = Viewers { touched, waiting: line.waiting.clone(), sizes: line.sizes.clone() };
    let desk = Desk::new(workers, order, (output, keyboard), viewers, phases);
    let mut pump = Pump::start(desk);

    let why = wait(process.as_mut(), &mut tree, &mut line.asked).await;
    // A process that is slowed down would not notice a polite signal while it writes.
    phase.send_replace(Phase::Draining);
    let status = match why {
        Why::Exited(status) => Some(status),
        Why::Asked(ending) => {
            let grace = match ending {
                Ending::Interrupted { grace } => grace,
                Ending::Unasked | Ending::Unwanted | Ending::Stopping => workers.config().grace,
            };
            let left = tree.end(&POLITELY, grace).await;
            if left > 0 {
                tracing::warn!(%stream, left, "processes cannot be ended");
            }
            timeout(TERMINAL_ENDS_WITHIN, process.wait()).await.ok().and_then(Result::ok)
        }
    };
    end_output(workers, stream, &mut tree, &phase, &mut pump).await;
    let exit = exit(why, status);
    pump.close(explained(&exit));
    exit
}

/// Why a worker is over.
#[derive(Debug, Clone, Copy)]
enum Why {
    Exited(ExitStatus),
    Asked(Ending),
}

async fn wait(
    process: &mut dyn PtyProcess,
    tree: &mut Tree,
    asked: &mut watch::Receiver<Ending>,
) -> Why {
    let mut sweep = interval_at(Instant::now() + SWEEP_EVERY, SWEEP_EVERY);
    loop {
        tokio::select! {
            biased;
            Ok(ending) = asked.wait_for(|ending| *ending != Ending::Unasked) => {
                return Why::Asked(*ending);
            }
            status = process.wait() => match status {
                Ok(status) => return Why::Exited(status),
                // It cannot be waited for, so it is ended like one that is not wanted.
                Err(_) => return Why::Asked(Ending::Stopping),
            },
            _ = sweep.tick() => drop(tree.look()),
        }
    }
}

/// Gives the output a moment to end, and ends whoever is left of the worker.
async fn end_output(
    workers: &Workers,
    stream: &StreamKey,
    tree: &mut Tree,
    phase: &watch::Sender<Phase>,
    pump: &mut Pump,
) {
    let _ = timeout(workers.config().output_ends_within, pump.ended()).await;
    let leftovers = tree.look().len();
    if leftovers > 0 {
        let left = tree.end(&POLITELY, workers.config().grace).await;
        tracing::info!(%stream, leftovers, left, "processes were left behind; they were ended");
    }
    let _ = timeout(TERMINAL_ENDS_WITHIN, pump.ended()).await;
    phase.send_replace(Phase::Over);
    pump.ended().await;
}

fn exit(why: Why, status: Option<ExitStatus>) -> Exit {
    let reason = match why {
        Why::Exited(_) => None,
        Why::Asked(Ending::Stopping) => Some("the agent was stopped, and its terminals with it"),
        Why::Asked(Ending::Interrupted { .. } | Ending::Unwanted | Ending::Unasked) => {
            Some("it was ended")
        }
    };
    Exit {
        code: status.map_or(1, exit_code),
        signal: status.and_then(signal_name).map(Into::into),
        reason: reason.map(Into::into),
        at: clock::now(),
    }
}

/// What is added to the output of a program that ended in a way that needs an explanation.
fn explained(exit: &Exit) -> &'static str {
    if exit.code == NO_SUCH_PROGRAM && exit.reason.is_none() {
        "\r\n[pilothouse] exit code 127: there is no such program; install it on the agent's machine, or \
         let the login shell there set up PATH\r\n"
    } else {
        ""
    }
}
