//! Models over real HTTP, against a server that says what a test wants.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use bytes::Bytes;
use serde_json::{Value, json};

use super::*;
use crate::{
    driver::Observation,
    runs::{config::ModelKind, decider::Gain},
};

const KINDS: [ModelKind; 2] = [ModelKind::OpenAi, ModelKind::Anthropic];
const KEY: &str = "sk-very-secret-key";

/// What a scripted server says to one request.
#[derive(Clone)]
pub(in crate::runs) enum Line {
    /// These calls, with words before them.
    Calls(&'static str, Vec<(&'static str, Value)>),
    /// A call whose arguments are this text.
    Raw(&'static str, &'static str),
    /// An HTTP answer.
    Http(&'static str, String),
    /// Nothing, and the connection stays open.
    Silence,
    /// Nothing, and the connection is closed.
    Cut,
}

impl Line {
    pub(in crate::runs) fn call(name: &'static str, arguments: Value) -> Self {
        Self::Calls("", vec![(name, arguments)])
    }
}

/// A model's server that says what it is told to, line by line, and then nothing sensible.
pub(in crate::runs) struct Scripted {
    pub(in crate::runs) url: String,
    heard: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Scripted {
    /// Says these lines in order.
    pub(in crate::runs) fn start(kind: ModelKind, lines: Vec<Line>) -> Self {
        let usual = || Line::Http("500 Internal Server Error", "no more lines".to_owned());
        Self::reading(kind, lines, move |_| usual())
    }

    /// Says these lines in order, and then what comes of what it was told.
    pub(in crate::runs) fn reading(
        kind: ModelKind,
        lines: Vec<Line>,
        then: impl Fn(&str) -> Line + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let heard: Arc<Mutex<Vec<_>>> = Arc::default();
        let kept = heard.clone();
        thread::spawn(move || {
            let mut open = Vec::new();
            let mut lines = lines.into_iter();
            for mut stream in listener.incoming().flatten() {
                let Some(request) = read(&mut stream) else { continue };
                let told = told(&request.1);
                kept.lock().unwrap().push(request);
                match lines.next().unwrap_or_else(|| then(&told)) {
                    Line::Silence => open.push(stream),
                    Line::Cut => {}
                    Line::Http(head, body) => answer(&mut stream, head, &body),
                    Line::Calls(words, calls) => {
                        let calls: Vec<_> =
                            calls.into_iter().map(|(name, it)| (name, it.to_string())).collect();
                        answer(&mut stream, "200 OK", &said(kind, words, &calls).to_string());
                    }
                    Line::Raw(name, arguments) => {
                        let calls = [(name, arguments.to_owned())];
                        answer(&mut stream, "200 OK", &said(kind, "", &calls).to_string());
                    }
                }
            }
        });
        Self { url, heard }
    }

    /// Heads and bodies of all requests so far.
    pub(in crate::runs) fn heard(&self) -> Vec<(String, Value)> {
        self.heard.lock().unwrap().clone()
    }

    pub(in crate::runs) fn config(&self, kind: ModelKind) -> ModelConfig {
        ModelConfig {
            url: Some(self.url.clone()),
            key: Some(KEY.to_owned()),
            retry_first: Duration::from_millis(2),
            within: Duration::from_secs(20),
            ..ModelConfig::new(kind, "model-1")
        }
    }
}

fn read(stream: &mut TcpStream) -> Option<(String, Value)> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let head = head.to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    let mut body = vec![0; length.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some((head, serde_json::from_slice(&body).ok()?))
}

/// The words of the last message.
fn told(body: &Value) -> String {
    let last = body["messages"].as_array().and_then(|messages| messages.last());
    match last.map(|last| &last["content"]) {
        Some(Value::String(text)) => text.clone(),
        Some(content) => content[0]["text"].as_str().unwrap_or_default().to_owned(),
        None => String::new(),
    }
}

fn answer(stream: &mut TcpStream, head: &str, body: &str) {
    let length = body.len();
    let answer =
        format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
    let _ = stream.write_all(answer.as_bytes());
}

fn said(kind: ModelKind, words: &str, calls: &[(&str, String)]) -> Value {
    let calls = calls.iter().zip(1..);
    match kind {
        ModelKind::OpenAi => {
            let calls: Vec<_> = calls
                .map(|((name, arguments), number)| {
                    json!({"id": format!("c{number}"), "type": "function",
                           "function": {"name": name, "arguments": arguments}})
                })
                .collect();
            json!({
                "choices": [{"finish_reason": "", "message": {
                    "role": "assistant", "content": words, "tool_calls": calls,
                }}],
                "usage": {"prompt_tokens": 90, "completion_tokens": 10, "total_tokens": 100},
                "service_tier": "on_demand",
            })
        }
        ModelKind::Anthropic => {
            let mut content = vec![json!({"type": "text", "text": words})];
            content.extend(calls.map(|((name, arguments), number)| {
                let input = serde_json::from_str(arguments).unwrap_or(json!("no object"));
                json!({"type": "tool_use", "id": format!("c{number}"), "name": name, "input": input})
            }));
            json!({"content": content, "stop_reason": "tool_use",
                   "usage": {"input_tokens": 90, "output_tokens": 10}})
        }
    }
}

fn model(config: ModelConfig) -> Model {
    Model::new(config, "buy shoes", &Secrets::default(), 7).unwrap()
}

fn page() -> Observation {
    Observation {
        url: "https://shop.example/".to_owned(),
        title: "Shop".to_owned(),
        outline: "button \"Buy\" [e1]".to_owned(),
        ..Observation::default()
    }
}

fn seen<'a>(
    page: &'a Observation,
    picture: Option<&'a Bytes>,
    last: Option<&'a Happened>,
) -> Seen<'a> {
    Seen { page: Some(page), picture, last, steps: 9, time: Duration::from_secs(30) }
}

