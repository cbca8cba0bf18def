//! Runs of a real agent in a real Chromium, through a real server; decided by scripts, and by a model over HTTP.

mod approvals;
mod clients;
mod decisions;
mod kills;
mod model;
mod shop;

use std::fs;

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    http::{self, Answer},
    node::NodeProgram,
    program::{Agent, Server, Surroundings},
    waiting::wait_until,
};
use serde_json::Value;

use model::Model;
use shop::Shop;

/// A server, an agent whose browsers may go to this machine, and a shop.
struct Front {
    server: Server,
    agent: Agent,
    shop: Shop,
    model: Option<Model>,
}

impl Front {
    fn start() -> Self {
        Self::start_with(&[], &[])
    }

    fn start_with(settings: &[(&str, &str)], variables: &[(&str, &str)]) -> Self {
        Self::of(Shop::open(), None, settings, variables)
    }

    /// With a model for tasks.
    fn deciding(model: impl FnOnce(&Shop) -> Model) -> Self {
        let shop = Shop::open();
        let model = model(&shop);
        Self::of(shop, Some(model), &[], &[])
    }

    fn of(
        shop: Shop,
        model: Option<Model>,
        settings: &[(&str, &str)],
        variables: &[(&str, &str)],
    ) -> Self {
        let mut own = vec![("PILOTHOUSE_BROWSER_ALLOW", "loopback")];
        if let Some(model) = &model {
            own.extend([
                ("PILOTHOUSE_LLM_MODEL", "model-1"),
                ("PILOTHOUSE_LLM_URL", &model.url),
                ("PILOTHOUSE_LLM_KEY", model::KEY),
            ]);
        }
        let variables = own.iter().chain(variables);
        let variables = variables.map(|(name, value)| ((*name).into(), (*value).into()));
        let surroundings =
            Surroundings { variables: variables.collect(), ..Surroundings::default() };
        let server = Server::start(settings);
        let agent = server.agent_in(&surroundings, "a-1", server.address());
        server.wait_until_online("a-1");
        Self { server, agent, shop, model }
    }

    fn ask_as(&self, user: &str, role: Role, request: &str, body: &Value) -> Answer {
        let token = self.server.token(&Grant::Person { user: user.into(), role });
        http::send_json(self.server.address(), request, &token, body)
    }

    fn ask(&self, request: &str, body: &Value) -> Answer {
        self.ask_as("ann", Role::Operator, request, body)
    }

    /// Makes a run and returns its id.
    fn make(&self, body: &Value) -> String {
        let answer = self.ask("POST /api/runs", body);
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["run"]["id"].as_str().unwrap().to_owned()
    }

    /// A run and its steps, as they are told.
    fn told(&self, run: &str) -> Value {
        let answer = self.ask(&format!("GET /api/runs/{run}"), &Value::Null);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// The same once it is over. Each of its steps may take as long as anything else may.
    fn over(&self, run: &str) -> Value {
        loop {
            let before = self.told(run);
            if before["run"]["endedAt"].is_string() {
                return before;
            }
            let goes_on = || {
                let now = self.told(run);
                let has = |name: &str| now["run"][name] != before["run"][name];
                has("stepCount") || has("status")
            };
            wait_until("the run goes on", goes_on);
        }
    }

    /// What a run waits for, as soon as it does.
    fn waits(&self, run: &str) -> Value {
        wait_until("the run waits", || self.told(run)["run"]["waiting"].is_object());
        self.told(run)["run"]["waiting"].clone()
    }

    /// The client of the protocol's document, on npm's `ws`.
    fn client(&self, run: &str) -> NodeProgram {
        self.client_with(run, "50")
    }

    /// The same, whose clock is that many times faster: it comes back five times, 5 s, 10 s … after it was cut off.
    fn client_with(&self, run: &str, faster: &str) -> NodeProgram {
        let address = format!("ws://{}/ws", self.server.address());
        let token = self.server.operator();
        NodeProgram::start("runs/seed_client.mjs", &[&address, &token, run, faster])
    }

    /// Whether nothing is left of any run on the agent's machine: no folder, and no browser.
    fn is_clean(&self) -> bool {
        let is_empty = |folder: &str| {
            fs::read_dir(self.agent.folder().join(folder)).map_or(0, Iterator::count) == 0
        };
        is_empty("runs") && is_empty("browsers") && browsers_in(&self.agent) == 0
    }

    fn wait_until_clean(&self) {
        wait_until("nothing is left of the run", || self.is_clean());
    }
}

/// How many processes have something of this agent's browsers on their command line.
fn browsers_in(agent: &Agent) -> usize {
    let mark = agent.folder().join("browsers");
    let mark = mark.to_str().unwrap();
    let all = fs::read_dir("/proc").unwrap().flatten();
    let lines = all.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    lines.filter(|line| String::from_utf8_lossy(line).contains(mark)).count()
}

/// How it ended, as a client is told. Each step before may take as long as anything else may.
fn completion(client: &mut NodeProgram) -> Value {
    loop {
        let told = client.expect_that(|line| {
            ["step_update", "completion"].iter().any(|kind| line["what"] == **kind)
        });
        if told["what"] == "completion" {
            return told["message"].clone();
        }
    }
}

/// The numbers of steps that a client was told, in order.
fn numbers(client: &NodeProgram) -> Vec<u64> {
    let steps = client.seen.iter().filter(|line| line["what"] == "step_update");
    steps.map(|line| line["message"]["stepNumber"].as_u64().unwrap()).collect()
}

/// The numbers of the steps that are stored of a run.
fn stored(told: &Value) -> Vec<u64> {
    let steps = told["steps"].as_array().unwrap().iter();
    steps.map(|step| step["number"].as_u64().unwrap()).collect()
}

/// What types of things a run's commands are.
fn kinds(commands: &Value) -> Vec<&str> {
    commands.as_array().unwrap().iter().map(|it| it["type"].as_str().unwrap()).collect()
}
