//! The command line: what there is to say, and the help about it.

use clap::{Parser, Subcommand};

use crate::{
    commands::{
        agent::AgentOptions,
        agents::AgentsOptions,
        attach::AttachOptions,
        browser::BrowserOptions,
        budget::BudgetOptions,
        completions::CompletionOptions,
        config::ConfigOptions,
        control::{EmergencyOptions, OneAgent, StopOptions},
        doctor::DoctorOptions,
        down::DownOptions,
        exec::ExecOptions,
        keys::KeysOptions,
        login::{LoginOptions, LogoutOptions},
        man::ManOptions,
        message::MessageOptions,
        presets::PresetsOptions,
        run::{ReplayOptions, RunOptions},
        runs::RunsOptions,
        serve::ServeOptions,
        sessions::SessionsOptions,
        status::StatusOptions,
        token::TokenCommand,
        up::UpOptions,
        user::UserOptions,
        webhooks::WebhooksOptions,
        workers::WorkersOptions,
    },
    logs::LogOptions,
};

const EXAMPLES: &str = "\
Examples:
  pilothouse                                   server, agent and web page on this machine
  pilothouse exec local -- 'make test | tail'  run a command, see its output, get its exit code
  pilothouse agents --watch                    who is there, what runs, what waits for you
  pilothouse sessions new ~/shop --terminal     a shell in a folder; `attach` opens it
  pilothouse run 'find red shoes in size 42'   a browser task, step by step; `runs` lists them
  pilothouse token --agent build-01            a token for an agent on another machine
  pilothouse doctor                            what is wrong, and what to do

Exit codes:
  0 done   64 wrong usage   69 server or agent not there   74 cannot read or write
  75 try later (agent offline, queue full, rate limit)   76 protocol error
  77 token refused   78 wrong configuration   (exec and run have more: see their --help)";

const STATUS_EXAMPLES: &str = "\
Examples:
  pilothouse status
  pilothouse status --server http://pilot.example:7717 --token-file token --json";

const PAUSE_EXAMPLES: &str = "\
Examples:
  pilothouse pause build-01
  pilothouse resume build-01";

const RESUME_EXAMPLES: &str = "\
Examples:
  pilothouse resume build-01";

const RESTART_EXAMPLES: &str = "\
Its commands and terminals end with its old life; its queue waits for the new one.

Examples:
  pilothouse restart build-01

Exit codes:
  0 it is back   69 no such agent, or no server   75 it is offline, or did not come back in time";

/// One server from which people steer AI agents: see every agent, run commands, follow their output.
#[derive(Debug, Parser)]
#[command(name = "pilothouse", version, after_help = EXAMPLES, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) logs: LogOptions,
    /// What to do; `up` if nothing is said
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a server and an agent on this machine and print a link to open (the default)
    Up(UpOptions),
    /// Run a server
    Serve(ServeOptions),
    /// Run an agent that a server may send commands to
    Agent(AgentOptions),
    /// See the agent at the other end of stdin die, and report what it left
    #[command(hide = true)]
    Witness,
    /// Print a token, signed with the secret of this machine's server
    Token(TokenCommand),
    /// List keys of agents, make them, revoke them
    Keys(KeysOptions),
    /// List webhooks, make them, try them, take them away
    Webhooks(WebhooksOptions),
    /// Run a command on an agent and pass on its output and exit code
    Exec(ExecOptions),
    /// List command lines kept under a name, keep them, run them
    Presets(PresetsOptions),
    /// Open a worker's terminal in this one
    Attach(AttachOptions),
    /// List sessions, make them, take them away
    Sessions(SessionsOptions),
    /// List browsers, open a session's, send it somewhere, close it
    Browser(BrowserOptions),
    /// Have a browser task done by an agent, watch it, answer it, get its outcome
    Run(RunOptions),
    /// List runs, look at one, come back to it, pause, answer, approve, cancel it
    Runs(RunsOptions),
    /// Do an ended run again
    Replay(ReplayOptions),
    /// List a session's workers, add them, restart them, take them away
    Workers(WorkersOptions),
    /// Show agents: what each runs, what waits, what holds it, and what waits for a person
    Agents(AgentsOptions),
    /// Start nothing more of an agent's queue; what runs goes on
    #[command(after_help = PAUSE_EXAMPLES)]
    Pause(OneAgent),
    /// Let an agent go on that was paused or stopped
    #[command(after_help = RESUME_EXAMPLES)]
    Resume(OneAgent),
    /// End every process of an agent and start nothing more
    Stop(StopOptions),
    /// Have an agent begin a new life, and wait until it is back
    #[command(after_help = RESTART_EXAMPLES)]
    Restart(OneAgent),
    /// End every process of all agents and start nothing more
    EmergencyStop(EmergencyOptions),
    /// Type a message into a worker, and Enter after it
    Message(MessageOptions),
    /// Show or limit what an agent may do in an hour
    Budget(BudgetOptions),
    /// Show agents, queues and what runs
    #[command(after_help = STATUS_EXAMPLES)]
    Status(StatusOptions),
    /// Sign in at a server; the other commands then need no token
    Login(LoginOptions),
    /// Sign out, and forget the token
    Logout(LogoutOptions),
    /// List people, add them, change what they may do, take them away
    User(UserOptions),
    /// End the agent that `up` started
    Down(DownOptions),
    /// Look at what usually goes wrong and say what to do
    Doctor(DoctorOptions),
    /// Print the configuration that counts and where it came from, check a file, list all keys
    Config(ConfigOptions),
    /// Print completions for a shell
    Completions(CompletionOptions),
    /// Print manual pages
    Man(ManOptions),
    /// Print the document that describes the REST interface, as a server shows it at /api/openapi.json
    #[command(hide = true)]
    Openapi,
    /// Print the document that describes a protocol, as a server shows it at /api/asyncapi/PROTOCOL.json
    #[command(hide = true)]
    Asyncapi {
        /// `dashboard`, `mission_control`, `sessions_and_workers`, `runs`, `control_and_stream`, `live_pictures` or
        /// `agent_link`
        protocol: String,
    },
}

#[cfg(test)]
#[path = "cli_tests.rs"]
mod tests;