async fn decide(model: &mut Model, last: Option<&Happened>) -> Result<Value, String> {
    let page = page();
    match model.decide(seen(&page, None, last)).await {
        Ok(Decision::Do(deed)) => Ok(deed.written()),
        Ok(Decision::Over { .. }) => panic!("a model calls `done`"),
        Err(error) => Err(error.0),
    }
}

fn came(deed: &Value, step: u32, result: Result<&str, &str>) -> Happened {
    let gain = |text: &str| Gain { text: Some(text.to_owned()), notes: Vec::new() };
    let result = result.map(gain).map_err(str::to_owned);
    Happened { step, deed: Deed::read(deed).unwrap(), result }
}

#[tokio::test]
async fn a_model_is_asked_in_its_dialect_and_its_call_is_the_deed() {
    for kind in KINDS {
        let call = json!({"ref": "e1", "explanation": "to buy"});
        let server = Scripted::start(kind, vec![Line::call("click", call)]);
        let mut model = model(server.config(kind));
        let picture = Bytes::from_static(&[0xff, 0xd8, 0xff]);
        let page = page();
        let decided = model.decide(seen(&page, Some(&picture), None)).await;
        let Ok(Decision::Do(deed)) = decided else { panic!("{decided:?}") };
        let expected = json!({"type": "click", "ref": "e1", "explanation": "to buy"});
        assert_eq!(deed.written(), expected);
        let (head, body) = server.heard().remove(0);
        assert_eq!(body["model"], "model-1");
        let told = body.to_string();
        assert!(told.contains("/9j/") || told.contains("/9j\\/"), "the picture is shown: {told}");
        assert!(told.contains("buy shoes") && told.contains("[e1]"), "{told}");
        assert!(told.contains("</untrusted-0000000000000007>"), "{told}");
        match kind {
            ModelKind::OpenAi => {
                assert!(head.starts_with("post /v1/chat/completions "), "{head}");
                assert!(head.contains(&format!("authorization: bearer {KEY}")), "{head}");
                assert_eq!(body["tools"][0]["function"]["name"], "navigate");
                assert_eq!(body["max_tokens"], 2048);
            }
            ModelKind::Anthropic => {
                assert!(head.starts_with("post /v1/messages "), "{head}");
                assert!(head.contains(&format!("x-api-key: {KEY}")), "{head}");
                assert!(head.contains("anthropic-version: 2023-06-01"), "{head}");
                assert_eq!(body["tools"][0]["input_schema"]["type"], "object");
            }
        }
    }
}

