//! What secrets a run types, and where they are not seen. Models and what they leave to be done again.

use super::{
    super::{
        config::ModelKind,
        llm::tests::{Line, Scripted},
    },
    *,
};

const VALUE: &str = "hunter2-and-more";

fn log_in() -> Value {
    json!({"type": "type", "selector": "#p", "text": "{{secret:pass}}"})
}

fn is_clean(front: &Front) {
    let told = serde_json::to_string(&front.heard).unwrap();
    assert!(!told.contains("hunter2"), "{told}");
    assert!(told.contains("{{secret:pass}}"), "{told}");
}

#[tokio::test]
async fn a_secret_is_typed_and_told_nobody() {
    let mut front = Front::new();
    let script = json!([
        navigate(),
        log_in(),
        {"type": "extract"},
        {"type": "navigate", "url": "https://shop.example/?t={{secret:pass}}"},
        {"type": "done", "answer": "in with hunter2-and-more"},
    ]);
    front.script("r-1", script);
    let ended = front.end("r-1").await;
    assert_eq!((ended.outcome, ended.error), (RunOutcome::Completed, None));
    assert_eq!(front.stage.typed(), [VALUE]);
    let answer = "read: {{secret:pass}}\nin with {{secret:pass}}";
    assert_eq!(ended.answer.as_deref(), Some(answer));
    let commands = ended.commands.unwrap();
    assert_eq!(commands[1]["text"], "{{secret:pass}}");
    assert_eq!(commands[3]["url"], "https://shop.example/?t={{secret:pass}}");
    is_clean(&front);
}

#[tokio::test]
async fn a_secret_for_another_site_is_not_typed() {
    let mut front = Front::new();
    let elsewhere = json!({"type": "navigate", "url": "https://evil.example/"});
    front.script("r-1", json!([elsewhere, log_in()]));
    let error = front.end("r-1").await.error.unwrap();
    assert!(error.contains("the secret `pass` is not for evil.example"), "{error}");
    assert!(front.stage.typed().is_empty());
}

#[tokio::test]
async fn a_secrets_file_that_others_can_read_fails_the_run() {
    let mut front = Front::new();
    let path = front.folder.path().join("secrets");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    front.script("r-1", json!([navigate()]));
    let error = front.end("r-1").await.error.unwrap();
    assert!(error.contains("chmod 600"), "{error}");
}

/// A model that logs in, asks, reads and answers.
fn lines() -> Vec<Line> {
    vec![
        Line::call("navigate", json!({"url": "https://shop.example/", "explanation": "begin"})),
        Line::call("type", json!({"ref": "e1", "text": "{{secret:pass}}"})),
        Line::call("ask", json!({"question": "Which size?"})),
        Line::call("click", json!({"ref": "e2"})),
        Line::call("extract", json!({})),
        Line::call("done", json!({"answer": "It costs 42."})),
    ]
}

#[tokio::test]
async fn what_a_model_did_is_done_again_without_it() {
    for kind in [ModelKind::OpenAi, ModelKind::Anthropic] {
        let server = Scripted::start(kind, lines());
        let mut front = Front::with(|config| config.model = Some(server.config(kind)));
        front.start(StartRun { task: Some("buy shoes".to_owned()), ..Front::order("r-1") });
        front.wait("ask-1").await;
        front.runs.take(FromServer::ReplyRun(ReplyRun {
            run: "r-1".to_owned(),
            wait: "ask-1".to_owned(),
            text: "size 42, and not hunter2-and-more".to_owned(),
        }));
        let ended = front.end("r-1").await;
        assert_eq!((ended.outcome, ended.error), (RunOutcome::Completed, None));
        assert_eq!(ended.answer.as_deref(), Some("It costs 42."));
        is_clean(&front);
        let heard = serde_json::to_string(&server.heard()).unwrap();
        assert!(!heard.contains("hunter2"), "a model learns no value: {heard}");
        assert!(heard.contains("size 42, and not {{secret:pass}}"), "{heard}");
        assert!(heard.contains("pass (only on shop.example)"), "{heard}");
        let commands = ended.commands.unwrap();
        let text = serde_json::to_string(&commands).unwrap();
        assert!(!text.contains("\"ref\"") && !text.contains("\"ask\""), "{text}");
        let asked = server.heard().len();
        let (did, typed) = (front.stage.did(), front.stage.typed());

        let script = Some(Value::Array(commands));
        front.start(StartRun { script, heal: true, ..Front::order("r-2") });
        let again = front.end("r-2").await;
        assert_eq!((again.outcome, again.error), (RunOutcome::Completed, None));
        assert_eq!(server.heard().len(), asked, "no model is asked");
        assert_eq!(front.stage.did(), [did.clone(), did].concat());
        assert_eq!(front.stage.typed(), [typed.clone(), typed].concat());
        is_clean(&front);
    }
}

#[tokio::test]
async fn a_model_hears_what_went_wrong_and_goes_on() {
    let kind = ModelKind::OpenAi;
    let lines = vec![
        Line::call("navigate", json!({"url": "https://evil.example/"})),
        Line::call("type", json!({"ref": "e1", "text": "{{secret:pass}}"})),
        Line::call("done", json!({"answer": "cannot log in there"})),
    ];
    let server = Scripted::start(kind, lines);
    let mut front = Front::with(|config| config.model = Some(server.config(kind)));
    front.start(StartRun { task: Some("log in".to_owned()), ..Front::order("r-1") });
    let ended = front.end("r-1").await;
    assert_eq!((ended.outcome, ended.error), (RunOutcome::Completed, None));
    assert!(front.stage.typed().is_empty());
    let told = server.heard()[2].1.to_string();
    assert!(told.contains("the secret `pass` is not for evil.example"), "{told}");
}

#[tokio::test]
async fn a_model_looks_again_after_a_person_steered() {
    let kind = ModelKind::OpenAi;
    let lines = vec![
        Line::call("click", json!({"ref": "e9"})),
        Line::call("done", json!({"answer": "the person did it"})),
    ];
    let server = Scripted::start(kind, lines);
    let mut front = Front::with(|config| config.model = Some(server.config(kind)));
    front.stage.hold(true);
    front.start(StartRun { task: Some("click".to_owned()), ..Front::order("r-1") });
    front.paused(true).await;
    assert!(server.heard().is_empty(), "nobody is asked while a person steers");
    front.stage.hold(false);
    let ended = front.end("r-1").await;
    assert_eq!(ended.answer.as_deref(), Some("the person did it"));
    assert!(front.stage.did().is_empty());
    assert_eq!(front.steps("r-1").len(), 1, "what was not done is no step");
    let told = server.heard()[1].1.to_string();
    assert!(told.contains("a person steered the browser meanwhile"), "{told}");
}

#[tokio::test]
async fn a_model_that_fails_fails_the_run_with_its_words() {
    let kind = ModelKind::Anthropic;
    let body = json!({"type": "error", "error": {"message": "credit balance is too low"}});
    let server = Scripted::start(kind, vec![Line::Http("400 Bad Request", body.to_string())]);
    let mut front = Front::with(|config| config.model = Some(server.config(kind)));
    front.start(StartRun { task: Some("x".to_owned()), ..Front::order("r-1") });
    let error = front.end("r-1").await.error.unwrap();
    assert!(error.contains("credit balance is too low"), "{error}");
    assert_eq!(front.stage.browsers(), (0, 1));
}
