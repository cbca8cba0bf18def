//! Runs from their order to what the server hears, in browsers that are none.

mod endings;
mod many;
mod people;
mod real;
mod secrecy;
mod shop;
mod silence;
mod stage;

use std::{os::unix::fs::PermissionsExt, time::Duration};

use pilothouse_core::ids::AgentId;
use pilothouse_protocols::agent_link::runs::{ReplyRun, RunStep, RunWaits};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use stage::{Stage, Theatre};

/// How long any single fact may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// An agent's runs, and what its server heard of them.
struct Front {
    runs: Arc<Runs>,
    stage: Arc<Stage>,
    folder: TempDir,
    heard: Vec<FromAgent>,
}

impl Front {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut RunConfig)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secrets = folder.path().join("secrets");
        std::fs::write(&secrets, "pass@shop.example = hunter2-and-more\n").unwrap();
        std::fs::set_permissions(&secrets, std::fs::Permissions::from_mode(0o600)).unwrap();
        let id = AgentId::new("a-1").unwrap();
        let mut config = AgentConfig::new("ws://nowhere:1", id, None, folder.path().join("agent"));
        config.runs.secrets_file = Some(secrets);
        change(&mut config.runs);
        let stage = Arc::<Stage>::default();
        let runs = Runs::with(Arc::new(config), Arc::new(Theatre(stage.clone())));
        Self { runs, stage, folder, heard: Vec::new() }
    }

    fn order(id: &str) -> StartRun {
        StartRun {
            run: id.to_owned(),
            task: None,
            script: None,
            session: None,
            steps: 50,
            timeout: 60_000,
            approval: false,
            allowed: Vec::new(),
            heal: false,
        }
    }

    fn start(&self, order: StartRun) {
        self.runs.take(FromServer::StartRun(Box::new(order)));
    }

    fn script(&self, id: &str, script: Value) {
        self.start(StartRun { script: Some(script), ..Self::order(id) });
    }

    /// What is heard next of which that holds.
    async fn hear<T>(&mut self, what: &str, find: impl Fn(&FromAgent) -> Option<T>) -> T {
        let heard = async {
            let mut place = 0;
            loop {
                while let Some(message) = self.heard.get(place) {
                    place += 1;
                    if let Some(found) = find(message) {
                        return found;
                    }
                }
                let news = self.runs.take_news();
                if news.is_empty() {
                    self.runs.changed().await;
                }
                self.heard.extend(news);
            }
        };
        timeout(PATIENCE, heard).await.unwrap_or_else(|_| panic!("nothing heard of {what}"))
    }

    async fn end(&mut self, id: &str) -> RunEnded {
        self.hear("an end", |message| match message {
            FromAgent::RunEnded(ended) if ended.run == id => Some((**ended).clone()),
            _ => None,
        })
        .await
    }

    async fn wait(&mut self, name: &str) -> RunWaits {
        self.hear(name, |message| match message {
            FromAgent::RunWaits(wait) if wait.wait == name => Some((**wait).clone()),
            _ => None,
        })
        .await
    }

    async fn step(&mut self, number: u32) -> RunStep {
        self.hear("a step", |message| match message {
            FromAgent::RunStep(step) if step.number == number => Some((**step).clone()),
            _ => None,
        })
        .await
    }

    async fn paused(&mut self, wanted: bool) {
        self.hear("a pause", |message| match message {
            FromAgent::RunPaused { paused, .. } if *paused == wanted => Some(()),
            _ => None,
        })
        .await;
    }

    fn steps(&self, id: &str) -> Vec<RunStep> {
        let steps = self.heard.iter().filter_map(|message| match message {
            FromAgent::RunStep(step) if step.run == id => Some((**step).clone()),
            _ => None,
        });
        steps.collect()
    }
}

fn navigate() -> Value {
    json!({"type": "navigate", "url": "https://shop.example/"})
}

fn click(selector: &str) -> Value {
    json!({"type": "click", "selector": selector})
}

#[tokio::test]
async fn a_script_is_done_step_by_step_and_told_as_it_happens() {
    let mut front = Front::new();
    let script = json!([
        {"command": "goto", "url": "https://shop.example/", "explanation": "begin"},
        {"type": "click", "selector": "#moved", "role": "button", "name": "Buy"},
        {"type": "extract", "selector": "h1"},
    ]);
    front.script("r-1", script);
    let ended = front.end("r-1").await;
    assert_eq!((ended.outcome, ended.error), (RunOutcome::Completed, None));
    assert_eq!(ended.answer.as_deref(), Some("read: "));
    let steps = front.steps("r-1");
    let numbers: Vec<_> = steps.iter().map(|step| step.number).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(steps[0].explanation, "begin");
    assert_eq!(steps[0].action["type"], "navigate");
    assert_eq!(steps[0].screenshot.as_deref(), Some("/9j/4A=="));
    let healed = "click button \"Buy\" (its selector leads nowhere; found by role and name)";
    assert_eq!(steps[1].explanation, healed);
    let commands = ended.commands.unwrap();
    let kinds: Vec<_> = commands.iter().map(|command| command["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["navigate", "click", "extract"]);
    assert!(matches!(&front.heard[0], FromAgent::RunBegan { run } if run == "r-1"));
    assert_eq!(front.stage.browsers(), (0, 1), "its browser is closed");
    assert!(!front.stage.files()[0].exists(), "its folder is gone");
    assert_eq!(front.runs.held().len(), 1, "until it is forgotten");
    front.runs.take(FromServer::ForgetRun { run: "r-1".to_owned() });
    assert!(front.runs.are_settled());
}

#[tokio::test]
async fn a_run_begins_once_however_often_it_is_ordered() {
    let mut front = Front::new();
    for _ in 0..3 {
        front.script("r-1", json!([navigate()]));
    }
    front.end("r-1").await;
    front.script("r-1", json!([navigate()]));
    assert_eq!(front.stage.browsers(), (0, 1));
    assert_eq!(front.stage.did(), ["navigate"]);
}

#[tokio::test]
async fn a_hundred_runs_leave_no_browser_and_no_folder() {
    let mut front = Front::new();
    for batch in 0..10 {
        let ids: Vec<_> = (0..10).map(|number| format!("r-{batch}-{number}")).collect();
        for (place, id) in ids.iter().enumerate() {
            let last = ["#fine", "#lost", "#gone", "#mistake", "#slow"][place % 5];
            front.script(id, json!([navigate(), click(last)]));
        }
        for (place, id) in ids.iter().enumerate() {
            if place % 5 == 4 {
                front.runs.take(FromServer::CancelRun { run: id.clone() });
            }
            front.end(id).await;
        }
    }
    assert_eq!(front.stage.browsers().0, 0);
    assert!(front.stage.browsers().1 >= 80, "some were cancelled before they had one");
    let left = std::fs::read_dir(front.folder.path().join("agent/runs")).unwrap();
    assert_eq!(left.count(), 0);
    assert!(front.runs.running.lock().is_empty() && front.runs.turns.lock().is_empty());
}

#[tokio::test]
async fn runs_in_one_session_s_browser_take_turns_and_leave_it_open() {
    let mut front = Front::new();
    for id in ["r-1", "r-2", "r-3"] {
        let session = Some("s-1".to_owned());
        let script = Some(json!([navigate(), click("#a"), click("#b")]));
        front.start(StartRun { session, script, ..Front::order(id) });
    }
    for id in ["r-1", "r-2", "r-3"] {
        assert_eq!(front.end(id).await.outcome, RunOutcome::Completed);
    }
    assert_eq!((front.stage.most_driven(), front.stage.browsers()), (1, (1, 1)));
}
