//! Programs on the server's machine that send no token, where they are let in.

use pilothouse_testkit::{http, program::Server, viewer::Upgrade};
use serde_json::json;

fn status(server: &Server, request: &str, fields: &[(&str, &str)]) -> u16 {
    http::send(server.address(), request, fields).status
}

#[test]
fn without_a_token_nobody_comes_in_unless_it_is_configured() {
    let server = Server::start(&[]);
    assert_eq!(status(&server, "GET /api/sessions", &[]), 401);
}

#[test]
fn programs_on_this_machine_come_in_where_that_is_configured_and_pages_of_others_do_not() {
    let server =
        Server::start(&[("console.open_on_loopback", "true"), ("hosts.allowed", "pilot.example")]);
    assert_eq!(status(&server, "GET /api/sessions", &[]), 200);
    assert_eq!(status(&server, "GET /api/config", &[]), 200);
    assert_eq!(status(&server, "GET /api/repositories", &[]), 200);
    // It writes as an operator: there is no agent, and nothing else is wrong.
    let own = format!("http://{}", server.address());
    let host = server.address().to_string();
    let fields = [("Host", host.as_str()), ("Origin", own.as_str())];
    assert_eq!(status(&server, "GET /api/sessions", &fields), 200);
    for (fields, expected) in [
        (&[("Origin", "https://evil.example")][..], 403),
        (&[("Origin", "null")][..], 403),
        (&[("Host", "evil.example")][..], 403),
        // Whoever sends a token is who it says, or nobody.
        (&[("Authorization", "Bearer nonsense")][..], 401),
        // Behind a proxy anybody may be.
        (&[("X-Forwarded-For", "127.0.0.1")][..], 401),
        (&[("Forwarded", "for=127.0.0.1")][..], 401),
        (&[("Via", "1.1 proxy")][..], 401),
    ] {
        assert_eq!(status(&server, "GET /api/sessions", fields), expected, "{fields:?}");
    }
    let open = |target: &str, fields: &[(&str, &str)]| {
        let mut upgrade = Upgrade::to(target);
        for (name, value) in fields {
            upgrade = upgrade.with(name, value);
        }
        upgrade.send(server.address()).map_or_else(|(status, _)| status, |_| 101)
    };
    assert_eq!(open("/ws/app", &[]), 101);
    assert_eq!(open("/ws/app", &[("Host", &host), ("Origin", &own)]), 101);
    assert_eq!(open("/ws/app", &[("Origin", "https://evil.example")]), 403);
    assert_eq!(open("/ws/app", &[("X-Forwarded-For", "127.0.0.1")]), 401);
    assert_eq!(open("/ws/app?token=nonsense", &[]), 401);
    assert_eq!(open("/ws/agent", &[]), 401);
    let mut app = Upgrade::to("/ws/app").send(server.address()).unwrap();
    assert_eq!(
        app.expect_that(|message| message["type"] == "sessions-sync")["sessions"],
        json!([])
    );
    // Other families stay closed.
    for request in ["DELETE /api/v1/users/ann/sockets", "DELETE /api/v1/credentials/0"] {
        assert_eq!(status(&server, request, &[]), 401, "{request}");
    }
}

#[test]
fn a_trusted_proxy_brings_in_only_who_is_on_this_machine() {
    let server = Server::start(&[
        ("console.open_on_loopback", "true"),
        ("trusted_proxies", "127.0.0.1"),
        ("hosts.allowed", "pilot.example"),
    ]);
    for (fields, expected) in [
        (&[][..], 401),
        (&[("X-Forwarded-For", "192.0.2.7")][..], 401),
        (&[("X-Forwarded-For", "127.0.0.1, 192.0.2.7")][..], 401),
        (&[("X-Forwarded-For", "::1")][..], 200),
    ] {
        assert_eq!(status(&server, "GET /api/sessions", fields), expected, "{fields:?}");
    }
}
