//! Our own REST family, asked over plain HTTP: the real program, real agents.

mod bad_requests;
mod commands;
mod fleet;
mod idempotency;
mod lists;
mod output;
mod sessions;

use std::{net::SocketAddr, time::Instant};

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    http::{self, Answer},
    program::{Agent, PATIENCE, Server},
};
use serde_json::{Value, json};

/// A server, an agent, and whoever asks.
struct Bench {
    server: Server,
    agent: Agent,
    token: String,
}

impl Bench {
    fn start(settings: &[(&str, &str)]) -> Self {
        let usual = [("commands.interrupt_grace", "200ms"), ("commands.queue_capacity", "1000")];
        let server = Server::start(&[&usual, settings].concat());
        let agent = server.agent("a-1");
        let token = server.operator();
        Self { server, agent, token }
    }

    fn address(&self) -> SocketAddr {
        self.server.address()
    }

    fn token(&self, user: &str, role: Role) -> String {
        self.server.token(&Grant::Person { user: user.into(), role })
    }

    fn ask(&self, request: &str, body: &Value) -> Answer {
        http::send_json(self.address(), request, &self.token, body)
    }

    fn get(&self, path: &str) -> Answer {
        self.ask(&format!("GET {path}"), &Value::Null)
    }

    /// What is answered with a status below 300.
    fn done(&self, request: &str, body: &Value) -> Value {
        let answer = self.ask(request, body);
        assert!((200..300).contains(&answer.status), "{request}: {answer:?}");
        answer.json()
    }

    fn read(&self, path: &str) -> Value {
        self.done(&format!("GET {path}"), &Value::Null)
    }

    /// Queues a command on the agent; its id.
    fn queue(&self, line: &str) -> String {
        let body = json!({"agentId": "a-1", "command": line});
        text(&self.done("POST /api/v1/commands", &body), "id")
    }

    /// Asks until the answer is as wanted.
    fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        loop {
            let found = self.read(path);
            if wanted(&found) {
                return found;
            }
            assert!(start.elapsed() < PATIENCE, "{path}: {found}");
        }
    }

    /// The command once it is over.
    fn ended(&self, command: &str) -> Value {
        self.until(&format!("/api/v1/commands/{command}"), |it| it["endedAt"].is_string())
    }

    /// A list, page by page: the fields of that name of everything on it.
    fn pages(&self, path: &str, (list, field): (&str, &str), cursor: &str) -> Vec<Vec<String>> {
        let (mut pages, mut next) = (Vec::new(), String::new());
        loop {
            let answer = self.get(&format!("{path}{next}"));
            assert_eq!(answer.status, 200, "{answer:?}");
            let page = answer.json();
            let all = page[list].as_array().unwrap();
            pages.push(all.iter().map(|it| text(it, field)).collect());
            let following = match &page["next"] {
                Value::Null => None,
                Value::String(next) => Some(next.clone()),
                number => Some(number.to_string()),
            };
            assert_eq!(answer.head.contains("rel=\"next\""), following.is_some(), "{answer:?}");
            let Some(following) = following else { return pages };
            assert!(answer.head.contains(&format!("{cursor}={following}>")), "{answer:?}");
            next = format!("&{cursor}={following}");
        }
    }
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}")).to_owned()
}

/// The value of a header field.
fn field(answer: &Answer, name: &str) -> Option<String> {
    answer.head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

/// A refusal as RFC 9457 has it.
fn assert_problem(answer: &Answer, status: u16, words: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(field(answer, "content-type").as_deref(), Some("application/problem+json"));
    let problem = answer.json();
    assert_eq!(problem["status"], status, "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains(words), "{words}: {problem}");
}