#[tokio::test]
async fn what_passes_is_asked_again_and_what_does_not_is_told() {
    for kind in KINDS {
        let busy = |head| Line::Http(head, json!({"error": {"message": "busy"}}).to_string());
        let lines = vec![
            busy("429 Too Many Requests\r\nretry-after: 0"),
            busy("503 Service Unavailable"),
            Line::Cut,
            Line::Http("200 OK", "<html>not JSON</html>".to_owned()),
            Line::Http("200 OK", json!({"error": {"code": 502, "message": "behind"}}).to_string()),
            Line::call("back", json!({})),
        ];
        let count = lines.len();
        let server = Scripted::start(kind, lines);
        let decided = decide(&mut model(server.config(kind)), None).await;
        assert_eq!(decided, Ok(json!({"type": "back"})), "{kind:?}");
        assert_eq!(server.heard().len(), count);

        let words = format!("Incorrect API key provided: {KEY}.");
        let body = json!({"error": {"message": words}}).to_string();
        let server = Scripted::start(kind, vec![Line::Http("401 Unauthorized", body)]);
        let error = decide(&mut model(server.config(kind)), None).await.unwrap_err();
        assert!(error.contains("401") && error.contains("Incorrect API key"), "{error}");
        assert!(!error.contains(KEY), "{error}");
        assert_eq!(server.heard().len(), 1, "it is not asked again");
    }
}

#[tokio::test]
async fn a_server_that_wants_more_time_than_there_is_ends_the_run() {
    let lines = vec![Line::Http("429 Too Many Requests\r\nretry-after: 3600", String::new())];
    let server = Scripted::start(ModelKind::OpenAi, lines);
    let error = decide(&mut model(server.config(ModelKind::OpenAi)), None).await.unwrap_err();
    assert!(error.contains("no time left to ask again"), "{error}");
}

#[tokio::test]
async fn a_slow_model_is_given_up_and_asked_again() {
    for kind in KINDS {
        let server = Scripted::start(kind, vec![Line::Silence, Line::call("back", json!({}))]);
        let config = ModelConfig { within: Duration::from_millis(300), ..server.config(kind) };
        assert_eq!(decide(&mut model(config), None).await, Ok(json!({"type": "back"})));
        assert_eq!(server.heard().len(), 2);
    }
}

#[tokio::test]
async fn wrong_calls_are_answered_back_and_then_right() {
    for kind in KINDS {
        let server = Scripted::start(
            kind,
            vec![
                Line::call("fly", json!({})),
                Line::Raw("click", "{\"ref\": "),
                Line::call("click", json!({"ref": "e1"})),
            ],
        );
        let decided = decide(&mut model(server.config(kind)), None).await;
        assert_eq!(decided, Ok(json!({"type": "click", "ref": "e1"})), "{kind:?}");
        let heard = server.heard();
        let last = heard.last().unwrap().1["messages"].to_string();
        assert!(last.contains("there is no tool `fly`"), "{last}");
        assert!(last.contains("JSON"), "{last}");
    }
}

#[tokio::test]
async fn a_model_that_makes_no_sense_is_not_asked_for_ever() {
    for kind in KINDS {
        let lines = vec![Line::call("click", json!({"selector": "#a"})); 20];
        let server = Scripted::start(kind, lines);
        let error = decide(&mut model(server.config(kind)), None).await.unwrap_err();
        assert!(error.contains("make no sense, 4 times in a row"), "{error}");
        assert!(error.contains("`ref` is missing"), "{error}");
        assert_eq!(server.heard().len(), MOST_MISTAKES);
    }
}

#[tokio::test]
async fn who_calls_nothing_is_asked_again_and_then_taken_at_its_word() {
    for kind in KINDS {
        let words = |text| Line::Calls(text, Vec::new());
        let server = Scripted::start(kind, vec![words("Let me see."), words("It is 42.")]);
        let decided = decide(&mut model(server.config(kind)), None).await;
        assert_eq!(decided, Ok(json!({"type": "done", "answer": "It is 42."})));
        assert!(server.heard()[1].1.to_string().contains("You called no tool"));
    }
}

