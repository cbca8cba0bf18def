//! Foreign pages and names are refused at every door and every route, with a token or without.

use pilothouse_core::Role;
use pilothouse_protocols::{ALL, TokenRule};
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{http, program::Server, viewer::Upgrade};

/// Plain routes, the ones without a token included.
const ROUTES: &[&str] = &[
    "GET /",
    "GET /health",
    "GET /metrics",
    "GET /nothing",
    "GET /ws/dashboard",
    "DELETE /api/v1/users/ann/sockets",
];

/// What is no page of `http://localhost`.
const FOREIGN: &[&str] = &[
    "null",
    "",
    "*",
    "localhost",
    "http://evil.example",
    "https://localhost:80",
    "http://localhost:1",
    "http://localhost.",
    "http://localhost/",
    "http://localhost.evil.example",
    "http://evil.example/http://localhost",
    "http://localhost@evil.example",
    "http://user@localhost",
    "http://[::1]",
    "http://127.0.0.1",
    "https://ops.example.evil",
    "http://ops.example",
    "file://",
];

fn doors(server: &Server) -> Vec<Upgrade> {
    // Whoever opens every door.
    let token = server.token(&Grant::Person { user: "root".into(), role: Role::Admin });
    let mut doors = Vec::new();
    for door in ALL {
        doors.push(Upgrade::to(format!("{}?token={token}", door.path)));
        if door.token != TokenRule::Handshake {
            doors.push(Upgrade::to(door.path));
        }
    }
    doors
}

fn status(server: &Server, upgrade: &Upgrade) -> u16 {
    upgrade.send(server.address()).map_or_else(|(status, _)| status, |_| 101)
}

#[test]
fn foreign_pages_open_no_door_and_read_no_route() {
    let server = Server::start(&[("origins.allowed", "https://ops.example")]);
    let address = server.address();
    let doors = doors(&server);
    assert!(doors.len() > ALL.len());
    for origin in FOREIGN {
        for door in &doors {
            let upgrade = door.clone().with("Origin", origin);
            assert_eq!(status(&server, &upgrade), 403, "{origin} {}", door.target);
        }
        for route in ROUTES {
            let answer = http::send(address, route, &[("Origin", origin)]);
            assert_eq!(answer.status, 403, "{origin} {route} {answer:?}");
        }
    }
    for own in ["http://localhost", "HTTP://LocalHost:80", "https://ops.example"] {
        for door in &doors {
            assert_eq!(status(&server, &door.clone().with("Origin", own)), 101, "{own}");
        }
        assert_eq!(http::send(address, "GET /health", &[("Origin", own)]).status, 200, "{own}");
    }
}

#[test]
fn several_hosts_or_origins_and_foreign_targets_are_refused() {
    let server = Server::start(&[]);
    let address = server.address();
    for door in doors(&server) {
        let twice = door.clone().with("Origin", "http://localhost").with("Origin", "null");
        assert_eq!(status(&server, &twice), 403);
        let hosts = door.clone().with("Host", "localhost").with("Host", "localhost");
        assert_eq!(status(&server, &hosts), 400);
        for rebound in ["evil.example", "localhost.evil.example", "0.0.0.0", "10.0.0.1"] {
            assert_eq!(status(&server, &door.clone().with("Host", rebound)), 403, "{rebound}");
        }
        for own in ["LOCALHOST", "localhost.:7717", "[::1]:7717", "127.0.0.1:1"] {
            assert_eq!(status(&server, &door.clone().with("Host", own)), 101, "{own}");
        }
        let mut whole = door.clone();
        whole.target = format!("http://localhost{}", door.target);
        assert_eq!(status(&server, &whole), 101);
        whole.target = format!("http://evil.example{}", door.target);
        assert_eq!(status(&server, &whole), 400);
    }
    for route in ROUTES {
        let hosts = [("Host", "localhost"), ("Host", "evil.example")];
        assert_eq!(http::send(address, route, &hosts).status, 400, "{route}");
        assert_eq!(http::send(address, route, &[("Host", "evil.example")]).status, 403, "{route}");
        let (method, path) = route.split_once(' ').unwrap();
        let foreign = format!("{method} http://evil.example{path}");
        assert_eq!(http::send(address, &foreign, &[]).status, 400, "{route}");
        let nameless = format!("{route} HTTP/1.1\r\nConnection: close\r\n\r\n");
        assert_eq!(http::raw(address, nameless.as_bytes()).status, 403, "{route}");
    }
}
