//! The protocol's transcripts, and what no transcript can show.

use std::{fs, sync::Arc};

use bytes::Bytes;
use pilothouse_core::{
    Caller, CoreError, Role, Scope,
    ids::{ConnectionId, RunId},
    listening::{Standing, Task},
    runs::{Create, Ended, Idle, Outcome, Run, RunLimits, Screenshot, ScreenshotKind, State, Step},
    time::{Moment, Steady, Timestamp},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    DOOR,
    encode::StepUpdates,
    messages::{ClientMessage, ServerMessage, parse},
};
use crate::{
    Action, Actions, CloseCode, Conversation, Denied, Input, Opening, ReadStep, Settings,
    StepLanguage, StepRead, in_memory,
};

#[test]
fn transcripts_are_kept() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/runs/transcripts");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 8);
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        in_memory::run(&DOOR, &name, &fs::read_to_string(&path).unwrap());
    }
}

fn caller() -> Caller {
    Caller {
        user: "ana".into(),
        name: "Ana".into(),
        scope: Scope::Person(Role::Viewer),
        connection: ConnectionId(1),
        address: "127.0.0.1".into(),
        program: "".into(),
        expires_at: None,
    }
}

/// A conversation whose token came with the handshake.
fn follower() -> Box<dyn Conversation> {
    let mut follower = (DOOR.open)(&Settings::default());
    let opening = Opening {
        connection: ConnectionId(1),
        caller: Some(caller()),
        parameters: Vec::new(),
        query: Vec::new(),
        subprotocol: None,
        denied: None,
    };
    assert!(done(&mut follower, Input::Opened(&opening)).is_empty());
    follower
}

fn done(conversation: &mut Box<dyn Conversation>, input: Input<'_>) -> Actions {
    let mut actions = Actions::new();
    conversation.handle(input, Moment::default(), &mut actions);
    actions
}

fn told(actions: &Actions) -> Vec<Value> {
    let told = actions.iter().filter_map(|action| match action {
        Action::Send { payload, .. } => Some(serde_json::from_slice(payload).unwrap()),
        _ => None,
    });
    told.collect()
}

fn start(run: &str) -> String {
    json!({"type": "start_agent", "runId": run}).to_string()
}

fn run(id: &str, steps: u32, state: State) -> Arc<Run> {
    let Create { task, script, session, .. } = Create::default();
    Arc::new(Run {
        id: RunId::new(id).unwrap(),
        user: "ana".into(),
        requested_by: "Ana".into(),
        requested_at: Timestamp(0),
        agent: "a-1".parse().unwrap(),
        session,
        task,
        script,
        limits: RunLimits { steps: 100, time: std::time::Duration::from_secs(1) },
        steps,
        stage: None,
        state,
        approval: false,
        allowed: Arc::default(),
        heals: false,
        paused: false,
        waits: None,
        idle: Idle::default(),
    })
}

fn standing(run: &Arc<Run>) -> Standing {
    let tasks = vec![Task::Run(run.clone())];
    Standing { agent: run.agent.clone(), since: 1, sessions: Vec::new(), tasks }
}

fn read_of(actions: &Actions) -> Option<(String, u32)> {
    actions.iter().find_map(|action| match action {
        Action::ReadStep(ReadStep { run, step, .. }) => Some((run.to_string(), *step)),
        _ => None,
    })
}

fn step_read(run: &Arc<Run>, step: u32) -> Input<'static> {
    let words = (step <= run.steps).then(|| Bytes::from(json!({"step": step}).to_string()));
    Input::StepRead(Ok(StepRead { run: run.clone(), step, words }))
}

fn under_way() -> State {
    State::InProgress { since: Timestamp(0) }
}

