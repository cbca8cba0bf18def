//! Sign-ins one by one: where somebody is signed in, and how a single device is signed out.

use std::{
    io::Write,
    process::{Output, Stdio},
};

use pilothouse_testkit::{program::Server, viewer::Viewer};
use serde_json::{Value, json};

use super::{
    PASSWORD, add, ask,
    command_line::{Machine, said},
    login, me, root, sign_in,
};

/// The ids of somebody's sign-ins, the one that asks first.
fn sign_ins(server: &Server, token: &str, user: &str) -> Vec<String> {
    let answer = ask(server, &format!("GET /api/v1/users/{user}/sign-ins"), token, &Value::Null);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let mut all = answer.json()["signIns"].as_array().unwrap().clone();
    all.sort_by_key(|one| one["isCurrent"] != true);
    all.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

fn end(server: &Server, token: &str, path: &str) -> u16 {
    ask(server, &format!("DELETE /api/v1/users/{path}"), token, &Value::Null).status
}

fn dashboard(server: &Server, token: &str) -> Viewer {
    let mut viewer = Viewer::dashboard(server.address(), token);
    viewer.expect("agent:list");
    viewer
}

#[test]
fn a_device_that_is_signed_out_loses_its_sockets_at_once_and_the_others_go_on() {
    let mut server = Server::start(&[]);
    add(&server, "ann", "operator");
    let (here, _) = sign_in(&server, "ann");
    let (lost, renewal) = sign_in(&server, "ann");
    let (mut mine, mut stolen) = (dashboard(&server, &here), dashboard(&server, &lost));
    let ids = sign_ins(&server, &here, "me");
    assert_eq!(ids.len(), 2);
    let seen = ask(&server, "GET /api/v1/users/ann/sign-ins", &here, &Value::Null).json();
    assert_eq!(seen["signIns"][1]["address"], "127.0.0.1");
    assert_eq!(seen["signIns"][0]["isCurrent"], true);

    assert_eq!(end(&server, &here, &format!("me/sign-ins/{}", ids[1])), 204);
    stolen.expect_close();
    assert_eq!((me(&server, &lost), me(&server, &here)), (401, 200));
    let body = json!({ "refreshToken": renewal });
    assert_eq!(ask(&server, "POST /api/auth/refresh", "", &body).status, 401);
    mine.send(&json!({"type": "heartbeat", "payload": {"sequence": 1}}));
    mine.expect("heartbeat");
    assert_eq!(end(&server, &here, &format!("me/sign-ins/{}", ids[1])), 404);

    server.kill_and_restart();
    assert_eq!((me(&server, &lost), sign_ins(&server, &here, "me").len()), (401, 1));
    sign_in(&server, "ann");
    assert_eq!(end(&server, &here, "me/sign-ins"), 204);
    assert_eq!(me(&server, &here), 401);
    assert_eq!(sign_ins(&server, &root(&server), "ann"), Vec::<String>::new());
}

#[test]
fn others_devices_take_an_administrator() {
    let server = Server::start(&[]);
    add(&server, "ann", "operator");
    add(&server, "ben", "operator");
    let (ann, _) = sign_in(&server, "ann");
    let (ben, _) = sign_in(&server, "ben");
    let of_ann = sign_ins(&server, &ann, "me").remove(0);
    let seen = ask(&server, "GET /api/v1/users/ann/sign-ins", &ben, &Value::Null);
    assert_eq!(seen.status, 403, "{}", seen.body);
    assert_eq!(end(&server, &ben, &format!("ann/sign-ins/{of_ann}")), 403);
    assert_eq!(end(&server, &ben, "ann/sign-ins"), 403);
    // It is not his, by whichever path.
    assert_eq!(end(&server, &ben, &format!("me/sign-ins/{of_ann}")), 404);
    assert_eq!(me(&server, &ann), 200);
    let admin = root(&server);
    assert_eq!(end(&server, &admin, "me/sign-ins"), 404, "a token without an account has none");
    assert_eq!(end(&server, &admin, "nobody/sign-ins"), 404);
    let mut socket = dashboard(&server, &ann);
    assert_eq!(end(&server, &admin, &format!("ann/sign-ins/{of_ann}")), 204);
    socket.expect_close();
    assert_eq!((me(&server, &ann), me(&server, &ben)), (401, 200));
    let audit = ask(&server, "GET /api/v1/audit?action=user.sign_in.ended", &admin, &Value::Null);
    let records = audit.json()["records"].as_array().unwrap().clone();
    let results: Vec<_> = records.iter().map(|it| it["result"].as_str().unwrap()).collect();
    assert_eq!(results, ["success", "failure", "failure", "denied", "denied"], "{records:?}");
    assert_eq!(records[0]["detail"], of_ann);
}

#[test]
fn ones_own_password_takes_the_current_one_on_the_command_line_too() {
    let server = Server::start(&[]);
    add(&server, "ann", "operator");
    let (token, _) = sign_in(&server, "ann");
    let machine = Machine::new();
    let run = |arguments: &[&str], input: &str| -> Output {
        let mut command = machine.command(&server, arguments);
        command.env("PILOTHOUSE_TOKEN", &token).stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let devices = run(&["user", "devices"], "");
    assert!(said(&devices).contains("127.0.0.1"), "{}", said(&devices));
    assert!(said(&devices).contains("this one"), "{}", said(&devices));
    let wrong = run(&["user", "password", "ann"], "a guess of mine\na better horse\n");
    assert_eq!(wrong.status.code(), Some(77), "{}", said(&wrong));
    assert!(said(&wrong).contains("the current password is another"), "{}", said(&wrong));
    assert!(!said(&wrong).contains("token"), "{}", said(&wrong));
    assert_eq!(login(&server, "ann", PASSWORD).status, 200);
    let right = run(&["user", "password"], &format!("{PASSWORD}\na better horse\n"));
    assert_eq!(right.status.code(), Some(0), "{}", said(&right));
    assert_eq!(login(&server, "ann", "a better horse").status, 200);
    assert_eq!(login(&server, "ann", PASSWORD).status, 401);
}

#[test]
fn logout_of_all_devices_ends_the_others_too() {
    let server = Server::start(&[]);
    add(&server, "ann", "operator");
    let (token, _) = sign_in(&server, "ann");
    let answer = login(&server, "ann", PASSWORD).json();
    let machine = Machine::new();
    let folder = machine.0.path().join("pilothouse");
    std::fs::create_dir(&folder).unwrap();
    let key = format!("http://{}", server.address());
    let login = json!({ "token": answer["token"], "refreshToken": answer["refreshToken"],
                        "expiresAt": u64::MAX / 4 });
    let file = json!({ "servers": { key: login } });
    std::fs::write(folder.join("login.json"), file.to_string()).unwrap();
    let mut socket = dashboard(&server, &token);
    let out = machine.run(&server, &["logout", "--all"]);
    assert_eq!(out.status.code(), Some(0), "{}", said(&out));
    socket.expect_close();
    assert_eq!((me(&server, &token), me(&server, answer["token"].as_str().unwrap())), (401, 401));
}

#[test]
fn requests_without_a_good_token_are_counted_and_fill_no_audit() {
    let server = Server::start(&[]);
    let series = "pilothouse_connections_refused_total{cause=\"token\",status=\"401\"}";
    let before = server.metrics()[series];
    // The code that the server makes when it starts may be recorded a moment later.
    let records = || {
        let listed = ask(&server, "GET /api/v1/audit", &root(&server), &Value::Null).json();
        let mut records = listed["records"].as_array().unwrap().clone();
        records.retain(|record| record["action"] != "code.make");
        records
    };
    let known = records();
    for token in ["", "bad", "a.b.c"] {
        for route in ["POST /api/v1/emergency-stop", "DELETE /api/users/ann", "GET /api/agents"] {
            assert_eq!(ask(&server, route, token, &json!({})).status, 401, "{route}");
        }
    }
    server.wait_for_metric(series, before + 9);
    assert_eq!(records(), known, "nobody did anything");
}
