//! One file per subcommand.

pub(crate) mod agent;
pub(crate) mod agents;
pub(crate) mod attach;
mod attachable;
pub(crate) mod browser;
pub(crate) mod budget;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod control;
pub(crate) mod doctor;
pub(crate) mod down;
pub(crate) mod exec;
mod fleet;
pub(crate) mod keys;
mod listing;
pub(crate) mod login;
pub(crate) mod man;
pub(crate) mod message;
pub(crate) mod presets;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod serve;
pub(crate) mod sessions;
pub(crate) mod status;
pub(crate) mod token;
pub(crate) mod up;
pub(crate) mod user;
pub(crate) mod webhooks;
pub(crate) mod witness;
pub(crate) mod workers;

use crate::{
    cli::{Cli, Command},
    failure::{Failure, USAGE},
    output,
};

/// Does what the command line says; the exit code if it could be done.
pub(crate) async fn run(cli: Cli) -> Result<u8, Failure> {
    match cli.command.unwrap_or_else(|| Command::Up(up::UpOptions::default())) {
        Command::Up(options) => up::run(options).await,
        Command::Serve(options) => serve::run(options).await,
        Command::Agent(options) => agent::run(options).await,
        Command::Witness => witness::run().await,
        Command::Agents(options) => agents::run(options).await,
        Command::Pause(options) => control::pause(options).await,
        Command::Resume(options) => control::resume(options).await,
        Command::Stop(options) => control::stop(options).await,
        Command::Restart(options) => control::restart(options).await,
        Command::EmergencyStop(options) => control::emergency_stop(options).await,
        Command::Message(options) => message::run(options).await,
        Command::Budget(options) => budget::run(options).await,
        Command::Presets(options) => presets::run(options).await,
        Command::Token(options) => token::run(&options),
        Command::Keys(options) => keys::run(options).await,
        Command::Webhooks(options) => webhooks::run(options).await,
        Command::Exec(options) => exec::run(options).await,
        Command::Attach(options) => attach::run(options).await,
        Command::Browser(options) => browser::run(options).await,
        Command::Run(options) => run::run(options).await,
        Command::Runs(options) => runs::run(options).await,
        Command::Replay(options) => run::replay(options).await,
        Command::Sessions(options) => sessions::run(options).await,
        Command::Workers(options) => workers::run(options).await,
        Command::Status(options) => status::run(options).await,
        Command::Login(options) => login::run(options).await,
        Command::Logout(options) => login::leave(options).await,
        Command::User(options) => user::run(options).await,
        Command::Down(options) => down::run(&options),
        Command::Config(options) => config::run(&options),
        Command::Doctor(options) => doctor::run(options).await,
        Command::Completions(options) => completions::run(&options),
        Command::Man(options) => man::run(&options),
        Command::Openapi => {
            output::text(pilothouse_server::openapi())?;
            Ok(0)
        }
        Command::Asyncapi { protocol } => {
            let document = pilothouse_server::asyncapi(&protocol).ok_or_else(|| {
                Failure::new(USAGE, "there is no such protocol; see pilothouse asyncapi --help")
            })?;
            output::text(document)?;
            Ok(0)
        }
    }
}
