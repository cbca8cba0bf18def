//! `pilothouse serve`: the server alone.

use std::path::PathBuf;

use clap::Args;
use pilothouse_server::{
    Server,
    config::{Config, Source, load},
};

use crate::{
    failure::{CONFIG, Failure, UNAVAILABLE},
    output,
    signals::Shutdown,
};

/// What the server is told.
#[derive(Debug, Clone, Default, Args)]
#[command(
    after_help = "Every key of the configuration can also be set in the environment: timing.ping_interval is PILOTHOUSE_TIMING_PING_INTERVAL."
)]
pub(crate) struct ServeOptions {
    /// Address and port to listen on [default: 127.0.0.1:7717]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<String>,
    /// Where to keep data [default: `$XDG_DATA_HOME/pilothouse` or ~/.local/share/pilothouse]
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// A configuration file (TOML)
    #[arg(long, env = "PILOTHOUSE_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Set a key of the configuration, such as commands.timeout=10m; secrets belong into the file or the environment
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_and_value)]
    pub(crate) set: Vec<(String, String)>,
}

impl ServeOptions {
    /// Puts defaults, file, environment and flags together.
    pub(crate) fn config(&self) -> Result<Config, Failure> {
        let mut flags = self.set.clone();
        flags.extend(self.listen.iter().map(|listen| ("listen".to_owned(), listen.clone())));
        if let Some(path) = &self.data_dir {
            let path = path.to_str().ok_or_else(|| {
                Failure::new(CONFIG, "the data directory's name is not UTF-8; choose another")
            })?;
            flags.push(("data_dir".to_owned(), path.to_owned()));
        }
        load(&Source { file: self.config.clone(), environment: true, flags })
            .map_err(|error| Failure::new(CONFIG, error))
    }
}

/// Serves until Ctrl-C or SIGTERM.
pub(crate) async fn run(options: ServeOptions) -> Result<u8, Failure> {
    let shutdown = Shutdown::catch()?;
    let server = start(options.config()?).await?;
    output::say(&format!("listening on {}", server.url()));
    server.serve(shutdown.requested()).await;
    Ok(0)
}

/// Starts the server.
pub(crate) async fn start(config: Config) -> Result<Server, Failure> {
    Server::start(config).await.map_err(|error| Failure::new(UNAVAILABLE, error))
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write it like commands.timeout=10m")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}
