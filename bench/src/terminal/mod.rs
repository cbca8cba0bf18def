//! `terminal`: floods and keys in terminals of all servers, interleaved, and the table.

mod cells;
mod clocks;
mod dialect;
mod flood;
mod keys;
mod meter;
mod place;
mod product;
mod program;
mod servers;
mod table;
mod targets;
mod text;
mod viewers;

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Args;

use crate::{machine::pin_generator, output::note};
use cells::Cell;
pub(crate) use program::{Program, run as run_program};
use servers::{Kind, Server};
use table::Results;

/// How to measure.
#[derive(Args)]
pub(crate) struct Options {
    /// One short repetition: about a minute, good for a first look.
    #[arg(long)]
    quick: bool,
    /// Repetitions; medians are printed. 3, or 1 with --quick.
    #[arg(long)]
    repetitions: Option<usize>,
    /// How long a flood is, in MB. 200, or 20 with --quick.
    #[arg(long)]
    megabytes: Option<usize>,
    /// How many keys are typed. 2000, or 400 with --quick.
    #[arg(long)]
    keys: Option<usize>,
    /// Only these servers: product, raw, node-pty, bun, terminado.
    #[arg(long, value_delimiter = ',')]
    servers: Vec<String>,
    /// Only cells with this in their name, such as `flood to`, `20 viewers`, `echo`, `alone`.
    #[arg(long)]
    cell: Option<String>,
}

impl Options {
    fn repetitions(&self) -> usize {
        self.repetitions.unwrap_or(if self.quick { 1 } else { 3 })
    }

    fn bytes(&self) -> usize {
        self.megabytes.unwrap_or(if self.quick { 20 } else { 200 }) * 1_000_000
    }

    fn keys(&self) -> usize {
        self.keys.unwrap_or(if self.quick { 400 } else { 2000 })
    }

    /// No cell begins after so long.
    fn at_most(&self) -> Duration {
        Duration::from_secs(if self.quick { 170 } else { 1200 })
    }

    /// What is to be measured, in order: all servers of a cell in turn, so that they meet the same machine.
    fn chosen(&self) -> Vec<(Cell, Kind)> {
        let all = Cell::ALL.into_iter().flat_map(|cell| Kind::ALL.map(|kind| (cell, kind)));
        all.filter(|&(cell, kind)| self.includes(cell, kind)).collect()
    }

    fn includes(&self, cell: Cell, kind: Kind) -> bool {
        let server = self.servers.is_empty() || self.servers.iter().any(|name| name == kind.name());
        server && self.cell.as_ref().is_none_or(|word| cell.name().contains(word.as_str()))
    }
}

/// Measures and prints.
pub(crate) fn run(options: &Options) -> Result<()> {
    pin_generator()?;
    let known = |name: &String| Kind::ALL.iter().any(|kind| kind.name() == name);
    ensure!(options.servers.iter().all(known), "unknown server; --help lists them");
    let mut results = Results::default();
    let deadline = Instant::now() + options.at_most();
    for repetition in 1..=options.repetitions() {
        for (cell, kind) in options.chosen() {
            let name = format!("{repetition}: {}, {}", cell.name(), kind.name());
            if Instant::now() > deadline {
                note(&format!("{name}: left out: the time for the whole run is over"));
                continue;
            }
            // One that cannot be measured does not keep the others from it.
            if let Err(error) = measure(options, (cell, kind), &name, &mut results) {
                note(&format!("{name}: left out: {error:#}"));
            }
        }
    }
    results.print();
    Ok(())
}

fn measure(
    options: &Options,
    (cell, kind): (Cell, Kind),
    name: &str,
    results: &mut Results,
) -> Result<()> {
    let mut server = Server::start(kind)?;
    if let Some(viewers) = cell.viewers() {
        let sample = flood::measure(&mut server, viewers, options.bytes())?;
        note(&format!("{name}: {sample}"));
        results.floods.entry((cell, kind)).or_default().push(sample);
    } else {
        let sample = keys::measure(&mut server, options.keys(), cell == Cell::EchoBeside)?;
        note(&format!("{name}: {sample}"));
        results.keys.entry((cell, kind)).or_default().push(sample);
    }
    Ok(())
}
