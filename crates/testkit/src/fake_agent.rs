//! An agent without terminals: it answers calls with the real file system and the real git, and says of workers
//! only that they started and ended. It does runs if it is told to, as far as its test says so.

use std::{
    net::{Shutdown, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    sync::mpsc,
    thread::JoinHandle,
};

use serde_json::{Value, json};

use crate::{
    program::{PATIENCE, Server},
    viewer::{Received, Upgrade, Viewer, send_text},
};

/// What differs from an agent that does all that is asked.
#[derive(Debug, Clone, Default)]
pub struct Manner {
    /// What it takes for the home of its user.
    pub home: PathBuf,
    /// It does not answer calls.
    pub is_silent: bool,
    /// It does not say that workers ended.
    pub keeps_workers: bool,
    /// It does runs, and has these from before.
    pub runs: Option<Vec<String>>,
}

/// A linked agent. Its link is cut when it is dropped.
pub struct FakeAgent {
    stream: TcpStream,
    thread: Option<JoinHandle<()>>,
    heard: mpsc::Receiver<Value>,
}

impl FakeAgent {
    /// Links an agent to a server.
    pub fn link(server: &Server, id: &str, manner: Manner) -> Self {
        let token = server.agent_token(id);
        let upgrade = Upgrade::to(format!("/ws/agent?token={token}"));
        let mut viewer = upgrade.send(server.address()).expect("the token is good");
        viewer.send(&hello(id, &manner));
        let welcome = viewer.expect_that(|message| message["type"] == "welcome");
        let stream = viewer.stream().try_clone().expect("a socket can be shared");
        let (tell, heard) = mpsc::channel();
        let _ = tell.send(welcome);
        let thread = std::thread::spawn(move || serve(&mut viewer, &manner, &tell));
        Self { stream, thread: Some(thread), heard }
    }

    /// The next message of that type from the server; others are skipped.
    pub fn expect(&self, kind: &str) -> Value {
        loop {
            let message = self.heard.recv_timeout(PATIENCE).expect("the server says it in time");
            if message["type"] == kind {
                return message;
            }
        }
    }

    /// Says something of its own accord.
    pub fn say(&self, message: &Value) {
        send_text(&self.stream, &message.to_string()).expect("the server reads");
    }

    /// Cuts the link.
    pub fn cut(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for FakeAgent {
    fn drop(&mut self) {
        self.cut();
    }
}

fn hello(id: &str, manner: &Manner) -> Value {
    let mut hello = json!({
        "type": "hello", "version": 2, "agent": id, "incarnation": "i-1",
        "profile": {"agentType": "shell", "capabilities": ["terminals"]},
    });
    if let Some(runs) = &manner.runs {
        hello["features"] = json!(["runs"]);
        hello["profile"]["capabilities"] = json!(["terminals", "browser"]);
        hello["runs"] = runs.iter().map(|run| json!({"run": run})).collect();
    }
    hello
}

fn serve(viewer: &mut Viewer, manner: &Manner, tell: &mpsc::Sender<Value>) {
    while let Received::Text(text) = viewer.receive() {
        let message: Value = serde_json::from_str(&text).expect("messages are JSON");
        for answer in answers(&message, manner) {
            viewer.send(&answer);
        }
        let _ = tell.send(message);
    }
}

fn answers(message: &Value, manner: &Manner) -> Vec<Value> {
    let stream = &message["stream"];
    match message["type"].as_str() {
        Some("spawn") => vec![json!({"type": "workerStarted", "stream": stream})],
        Some("endWorker" | "forgetWorker") if !manner.keeps_workers => {
            vec![json!({"type": "workerEnded", "stream": stream, "code": 129, "endedAt": 0})]
        }
        Some("request") if !manner.is_silent => {
            let answer = match message["ask"].as_str() {
                Some("stat") => Ok(stat(message["path"].as_str().unwrap_or_default(), manner)),
                _ => git(message),
            };
            let (name, content) = match answer {
                Ok(content) => ("ok", content),
                Err(reason) => ("error", json!({"code": "NOT_FOUND", "reason": reason})),
            };
            vec![json!({"type": "response", "id": message["id"], name: content})]
        }
        _ => Vec::new(),
    }
}

fn stat(path: &str, manner: &Manner) -> Value {
    let place = match path.strip_prefix("~/") {
        Some(rest) => manner.home.join(rest),
        None => PathBuf::from(path),
    };
    let Ok(real) = place.canonicalize() else {
        return json!({"kind": "missing", "realPath": path});
    };
    let kind = if real.is_dir() { "directory" } else { "file" };
    json!({"kind": kind, "realPath": real})
}

fn git(message: &Value) -> Result<Value, String> {
    let arguments = message["arguments"].as_array().cloned().unwrap_or_default();
    let arguments = arguments.iter().map(|argument| argument.as_str().unwrap_or_default());
    let directory = message["directory"].as_str().unwrap_or("/");
    if !Path::new(directory).is_dir() {
        return Err(format!("there is no directory at {directory}"));
    }
    let output = Command::new("git").arg("-C").arg(directory).args(arguments).output();
    let output = output.expect("git is installed");
    Ok(json!({
        "code": output.status.code(),
        "output": String::from_utf8_lossy(&output.stdout),
        "complaint": String::from_utf8_lossy(&output.stderr),
    }))
}
