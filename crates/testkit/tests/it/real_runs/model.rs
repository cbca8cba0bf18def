//! A language model behind HTTP that says what a test has it say, as servers of chat completions do.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use serde_json::{Value, json};

/// What opens it.
pub(super) const KEY: &str = "sk-that-nobody-may-read";

/// What it says to one question.
pub(super) enum Says {
    /// One tool is called.
    Call(&'static str, Value),
    /// It refuses, with that status and these words.
    Refuses(&'static str, &'static str),
}

/// It stays for as long as the process lives.
pub(super) struct Model {
    pub(super) url: String,
    heard: Arc<Mutex<Vec<Value>>>,
}

impl Model {
    /// Decides by what it is told: the task, what was done, and the page.
    pub(super) fn that(says: impl Fn(&str) -> Says + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let heard: Arc<Mutex<Vec<_>>> = Arc::default();
        let kept = heard.clone();
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let Some(asked) = read(&mut stream) else { continue };
                let content = &asked["messages"].as_array().unwrap().last().unwrap()["content"];
                let told = content.as_str().or_else(|| content[0]["text"].as_str());
                let said = says(told.unwrap_or_default());
                heard.lock().unwrap().push(asked);
                answer(&mut stream, said);
            }
        });
        Self { url, heard: kept }
    }

    /// One that orders green tea for Ann.
    pub(super) fn that_orders(home: String) -> Self {
        Self::that(move |told| {
            if told.contains("was denied") {
                return Says::Call("done", json!({"answer": "I was not allowed to order."}));
            }
            if told.contains("It is on its way.") {
                return Says::Call("done", json!({"answer": "It is ordered."}));
            }
            if let Some(reference) = reference(told, "textbox", "Your name") {
                let is_named = told.contains("— Ann is who wants it");
                return if is_named {
                    let reference = self::reference(told, "button", "Order").unwrap();
                    Says::Call("click", json!({"ref": reference, "explanation": "to order"}))
                } else {
                    let why = "Ann is who wants it";
                    let call = json!({"ref": reference, "text": "Ann", "explanation": why});
                    Says::Call("type", call)
                };
            }
            match reference(told, "link", "Green tea") {
                Some(reference) => Says::Call("click", json!({"ref": reference})),
                None => Says::Call("navigate", json!({"url": home})),
            }
        })
    }

    /// The bodies of all questions so far.
    pub(super) fn heard(&self) -> Vec<Value> {
        self.heard.lock().unwrap().clone()
    }
}

/// The reference of an element in the outline that is told.
fn reference(told: &str, role: &str, name: &str) -> Option<String> {
    let named = format!("{role} \"{name}\"");
    let line = told.lines().find(|line| line.contains(&named))?;
    let from = line.find("[e")? + 1;
    Some(line[from..].split(']').next()?.to_owned())
}

fn read(stream: &mut TcpStream) -> Option<Value> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let is_opened = head.contains(&format!("Bearer {KEY}"));
    let head = head.to_lowercase();
    assert!(is_opened && head.starts_with("post /v1/chat/completions "), "{head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    let mut body = vec![0; length.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

fn answer(stream: &mut TcpStream, said: Says) {
    let (head, body) = match said {
        Says::Refuses(head, words) => (head, json!({"error": {"message": words}})),
        Says::Call(name, arguments) => {
            let function = json!({"name": name, "arguments": arguments.to_string()});
            let calls = json!([{"id": "c1", "type": "function", "function": function}]);
            let message = json!({"role": "assistant", "content": null, "tool_calls": calls});
            let choices = json!([{"index": 0, "finish_reason": "tool_calls", "message": message}]);
            let usage = json!({"prompt_tokens": 90, "completion_tokens": 10, "total_tokens": 100});
            ("200 OK", json!({"object": "chat.completion", "choices": choices, "usage": usage}))
        }
    };
    let body = body.to_string();
    let length = body.len();
    let fields = "content-type: application/json\r\nconnection: close";
    let answer = format!("HTTP/1.1 {head}\r\n{fields}\r\ncontent-length: {length}\r\n\r\n{body}");
    let _ = stream.write_all(answer.as_bytes());
}
