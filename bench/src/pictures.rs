//! `pictures`: one producer of live pictures, fifty viewers, and how old a picture is when it arrives.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;

use crate::{
    cells::Cell,
    generator::{Connection, Viewers, drive, settle},
    machine::{pin_generator, raise_file_limit},
    output::{line, note},
    server::{Kind, Running, pictures},
    table::Results,
};

/// The servers that take part.
const SERVERS: [Kind; 4] = [Kind::Product, Kind::Raw, Kind::Ws, Kind::Bun];

/// Smaller messages are not the load: pings.
const LEAST: u64 = 1000;

/// So long nothing may come before the load begins.
const QUIET: Duration = Duration::from_millis(300);

/// How many pictures are timed, one after the other.
const TIMED: usize = 200;

/// How to measure.
#[derive(Args)]
pub(crate) struct Options {
    /// Repetitions; medians are printed.
    #[arg(long, default_value_t = 3)]
    repetitions: usize,
    /// How long each server is measured, in milliseconds.
    #[arg(long, default_value_t = 2000)]
    window: u64,
}

/// Measures and prints.
pub(crate) fn run(options: &Options) -> Result<()> {
    pin_generator()?;
    raise_file_limit()?;
    let mut results = Results::default();
    for repetition in 1..=options.repetitions {
        for kind in SERVERS {
            let name = format!("{repetition}: {}", kind.name());
            match measure(kind, Duration::from_millis(options.window), &mut results) {
                Ok(words) => note(&format!("{name}: {words}")),
                // One that cannot be measured does not keep the others from it.
                Err(error) => note(&format!("{name}: left out: {error:#}")),
            }
        }
    }
    results.print();
    age()
}

fn measure(kind: Kind, window: Duration, results: &mut Results) -> Result<String> {
    let load = Cell::Pictures50.load().context("pictures are a load")?;
    let server = Running::start_with_pictures(kind)?;
    let mut publishers = vec![pictures::producer(&server)?];
    let mut viewers = Viewers::new(server.address, server.path.as_deref(), false)?;
    viewers.open(load.viewers)?;
    settle(&mut viewers, QUIET)?;
    viewers.count_from(LEAST);
    let times = (window / 5, window);
    let sample = drive((&mut viewers, &mut publishers), load, server.process(), times)?;
    results.add(Cell::Pictures50, kind, sample);
    Ok(format!("{sample}"))
}

/// From the moment at which a picture is handed to the producer's socket to its arrival at a viewer, alone.
fn age() -> Result<()> {
    let server = Running::start_with_pictures(Kind::Product)?;
    let path = server.path.as_deref().context("viewers have a path")?;
    let mut viewer = Connection::open(server.address, path)?;
    let mut producer = pictures::connect(&server)?;
    let message = pictures::message();
    let mut ages = Vec::with_capacity(TIMED);
    for _ in 0..TIMED {
        let sent = Instant::now();
        producer.send(&message)?;
        viewer.message()?;
        ages.push(sent.elapsed());
        // As the next picture of a browser comes a moment later.
        std::thread::sleep(Duration::from_millis(5));
    }
    ages.sort();
    let percentile = |share: usize| ages[(ages.len() - 1) * share / 100].as_secs_f64() * 1000.0;
    line("\none picture at a time, from the producer's socket to a viewer");
    line(&format!("  p50 {:.2} ms, p95 {:.2} ms", percentile(50), percentile(95)));
    Ok(())
}
