//! People over real sockets: signing in and out, roles that count at once, and who is kept out.

mod command_line;
mod devices;
mod page;
mod signing_in;
mod sockets;

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    http::{self, Answer},
    program::Server,
};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";

/// Asks with that token; an empty one is a wrong one.
fn ask(server: &Server, request: &str, token: &str, body: &Value) -> Answer {
    http::send_json(server.address(), request, token, body)
}

/// An administrator who needs no account.
fn root(server: &Server) -> String {
    server.token(&Grant::Person { user: "root".into(), role: Role::Admin })
}

/// Gives somebody an account and returns its id.
fn add(server: &Server, username: &str, role: &str) -> String {
    let email = format!("{username}@example.org");
    let body = json!({ "username": username, "email": email, "password": PASSWORD, "role": role });
    let answer = ask(server, "POST /api/users", &root(server), &body);
    assert_eq!(answer.status, 201, "{}", answer.body);
    text(&answer.json()["user"]["id"])
}

fn login(server: &Server, username: &str, password: &str) -> Answer {
    let body = json!({ "username": username, "password": password });
    ask(server, "POST /api/auth/login", "", &body)
}

/// Signs somebody in, and returns the token and the one to refresh it with.
fn sign_in(server: &Server, username: &str) -> (String, String) {
    let answer = login(server, username, PASSWORD);
    assert_eq!(answer.status, 200, "{}", answer.body);
    (text(&answer.json()["token"]), text(&answer.json()["refreshToken"]))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// Status and code of a refusal.
fn code(answer: &Answer) -> (u16, String) {
    let json = answer.json();
    assert_eq!(json["success"], false, "{}", answer.body);
    assert!(json["error"]["message"].as_str().is_some_and(|words| !words.is_empty()));
    (answer.status, text(&json["error"]["code"]))
}

fn me(server: &Server, token: &str) -> u16 {
    ask(server, "GET /api/auth/me", token, &Value::Null).status
}
