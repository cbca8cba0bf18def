//! `pilothouse up`: server and agent on this machine, and a link to click.

use std::{path::Path, process::Child, time::Duration};

use clap::Args;
use pilothouse_core::{Role, ids::AgentId};
use pilothouse_server::{
    Server,
    auth::{secret::Secret, tokens::Grant},
};

use crate::{
    access,
    commands::serve::{self, ServeOptions},
    failure::{CONFIG, Failure, IO, UNAVAILABLE},
    local_agent::{ID, LocalAgent},
    output,
    signals::Shutdown,
};

/// How long the link's token counts.
const LINK_LIFETIME: Duration = Duration::from_secs(12 * 3600);
/// The agent's token lies beside the secret that signed it, so that a short life would protect nothing.
const AGENT_LIFETIME: Duration = Duration::from_secs(365 * 86_400);
const SOON: Duration = Duration::from_secs(1);
const AT_MOST: Duration = Duration::from_secs(20);

/// What the server is told; the agent needs nothing.
#[derive(Debug, Clone, Default, Args)]
#[command(
    after_help = "Ctrl-C stops the server. The agent and its commands go on; the next `pilothouse up` finds them again,
and `pilothouse down` ends them. While a server runs, a further `pilothouse up` prints its link.

Examples:
  pilothouse up
  pilothouse up --listen 127.0.0.1:8080 --data-dir ~/pilot
  pilothouse up --set commands.timeout=1h

Exit codes:
  0 ended by Ctrl-C or SIGTERM, or runs already   64 wrong usage
  69 cannot start (port, data directory, database, agent)   74 cannot read or write   78 wrong configuration"
)]
pub(crate) struct UpOptions {
    #[command(flatten)]
    pub(crate) server: ServeOptions,
}

/// Runs until Ctrl-C; the agent goes on.
pub(crate) async fn run(options: UpOptions) -> Result<u8, Failure> {
    let shutdown = Shutdown::catch()?;
    let config = options.server.config()?;
    let data_dir = config.data_dir.clone();
    let configured = config.auth_secret.clone();
    let server = serve::start(config).await?;
    let secret = configured.map_or_else(|| Secret::read(&data_dir), Ok);
    let secret = secret.map_err(|error| Failure::new(CONFIG, error))?;
    let agent = LocalAgent::of(&data_dir);
    if let Err(failure) = join(&server, &agent, &secret).await {
        server.stop().await;
        return Err(failure);
    }
    greet(&server, &agent, &secret, &data_dir);
    server.serve(shutdown.requested()).await;
    output::note(
        "\nThe server has stopped. The agent and its commands go on; `pilothouse` comes back to them, `pilothouse down` ends them.",
    );
    Ok(0)
}

/// Adopts the agent that runs, or starts one, and waits until it is online.
async fn join(server: &Server, agent: &LocalAgent, secret: &Secret) -> Result<(), Failure> {
    let id = AgentId::new(ID).expect("the local agent's id is valid");
    let mut child = None;
    if !agent.is_running() {
        let token = access::sign(secret, &Grant::Agent(id.clone()), AGENT_LIFETIME);
        let address = format!("ws://{}", server.local_addr());
        let name = host_name();
        let started = agent.start(&address, &token, name.as_deref());
        child = Some(
            started
                .map_err(|error| Failure::new(IO, format!("cannot start the agent: {error}")))?,
        );
    }
    if server.wait_for_agent(&id, SOON).await {
        return Ok(());
    }
    output::note("Waiting for the agent …");
    if server.wait_for_agent(&id, AT_MOST).await {
        return Ok(());
    }
    let log = agent.log().display().to_string();
    let sentence = if child.as_mut().is_some_and(has_ended) {
        format!("the agent ended at once; its log says why: {log}")
    } else {
        format!("the agent does not connect; its log may say why: {log}; `pilothouse down` ends it")
    };
    Err(Failure::new(UNAVAILABLE, sentence))
}

fn has_ended(child: &mut Child) -> bool {
    matches!(child.try_wait(), Ok(Some(_)))
}

fn greet(server: &Server, agent: &LocalAgent, secret: &Secret, data_dir: &Path) {
    let user = Grant::Person { user: "local".to_owned(), role: Role::Admin };
    let token = access::sign(secret, &user, LINK_LIFETIME);
    let process =
        agent.process().map_or_else(String::new, |process| format!(", process {process}"));
    output::say(&format!(
        "Pilothouse runs. Open\n\n  {url}/#token={token}\n\n\
         Agent    {ID}{process}, log {log}\n\
         Data     {data}\n\
         Stop     Ctrl-C stops the server; `pilothouse down` also ends the agent and its commands",
        url = server.url(),
        log = agent.log().display(),
        data = data_dir.display(),
    ));
}

fn host_name() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}
