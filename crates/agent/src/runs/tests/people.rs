//! What people do with runs that are under way.

use super::*;

fn reply(run: &str, wait: &str, text: &str) -> FromServer {
    FromServer::ReplyRun(ReplyRun {
        run: run.to_owned(),
        wait: wait.to_owned(),
        text: text.to_owned(),
    })
}

#[tokio::test]
async fn a_question_waits_for_its_answer() {
    let mut front = Front::new();
    front.script("r-1", json!([{"type": "ask", "question": "Which?"}, navigate()]));
    let wait = front.wait("ask-1").await;
    assert_eq!((&*wait.text, wait.method), ("Which?", None));
    assert!(wait.timeout.is_some_and(|left| left > 3_500_000), "{:?}", wait.timeout);
    assert_eq!(front.steps("r-1")[0].action["question"], "Which?");
    front.runs.take(reply("r-1", "ask-0", "to something else"));
    front.runs.take(reply("r-1", "ask-1", "the blue one"));
    let ended = front.end("r-1").await;
    assert_eq!(ended.outcome, RunOutcome::Completed);
    let went_on = |message: &FromAgent| match message {
        FromAgent::RunGoesOn { wait, .. } => Some(wait.clone()),
        _ => None,
    };
    assert_eq!(front.heard.iter().find_map(went_on).as_deref(), Some("ask-1"));
    assert_eq!(ended.commands.unwrap()[0]["type"], "ask", "a list's questions are a part of it");
}

#[tokio::test]
async fn a_question_that_nobody_answers_fails_a_script() {
    let mut front = Front::with(|config| config.answer_within = Duration::from_millis(50));
    front.script("r-1", json!([{"type": "ask", "question": "Which?"}]));
    let error = front.end("r-1").await.error.unwrap();
    assert!(error.contains("nobody answered"), "{error}");
}

#[tokio::test]
async fn waiting_for_a_person_takes_none_of_a_run_s_time() {
    let mut front = Front::with(|config| config.answer_within = Duration::from_millis(600));
    let script = Some(json!([{"type": "ask", "question": "Which?"}]));
    front.start(StartRun { script, timeout: 300, ..Front::order("r-1") });
    let error = front.end("r-1").await.error.unwrap();
    assert!(error.contains("nobody answered"), "{error}");
}

#[tokio::test]
async fn a_paused_run_does_nothing_until_it_is_resumed() {
    let mut front = Front::new();
    let ask = json!({"type": "ask", "question": "Which?"});
    front.script("r-1", json!([ask, navigate(), click("#a")]));
    front.wait("ask-1").await;
    front.runs.take(FromServer::PauseRun { run: "r-1".to_owned() });
    front.paused(true).await;
    front.runs.take(reply("r-1", "ask-1", "x"));
    front.hear("going on", |it| matches!(it, FromAgent::RunGoesOn { .. }).then_some(())).await;
    assert_eq!(front.stage.did(), Vec::<String>::new());
    front.runs.take(FromServer::ResumeRun { run: "r-1".to_owned() });
    front.paused(false).await;
    assert_eq!(front.end("r-1").await.outcome, RunOutcome::Completed);
    assert_eq!(front.stage.did(), ["navigate", "click"]);
}

#[tokio::test]
async fn a_paused_run_can_be_cancelled() {
    let mut front = Front::new();
    front.script("r-1", json!([{"type": "ask", "question": "Which?"}, navigate()]));
    front.wait("ask-1").await;
    front.runs.take(FromServer::PauseRun { run: "r-1".to_owned() });
    front.runs.take(reply("r-1", "ask-1", "x"));
    front.runs.take(FromServer::CancelRun { run: "r-1".to_owned() });
    assert_eq!(front.end("r-1").await.outcome, RunOutcome::Cancelled);
}

#[tokio::test]
async fn a_run_waits_for_the_person_who_steers_and_then_does_what_was_next() {
    let mut front = Front::new();
    front.stage.hold(true);
    front.script("r-1", json!([navigate(), click("#a")]));
    front.paused(true).await;
    assert_eq!(front.stage.did(), Vec::<String>::new());
    front.stage.hold(false);
    front.paused(false).await;
    assert_eq!(front.end("r-1").await.outcome, RunOutcome::Completed);
    assert_eq!(front.stage.did(), ["navigate", "click"]);
}

#[tokio::test]
async fn what_a_person_came_before_is_done_when_they_are_done() {
    let mut front = Front::new();
    front.script("r-1", json!([navigate(), click("#held"), click("#a")]));
    assert_eq!(front.end("r-1").await.outcome, RunOutcome::Completed);
    assert_eq!(front.stage.did(), ["navigate", "click", "click"]);
    assert_eq!(front.steps("r-1").len(), 3);
}

#[tokio::test]
async fn what_a_run_waits_for_is_said_over_every_link() {
    let mut front = Front::new();
    front.script("r-1", json!([navigate(), {"type": "ask", "question": "Which?"}]));
    front.wait("ask-1").await;
    front.heard.clear();
    let stored = RunStored { run: "r-1".to_owned(), steps: 1 };
    front.runs.welcomed(&[stored], &[]);
    front.wait("ask-1").await;
    let steps: Vec<_> = front.steps("r-1").iter().map(|step| step.number).collect();
    assert_eq!(steps, [2], "and after the steps that the server lacks");
    front.runs.stop().await;
}
