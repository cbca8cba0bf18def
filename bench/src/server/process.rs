//! A server's process: on its core, with a bounded start, and ended whatever happens.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::machine::SERVER_CORE;

/// How long a server may take to start.
pub(crate) const START: Duration = Duration::from_secs(15);

/// A child process that dies with this value.
pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Starts a program on the server's core.
    pub(crate) fn start(
        program: &str,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Result<Self> {
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", &SERVER_CORE.to_string(), program]).args(arguments);
        command.envs(environment.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let child =
            command.spawn().context("taskset (of util-linux) puts servers on their core")?;
        Ok(Self { child })
    }

    /// Its id; taskset becomes the program it starts.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has not ended by itself.
    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Asks it to end and waits for that, so that it can end what it started itself.
    pub(crate) fn end(&mut self) {
        let pid = i32::try_from(self.id()).ok().map(Pid::from_raw);
        // Fails only if it has ended by itself.
        let _ = pid.map(|pid| kill(pid, Signal::SIGTERM));
        let deadline = Instant::now() + START;
        while self.is_running() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for the line `ready VIEW_PORT PUBLISH_PORT`.
    pub(crate) fn ports(&mut self) -> Result<(u16, u16)> {
        let output = self.child.stdout.take().context("the output was taken before")?;
        let (send, receive) = mpsc::sync_channel(1);
        std::thread::spawn(move || {
            let mut line = String::new();
            // The line is empty if the process ended; whoever waits finds no ports in it.
            drop(BufReader::new(output).read_line(&mut line));
            drop(send.send(line));
        });
        let line = receive.recv_timeout(START).context("the server did not start in time")?;
        let words: Vec<&str> = line.split_whitespace().collect();
        ensure!(
            words.len() == 3 && words[0] == "ready",
            "the server did not start; it said {line:?}"
        );
        Ok((words[1].parse()?, words[2].parse()?))
    }

    /// Lets it print into nothing, so that it never waits for a reader.
    pub(crate) fn drain(&mut self) {
        if let Some(mut output) = self.child.stdout.take() {
            std::thread::spawn(move || drop(std::io::copy(&mut output, &mut std::io::sink())));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails only if it has ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
