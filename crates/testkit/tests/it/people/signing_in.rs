//! Accounts and tokens over REST.

use pilothouse_testkit::{http, program::Server, viewer::Upgrade};
use serde_json::{Value, json};

use super::{PASSWORD, add, ask, code, login, me, root, sign_in, text};

#[test]
fn a_link_opens_the_page_once_and_leads_to_the_first_account() {
    let server = Server::start(&[]);
    let made = ask(&server, "POST /api/auth/codes", &root(&server), &Value::Null).json();
    let exchange =
        |code: &str| ask(&server, "POST /api/auth/exchange", "", &json!({ "code": code }));
    let first = text(&made["data"]["code"]);
    assert_eq!(code(&exchange("guess")), (401, "INVALID_CODE".into()));
    let entry = exchange(&first).json();
    assert_eq!(
        (&entry["data"]["isFirst"], &entry["user"]["role"]),
        (&json!(true), &json!("admin"))
    );
    assert_eq!(code(&exchange(&first)), (401, "INVALID_CODE".into()));

    let body = json!({ "name": "Ann A.", "email": "ann@example.org", "password": PASSWORD,
                       "role": "admin" });
    let token = text(&entry["token"]);
    let ann = ask(&server, "POST /api/users", &token, &body).json();
    assert_eq!(ann["data"]["user"], ann["user"]);
    assert_eq!((&ann["username"], &ann["user"]["name"]), (&json!("ann"), &json!("Ann A.")));
    let body = json!({ "email": "ANN@example.org", "password": PASSWORD });
    let entry = ask(&server, "POST /api/auth/login", "", &body).json();
    assert_eq!((&entry["success"], &entry["expiresIn"]), (&json!(true), &json!("24h")));
    assert_eq!(entry["data"]["token"], entry["token"], "both shapes");
    let token = text(&entry["token"]);
    let answer = ask(&server, "GET /api/auth/me", &token, &Value::Null).json();
    assert_eq!(
        (&answer["user"]["id"], &answer["data"]["user"]["role"]),
        (&ann["id"], &json!("admin"))
    );
    let made = ask(&server, "POST /api/auth/codes", &token, &Value::Null).json();
    let entry = exchange(&text(&made["code"])).json();
    assert_eq!(entry["isFirst"], Value::Null, "somebody has an account by now");
}

