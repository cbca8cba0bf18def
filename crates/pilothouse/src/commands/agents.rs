//! `pilothouse agents`: who there is, what each runs, what holds it, and what waits for a person.

use std::time::Duration;

use clap::Args;
use pilothouse_client::{Api, messages::Agent};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

use super::{
    fleet::{self, Fleet, word as status_word},
    sessions::{part, word},
};
use crate::{
    access::Access,
    failure::Failure,
    output::{self, plain, table},
};

/// How often sessions and what waits are looked at while somebody watches: nobody tells when they change.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How to show them.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  pilothouse agents
  pilothouse agents --watch
  pilothouse agents --json | jq '.[] | select(.held) | .agentId'

`pilothouse status` shows the queues entry by entry.")]
pub(crate) struct AgentsOptions {
    /// Print JSON for programs
    #[arg(long)]
    pub(crate) json: bool,
    /// Go on showing them whenever something changes, until Ctrl-C; with --json one line a change
    #[arg(long, short)]
    pub(crate) watch: bool,
    #[command(flatten)]
    pub(crate) access: Access,
}

/// What the dashboard protocol does not tell.
#[derive(Default)]
struct Beside {
    sessions: Vec<Value>,
    waiting: Vec<Value>,
}

impl Beside {
    async fn look(api: &Api) -> Result<Self, Failure> {
        let list = |answer: &Value, name: &str| {
            Ok::<_, Failure>(part(answer, name)?.as_array().cloned().unwrap_or_default())
        };
        let sessions = list(&api.get("/api/sessions").await?, "sessions")?;
        let waiting = list(&api.get("/api/v1/attention").await?, "items")?;
        Ok(Self { sessions, waiting })
    }

    /// The workers of an agent that live, and whose they are.
    fn workers<'a>(&'a self, agent: &'a str) -> impl Iterator<Item = (&'a Value, &'a Value)> {
        let own = self.sessions.iter().filter(move |session| session["agent"] == agent);
        let all = own.flat_map(|session| {
            let workers = session["workers"].as_array().map(Vec::as_slice).unwrap_or_default();
            workers.iter().map(move |worker| (session, worker))
        });
        all.filter(|(_, worker)| worker["state"] == "running")
    }

    fn waiting<'a>(&'a self, agent: &'a str) -> impl Iterator<Item = &'a Value> {
        self.waiting.iter().filter(move |item| item["agentId"] == agent)
    }
}

/// Prints them and leaves, or stays and goes on.
pub(crate) async fn run(options: AgentsOptions) -> Result<u8, Failure> {
    let api = options.access.dashboard()?.api()?;
    let (mut dashboard, mut fleet) = Fleet::look(options.access.dashboard()?).await?;
    let mut beside = Beside::look(&api).await?;
    if !options.watch {
        if options.json {
            output::say(&format!("{:#}", as_json(&fleet, &beside)));
        } else {
            output::text(&as_table(&fleet, &beside))?;
        }
        return Ok(0);
    }
    let mut shown = String::new();
    loop {
        let text = if options.json {
            format!("{}\n", as_json(&fleet, &beside))
        } else {
            as_table(&fleet, &beside)
        };
        let trouble = fleet.trouble.clone();
        let state = format!("{text}{trouble:?}");
        let goes_on = match (state == shown, options.json) {
            (true, _) => true,
            (false, true) => fleet::print(&text)?,
            (false, false) => fleet::redraw(&text, trouble.as_deref())?,
        };
        if !goes_on {
            return Ok(0);
        }
        shown = state;
        let look_at = Instant::now() + LOOK_EVERY;
        tokio::select! {
            changed = fleet.change(&mut dashboard) => changed?,
            () = sleep_until(look_at) => {}
        }
        // While the server is away, what was seen last stays; the fleet says that there is trouble.
        if let Ok(seen) = Beside::look(&api).await {
            beside = seen;
        }
    }
}

fn as_json(fleet: &Fleet, beside: &Beside) -> Value {
    let shape = |agent: &Agent| {
        let id = &agent.agent_id;
        let running = fleet
            .running(id)
            .map(|status| json!({ "commandId": status.command_id, "command": fleet.line(status) }));
        let workers = beside.workers(id).map(|(session, worker)| {
            json!({ "sessionId": session["id"], "workerId": worker["id"], "type": worker["type"],
                    "agentType": worker["agentId"], "name": worker["name"] })
        });
        json!({
            "agentId": id,
            "name": agent.name,
            "type": agent.agent_type,
            "status": agent.status,
            "running": running.collect::<Vec<_>>(),
            "workers": workers.collect::<Vec<_>>(),
            "queued": fleet.waiting(id),
            "held": fleet.hold(id),
            "waiting": beside.waiting(id).collect::<Vec<_>>(),
        })
    };
    Value::Array(fleet.agents().iter().map(shape).collect())
}

fn as_table(fleet: &Fleet, beside: &Beside) -> String {
    if fleet.agents().is_empty() {
        return "no agent has connected yet; start one with `pilothouse agent`".to_owned();
    }
    let row = |agent: &Agent| {
        let id = &agent.agent_id;
        let commands = fleet.running(id).map(|status| fleet.line(status));
        let workers = beside.workers(id).map(|(session, worker)| {
            let agent_type = word(worker, "agentId");
            let what = if agent_type.is_empty() { "shell" } else { &agent_type };
            format!("{what} ({}/{})", word(session, "id"), word(worker, "id"))
        });
        let hold = fleet.hold(id);
        let waiting: Vec<_> = beside.waiting(id).map(|item| word(item, "text")).collect();
        vec![
            id.clone(),
            status_word(agent.status).to_owned(),
            commands.chain(workers).collect::<Vec<_>>().join("; "),
            fleet.waiting(id).to_string(),
            hold.map(|hold| plain(&hold.reason)).unwrap_or_default(),
            waiting.join("; "),
        ]
    };
    let rows: Vec<_> = fleet.agents().iter().map(row).collect();
    table(&["AGENT", "STATUS", "RUNS", "QUEUED", "HELD", "WAITS FOR A PERSON"], &rows)
}
