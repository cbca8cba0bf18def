//! Pilothouse itself: the release build, a server and an agent on one core, terminals over their real doors.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{dialect::Dialect, place::Place};
use crate::server::{
    Process, START,
    product::{PROGRAM, Served, data_folder, serve, token},
};

/// What the agent is called.
const AGENT: &str = "bench";

/// A server, its agent and one session. They end with this value.
pub(super) struct Product {
    // The agent first: it ends before its server.
    agent: Process,
    served: Served,
    _agent_folder: TempDir,
    /// Where terminals begin: an ordinary folder, since those of the system are refused.
    _directory: TempDir,
    token: String,
    session: String,
}

impl Product {
    /// Starts both, and makes a session as soon as the agent is there.
    pub(super) fn start() -> Result<Self> {
        let served = serve(&[])?;
        let agent_folder = data_folder()?;
        let path = agent_folder.path().to_str().context("the folder's path is not UTF-8")?;
        let agent_token = token(served.folder.path(), &["--agent", AGENT])?;
        let server = format!("ws://{}", served.address);
        let arguments = ["agent", "--server", &server, "--id", AGENT, "--data-dir", path];
        let environment = [("PILOTHOUSE_TOKEN", agent_token.as_str()), ("SHELL", "/bin/sh")];
        let mut agent = Process::start(PROGRAM, &arguments, &environment)?;
        agent.drain();
        let token = token(served.folder.path(), &["--user", "bench", "--role", "operator"])?;
        let directory = tempfile::tempdir()?;
        let wanted = json!({ "type": "quick", "locationPath": directory.path(), "agentId": AGENT });
        let session = first_session(served.address, &token, &wanted, &mut agent)?;
        Ok(Self {
            agent,
            served,
            _agent_folder: agent_folder,
            _directory: directory,
            token,
            session,
        })
    }

    /// The process that serves.
    pub(super) fn server(&self) -> u32 {
        self.served.process.id()
    }

    /// The process that has the terminals.
    pub(super) fn agent(&self) -> u32 {
        self.agent.id()
    }

    /// Starts a shell in a new terminal.
    pub(super) fn terminal(&self) -> Result<Place> {
        let path = format!("/api/sessions/{}/workers", self.session);
        let wanted = json!({ "type": "terminal" });
        let (status, answer) = post(self.served.address, &path, &self.token, &wanted)?;
        let worker = answer["worker"]["id"].as_str();
        let worker = worker.with_context(|| format!("no terminal: {status} {answer}"))?;
        let door = format!("/ws/session/{}/worker/{worker}?token={}", self.session, self.token);
        Ok(Place { address: self.served.address, path: door, dialect: Dialect::Messages })
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        // Killed without a word, its witness would go on and wait for a server to report that to.
        self.agent.end();
    }
}

/// Asks for a session until the agent is online.
fn first_session(
    address: SocketAddr,
    token: &str,
    wanted: &Value,
    agent: &mut Process,
) -> Result<String> {
    let deadline = Instant::now() + START;
    loop {
        let (status, answer) = post(address, "/api/sessions", token, wanted)?;
        if let Some(session) = answer["session"]["id"].as_str() {
            return Ok(session.to_string());
        }
        ensure!(agent.is_running(), "the agent ended at once; start it by hand to see why");
        ensure!(Instant::now() < deadline, "no session: {status} {answer}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A request and its answer: the status, and the JSON if it is any.
fn post(address: SocketAddr, path: &str, token: &str, body: &Value) -> Result<(u16, Value)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(START))?;
    let body = body.to_string();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).with_context(|| format!("the answer to POST {path}"))?;
    let status = answer.split_whitespace().nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| anyhow!("no HTTP answer to POST {path}: {answer:?}"))?;
    let json =
        answer.find('{').zip(answer.rfind('}')).map_or("", |(start, end)| &answer[start..=end]);
    Ok((status, serde_json::from_str(json).unwrap_or_default()))
}