#[test]
fn administrators_administer_and_every_refusal_has_its_code() {
    let server = Server::start(&[]);
    let (ann, ben) = (add(&server, "ann", "admin"), add(&server, "ben", "viewer"));
    let (admin, viewer) = (sign_in(&server, "ann").0, sign_in(&server, "ben").0);
    let users = ask(&server, "GET /api/users", &admin, &Value::Null).json();
    assert_eq!(
        (&users["count"], users["data"]["users"].as_array().map(Vec::len)),
        (&json!(2), Some(2))
    );
    assert!(!users.to_string().contains("argon2"));

    let role = |token: &str, method: &str, user: &str, role: &str| {
        let request = format!("{method} /api/users/{user}/role");
        ask(&server, &request, token, &json!({ "role": role }))
    };
    assert_eq!(role(&admin, "PUT", &ben, "operator").json()["user"]["role"], "operator");
    assert_eq!(role(&admin, "PATCH", &ben, "viewer").json()["user"]["role"], "viewer");
    let new = |token: &str, body: Value| ask(&server, "POST /api/users", token, &body);
    let cleo = json!({ "username": "cleo", "password": PASSWORD });
    let delete = |token: &str, user: &str| {
        ask(&server, &format!("DELETE /api/users/{user}"), token, &Value::Null)
    };
    for (answer, expected) in [
        (role(&admin, "PUT", &ben, "king"), (400, "INVALID_ROLE")),
        (role(&admin, "PUT", &ann, "viewer"), (400, "CANNOT_DEMOTE_SELF")),
        (role(&admin, "PUT", "usr-nobody", "viewer"), (404, "USER_NOT_FOUND")),
        (role(&viewer, "PUT", &ben, "admin"), (403, "FORBIDDEN")),
        (delete(&admin, &ann), (400, "CANNOT_DELETE_SELF")),
        (delete(&viewer, &ann), (403, "FORBIDDEN")),
        (new(&viewer, cleo.clone()), (403, "FORBIDDEN")),
        (new(&admin, json!({ "username": "ANN", "password": PASSWORD })), (409, "USER_EXISTS")),
        (new(&admin, json!({ "username": "a", "password": "short" })), (400, "VALIDATION_ERROR")),
        (new(&admin, json!({ "username": 5 })), (400, "VALIDATION_ERROR")),
        (ask(&server, "GET /api/users", &viewer, &Value::Null), (403, "FORBIDDEN")),
        (ask(&server, "GET /api/users", "nonsense", &Value::Null), (401, "INVALID_TOKEN")),
        (http::send(server.address(), "GET /api/users", &[]), (401, "NO_TOKEN")),
        (login(&server, "ann", "wrong"), (401, "INVALID_CREDENTIALS")),
        (login(&server, "nobody", PASSWORD), (401, "INVALID_CREDENTIALS")),
        (login(&server, "ann", ""), (400, "VALIDATION_ERROR")),
    ] {
        assert_eq!(code(&answer), (expected.0, expected.1.to_owned()), "{}", answer.body);
    }
    assert_eq!(login(&server, "ann", "wrong").body, login(&server, "nobody", "wrong").body);
    let problem = ask(&server, "POST /api/v1/users", &viewer, &cleo);
    assert_eq!((problem.status, &problem.json()["title"]), (403, &json!("Forbidden")));
    let made = ask(&server, "POST /api/v1/users", &admin, &cleo);
    assert_eq!((made.status, &made.json()["role"]), (201, &json!("viewer")));
    assert_eq!(delete(&admin, "cleo").status, 200, "a username will do");
    assert_eq!(code(&delete(&admin, "cleo")), (404, "USER_NOT_FOUND".into()));
}

#[test]
fn a_refresh_token_is_good_once_and_its_second_use_ends_the_sign_in() {
    let mut server = Server::start(&[]);
    add(&server, "ann", "operator");
    let (token, first) = sign_in(&server, "ann");
    let (other, _) = sign_in(&server, "ann");
    let refresh = |server: &Server, shown: &str| {
        ask(server, "POST /api/auth/refresh", "", &json!({ "refreshToken": shown }))
    };
    let renewed = refresh(&server, &first).json();
    let (fresh, second) = (text(&renewed["token"]), text(&renewed["data"]["refreshToken"]));
    server.kill_and_restart();
    assert_eq!((me(&server, &token), me(&server, &fresh)), (200, 200));
    assert_eq!(code(&refresh(&server, &first)), (401, "INVALID_TOKEN".into()));
    assert_eq!(code(&refresh(&server, &second)), (401, "INVALID_TOKEN".into()));
    assert_eq!((me(&server, &token), me(&server, &fresh)), (401, 401));
    assert_eq!(me(&server, &other), 200, "the other device goes on");
    assert_eq!(code(&refresh(&server, "phr_x.y")), (401, "INVALID_TOKEN".into()));
}

#[test]
fn whoever_signs_out_is_out_after_a_restart_too() {
    let mut server = Server::start(&[]);
    add(&server, "ann", "operator");
    let (token, refresh) = sign_in(&server, "ann");
    let (other, _) = sign_in(&server, "ann");
    let loose = root(&server);
    for token in [&token, &loose] {
        assert_eq!(ask(&server, "POST /api/auth/logout", token, &Value::Null).status, 200);
    }
    for _ in 0..2 {
        assert_eq!(
            (me(&server, &token), me(&server, &loose), me(&server, &other)),
            (401, 401, 200)
        );
        let body = json!({ "refreshToken": refresh });
        assert_eq!(ask(&server, "POST /api/auth/refresh", "", &body).status, 401);
        server.kill_and_restart();
    }
}