#[test]
fn runs_take_turns_and_one_step_is_read_at_a_time() {
    let mut follower = follower();
    let runs = [run("run-a", 2, under_way()), run("run-b", 2, under_way())];
    let mut reads = Vec::new();
    for one in &runs {
        done(&mut follower, Input::Text(&start(one.id.as_str())));
        let actions = done(&mut follower, Input::Listening(Ok(standing(one))));
        reads.extend(read_of(&actions));
    }
    assert_eq!(reads, [("run-a".to_owned(), 1)], "the other one waits");
    while let Some((id, step)) = reads.last().cloned() {
        let of = runs.iter().find(|run| run.id.as_str() == id).unwrap();
        let actions = done(&mut follower, step_read(of, step));
        let Some(next) = read_of(&actions) else { break };
        reads.push(next);
    }
    let order: Vec<_> = reads.iter().map(|(run, step)| (run.as_str(), *step)).collect();
    assert_eq!(order, [("run-a", 1), ("run-b", 1), ("run-a", 2), ("run-b", 2)]);
}

#[test]
fn a_step_that_is_not_kept_is_left_out_and_the_end_comes_behind_the_last() {
    let mut follower = follower();
    let outcome = Outcome::Completed;
    let ended = Ended { outcome, began: None, at: Timestamp(0), answer: None, commands: None };
    let one = run("run-a", 2, State::Ended(ended));
    done(&mut follower, Input::Text(&start("run-a")));
    // The core does not remember it.
    let actions = done(&mut follower, Input::Listening(Err(CoreError::Forbidden("no"))));
    assert_eq!(read_of(&actions), Some(("run-a".to_owned(), 1)));
    let gone = StepRead { run: one.clone(), step: 1, words: None };
    let actions = done(&mut follower, Input::StepRead(Ok(gone)));
    assert_eq!((told(&actions).len(), read_of(&actions)), (0, Some(("run-a".to_owned(), 2))));
    let actions = done(&mut follower, step_read(&one, 2));
    assert_eq!(told(&actions), [json!({"step": 2})]);
    assert_eq!(read_of(&actions), Some(("run-a".to_owned(), 3)));
    let actions = done(&mut follower, step_read(&one, 3));
    let completion =
        json!({"type": "completion", "status": "success", "commands": [], "runId": "run-a"});
    assert_eq!((told(&actions), read_of(&actions)), (vec![completion], None));
}

#[test]
fn so_many_runs_are_followed_at_once_and_no_more() {
    let mut follower = follower();
    for number in 0..32 {
        let one = run(&format!("run-{number}"), 0, under_way());
        done(&mut follower, Input::Text(&start(one.id.as_str())));
        let actions = done(&mut follower, Input::Listening(Ok(standing(&one))));
        assert!(told(&actions).is_empty());
    }
    let actions = done(&mut follower, Input::Text(&start("run-32")));
    assert_eq!(told(&actions)[0]["error"], "Failed to start agent");
    assert!(told(&actions)[0]["reason"].as_str().unwrap().contains("at most 32"));
    assert!(!actions.iter().any(|action| matches!(action, Action::Listen(_))));
}

#[test]
fn who_missed_events_asks_how_its_runs_stand() {
    let mut follower = follower();
    let one = run("run-a", 0, under_way());
    done(&mut follower, Input::Text(&start("run-a")));
    done(&mut follower, Input::Listening(Ok(standing(&one))));
    let actions = done(&mut follower, Input::Missed(&one.agent));
    assert!(matches!(actions[..], [Action::Listen(_)]), "{actions:?}");
    let later = run("run-a", 3, under_way());
    let actions = done(&mut follower, Input::Listening(Ok(standing(&later))));
    assert_eq!(read_of(&actions), Some(("run-a".to_owned(), 1)));
}

#[test]
fn an_agent_of_which_nothing_is_followed_is_not_listened_to() {
    let mut follower = follower();
    let one = run("run-a", 0, under_way());
    done(&mut follower, Input::Text(&start("cmd-1")));
    let without = Standing { tasks: Vec::new(), ..standing(&one) };
    let actions = done(&mut follower, Input::Listening(Ok(without)));
    assert!(actions.iter().any(|action| matches!(action, Action::Unlisten(_))), "{actions:?}");
}

