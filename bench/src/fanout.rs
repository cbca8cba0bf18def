//! `fanout`: all cells with all servers, interleaved, and the table.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Args;

use crate::{
    cells::{Cell, Load},
    generator::{Reading, Viewers, drive, settle},
    machine::{memory_of, pin_generator, raise_file_limit},
    output::note,
    server::{Kind, Running, Speech},
    statistics::{Sample, per_second},
    table::Results,
};

/// The size of short messages.
const SHORT: usize = 200;

/// The size of long messages: a little more than 10 KiB, from which on the dashboard protocol deflates.
const LONG: usize = 10 * 1024 + 300;

/// Smaller messages are not the load: pings, acknowledgements.
const LEAST: u64 = 100;

/// Viewers that are there before idle ones are counted, so that what is made once is not counted.
const BEFORE_IDLE: usize = 500;

/// So long nothing may come before the load begins. Longer than a server gathers changes of its agents,
/// or their list would come during the measurement and count as deliveries.
const QUIET: Duration = Duration::from_millis(600);

/// How to measure.
#[derive(Args)]
pub(crate) struct Options {
    /// One short repetition: at most two minutes, good for a first look.
    #[arg(long)]
    quick: bool,
    /// Repetitions; medians are printed. 3, or 1 with --quick.
    #[arg(long)]
    repetitions: Option<usize>,
    /// How long each cell is measured, in milliseconds. 2000, or 500 with --quick.
    #[arg(long)]
    window: Option<u64>,
    /// Idle connections to open. 10000, or 2000 with --quick.
    #[arg(long)]
    idle: Option<usize>,
    /// Only these servers: product, raw, ws, bun, axum.
    #[arg(long, value_delimiter = ',')]
    servers: Vec<String>,
    /// Only cells with this word in their name, such as `bursts`, `lone`, `agents`, `deflated`, `idle`.
    #[arg(long)]
    cell: Option<String>,
}

impl Options {
    fn repetitions(&self) -> usize {
        self.repetitions.unwrap_or(if self.quick { 1 } else { 3 })
    }

    fn window(&self) -> Duration {
        Duration::from_millis(self.window.unwrap_or(if self.quick { 500 } else { 2000 }))
    }

    fn idle(&self) -> usize {
        self.idle.unwrap_or(if self.quick { 2000 } else { 10_000 })
    }

    /// No cell begins after so long.
    fn at_most(&self) -> Duration {
        Duration::from_secs(if self.quick { 110 } else { 580 })
    }

    /// What is to be measured, in order: all servers of a cell in turn, so that they meet the same machine.
    fn chosen(&self) -> Vec<(Cell, Kind)> {
        let all = Cell::ALL.into_iter().flat_map(|cell| Kind::ALL.map(|kind| (cell, kind)));
        all.filter(|&(cell, kind)| self.includes(cell, kind)).collect()
    }

    fn includes(&self, cell: Cell, kind: Kind) -> bool {
        let server = self.servers.is_empty() || self.servers.iter().any(|name| name == kind.name());
        let cell_too = self.cell.as_ref().is_none_or(|word| cell.name().contains(word.as_str()));
        server && cell_too && cell.includes(kind)
    }
}

/// Measures and prints.
pub(crate) fn run(options: &Options) -> Result<()> {
    pin_generator()?;
    let files = raise_file_limit()?;
    let needed = options.idle() + BEFORE_IDLE + 200;
    ensure!(
        files >= needed as u64,
        "{needed} open files are needed, the limit is {files}; use --idle"
    );
    let mut results = Results::default();
    let mut short = SHORT;
    let deadline = Instant::now() + options.at_most();
    for repetition in 1..=options.repetitions() {
        for (cell, kind) in options.chosen() {
            let name = format!("{repetition}: {}, {}", cell.name(), kind.name());
            if Instant::now() > deadline {
                note(&format!("{name}: left out: the time for the whole run is over"));
                continue;
            }
            match measure(options, cell, kind, &mut short) {
                Ok(sample) => {
                    note(&format!("{name}: {sample}"));
                    results.add(cell, kind, sample);
                }
                // One that cannot be measured does not keep the others from it.
                Err(error) => note(&format!("{name}: left out: {error:#}")),
            }
        }
    }
    results.print();
    Ok(())
}

fn measure(options: &Options, cell: Cell, kind: Kind, short: &mut usize) -> Result<Sample> {
    match cell.load() {
        Some(load) => fan_out(options, load, kind, short),
        None => connections(options, kind),
    }
}

/// `short` is the payload of a short message: what the product makes of it, the others send too.
fn fan_out(options: &Options, load: Load, kind: Kind, short: &mut usize) -> Result<Sample> {
    let server = Running::start(kind, load.is_deflated)?;
    let size = if load.is_deflated { LONG } else { *short };
    let speech = Speech { publishers: load.publishers, size };
    let mut publishers = server.publishers(speech)?;
    let mut viewers = Viewers::new(server.address, server.path.as_deref(), load.is_deflated)?;
    viewers.open(load.viewers)?;
    settle(&mut viewers, QUIET)?;
    viewers.count_from(LEAST);
    let window = options.window();
    let sample =
        drive((&mut viewers, &mut publishers), load, server.process(), (window / 5, window))?;
    let counts = viewers.counts;
    // A few messages of state may be among them.
    ensure!(
        !load.is_deflated || counts.deflated * 100 >= counts.messages * 99,
        "only {} of {} messages were deflated",
        counts.deflated,
        counts.messages
    );
    if kind == Kind::Product && !load.is_deflated {
        *short = usize::try_from(counts.last_size)?;
    }
    note(&format!("   {} bytes a message on the wire", counts.bytes / counts.messages.max(1)));
    Ok(sample)
}

fn connections(options: &Options, kind: Kind) -> Result<Sample> {
    let server = Running::start(kind, false)?;
    let mut viewers = Viewers::new(server.address, server.path.as_deref(), false)?;
    viewers.open(BEFORE_IDLE)?;
    settle(&mut viewers, QUIET)?;
    let memory = memory_of(server.process())?;
    let before = Reading::take(server.process(), &viewers)?;
    let started = Instant::now();
    viewers.open(options.idle())?;
    let time = started.elapsed();
    settle(&mut viewers, QUIET)?;
    let mut sample =
        Reading::take(server.process(), &viewers)?.since_of(&before, options.idle() as u64);
    sample.rate = per_second(options.idle() as u64, time);
    let grown = memory_of(server.process())?.saturating_sub(memory);
    sample.memory = per_second(grown, Duration::from_secs(options.idle() as u64));
    Ok(sample)
}
