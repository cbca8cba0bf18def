//! `pilothouse up`: server and agent on this machine, and a link to click.

use std::{path::PathBuf, pin::pin, process::Child, time::Duration};

use clap::Args;
use pilothouse_client::Dashboard;
use pilothouse_core::{Role, ids::AgentId};
use pilothouse_server::{
    Server, StartError,
    auth::{secret::Secret, tokens::Grant},
    config::Config,
    place,
};
use serde_json::json;

use crate::{
    access,
    browser_options::BrowserOptions,
    commands::serve::ServeOptions,
    doctor,
    failure::{CONFIG, Failure, IO, PROTOCOL, UNAVAILABLE},
    local_agent::{ID, LocalAgent},
    output, page,
    process::Process,
    run_options::RunOptions,
    signals::Shutdown,
};

/// How long the token counts that a code is asked for with.
const ASKING: Duration = Duration::from_secs(60);
/// The agent's token lies beside the secret that signed it, so that a short life would protect nothing.
const AGENT_LIFETIME: Duration = Duration::from_secs(365 * 86_400);
const SOON: Duration = Duration::from_secs(1);
const AT_MOST: Duration = Duration::from_secs(20);
/// How often a server that runs already is asked how it is, since it may be just starting.
const MOST_QUESTIONS: u32 = 50;
const BETWEEN_QUESTIONS: Duration = Duration::from_millis(100);

/// What server and agent are told.
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
    #[command(flatten)]
    pub(crate) browser: BrowserOptions,
    #[command(flatten)]
    pub(crate) runs: RunOptions,
}

/// Runs until Ctrl-C; the agent goes on.
pub(crate) async fn run(options: UpOptions) -> Result<u8, Failure> {
    let shutdown = Shutdown::catch()?;
    let config = options.server.config()?;
    // Before anything starts: a slip here would end the agent later.
    options.runs.config()?;
    let home = Home::of(&config, options.browser, options.runs);
    let server = match Server::start(config, page::built()).await {
        Ok(server) => server,
        Err(StartError::Locked(_)) => return beside(&home).await,
        Err(error) => return Err(Failure::new(UNAVAILABLE, error)),
    };
    let mut requested = pin!(shutdown.requested());
    let joined = tokio::select! {
        joined = join(&server, &home) => joined,
        () = &mut requested => {
            server.stop().await;
            return Ok(0);
        }
    };
    if let Err(failure) = joined {
        server.stop().await;
        return Err(failure);
    }
    let code = server.one_time_code().map_err(|error| Failure::io(&error))?;
    output::say(&greeting("Pilothouse runs.", &server.local_url(), &code, &home));
    requested.await;
    server.stop().await;
    output::note(
        "\nThe server has stopped. The agent and its commands go on; `pilothouse` comes back to them, `pilothouse down` ends them.",
    );
    Ok(0)
}

/// What belongs to one data directory.
struct Home {
    data_dir: PathBuf,
    configured: Option<Secret>,
    agent: LocalAgent,
    browser: BrowserOptions,
    runs: RunOptions,
}

impl Home {
    fn of(config: &Config, browser: BrowserOptions, runs: RunOptions) -> Self {
        let data_dir = config.data_dir.clone();
        let agent = LocalAgent::of(&data_dir);
        Self { data_dir, configured: config.auth_secret.clone(), agent, browser, runs }
    }

    fn secret(&self) -> Result<Secret, Failure> {
        let secret = self.configured.clone().map_or_else(|| Secret::read(&self.data_dir), Ok);
        secret.map_err(|error| Failure::new(CONFIG, error))
    }

    /// Starts the agent if none runs.
    fn start_agent(&self, server: &str) -> Result<Option<Child>, Failure> {
        if self.agent.is_running() {
            return Ok(None);
        }
        let token = access::sign(&self.secret()?, &Grant::Agent(agent_id()), AGENT_LIFETIME);
        let options = self.browser.arguments().chain(self.runs.arguments());
        let started = self.agent.start(server, &token, host_name().as_deref(), options);
        let cannot = |error| Failure::new(IO, format!("cannot start the agent: {error}"));
        started.map(Some).map_err(cannot)
    }
}

