//! Watches a fleet until Ctrl-C: `cargo run -p pilothouse-client --example watch -- http://127.0.0.1:7717 TOKEN`
#![expect(clippy::print_stdout, reason = "an example shows what it sees")]

use anyhow::Context;
use pilothouse_client::{Dashboard, Event, ServerMessage};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (server, token) = arguments.next().zip(arguments.next()).context("say SERVER and TOKEN")?;
    let mut dashboard = Dashboard::connect(&server, &token).await?;
    loop {
        match dashboard.next().await? {
            Event::Message(ServerMessage::AgentList(list)) => {
                for agent in list.agents {
                    println!("{} is {:?}", agent.agent_id, agent.status);
                }
            }
            Event::Message(ServerMessage::AgentStatus(agent)) => {
                println!("{} is {:?}", agent.agent_id, agent.status);
            }
            Event::Message(ServerMessage::CommandStatus(status)) => {
                println!("{} on {}: {:?}", status.command_id, status.agent_id, status.status);
            }
            Event::Message(ServerMessage::TerminalOutput(output)) => print!("{}", output.data),
            Event::Gap(gap) => println!("[{}: {}]", gap.command_id, gap.reason),
            Event::Connected { connection_id } => println!("connected as {connection_id}"),
            Event::Reconnecting(attempt) => {
                println!("{}; attempt {} in {:?}", attempt.reason, attempt.attempt, attempt.wait);
            }
            _ => {}
        }
    }
}