#[test]
fn guessing_is_slowed_down_and_whoever_succeeds_is_not() {
    let server = Server::start(&[("people.attempts_per_account", "3")]);
    add(&server, "ann", "operator");
    add(&server, "ben", "operator");
    for _ in 0..5 {
        sign_in(&server, "ben");
    }
    // By address and username alike: it is one account.
    for name in ["ann", "ANN@example.org", "Ann"] {
        assert_eq!(login(&server, name, "wrong").status, 401);
    }
    let refused = login(&server, "ann", PASSWORD);
    assert_eq!(code(&refused), (429, "RATE_LIMIT".into()));
    let after = refused.head.to_lowercase();
    let after = after.lines().find_map(|line| line.strip_prefix("retry-after: ")).unwrap();
    assert!((1..=300).contains(&after.trim().parse::<u32>().unwrap()), "{after}");
    assert_eq!(login(&server, "ben", PASSWORD).status, 200, "others are let in");
}

#[test]
fn nobody_registers_unless_they_may_and_then_as_a_viewer() {
    let body = json!({ "username": "eve", "email": "eve@example.org", "password": PASSWORD,
                       "role": "admin" });
    let closed = Server::start(&[]);
    let answer = ask(&closed, "POST /api/auth/register", "", &body);
    assert_eq!(code(&answer), (403, "FORBIDDEN".into()));
    let open = Server::start(&[("people.self_registration", "true")]);
    let answer = ask(&open, "POST /api/auth/register", "", &body);
    assert_eq!((answer.status, &answer.json()["user"]["role"]), (201, &json!("viewer")));
    let body = json!({ "username": "local", "password": PASSWORD });
    let answer = ask(&open, "POST /api/auth/register", "", &body);
    assert_eq!(code(&answer), (400, "VALIDATION_ERROR".into()));
}

#[test]
fn the_cookie_is_good_for_reading_and_for_nothing_else() {
    let server = Server::start(&[]);
    add(&server, "ann", "admin");
    let answer = login(&server, "ann", PASSWORD);
    let head = answer.head.lines().find(|line| line.starts_with("set-cookie: ")).unwrap();
    assert!(head.contains("; HttpOnly; SameSite=Strict"), "{head}");
    let cookie = head.trim_start_matches("set-cookie: ").split(';').next().unwrap();
    let send = |request: &str| {
        let request = format!(
            "{request} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        );
        http::raw(server.address(), request.as_bytes()).status
    };
    assert_eq!((send("GET /api/auth/me"), send("GET /api/users")), (200, 200));
    assert_eq!((send("POST /api/auth/logout"), send("POST /api/auth/codes")), (401, 401));
    assert_eq!(send("DELETE /api/users/ann"), 401);
    let upgrade = Upgrade::to("/ws/app").with("Cookie", cookie).send(server.address());
    assert_eq!(upgrade.err().map(|(status, _)| status), Some(401), "never for sockets");
}

#[test]
fn a_new_password_ends_every_token_from_before() {
    let server = Server::start(&[]);
    let ann = add(&server, "ann", "operator");
    let (token, refresh) = sign_in(&server, "ann");
    let change = |token: &str, user: &str, body: Value| {
        ask(&server, &format!("PUT /api/users/{user}/password"), token, &body)
    };
    let body =
        |current: &str| json!({ "currentPassword": current, "newPassword": "another horse" });
    assert_eq!(code(&change(&token, &ann, body("wrong"))), (401, "INVALID_CREDENTIALS".into()));
    let ben = add(&server, "ben", "admin");
    assert_eq!(code(&change(&token, &ben, body(PASSWORD))), (403, "FORBIDDEN".into()));
    assert_eq!(change(&token, &ann, body(PASSWORD)).status, 200);
    assert_eq!(me(&server, &token), 401);
    let refreshed = ask(&server, "POST /api/auth/refresh", "", &json!({ "refreshToken": refresh }));
    assert_eq!(refreshed.status, 401);
    assert_eq!(login(&server, "ann", PASSWORD).status, 401);
    let entry = login(&server, "ann", "another horse").json();
    assert_eq!(me(&server, &text(&entry["token"])), 200, "at once, in the same second too");
}