/// Adopts the agent that runs, or starts one, and waits until it is online.
async fn join(server: &Server, home: &Home) -> Result<(), Failure> {
    let mut child = home.start_agent(&server.local_url())?;
    if server.wait_for_agent(&agent_id(), SOON).await {
        return Ok(());
    }
    output::note("Waiting for the agent …");
    if server.wait_for_agent(&agent_id(), AT_MOST).await {
        return Ok(());
    }
    let log = home.agent.log().display().to_string();
    let sentence = if child.as_mut().is_some_and(has_ended) {
        format!("the agent ended at once; its log says why: {log}")
    } else if server.local_url().starts_with("https") {
        let url = server.local_url();
        format!(
            "the agent does not connect; the certificate has to be good for {url}; its log says more: {log}; \
             `pilothouse down` ends it"
        )
    } else {
        format!("the agent does not connect; its log may say why: {log}; `pilothouse down` ends it")
    };
    Err(Failure::new(UNAVAILABLE, sentence))
}

/// A server uses the data directory already: prints its link, after starting the agent if that was ended.
async fn beside(home: &Home) -> Result<u8, Failure> {
    let holder = Process::holder_of(&place::lock(&home.data_dir));
    let holder = holder.map_or("another server".to_owned(), |holder| {
        format!("the server of process {}", holder.number)
    });
    let running = running(home).await.map_err(|reason| {
        let data_dir = home.data_dir.display();
        let sentence = format!("{holder} uses {data_dir}, but does not answer: {reason}; end it, or choose another --data-dir");
        Failure::new(UNAVAILABLE, sentence)
    })?;
    let is_agent_new = home.start_agent(&running.url)?.is_some();
    let code = code_of(&running.url, home).await?;
    let text = greeting("Pilothouse runs already.", &running.url, &code, home);
    output::say(&format!("{text}\nState    {holder}; {}", running.state));
    if is_agent_new {
        output::note("\nThe agent did not run; it has been started.");
    }
    Ok(0)
}

/// A server that runs already.
struct Running {
    url: String,
    state: String,
}

/// The server of that data directory; one that is just starting is waited for.
async fn running(home: &Home) -> Result<Running, String> {
    let mut asked = 0;
    loop {
        let url = place::of_running(&home.data_dir).ok_or("it has not said where it is".to_owned());
        let found = match url {
            Ok(url) => doctor::state(&url).await.map(|state| Running { url, state }),
            Err(reason) => Err(reason),
        };
        asked += 1;
        if found.is_ok() || asked == MOST_QUESTIONS {
            return found;
        }
        tokio::time::sleep(BETWEEN_QUESTIONS).await;
    }
}

fn has_ended(child: &mut Child) -> bool {
    matches!(child.try_wait(), Ok(Some(_)))
}

/// A code of the server that runs already, which whoever can read its secret may ask for.
async fn code_of(url: &str, home: &Home) -> Result<String, Failure> {
    let user = Grant::Person { user: "local".to_owned(), role: Role::Admin };
    let token = access::sign(&home.secret()?, &user, ASKING);
    let api = Dashboard::builder(url).token(token).api()?;
    let answer = api.post("/api/auth/codes", &json!({})).await?;
    let missing = || Failure::new(PROTOCOL, "the server gave no code; it may be an older one");
    answer["code"].as_str().map(str::to_owned).ok_or_else(missing)
}

fn greeting(title: &str, url: &str, code: &str, home: &Home) -> String {
    let process = home.agent.process();
    let process = process.map_or_else(String::new, |one| format!(", process {}", one.number));
    format!(
        "{title} Open\n\n  {url}/#code={code}\n\n\
         Link     good once and not for long; `pilothouse up` prints another\n\
         Agent    {ID}{process}, log {log}\n\
         Data     {data}\n\
         Stop     Ctrl-C where the server runs stops it; `pilothouse down` ends the agent and its commands",
        log = home.agent.log().display(),
        data = home.data_dir.display(),
    )
}

fn agent_id() -> AgentId {
    AgentId::new(ID).expect("the local agent's id is valid")
}

fn host_name() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}
