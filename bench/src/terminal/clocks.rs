//! CPU time of those who take part, and of those who disturb, over a stretch of time.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::servers::Server;
use crate::machine::{GENERATOR_CORE, SERVER_CORE, busy_on, cpu_of, cpu_of_kernel_threads};

/// The clocks at one moment.
#[derive(Clone, Copy)]
pub(super) struct Clocks {
    at: Instant,
    server: Duration,
    agent: Duration,
    generator: Duration,
    kernel: Duration,
    /// Of both cores together.
    busy: Duration,
}

/// What they say of the time between two moments.
#[derive(Debug, Clone, Copy)]
pub(super) struct Used {
    /// CPU of the process that serves.
    pub(super) server: Duration,
    /// CPU of the process that has the terminals; none if it is the same.
    pub(super) agent: Duration,
    /// The share of its core that viewers and programs in terminals used.
    pub(super) generator: f64,
    /// What others used of both cores, as a share of one. The kernel's own threads are nobody else:
    /// they pass on what terminals print, on whichever core is free.
    pub(super) foreign: f64,
}

impl Clocks {
    /// Reads them. `programs` are those in terminals.
    pub(super) fn read(server: &Server, programs: &[u32]) -> Result<Self> {
        let mut generator = cpu_of(std::process::id())?;
        for &program in programs {
            generator += cpu_of(program)?;
        }
        Ok(Self {
            at: Instant::now(),
            server: cpu_of(server.process())?,
            agent: server.agent().map_or(Ok(Duration::ZERO), cpu_of)?,
            generator,
            kernel: cpu_of_kernel_threads()?,
            busy: busy_on(SERVER_CORE)? + busy_on(GENERATOR_CORE)?,
        })
    }

    /// What happened since an earlier reading.
    pub(super) fn since(&self, before: &Self) -> Used {
        let time = (self.at - before.at).as_secs_f64().max(1e-9);
        let server = self.server.saturating_sub(before.server);
        let agent = self.agent.saturating_sub(before.agent);
        let generator = self.generator.saturating_sub(before.generator);
        let own = server + agent + generator + self.kernel.saturating_sub(before.kernel);
        let foreign = self.busy.saturating_sub(before.busy).saturating_sub(own);
        Used {
            server,
            agent,
            generator: generator.as_secs_f64() / time,
            foreign: foreign.as_secs_f64() / time,
        }
    }
}
