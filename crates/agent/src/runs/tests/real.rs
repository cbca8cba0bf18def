//! Runs in a real Chromium, on a site of this machine.

use std::sync::atomic::Ordering;

use pilothouse_protocols::agent_link::runs::DecideRun;

use super::{
    super::{
        config::ModelKind,
        llm::tests::{Line, Scripted},
    },
    shop::{SENT, Shop, order},
    *,
};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_script_did_is_done_again_where_everything_moved() {
    let shop = Shop::open();
    let mut front = Front::real(|_| {});
    front.script("r-1", order(&shop));
    let ended = front.end("r-1").await;
    assert_eq!((ended.outcome, ended.error), (RunOutcome::Completed, None));
    let answer = "You sent name=Ann&word={{secret:pass}}&size=XL";
    assert_eq!(ended.answer.as_deref(), Some(answer));
    assert_eq!(*shop.orders.lock(), [SENT]);
    assert!(front.steps("r-1").iter().all(|step| step.screenshot.is_some()));
    front.is_silent();
    assert_eq!(front.processes(), 0);

    shop.moves.store(7, Ordering::SeqCst);
    let script = ended.commands.map(Value::Array);
    front.start(StartRun { script, heal: true, ..Front::order("r-2") });
    let again = front.end("r-2").await;
    assert_eq!((again.outcome, again.error), (RunOutcome::Completed, None));
    assert_eq!(*shop.orders.lock(), [SENT, SENT]);
    let steps = front.steps("r-2");
    let healed = steps.iter().filter(|step| step.explanation.contains("found by role and name"));
    assert_eq!(healed.count(), 4, "{steps:?}");
    front.is_silent();
    assert_eq!(front.processes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_orders_and_its_run_is_done_again_without_it() {
    let shop = Shop::open();
    let kind = ModelKind::Anthropic;
    let script = vec![Line::call("navigate", json!({"url": shop.url()}))];
    let server = Scripted::reading(kind, script, |told| {
        // The references are in what it was told last.
        let reference = |name: &str| {
            let named = format!("\"{name}\"");
            let line = told.lines().find(|line| line.contains(&named) && line.contains("[e"));
            let line = line.unwrap_or_else(|| panic!("no {name} in {told}"));
            let from = line.find("[e").unwrap() + 1;
            line[from..].split(']').next().unwrap().to_owned()
        };
        if told.contains("Thank you") {
            return Line::call("done", json!({"answer": "It is ordered."}));
        }
        let is_done = |words: &str| told.contains(words);
        let fill = |name: &str, text: &str| {
            let reference = reference(name);
            Line::call("type", json!({"ref": reference, "text": text, "explanation": name}))
        };
        if !is_done("— Name") {
            fill("Name", "Ann")
        } else if !is_done("— Word") {
            fill("Word", "{{secret:pass}}")
        } else if !is_done("— Size") {
            let reference = reference("Size");
            Line::call("select", json!({"ref": reference, "value": "XL", "explanation": "Size"}))
        } else {
            Line::call("click", json!({"ref": reference("Buy")}))
        }
    });
    let mut front = Front::real(|config| config.model = Some(server.config(kind)));
    front.start(StartRun { task: Some("order one".to_owned()), ..Front::order("r-1") });
    let ended = front.end("r-1").await;
    assert_eq!((ended.outcome, ended.error), (RunOutcome::Completed, None));
    assert_eq!(*shop.orders.lock(), [SENT]);
    let asked = server.heard();
    assert!(!serde_json::to_string(&asked).unwrap().contains("hunter2"), "{asked:?}");

    shop.moves.store(3, Ordering::SeqCst);
    let script = ended.commands.map(Value::Array);
    front.start(StartRun { script, heal: true, ..Front::order("r-2") });
    let again = front.end("r-2").await;
    assert_eq!((again.outcome, again.error), (RunOutcome::Completed, None));
    assert_eq!(*shop.orders.lock(), [SENT, SENT]);
    assert_eq!(server.heard().len(), asked.len(), "no model was asked");
    let steps = front.steps("r-2");
    let healed = steps.iter().filter(|step| step.explanation.contains("found by role and name"));
    assert_eq!(healed.count(), 4, "{steps:?}");
    front.is_silent();
    assert_eq!(front.processes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_approval_nothing_is_sent_before_somebody_says_so() {
    let shop = Shop::open();
    let mut front = Front::real(|_| {});
    for (id, granted) in [("r-1", false), ("r-2", true)] {
        front.heard.clear();
        let (script, allowed) = (Some(order(&shop)), vec!["127.0.0.1".to_owned()]);
        front.start(StartRun { script, approval: true, allowed, ..Front::order(id) });
        let wait = front
            .hear("a request that waits", |message| match message {
                FromAgent::RunWaits(wait) if wait.run == id => Some((**wait).clone()),
                _ => None,
            })
            .await;
        assert_eq!(wait.method.as_deref(), Some("POST"), "{wait:?}");
        assert!(shop.orders.lock().is_empty(), "nothing was sent yet");
        front.runs.take(FromServer::DecideRun(DecideRun {
            run: id.to_owned(),
            wait: wait.wait,
            granted,
            reason: Some("too dear".to_owned()),
            always: false,
        }));
        let ended = front.end(id).await;
        let is_done = ended.outcome == RunOutcome::Completed;
        assert_eq!(
            (is_done, shop.orders.lock().len()),
            (granted, usize::from(granted)),
            "{ended:?}"
        );
        let is_over = |message: &FromAgent| matches!(message, FromAgent::RunGoesOn { .. });
        assert!(front.heard.iter().any(is_over));
        front.is_silent();
    }
    assert_eq!(front.processes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_is_closed_ends_its_run_and_many_runs_leave_nothing() {
    let shop = Shop::open();
    let mut front = Front::real(|_| {});
    let script = json!([{"type": "navigate", "url": shop.url()}, {"type": "wait", "ms": 60_000}]);
    for number in 0..4 {
        front.script(&format!("r-{number}"), script.clone());
    }
    for number in 0..4 {
        let id = format!("r-{number}");
        let step = front.hear("a step", |message| match message {
            FromAgent::RunStep(step) if step.run == id => Some(()),
            _ => None,
        });
        step.await;
    }
    let session = SessionId::new("r-0").unwrap();
    front.runs.pages.close(&session).await;
    assert_eq!(front.end("r-0").await.error.unwrap(), "the browser was closed");
    front.runs.take(FromServer::CancelRun { run: "r-1".to_owned() });
    assert_eq!(front.end("r-1").await.outcome, RunOutcome::Cancelled);
    front.runs.stop().await;
    for id in ["r-2", "r-3"] {
        assert_eq!(front.end(id).await.error.unwrap(), "its agent was stopped");
    }
    assert_eq!(front.processes(), 0);
    for folder in ["agent/runs", "agent/browsers"] {
        let left = std::fs::read_dir(front.folder.path().join(folder)).unwrap().count();
        assert_eq!(left, 0, "{folder}");
    }
}
