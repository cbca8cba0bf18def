//! The servers that are measured: how each is started, watched and spoken to.

pub(crate) mod peers;
pub(crate) mod pictures;
mod process;
pub(crate) mod product;

use std::net::SocketAddr;

use anyhow::Result;
use tempfile::TempDir;

use crate::generator::Publisher;
pub(crate) use process::{Process, START};

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Ours.
    Product,
    /// Plain TCP.
    Raw,
    /// Node.js with `ws`.
    Ws,
    /// Bun.
    Bun,
    /// axum.
    Axum,
}

impl Kind {
    /// All, in the order of the table.
    pub(crate) const ALL: [Self; 5] = [Self::Product, Self::Raw, Self::Ws, Self::Bun, Self::Axum];

    /// What it is called in the table and on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Raw => "raw",
            Self::Ws => "ws",
            Self::Bun => "bun",
            Self::Axum => "axum",
        }
    }
}

/// What is to be sent in a cell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Speech {
    pub(crate) publishers: usize,
    /// The payload of one message as viewers get it, in bytes.
    pub(crate) size: usize,
}

/// A running server. Ends with this value.
pub(crate) struct Running {
    /// Keeps the process alive.
    process: Process,
    /// Where viewers connect.
    pub(crate) address: SocketAddr,
    /// What they ask for; `None` where no WebSocket is spoken.
    pub(crate) path: Option<String>,
    publish_address: SocketAddr,
    /// Where the product keeps its data; removed with this value.
    folder: Option<TempDir>,
    kind: Kind,
}

impl Running {
    /// Starts one on the server's core and waits until it listens.
    pub(crate) fn start(kind: Kind, is_deflated: bool) -> Result<Self> {
        match kind {
            Kind::Product => product::start_at(product::VIEW),
            Kind::Raw | Kind::Ws | Kind::Bun | Kind::Axum => peers::start(kind, is_deflated),
        }
    }

    /// The same, with viewers of live pictures.
    pub(crate) fn start_with_pictures(kind: Kind) -> Result<Self> {
        match kind {
            Kind::Product => product::start_at("/ws/view/bench"),
            Kind::Raw | Kind::Ws | Kind::Bun | Kind::Axum => peers::start(kind, false),
        }
    }

    /// Its process.
    pub(crate) fn process(&self) -> u32 {
        self.process.id()
    }

    /// Connects publishers.
    pub(crate) fn publishers(&self, speech: Speech) -> Result<Vec<Box<dyn Publisher>>> {
        match self.kind {
            Kind::Product => product::publishers(self, speech),
            Kind::Raw | Kind::Ws | Kind::Bun | Kind::Axum => peers::publishers(self, speech),
        }
    }
}

/// Text like that of logs: it repeats itself, but not exactly. The same on every call.
fn log_text(size: usize) -> String {
    let mut text = String::with_capacity(size + 100);
    let mut number: u32 = 1;
    while text.len() < size {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (line, duration) = (text.len() / 80, number >> 20);
        let path =
            ["/api/agents", "/api/sessions", "/health", "/ws/dashboard"][number as usize >> 30];
        let words = format!(
            "line {line:05} INFO request id={number:08x} path={path} status=200 duration={duration}us "
        );
        text.push_str(&words);
    }
    text.truncate(size);
    text
}
