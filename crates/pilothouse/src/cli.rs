//! The command line: what there is to say, and the help about it.

use clap::{Parser, Subcommand};

use crate::{
    commands::{
        agent::AgentOptions,
        attach::AttachOptions,
        completions::CompletionOptions,
        config::ConfigOptions,
        doctor::DoctorOptions,
        down::DownOptions,
        exec::ExecOptions,
        keys::KeysOptions,
        login::{LoginOptions, LogoutOptions},
        man::ManOptions,
        serve::ServeOptions,
        sessions::SessionsOptions,
        status::StatusOptions,
        token::TokenCommand,
        up::UpOptions,
        user::UserOptions,
        workers::WorkersOptions,
    },
    logs::LogOptions,
};

const EXAMPLES: &str = "\
Examples:
  pilothouse                                   server, agent and web page on this machine
  pilothouse exec local -- 'make test | tail'  run a command, see its output, get its exit code
  pilothouse status                            who is there and what runs
  pilothouse sessions new ~/shop --terminal     a shell in a folder; `attach` opens it
  pilothouse token --agent build-01            a token for an agent on another machine
  pilothouse doctor                            what is wrong, and what to do

Exit codes:
  0 done   64 wrong usage   69 server or agent not there   74 cannot read or write
  75 try later (agent offline, queue full, rate limit)   76 protocol error
  77 token refused   78 wrong configuration   (exec has more: see pilothouse exec --help)";

const STATUS_EXAMPLES: &str = "\
Examples:
  pilothouse status
  pilothouse status --server http://pilot.example:7717 --token-file token --json";

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
    /// Run a command on an agent and pass on its output and exit code
    Exec(ExecOptions),
    /// Open a worker's terminal in this one
    Attach(AttachOptions),
    /// List sessions, make them, take them away
    Sessions(SessionsOptions),
    /// List a session's workers, add them, restart them, take them away
    Workers(WorkersOptions),
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
        /// `dashboard`, `mission_control`, `sessions_and_workers` or `agent_link`
        protocol: String,
    },
}

#[cfg(test)]
#[path = "cli_tests.rs"]
mod tests;
