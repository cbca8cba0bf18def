//! The servers that we are compared with. All relay what a publisher sends.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use anyhow::{Context, Result};

use super::{Kind, Process, Running, Speech, log_text};
use crate::generator::{Connection, Publisher, Repeater, client_message, server_message};

/// Where the programs in JavaScript and their packages are.
pub(crate) const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers");

/// Bun's program inside its npm package.
const BUN: &str = "node_modules/@oven/bun-linux-x64/bin/bun";

/// Bun's program for machines without AVX2.
const BUN_BASELINE: &str = "node_modules/@oven/bun-linux-x64-baseline/bin/bun";

const TEXT: u8 = 1;

/// The program of Bun that runs on this machine.
pub(crate) fn bun() -> String {
    let usual = format!("{FOLDER}/{BUN}");
    if std::path::Path::new(&usual).exists() { usual } else { format!("{FOLDER}/{BUN_BASELINE}") }
}

pub(super) fn start(kind: Kind, is_deflated: bool) -> Result<Running> {
    let own = std::env::current_exe()?;
    let own = own.to_str().context("the path of this program is not UTF-8")?;
    let bun = bun();
    let (node_peer, bun_peer) = (format!("{FOLDER}/ws.mjs"), format!("{FOLDER}/bun.mjs"));
    let (program, mut arguments) = match kind {
        Kind::Ws => ("node", vec![node_peer.as_str()]),
        Kind::Bun => (bun.as_str(), vec![bun_peer.as_str()]),
        Kind::Axum => (own, vec!["peer", "axum"]),
        Kind::Raw | Kind::Product => (own, vec!["peer", "raw"]),
    };
    if is_deflated {
        arguments.push("--deflate");
    }
    let mut process = Process::start(program, &arguments, &[])?;
    let (view, publish) = process
        .ports()
        .with_context(|| format!("{}; `npm ci` in bench/peers may help", kind.name()))?;
    let at = |port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let path = (kind != Kind::Raw).then(|| "/view".to_string());
    Ok(Running {
        process,
        address: at(view),
        path,
        publish_address: at(publish),
        folder: None,
        kind,
    })
}

pub(super) fn publishers(running: &Running, speech: Speech) -> Result<Vec<Box<dyn Publisher>>> {
    let payload = log_text(speech.size);
    let mut publishers: Vec<Box<dyn Publisher>> = Vec::new();
    for _ in 0..speech.publishers {
        publishers.push(Box::new(if running.kind == Kind::Raw {
            let stream = TcpStream::connect(running.publish_address)?;
            stream.set_nodelay(true)?;
            Repeater::new(stream, server_message(TEXT, payload.as_bytes()))
        } else {
            let connection = Connection::open(running.publish_address, "/publish")?;
            Repeater::new(connection.into_stream(), client_message(TEXT, payload.as_bytes()))
        }));
    }
    Ok(publishers)
}
