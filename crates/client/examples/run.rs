//! Runs one command on an agent and exits with its code, over whatever happens to the connection:
//! `cargo run -p pilothouse-client --example run -- http://127.0.0.1:7717 TOKEN AGENT 'make test'`
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example shows what it sees")]

use std::{process::ExitCode, time::Duration};

use anyhow::Context;
use pilothouse_client::{
    Dashboard, Event, Follow, RunOptions, ServerMessage, messages::OutputStream,
};

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [server, token, agent, line] = &arguments[..] else {
        anyhow::bail!("say SERVER, TOKEN, AGENT and the command line");
    };
    let builder = Dashboard::builder(server).token(token).follow(Follow::Own);
    let mut dashboard = builder.give_up_after(Duration::from_secs(300)).connect().await?;
    let command = dashboard.run(agent, line, RunOptions::default()).await?;
    loop {
        match dashboard.next().await.context("the command goes on without us")? {
            Event::Message(ServerMessage::TerminalOutput(output))
                if output.command_id == command =>
            {
                match output.stream {
                    OutputStream::Stdout => print!("{}", output.data),
                    OutputStream::Stderr => eprint!("{}", output.data),
                }
            }
            Event::Message(ServerMessage::CommandStatus(status))
                if status.command_id == command && status.status.is_final() =>
            {
                let code = status.exit_code.and_then(|code| u8::try_from(code).ok());
                return Ok(code.map_or(ExitCode::FAILURE, ExitCode::from));
            }
            Event::Gap(gap) if gap.command_id == command => {
                eprintln!("[output is missing here: {}]", gap.reason);
            }
            _ => {}
        }
    }
}
