//! Finds the server and a token: flags, then the environment, then this machine's data directory.

use std::{
    future::ready,
    io::Read,
    path::PathBuf,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use clap::{Args, ValueHint};
use pilothouse_client::{Builder, Dashboard};
use pilothouse_core::{Role, time::Timestamp};
use pilothouse_server::{
    auth::{
        secret::Secret,
        tokens::{Grant, Signer},
    },
    config::{Config, Source, load},
    place,
};

use crate::{
    failure::{CONFIG, Failure, IO, NOT_ALLOWED, USAGE},
    saved_login::{self, SavedLogin},
};

/// How long a token lives that the command line signs for itself.
const OWN_TOKEN: Duration = Duration::from_secs(15 * 60);

/// Where the data of this machine's server is.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct DataDir {
    /// Where the server keeps its data [default: `$XDG_DATA_HOME/pilothouse` or ~/.local/share/pilothouse]
    #[arg(long, env = "PILOTHOUSE_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

impl DataDir {
    pub(crate) fn path(&self) -> Result<PathBuf, Failure> {
        match &self.data_dir {
            Some(path) => Ok(path.clone()),
            None => Ok(self.config()?.data_dir),
        }
    }

    /// The configuration of this machine's server.
    fn config(&self) -> Result<Config, Failure> {
        let loaded = load(&Source { environment: true, ..Source::default() });
        let config = loaded.map_err(|error| Failure::new(CONFIG, error))?.config;
        let data_dir = self.data_dir.clone().unwrap_or(config.data_dir);
        Ok(Config { data_dir, ..config })
    }
}

/// A token, one way or another.
#[derive(Clone, Default, Args)]
pub(crate) struct TokenOptions {
    /// The token; `-` reads it from stdin. Others see command lines: prefer the file or the environment
    #[arg(long, env = "PILOTHOUSE_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub(crate) token: Option<String>,
    /// A file with the token in it [env: `PILOTHOUSE_TOKEN_FILE`]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) token_file: Option<PathBuf>,
}

/// The token is not for logs.
impl std::fmt::Debug for TokenOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenOptions").field("token_file", &self.token_file).finish_non_exhaustive()
    }
}

impl TokenOptions {
    /// The file that the token comes from, if it comes from one.
    fn file(&self) -> Option<PathBuf> {
        let variable = std::env::var_os("PILOTHOUSE_TOKEN_FILE").filter(|name| !name.is_empty());
        let by_variable = variable.map(PathBuf::from).filter(|_| self.token.is_none());
        self.token_file.clone().or(by_variable)
    }

    /// The token that was given, if any was: flags, then the environment.
    pub(crate) fn given(&self) -> Result<Option<String>, Failure> {
        let exported = std::env::var_os("PILOTHOUSE_TOKEN");
        // The variable fills the flag in, and what hides a token reads it from stdin; neither contradicts a file.
        let is_flag = |token: &str| token != "-" && exported.as_deref() != Some(token.as_ref());
        if self.token_file.is_some() && self.token.as_deref().is_some_and(is_flag) {
            return Err(Failure::new(USAGE, "give --token or --token-file, not both"));
        }
        let text = match (&self.file(), self.token.as_deref()) {
            (Some(path), _) => Some(std::fs::read_to_string(path).map_err(|error| {
                Failure::new(IO, format!("cannot read the token in {}: {error}", path.display()))
            })?),
            (None, Some("-")) => {
                let mut text = String::new();
                std::io::stdin().read_to_string(&mut text).map_err(|error| Failure::io(&error))?;
                Some(text)
            }
            (None, token) => token.map(str::to_owned),
        };
        Ok(text.map(|text| text.trim().to_owned()))
    }
}

/// Whose certificates count.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct TrustOptions {
    /// A PEM file with the authorities that may vouch for the server, instead of this machine's
    #[arg(long = "ca", env = "PILOTHOUSE_CA_FILE", value_name = "FILE")]
    pub(crate) authorities: Option<PathBuf>,
}

