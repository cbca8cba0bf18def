//! Keeps bursts under way and measures what comes of it.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::{Publisher, Viewers};
use crate::{
    cells::Load,
    machine::{GENERATOR_CORE, SERVER_CORE, busy_on, cpu_of},
    statistics::{Sample, microseconds_each, per_second},
};

/// What has not come by then gave way to what came after it, where that may be.
const GAVE_WAY: Duration = Duration::from_millis(2);

/// So long may nothing at all come before the cell counts as failed.
const STUCK: Duration = Duration::from_secs(5);

/// Reads until nothing has come for that long.
pub(crate) fn settle(viewers: &mut Viewers, quiet: Duration) -> Result<()> {
    let (mut last, mut bytes) = (Instant::now(), viewers.counts.bytes);
    while last.elapsed() < quiet {
        viewers.pump(quiet / 4)?;
        if viewers.counts.bytes != bytes {
            (last, bytes) = (Instant::now(), viewers.counts.bytes);
        }
    }
    Ok(())
}

/// Publishes for `warm_up`, then for `window`, which is measured.
pub(crate) fn drive(
    (viewers, publishers): (&mut Viewers, &mut [Box<dyn Publisher>]),
    load: Load,
    process: u32,
    (warm_up, window): (Duration, Duration),
) -> Result<Sample> {
    let mut cycle = Cycle::new(viewers, load, publishers.len());
    cycle.run(viewers, publishers, warm_up)?;
    let before = Reading::take(process, viewers)?;
    cycle.run(viewers, publishers, window)?;
    let after = Reading::take(process, viewers)?;
    Ok(after.since(&before))
}

/// Bursts that were sent and those that have arrived.
struct Cycle {
    load: Load,
    sent: u64,
    /// Which publisher goes on with a burst that one had no credit for.
    next_publisher: usize,
    base: u64,
    /// Deliveries that are not waited for any more.
    lost: u64,
    /// Deliveries of a whole burst.
    whole: u64,
}

impl Cycle {
    fn new(viewers: &Viewers, load: Load, publishers: usize) -> Self {
        let whole = (load.burst * publishers * viewers.len()) as u64;
        Self { load, sent: 0, next_publisher: 0, base: viewers.counts.messages, lost: 0, whole }
    }

    fn run(
        &mut self,
        viewers: &mut Viewers,
        publishers: &mut [Box<dyn Publisher>],
        time: Duration,
    ) -> Result<()> {
        let start = Instant::now();
        let (mut moved, mut messages) = (start, viewers.counts.messages);
        while start.elapsed() < time {
            let arrived = viewers.counts.messages - self.base + self.lost;
            let missing = (self.sent * self.whole).saturating_sub(arrived);
            let is_over = self.load.gives_way && missing > 0 && moved.elapsed() > GAVE_WAY;
            if is_over {
                self.lost += missing;
            }
            if is_over || missing <= self.whole * self.load.head_start / 100 {
                self.burst(publishers)?;
            }
            viewers.pump(Duration::from_millis(5))?;
            if viewers.counts.messages != messages {
                (moved, messages) = (Instant::now(), viewers.counts.messages);
            }
            if moved.elapsed() > STUCK {
                bail!(
                    "nothing came for {STUCK:?}: {messages} messages of {}",
                    self.sent * self.whole
                );
            }
        }
        Ok(())
    }

    /// Every publisher speaks once; if one of them may not go on yet, the rest follows later.
    fn burst(&mut self, publishers: &mut [Box<dyn Publisher>]) -> Result<()> {
        while let Some(publisher) = publishers.get_mut(self.next_publisher) {
            if !publisher.publish(self.load.burst)? {
                return Ok(());
            }
            self.next_publisher += 1;
        }
        self.next_publisher = 0;
        self.sent += 1;
        Ok(())
    }
}

/// The clocks at one moment.
pub(crate) struct Reading {
    at: Instant,
    messages: u64,
    server: Duration,
    generator: Duration,
    busy: [Duration; 2],
}

impl Reading {
    /// Reads them.
    pub(crate) fn take(process: u32, viewers: &Viewers) -> Result<Self> {
        Ok(Self {
            at: Instant::now(),
            messages: viewers.counts.messages,
            server: cpu_of(process)?,
            generator: cpu_of(std::process::id())?,
            busy: [busy_on(SERVER_CORE)?, busy_on(GENERATOR_CORE)?],
        })
    }

    /// What happened since an earlier reading, per message.
    pub(crate) fn since(&self, before: &Self) -> Sample {
        self.since_of(before, self.messages - before.messages)
    }

    /// What happened since an earlier reading, per one of `count`.
    pub(crate) fn since_of(&self, before: &Self, count: u64) -> Sample {
        let time = self.at - before.at;
        let share = |used: Duration| used.as_secs_f64() / time.as_secs_f64();
        let (server, generator) = (
            self.server.saturating_sub(before.server),
            self.generator.saturating_sub(before.generator),
        );
        let foreign = |core: usize, own: Duration| {
            share(self.busy[core].saturating_sub(before.busy[core]).saturating_sub(own))
        };
        Sample {
            rate: per_second(count, time),
            cpu: microseconds_each(server, count),
            memory: 0.0,
            generator: share(generator),
            foreign: foreign(0, server).max(foreign(1, generator)),
        }
    }
}
