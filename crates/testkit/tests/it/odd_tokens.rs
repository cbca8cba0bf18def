//! Forged and odd tokens at every door, in every way a token can come: none of them gets in.

mod forged;
mod matrix;
pub(crate) mod signing;

use pilothouse_protocols::ALL;
use pilothouse_testkit::{
    http,
    program::Server,
    viewer::{Received, Upgrade},
};
use serde_json::json;
use signing::{AUDIENCE, ISSUER, RSA_PUBLIC_FILE, SECRET};

/// Which statuses refuse a request: the token is bad, or the request already is.
const REFUSED: &[u16] = &[400, 401, 431];

/// A server whose secret is known, and which also takes an issuer's tokens.
fn server() -> Server {
    Server::start(&[
        ("auth.secret", SECRET),
        ("auth.public_key", RSA_PUBLIC_FILE),
        ("auth.issuer", ISSUER),
        ("auth.audience", AUDIENCE),
    ])
}

fn status(server: &Server, upgrade: &Upgrade) -> u16 {
    upgrade.send(server.address()).map_or_else(|(status, _)| status, |_| 101)
}

/// Every byte that could mean something in a URL, as `%` and two digits.
fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let piece = |byte: u8| {
        if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(piece).collect()
}

/// A producer's token is looked at after the upgrade: what then comes is an acknowledgement, or the end.
fn producer_status(server: &Server, upgrade: &Upgrade) -> u16 {
    loop {
        let mut producer = match upgrade.send(server.address()) {
            Ok(producer) => producer,
            Err((status, _)) => return status,
        };
        producer.send(&json!({"type": "frame", "data": "/9j/4AAQSkZJRg==", "timestamp": null}));
        match producer.receive() {
            Received::Text(text) if text.contains("ack") => return 101,
            Received::Closed(4002 | 4003, _) => return 401,
            // The server has not yet seen that the one before is gone.
            Received::Closed(1013, _) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// The path of a door with something in it that may be there.
fn at_door(path: &str) -> String {
    match path {
        "/ws/stream/*" => "/ws/stream/s-1?ack=1".to_owned(),
        path => path.replace("/ws/view/*", "/ws/view/s-1"),
    }
}

/// The status of an upgrade with the token in the header, the query and the subprotocol.
fn statuses_at(server: &Server, path: &str, token: &str) -> [u16; 3] {
    let path = at_door(path);
    let query = if path.contains('?') { '&' } else { '?' };
    let ways = [
        Upgrade::to(&*path).with("Authorization", &format!("Bearer {token}")),
        Upgrade::to(format!("{path}{query}token={}", percent(token))),
        Upgrade::to(&*path)
            .with("Sec-WebSocket-Protocol", &format!("pilothouse.v1, bearer.{token}")),
    ];
    let is_producer = path.starts_with("/ws/stream/");
    ways.map(|way| if is_producer { producer_status(server, &way) } else { status(server, &way) })
}

fn rest_status(server: &Server, token: &str) -> u16 {
    let bearer = format!("Bearer {token}");
    let fields = [("Authorization", bearer.as_str())];
    http::send(server.address(), "DELETE /api/v1/users/nobody/sockets", &fields).status
}

/// Whether `dashboard:connect` with that token is acknowledged.
fn connects_by_message(server: &Server, token: &str) -> bool {
    let mut viewer = Upgrade::to("/ws/dashboard").send(server.address()).unwrap();
    let info = json!({"userAgent": "test", "timezone": "UTC"});
    let payload = json!({"token": token, "clientInfo": info});
    viewer.send(&json!({"type": "dashboard:connect", "payload": payload}));
    match viewer.receive() {
        Received::Text(text) if text.contains("AUTH_FAILED") => {
            assert_eq!(viewer.expect_close(), 1008);
            false
        }
        Received::Text(text) => text.contains("connection:ack"),
        Received::Closed(..) | Received::Ended => false,
    }
}

/// Whether `authenticate` with that token is answered with success.
fn authenticates_by_message(server: &Server, token: &str) -> bool {
    let mut viewer = Upgrade::to("/ws").send(server.address()).unwrap();
    viewer.send(&json!({"type": "authenticate", "token": token}));
    match viewer.receive() {
        Received::Text(text) if text.contains("failed") => {
            assert_eq!(viewer.expect_close(), 1008);
            false
        }
        Received::Text(text) => text == r#"{"type":"authentication","status":"success"}"#,
        Received::Closed(..) | Received::Ended => false,
    }
}

#[test]
fn no_forged_or_odd_token_gets_in_anywhere() {
    let server = server();
    let forged = forged::tokens();
    assert!(forged.len() >= 100, "{}", forged.len());
    for (name, token) in &forged {
        for door in ALL {
            for (way, status) in ["header", "query", "subprotocol"]
                .iter()
                .zip(statuses_at(&server, door.path, token))
            {
                // A text that cannot stand in a list of subprotocols is none of them, so that no token came.
                let is_tokenless =
                    *way == "subprotocol" && forged::is_cut_by_lists(token) && status == 101;
                assert!(
                    REFUSED.contains(&status) || is_tokenless,
                    "{name} by {way} at {}: {status}",
                    door.name
                );
            }
        }
        let status = rest_status(&server, token);
        assert!(REFUSED.contains(&status), "{name} at the REST routes: {status}");
        assert!(!connects_by_message(&server, token), "{name} by message");
        assert!(!authenticates_by_message(&server, token), "{name} by message, for runs");
    }
    // The same way of asking lets a good token in, so that the refusals above are the tokens' own.
    let good = signing::own(&signing::admin());
    for door in ALL {
        assert_eq!(statuses_at(&server, door.path, &good), [101; 3]);
    }
    assert_eq!(rest_status(&server, &good), 200);
    assert!(connects_by_message(&server, &good));
    assert!(authenticates_by_message(&server, &good));
}

#[test]
fn several_tokens_in_one_request_are_refused() {
    let server = server();
    let one = signing::own(&signing::admin());
    let mut claims = signing::admin();
    claims["sub"] = "bob".into();
    let other = signing::own(&claims);
    let bearer = |token: &str| format!("Bearer {token}");
    for path in ALL.iter().map(|door| match door.path {
        "/ws/stream/*" => "/ws/stream/s-1",
        path => path,
    }) {
        let protocols = format!("pilothouse.v1, bearer.{one}, bearer.{other}");
        for upgrade in [
            Upgrade::to(format!("{path}?token={one}&token={one}")),
            Upgrade::to(format!("{path}?token={one}&token={other}")),
            Upgrade::to(format!("{path}?token={one}&%74oken={other}")),
            Upgrade::to(format!("{path}?token=&token={one}")),
            Upgrade::to(format!("{path}?token={one}")).with("Authorization", &bearer(&other)),
            Upgrade::to(format!("{path}?token={one}")).with("Authorization", "Basic YTpi"),
            Upgrade::to(path)
                .with("Authorization", &bearer(&one))
                .with("Authorization", &bearer(&one)),
            Upgrade::to(path)
                .with("Authorization", &bearer(&one))
                .with("Authorization", &bearer(&other)),
            Upgrade::to(path)
                .with("Authorization", &format!("{}, {}", bearer(&one), bearer(&other))),
            Upgrade::to(path).with("Authorization", &one),
            Upgrade::to(path).with("Sec-WebSocket-Protocol", &protocols),
            Upgrade::to(format!("{path}?token={one}"))
                .with("Sec-WebSocket-Protocol", &format!("bearer.{other}")),
        ] {
            let status = match path {
                "/ws/stream/s-1" => producer_status(&server, &upgrade),
                _ => status(&server, &upgrade),
            };
            assert_eq!(status, 401, "{upgrade:?}");
        }
    }
    let twice = [("Authorization", bearer(&one)), ("Authorization", bearer(&one))];
    let twice: Vec<_> = twice.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let route = "DELETE /api/v1/users/nobody/sockets";
    assert_eq!(http::send(server.address(), route, &twice).status, 401);
    let cookie = [("Cookie", format!("token={one}; Authorization=Bearer {one}"))];
    let cookie: Vec<_> = cookie.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(http::send(server.address(), route, &cookie).status, 401);
    for door in ALL {
        let upgrade = Upgrade::to(door.path).with("Cookie", &format!("token={one}"));
        let without = status(&server, &Upgrade::to(door.path));
        assert_eq!(status(&server, &upgrade), without, "a cookie is no credential");
    }
}