#[test]
fn a_revoked_token_ends_the_connection_at_once() {
    let mut follower = follower();
    let actions = done(&mut follower, Input::Revoked);
    assert_eq!(told(&actions)[0]["status"], "failed");
    assert!(matches!(actions.last(), Some(Action::Close(CloseCode::Policy))), "{actions:?}");
    assert!(done(&mut follower, Input::Text(&start("run-a"))).is_empty());
}

#[test]
fn a_refresh_that_fails_ends_the_connection() {
    let mut follower = follower();
    let actions = done(&mut follower, Input::Text(r#"{"type":"authenticate","token":"other"}"#));
    assert!(matches!(&actions[..], [Action::Verify(token)] if token == "other"), "{actions:?}");
    let denied = Denied { reason: "the token belongs to another user" };
    let actions = done(&mut follower, Input::Verified(Err(denied)));
    assert_eq!(told(&actions)[0]["reason"], "the token belongs to another user");
    assert!(matches!(actions.last(), Some(Action::Close(CloseCode::Policy))), "{actions:?}");
}

#[test]
fn storage_that_is_away_is_asked_again_later_and_nothing_is_told_meanwhile() {
    let mut follower = follower();
    let one = run("run-a", 1, under_way());
    done(&mut follower, Input::Text(&start("run-a")));
    done(&mut follower, Input::Listening(Ok(standing(&one))));
    let actions = done(&mut follower, Input::StepRead(Err(CoreError::StorageUnavailable)));
    assert!(matches!(actions[..], [Action::WakeAt(Steady(1000))]), "{actions:?}");
    let mut actions = Actions::new();
    let later = Moment { steady: Steady(1000), ..Moment::default() };
    follower.handle(Input::Woke, later, &mut actions);
    assert_eq!(read_of(&actions), Some(("run-a".to_owned(), 1)));
}

proptest! {
    #[test]
    fn a_step_is_written_as_the_types_have_it(
        number: u32,
        explanation in "[ -~é\n\"\\\\]{0,40}",
        picture in prop::collection::vec(any::<u8>(), 0..100),
        selector in ".{0,20}",
    ) {
        let action = json!({"type": "click", "selector": selector});
        let step = Step {
            run: RunId::new("run-a").unwrap(),
            number,
            action: action.to_string().into(),
            explanation: explanation.as_str().into(),
            at: Timestamp(0),
        };
        let screenshot = Screenshot { kind: ScreenshotKind::Jpeg, bytes: picture.clone().into() };
        let written = StepUpdates.step(&step, Some(&screenshot));
        let Ok(ServerMessage::StepUpdate(read)) = serde_json::from_slice(&written) else {
            panic!("{}", String::from_utf8_lossy(&written))
        };
        prop_assert_eq!(read.step_number, number);
        let decoded = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, &read.screenshot);
        prop_assert_eq!(decoded.unwrap(), picture);
        prop_assert_eq!(serde_json::to_value(&read.action).unwrap(), action);
        let expected = if explanation.trim().is_empty() { "Performing action" } else { &explanation };
        prop_assert_eq!(read.explanation, expected);
        prop_assert_eq!(read.run_id, "run-a");
        // Nothing beside it.
        prop_assert_eq!(serde_json::from_slice::<Value>(&written).unwrap().as_object().unwrap().len(), 6);
    }

    #[test]
    fn no_message_is_too_odd(text in "[ -~é\n]{0,60}") {
        let _ = parse(&text);
        let mut follower = follower();
        let actions = done(&mut follower, Input::Text(&text));
        let closes = actions.iter().any(|action| matches!(action, Action::Close(_)));
        prop_assert!(!closes, "{:?}", actions);
    }

    #[test]
    fn what_a_client_says_is_read_as_it_was_written(run in "[a-z0-9-]{1,20}", after: Option<u32>) {
        let mut message = json!({"type": "start_agent", "runId": run, "more": [1]});
        if let Some(after) = after {
            message["afterStep"] = json!(after);
        }
        let Ok(ClientMessage::StartAgent(start)) = parse(&message.to_string()) else {
            panic!("{message}")
        };
        prop_assert_eq!((start.run_id, start.after_step, start.extended), (run, after, None));
    }
}
