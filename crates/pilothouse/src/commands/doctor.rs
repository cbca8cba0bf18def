//! `pilothouse doctor`: looks at what usually goes wrong and says what to do.

use clap::Args;
use pilothouse_core::Role;
use pilothouse_server::{
    auth::{secret::Secret, tokens::Grant},
    config::{Config, Loaded},
    place,
};

use crate::{
    access::{self, TokenOptions, TrustOptions},
    commands::serve::ServeOptions,
    doctor::{self, Finding, Place, Verdict},
    failure::Failure,
    output,
};

/// How long the token counts that the doctor signs for itself.
const TOKEN_LIFETIME: std::time::Duration = std::time::Duration::from_secs(60);

/// Where to look.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  pilothouse doctor                                            this machine, and the server on it if one runs
  pilothouse doctor --server http://pilot.example --token-file t   a server through its proxy
  pilothouse doctor --json | jq -r '.checks[] | select(.verdict != \"ok\") | .sentence'

Exit codes:
  0 no problem (there may be warnings)   1 at least one problem   64 wrong usage")]
pub(crate) struct DoctorOptions {
    /// Print JSON for programs
    #[arg(long)]
    pub(crate) json: bool,
    /// The server to look at, as its users reach it [default: the one on this machine, if it runs]
    #[arg(long, env = "PILOTHOUSE_SERVER", value_name = "URL")]
    pub(crate) server: Option<String>,
    #[command(flatten)]
    pub(crate) token: TokenOptions,
    #[command(flatten)]
    pub(crate) trust: TrustOptions,
    #[command(flatten)]
    pub(crate) configuration: ServeOptions,
}

/// Prints the findings; 1 if something does not work.
pub(crate) async fn run(options: DoctorOptions) -> Result<u8, Failure> {
    let mut token = options.token.given()?.filter(|token| !token.is_empty());
    let mut found = Vec::new();
    let mut server = options.server.clone();
    match options.configuration.load_silently() {
        Ok(loaded) => {
            let Loaded { config, .. } = &loaded;
            let (findings, is_running) = doctor::examine_machine(&loaded).await;
            found.extend(findings);
            let running = place::of_running(&config.data_dir);
            let running = running.or_else(|| is_running.then(|| config.url()));
            if running.is_some() && server.is_none() && config.tls.certificate.is_some() {
                // A certificate is for a name, and only its owner knows which one people use.
                let sentence =
                    "it speaks TLS; look at it by its name, with --server https://NAME:PORT";
                found.push(Finding::warning("server", sentence));
            } else {
                server = server.or(running);
            }
            token = token.or_else(|| own_token(config));
        }
        Err(error) => {
            found.push(Finding::problem("configuration", error.sentence.replace('\n', "; ")));
        }
    }
    if let Some(url) = server {
        let place = Place::new(&url, token, options.trust.authorities)?;
        found.extend(doctor::examine_server(&place).await);
    }
    let text = if options.json { doctor::as_json(&found) } else { doctor::as_text(&found) };
    output::text(&text)?;
    Ok(u8::from(doctor::worst(&found) == Verdict::Problem))
}

/// A viewer's token, if the secret is on this machine. Nothing is made for it.
fn own_token(config: &Config) -> Option<String> {
    let secret = config.auth_secret.clone().or_else(|| Secret::read(&config.data_dir).ok())?;
    let grant = Grant::Person { user: "doctor".to_owned(), role: Role::Viewer };
    Some(access::sign(&secret, &grant, TOKEN_LIFETIME))
}
