//! `pilothouse serve`: the server alone.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use pilothouse_server::{
    Server, StartError,
    config::{Config, Loaded, Source, load},
};

use crate::{
    failure::{CONFIG, Failure, UNAVAILABLE},
    output, page,
    service::Supervisor,
    signals::Shutdown,
};

/// What the server is told. The same for all commands that need a server's configuration.
#[derive(Debug, Clone, Default, Args)]
#[command(
    after_help = "Every key of the configuration can also be set in the environment: timing.ping_interval is
PILOTHOUSE_TIMING_PING_INTERVAL. `pilothouse config --keys` explains all keys.

Examples:
  pilothouse serve --listen 0.0.0.0:7717 --data-dir /var/lib/pilothouse
  pilothouse serve --config pilothouse.toml --set commands.timeout=10m
  PILOTHOUSE_DATABASE_URL_FILE=/run/secrets/database pilothouse serve

Exit codes:
  0 ended by Ctrl-C or SIGTERM   64 wrong usage   69 cannot start (port, data directory, database)
  78 wrong configuration"
)]
pub(crate) struct ServeOptions {
    /// Address and port to listen on [default: 127.0.0.1:7717]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<String>,
    /// Where to keep data [default: `$XDG_DATA_HOME/pilothouse` or ~/.local/share/pilothouse]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) data_dir: Option<PathBuf>,
    /// A configuration file (TOML) [default: ~/.config/pilothouse/pilothouse.toml or /etc/pilothouse/pilothouse.toml, if there is one]
    #[arg(long, env = "PILOTHOUSE_CONFIG", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
    /// Set a key of the configuration, such as commands.timeout=10m; secrets belong into the file or the environment
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_and_value)]
    pub(crate) set: Vec<(String, String)>,
}

impl ServeOptions {
    /// Puts defaults, file, environment and flags together.
    pub(crate) fn config(&self) -> Result<Config, Failure> {
        Ok(self.load()?.config)
    }

    /// The same, with where each value came from. Says what it wonders about.
    pub(crate) fn load(&self) -> Result<Loaded, Failure> {
        let loaded = self.load_silently()?;
        for warning in &loaded.warnings {
            output::complain(warning);
        }
        Ok(loaded)
    }

    /// The same for those who tell the warnings themselves.
    pub(crate) fn load_silently(&self) -> Result<Loaded, Failure> {
        let mut flags = self.set.clone();
        flags.extend(self.listen.iter().map(|listen| ("listen".to_owned(), listen.clone())));
        if let Some(path) = &self.data_dir {
            let path = path.to_str().ok_or_else(|| {
                Failure::new(CONFIG, "the data directory's name is not UTF-8; choose another")
            })?;
            flags.push(("data_dir".to_owned(), path.to_owned()));
        }
        let file = self.config.clone().filter(|path| !path.as_os_str().is_empty());
        load(&Source { file, environment: true, flags })
            .map_err(|error| Failure::new(CONFIG, error))
    }
}

/// Serves until Ctrl-C or SIGTERM.
pub(crate) async fn run(options: ServeOptions) -> Result<u8, Failure> {
    let shutdown = Shutdown::catch()?;
    let server = start(options.config()?).await?;
    let place = format!("listening on {}", server.url());
    output::say(&place);
    if !server.has_people() {
        let code = server.one_time_code().map_err(|error| Failure::io(&error))?;
        output::say(&format!(
            "Nobody has an account yet. To make the first one, open {}/#code={code} (good once and not for long), or \
             run `pilothouse user add` here.",
            server.url()
        ));
    }
    let supervisor = Supervisor::of_process();
    supervisor.ready(&place);
    tokio::select! {
        () = shutdown.requested() => {}
        () = supervisor.keep_alive(|within| server.answers(within)) => {}
    }
    supervisor.stopping();
    server.stop().await;
    Ok(0)
}

/// Starts the server.
pub(crate) async fn start(config: Config) -> Result<Server, Failure> {
    Server::start(config, page::built()).await.map_err(|error| {
        let code = match &error {
            StartError::Key(_) | StartError::Secret(_) => CONFIG,
            _ => UNAVAILABLE,
        };
        Failure::new(code, error)
    })
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write it like commands.timeout=10m")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}