#[tokio::test]
async fn of_several_calls_those_are_done_up_to_the_first_that_changes_the_page() {
    for kind in KINDS {
        let calls = vec![
            ("extract", json!({})),
            ("click", json!({"ref": "e1"})),
            ("click", json!({"ref": "e2"})),
            ("back", json!({})),
        ];
        let lines =
            vec![Line::Calls("Reading first.", calls), Line::call("done", json!({"answer": "x"}))];
        let server = Scripted::start(kind, lines);
        let mut model = model(server.config(kind));
        let first = decide(&mut model, None).await.unwrap();
        let extract = json!({"type": "extract", "explanation": "Reading first."});
        assert_eq!(first, extract);
        let read = came(&first, 1, Ok("a text"));
        assert!(!model.looks(Some(&read)), "what comes next is decided");
        let second = decide(&mut model, Some(&read)).await.unwrap();
        assert_eq!(second["ref"], "e1");
        let clicked = came(&second, 2, Ok("clicked"));
        assert!(model.looks(Some(&clicked)));
        let third = decide(&mut model, Some(&clicked)).await.unwrap();
        assert_eq!(third["type"], "done");
        let told = server.heard()[1].1.to_string();
        assert!(told.contains("2 more calls of the same answer were not done"), "{told}");
    }
}

#[tokio::test]
async fn after_what_failed_nothing_of_the_same_answer_is_done() {
    let kind = ModelKind::OpenAi;
    let calls = vec![("extract", json!({"ref": "e9"})), ("click", json!({"ref": "e1"}))];
    let lines = vec![Line::Calls("", calls), Line::call("back", json!({}))];
    let server = Scripted::start(kind, lines);
    let mut model = model(server.config(kind));
    let first = decide(&mut model, None).await.unwrap();
    let failed = came(&first, 1, Err("there is no such element"));
    assert!(model.looks(Some(&failed)));
    assert_eq!(decide(&mut model, Some(&failed)).await.unwrap()["type"], "back");
    let told = server.heard()[1].1.to_string();
    assert!(told.contains("there is no such element"), "{told}");
    assert!(told.contains("1 more calls"), "{told}");
}

#[tokio::test]
async fn a_run_takes_no_more_tokens_than_it_may() {
    for kind in KINDS {
        let server = Scripted::start(kind, vec![Line::call("back", json!({})); 9]);
        let config = ModelConfig { budget: 200, ..server.config(kind) };
        let mut model = model(config);
        for _ in 0..2 {
            decide(&mut model, None).await.unwrap();
        }
        let error = decide(&mut model, None).await.unwrap_err();
        assert!(error.contains("used up the 200 tokens"), "{error}");
        assert_eq!(server.heard().len(), 2);
    }
}

#[tokio::test]
async fn newer_models_are_told_their_limit_by_its_newer_name() {
    let kind = ModelKind::OpenAi;
    let words = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.";
    let refused = json!({"error": {"message": words}}).to_string();
    let lines = vec![Line::Http("400 Bad Request", refused), Line::call("back", json!({}))];
    let server = Scripted::start(kind, lines);
    decide(&mut model(server.config(kind)), None).await.unwrap();
    let body = server.heard().remove(1).1;
    assert_eq!((&body["max_completion_tokens"], &body["max_tokens"]), (&json!(2048), &Value::Null));
}

#[tokio::test]
async fn a_model_that_does_not_see_is_shown_nothing_and_long_pages_are_cut() {
    let kind = ModelKind::OpenAi;
    let server = Scripted::start(kind, vec![Line::call("back", json!({}))]);
    let config = ModelConfig { sees: false, outline: 1000, ..server.config(kind) };
    let picture = Bytes::from_static(&[0xff, 0xd8, 0xff]);
    let page = Observation { outline: "ä".repeat(9000), ..page() };
    model(config).decide(seen(&page, Some(&picture), None)).await.unwrap();
    let told = server.heard().remove(0).1["messages"].to_string();
    assert!(!told.contains("image_url"), "{told}");
    assert!(told.contains("the rest is left out"), "{told}");
    assert!(told.matches('ä').count() <= 500);
}
