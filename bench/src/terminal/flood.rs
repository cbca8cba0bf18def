//! A long output from one terminal to one or more viewers.

use std::{fmt, path::Path, time::Instant};

use anyhow::{Context, Result};

use super::{
    clocks::Clocks,
    servers::Server,
    text::{END, block, blocks_of, ending},
    viewers::Viewers,
};

/// One repetition of one cell with one server.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sample {
    /// From the key that starts the output to the last byte at the last viewer, in seconds.
    pub(super) seconds: f64,
    /// What the program printed, per second, in MB.
    pub(super) rate: f64,
    /// CPU seconds of the process that serves, per GB that the program printed.
    pub(super) server: f64,
    /// The same of the process that has the terminal.
    pub(super) agent: f64,
    /// Viewers.
    pub(super) viewers: usize,
    /// Those of them that got every byte as output.
    pub(super) complete: usize,
    /// The share of the output that came to viewers as output, over all of them.
    pub(super) delivered: f64,
    /// How often viewers got the terminal's state anew instead.
    pub(super) resyncs: u64,
    /// The share of time that the generator's core was busy with viewers and the program.
    pub(super) generator: f64,
    /// What others used of both cores, as a share of one.
    pub(super) foreign: f64,
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.2} s, {:.0} MB/s, CPU s/GB {:.1} + {:.1}, {} of {} viewers got every byte, \
             {:.1} % delivered, {} resyncs, generator {:.0} %, others {:.0} %",
            self.seconds,
            self.rate,
            self.server,
            self.agent,
            self.complete,
            self.viewers,
            self.delivered * 100.0,
            self.resyncs,
            self.generator * 100.0,
            self.foreign * 100.0
        )
    }
}

/// The command that runs a program of this benchmark in a terminal. The program says its number in `file`.
pub(super) fn command(program: &str, file: &Path, argument: &str) -> Result<String> {
    let own = std::env::current_exe()?;
    Ok(format!("{} program {program} {} {argument}", own.display(), file.display()))
}

/// The number that a program said.
pub(super) fn process_in(file: &Path) -> Result<u32> {
    let text = std::fs::read_to_string(file).context("the program in the terminal is not there")?;
    text.parse().context("no process number")
}

/// Measures.
#[expect(clippy::cast_precision_loss, reason = "sizes of some hundreds of megabytes")]
pub(super) fn measure(server: &mut Server, viewers: usize, bytes: usize) -> Result<Sample> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("process");
    let place = server.terminal("flood")?;
    let mut watching = Viewers::open(&place, viewers)?;
    watching.start(&place, &command("flood", &file, &bytes.to_string())?)?;
    let programs = [process_in(&file)?];
    let before = watching.counts();
    let clocks = Clocks::read(server, &programs)?;
    let started = Instant::now();
    watching.type_in(&place, "g")?;
    let ended = watching.read_until(END)?;
    let used = Clocks::read(server, &programs)?.since(&clocks);

    let block = block();
    let (blocks, ending) = (blocks_of(bytes, &block), ending());
    let printed = (blocks * block.len() + ending.len()) as f64;
    let text = blocks * place.dialect.written(&block) + place.dialect.written(&ending);
    let after = watching.counts();
    let got = |number: usize| after[number].text - before[number].text;
    let resyncs = |number: usize| after[number].resyncs - before[number].resyncs;
    let is_complete = |&number: &usize| got(number) == text as u64 && resyncs(number) == 0;
    let seconds = (ended - started).as_secs_f64();
    Ok(Sample {
        seconds,
        rate: printed / 1e6 / seconds,
        server: used.server.as_secs_f64() / (printed / 1e9),
        agent: used.agent.as_secs_f64() / (printed / 1e9),
        viewers,
        complete: (0..viewers).filter(is_complete).count(),
        delivered: (0..viewers).map(got).sum::<u64>() as f64 / (text * viewers) as f64,
        resyncs: (0..viewers).map(resyncs).sum(),
        generator: used.generator,
        foreign: used.foreign,
    })
}
