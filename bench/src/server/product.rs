//! Pilothouse itself: the release build, its real doors, and agents whose commands print.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use pilothouse_protocols::agent_link::{
    VERSION,
    messages::{FromAgent, FromServer, Hello, Profile, Stream, StreamKind},
};

use tempfile::TempDir;

use super::{Kind, Process, Running, Speech, log_text, process::START};
use crate::generator::{Connection, LANE, Link, Publisher};

/// The release build.
pub(crate) const PROGRAM: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../target/release/pilothouse");

/// What a `terminal:output` has around its text, roughly; the rest is filled up.
const ENVELOPE: usize = 230;

/// Less text than this no message has.
const LEAST_TEXT: usize = 16;

/// The door of viewers.
pub(super) const VIEW: &str = "/ws/dashboard";

/// Starts it for viewers at that door.
pub(super) fn start_at(door: &str) -> Result<Running> {
    // One command per agent is asked for by one connection, which may do so ten times a minute by default.
    let environment = [
        ("PILOTHOUSE_COMMANDS_PER_MINUTE", "1000000"),
        ("PILOTHOUSE_LIMITS_MESSAGES_PER_SECOND", "1000000"),
    ];
    let Served { process, address, folder } = serve(&environment)?;
    let token = token(folder.path(), &["--user", "bench", "--role", "operator"])?;
    let path = Some(format!("{door}?token={token}"));
    let folder = Some(folder);
    Ok(Running { process, address, path, publish_address: address, folder, kind: Kind::Product })
}

/// A server of ours that listens. Ends with this value.
pub(crate) struct Served {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
    /// Its data.
    pub(crate) folder: TempDir,
}

/// Starts `pilothouse serve` and waits until it listens.
pub(crate) fn serve(environment: &[(&str, &str)]) -> Result<Served> {
    ensure!(
        Path::new(PROGRAM).exists(),
        "there is no release build; `cargo build --release -p pilothouse` makes it"
    );
    let address = free_address()?;
    let folder = data_folder()?;
    let listen = address.to_string();
    let path = folder.path().to_str().context("the folder's path is not UTF-8")?;
    let arguments = ["serve", "--listen", &listen, "--data-dir", path];
    let mut process = Process::start(PROGRAM, &arguments, environment)?;
    process.drain();
    wait_until_it_listens(address, &mut process)?;
    Ok(Served { process, address, folder })
}

/// A new folder for a server's data. In memory where that is possible: what is measured is fan-out,
/// and the disk of a machine that runs benchmarks says nothing.
pub(crate) fn data_folder() -> Result<TempDir> {
    let memory = Path::new("/dev/shm");
    let place = if memory.exists() { memory.to_path_buf() } else { std::env::temp_dir() };
    Ok(tempfile::Builder::new().prefix("pilothouse-bench-").tempdir_in(place)?)
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

fn wait_until_it_listens(address: SocketAddr, process: &mut Process) -> Result<()> {
    let deadline = Instant::now() + START;
    while TcpStream::connect(address).is_err() {
        ensure!(process.is_running(), "the server ended at once; start it by hand to see why");
        ensure!(Instant::now() < deadline, "the server did not start in time");
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// Has a token printed by the server's own command.
pub(crate) fn token(folder: &Path, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(PROGRAM);
    command.arg("token").args(arguments).arg("--data-dir").arg(folder);
    let output = command.output()?;
    ensure!(output.status.success(), "no token: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.trim().to_string())
}

pub(super) fn publishers(running: &Running, speech: Speech) -> Result<Vec<Box<dyn Publisher>>> {
    let path = running.path.as_deref().unwrap_or(VIEW);
    let mut person = Connection::open(running.address, path)?;
    let output = log_text(speech.size.saturating_sub(ENVELOPE).max(LEAST_TEXT)).into_bytes();
    let mut publishers: Vec<Box<dyn Publisher>> = Vec::new();
    for number in 0..speech.publishers {
        let agent = format!("bench-{number}");
        publishers.push(Box::new(link(running, &agent, &mut person, output.clone())?));
    }
    Ok(publishers)
}

/// Links an agent, asks it as a person to run a command, and lets it begin to print.
fn link(running: &Running, agent: &str, person: &mut Connection, output: Vec<u8>) -> Result<Link> {
    let folder = running.folder.as_ref().context("the product has a folder")?.path();
    let token = token(folder, &["--agent", agent])?;
    let mut link = Connection::open(running.address, &format!("/ws/agent?token={token}"))?;
    say(&mut link, &FromAgent::Hello(Box::new(hello(agent))))?;
    let credit = link.expect("welcome", |text| match serde_json::from_str(text) {
        Ok(FromServer::Welcome(welcome)) => Some(Ok(welcome.credit)),
        Ok(FromServer::Refused { reason, .. }) => Some(Err(anyhow::anyhow!(reason))),
        _ => None,
    })??;
    person.send_text(
        &serde_json::json!({
            "version": "1.0.0",
            "type": "command:request",
            "timestamp": 0,
            "payload": { "agentId": agent, "command": "bench", "priority": "normal" },
        })
        .to_string(),
    )?;
    let command = link.expect("start", |text| match serde_json::from_str(text) {
        Ok(FromServer::Start(start)) => Some(start.command),
        _ => None,
    })?;
    let stream = Stream { kind: StreamKind::Command, id: command.clone(), epoch: 0 };
    say(&mut link, &FromAgent::Lane { lane: LANE, stream, position: 0, sequence: 1 })?;
    say(&mut link, &FromAgent::Started { command: command.clone(), at: 0 })?;
    person.expect("running", |text| {
        (text.contains("running") && text.contains(&command)).then_some(())
    })?;
    if credit < output.len() as u64 {
        bail!("the server gives an agent credit for {credit} bytes only");
    }
    Ok(Link::new(link.into_stream(), output, credit))
}

fn say(link: &mut Connection, message: &FromAgent) -> Result<()> {
    link.send_text(&serde_json::to_string(message)?)
}

fn hello(agent: &str) -> Hello {
    Hello {
        version: VERSION,
        oldest: None,
        features: Vec::new(),
        key: None,
        witness: false,
        agent: agent.to_string(),
        incarnation: "bench".to_string(),
        profile: Profile {
            name: None,
            agent_type: "shell".to_string(),
            version: String::new(),
            platform: String::new(),
            host: String::new(),
            capabilities: vec!["commands".to_string()],
        },
        commands: Vec::new(),
        workers: Vec::new(),
        browsers: Vec::new(),
        runs: Vec::new(),
    }
}
