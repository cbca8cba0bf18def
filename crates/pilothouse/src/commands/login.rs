//! `pilothouse login` and `logout`: somebody lets this command line in on the server's page.

use std::time::Duration;

use clap::Args;
use pilothouse_client::{Api, Error};
use serde_json::{Value, json};

use super::sessions::word;
use crate::{
    access::{Access, now},
    failure::{Failure, NOT_ALLOWED, PROTOCOL},
    output,
    saved_login::{self, Tokens},
};

/// What is asked for.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// How much longer to wait between questions when the server says so.
const SLOWER: u64 = 5;

/// Where to sign in.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Prints an address and a code. Whoever is signed in there and types the code lets this command
line act as them. The token is kept in ~/.config/pilothouse/login.json, for its owner alone.

Examples:
  pilothouse login --server https://pilot.example
  pilothouse status

Exit codes:
  0 signed in   69 server not there   77 nobody typed the code in time, or refused it"
)]
pub(crate) struct LoginOptions {
    #[command(flatten)]
    pub(crate) access: Access,
}

/// Where to sign out.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  pilothouse logout
  pilothouse logout --server https://pilot.example
  pilothouse logout --all                      (on every other device as well)")]
pub(crate) struct LogoutOptions {
    /// On every device, with all connections that are open there
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) access: Access,
}

/// Waits until somebody lets this command line in, and keeps the token.
pub(crate) async fn run(options: LoginOptions) -> Result<u8, Failure> {
    let server = options.access.server();
    let api = options.access.without_token().api()?;
    let begun = api.post("/api/auth/device/authorize", &json!({})).await?;
    let (page, code) = (word(&begun, "verification_uri"), word(&begun, "user_code"));
    let complete = word(&begun, "verification_uri_complete");
    output::note(&format!(
        "Open\n\n  {complete}\n\nsign in there if you are not, and confirm the code {code}\n(or open {page} and type it)."
    ));
    let answer = wait(&api, &begun).await?;
    let missing = || Failure::new(PROTOCOL, "the server's answer has no token; check its version");
    let token = answer["access_token"].as_str().ok_or_else(missing)?.to_owned();
    let refresh = answer["refresh_token"].as_str().map(str::to_owned);
    let seconds = answer["expires_in"].as_u64().ok_or_else(missing)?;
    let tokens = Tokens { token, refresh, expires_at: now().0 + seconds * 1000 };
    saved_login::save(&server, &tokens).map_err(|error| Failure::io(&error))?;
    let role = word(&answer, "scope");
    output::say(&format!("Signed in at {server} with the role {role}."));
    Ok(0)
}

/// Asks as often as the server wants to be asked.
async fn wait(api: &Api, begun: &Value) -> Result<Value, Failure> {
    let body = json!({ "grant_type": GRANT, "device_code": begun["device_code"] });
    let mut interval = begun["interval"].as_u64().unwrap_or(SLOWER);
    loop {
        tokio::time::sleep(Duration::from_secs(interval)).await;
        match api.post("/api/auth/device/token", &body).await {
            Ok(answer) => return Ok(answer),
            Err(Error::Denied { status: 400, reason }) => match reason.as_str() {
                "authorization_pending" => {}
                "slow_down" => interval += SLOWER,
                "expired_token" => {
                    return Err(Failure::new(
                        NOT_ALLOWED,
                        "nobody typed the code in time; try again",
                    ));
                }
                _ => return Err(Failure::new(NOT_ALLOWED, format!("not let in: {reason}"))),
            },
            Err(error) => return Err(error.into()),
        }
    }
}

/// Ends the sign-in at the server, and forgets it here in any case.
pub(crate) async fn leave(options: LogoutOptions) -> Result<u8, Failure> {
    let server = options.access.server();
    let told = if saved_login::is_there(&server) {
        let api = options.access.dashboard()?.api()?;
        if options.all {
            api.delete("/api/v1/users/me/sign-ins").await.map(drop)
        } else {
            api.post("/api/auth/logout", &json!({})).await.map(drop)
        }
    } else {
        Ok(())
    };
    let is_known = saved_login::forget(&server).map_err(|error| Failure::io(&error))?;
    match told {
        // What does not count any more needs no end.
        Ok(()) | Err(Error::Refused { .. } | Error::Token { .. }) => {}
        Err(error) => {
            output::complain(&format!(
                "the token is forgotten here, and the server was not told: {error}"
            ));
        }
    }
    let text = if is_known { "Signed out of" } else { "Nobody was signed in at" };
    output::say(&format!("{text} {server}."));
    Ok(0)
}
