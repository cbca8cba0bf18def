//! The servers whose terminals are measured, and how each is started.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
};

use anyhow::{Context, Result, ensure};

use super::{dialect::Dialect, place::Place, product::Product};
use crate::server::{
    Process,
    peers::{FOLDER, bun},
};

/// Python with terminado, as `cargo xtask bench terminal` installs it.
const PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/terminado/bin/python");

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Ours, server and agent.
    Product,
    /// Plain TCP.
    Raw,
    /// Node.js with node-pty and `ws`.
    NodePty,
    /// Bun's terminals and server.
    Bun,
    /// Jupyter's terminals.
    Terminado,
}

impl Kind {
    /// All, in the order of the table.
    pub(super) const ALL: [Self; 5] =
        [Self::Product, Self::Raw, Self::NodePty, Self::Bun, Self::Terminado];

    /// What it is called in the table and on the command line.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Raw => "raw",
            Self::NodePty => "node-pty",
            Self::Bun => "bun",
            Self::Terminado => "terminado",
        }
    }
}

/// A running server. Ends with this value.
pub(super) enum Server {
    Product(Box<Product>),
    Peer { process: Process, address: SocketAddr, kind: Kind },
}

impl Server {
    /// Starts one on the server's core and waits until it listens.
    pub(super) fn start(kind: Kind) -> Result<Self> {
        let own = std::env::current_exe()?;
        let own = own.to_str().context("the path of this program is not UTF-8")?.to_string();
        let script = |name: &str| format!("{FOLDER}/{name}");
        let (program, arguments) = match kind {
            Kind::Product => return Ok(Self::Product(Box::new(Product::start()?))),
            Kind::Raw => (own, vec!["peer".to_string(), "terminals".to_string()]),
            Kind::NodePty => ("node".to_string(), vec![script("terminals-node.mjs")]),
            Kind::Bun => (bun(), vec![script("terminals-bun.mjs")]),
            Kind::Terminado => (PYTHON.to_string(), vec![script("terminals_terminado.py")]),
        };
        ensure!(
            !program.starts_with('/') || Path::new(&program).exists(),
            "{program} is not there; `cargo xtask bench terminal` installs it"
        );
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut process = Process::start(&program, &arguments, &[("SHELL", "/bin/sh")])?;
        let (port, _) = process
            .ports()
            .with_context(|| format!("{}; `npm ci` in bench/peers may help", kind.name()))?;
        Ok(Self::Peer { process, address: (Ipv4Addr::LOCALHOST, port).into(), kind })
    }

    /// The process that serves.
    pub(super) fn process(&self) -> u32 {
        match self {
            Self::Product(product) => product.server(),
            Self::Peer { process, .. } => process.id(),
        }
    }

    /// The process that has the terminals, if it is another one.
    pub(super) fn agent(&self) -> Option<u32> {
        match self {
            Self::Product(product) => Some(product.agent()),
            Self::Peer { .. } => None,
        }
    }

    /// A terminal with a shell in it; peers start it when the first viewer comes.
    pub(super) fn terminal(&mut self, name: &str) -> Result<Place> {
        let (address, kind) = match self {
            Self::Product(product) => return product.terminal(),
            Self::Peer { address, kind, .. } => (*address, *kind),
        };
        let (path, dialect) = match kind {
            Kind::Raw => (name.to_string(), Dialect::Bare),
            Kind::Terminado => (format!("/_websocket/{name}"), Dialect::Arrays),
            Kind::Product | Kind::NodePty | Kind::Bun => (format!("/{name}"), Dialect::Messages),
        };
        Ok(Place { address, path, dialect })
    }
}