/// Which server to talk to, and as whom.
#[derive(Debug, Clone, Args)]
pub(crate) struct Access {
    /// The server [default: the one on this machine]
    #[arg(long, env = "PILOTHOUSE_SERVER", value_name = "URL")]
    pub(crate) server: Option<String>,
    #[command(flatten)]
    pub(crate) token: TokenOptions,
    #[command(flatten)]
    pub(crate) trust: TrustOptions,
    #[command(flatten)]
    pub(crate) data_dir: DataDir,
}

impl Access {
    /// The server that was named, or the one that runs here, or the one that somebody signed in at, or the one
    /// that would run here.
    pub(crate) fn server(&self) -> String {
        self.server.clone().unwrap_or_else(|| {
            let config = self.data_dir.config().unwrap_or_default();
            let running = place::of_running(&config.data_dir);
            running.or_else(saved_login::newest_server).unwrap_or_else(|| config.url())
        })
    }

    /// How to connect without showing a token.
    pub(crate) fn without_token(&self) -> Builder {
        self.trusting(Dashboard::builder(&self.server()).without_token())
    }

    fn trusting(&self, builder: Builder) -> Builder {
        match &self.trust.authorities {
            Some(file) => builder.authorities(file),
            None => builder,
        }
    }

    /// How to connect as a dashboard.
    pub(crate) fn dashboard(&self) -> Result<Builder, Failure> {
        self.connection(Role::Operator)
    }

    /// The same for those who administer people; on the server's own machine that needs no token either.
    pub(crate) fn administration(&self) -> Result<Builder, Failure> {
        self.connection(Role::Admin)
    }

    fn connection(&self, role: Role) -> Result<Builder, Failure> {
        let server = self.server();
        let builder = Dashboard::builder(&server);
        let builder = match (self.token.given()?, self.token.file()) {
            // Somebody may put a newer token into the file while we run.
            (Some(_), Some(_)) => {
                let options = self.token.clone();
                builder.token_source(move || ready(reread(&options)))
            }
            (Some(token), None) => builder.token(token),
            (None, _) if saved_login::is_there(&server) => {
                let login = SavedLogin::new(&server, self.without_token());
                builder.token_source(move || login.clone().token())
            }
            (None, _) => {
                let config = self.data_dir.config()?;
                own_token(&config, role)?;
                let sign = move || own_token(&config, role).map_err(|failure| failure.sentence);
                builder.token_source(move || ready(sign()))
            }
        };
        Ok(self.trusting(builder))
    }
}

fn reread(options: &TokenOptions) -> Result<String, String> {
    let token = options.given().map_err(|failure| failure.sentence)?;
    token.ok_or_else(|| "the file is empty".to_owned())
}

/// Whoever can read the secret of this machine's server may do everything anyway.
fn own_token(config: &Config, role: Role) -> Result<String, Failure> {
    let configured = config.auth_secret.clone();
    let secret =
        configured.map_or_else(|| Secret::read(&config.data_dir), Ok).map_err(|error| {
            let advice = "sign in with `pilothouse login`, or give a token with --token-file or PILOTHOUSE_TOKEN";
            Failure::new(NOT_ALLOWED, format!("no token was given and {error}; {advice}"))
        })?;
    let user = std::env::var_os("USER").and_then(|user| user.into_string().ok());
    // Administration goes on even if somebody of that name has an account that may less, or was removed.
    let user = user.filter(|user| !user.is_empty() && role < Role::Admin);
    let user = user.unwrap_or_else(|| "local".to_owned());
    Ok(sign(&secret, &Grant::Person { user, role }, OWN_TOKEN))
}

/// Signs a token that counts from now on.
pub(crate) fn sign(secret: &Secret, grant: &Grant, lifetime: Duration) -> String {
    Signer::new(secret).sign(grant, now(), lifetime)
}

#[expect(clippy::disallowed_methods, reason = "the outermost edge: tokens carry the wall clock")]
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
