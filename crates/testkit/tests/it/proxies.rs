//! Behind a proxy: who asks is told by proxies that are trusted, and the server may live below a path.

use std::time::Instant;

use pilothouse_testkit::{
    http,
    program::{PATIENCE, Server, request},
    viewer::{Upgrade, Viewer},
};
use sqlx::{AnyConnection, Connection, Row};

fn dashboard(server: &Server, client: &str) -> Result<Viewer, u16> {
    let token = server.operator();
    let upgrade = Upgrade::to("/ws/dashboard")
        .with("Authorization", &format!("Bearer {token}"))
        .with("X-Forwarded-For", &format!("6.6.6.6, {client}"));
    upgrade.send(server.address()).map_err(|(status, _)| status)
}

/// The addresses in the audit of those who asked for a command.
fn audited(server: &Server) -> Vec<String> {
    sqlx::any::install_default_drivers();
    let database = format!("sqlite://{}", server.folder().join("pilothouse.db").display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = AnyConnection::connect(&database).await.unwrap();
        let rows = sqlx::query(
            "SELECT address FROM audit WHERE action = 'command.enqueue' ORDER BY number",
        );
        let rows = rows.fetch_all(&mut connection).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    })
}

#[test]
fn addresses_that_a_trusted_proxy_names_are_limited_and_audited() {
    let server = Server::start(&[
        ("trusted_proxies", "127.0.0.0/8, ::1"),
        ("limits.connections_per_address", "1"),
    ]);
    let mut first = dashboard(&server, "192.0.2.1").unwrap();
    first.expect("agent:list");
    let mut other = dashboard(&server, "192.0.2.2").unwrap();
    other.expect("agent:list");
    assert_eq!(dashboard(&server, "192.0.2.1").err(), Some(503));
    first.send(&request("nobody", "true"));
    assert_eq!(first.expect("error")["code"], "AGENT_NOT_FOUND");
    // A refusal is stored a moment after it was told.
    first.send(&request("nobody", "true"));
    first.expect("error");
    let deadline = Instant::now() + PATIENCE;
    let audited = loop {
        let found = audited(&server);
        assert!(Instant::now() < deadline, "nothing was audited");
        if found.len() >= 2 {
            break found;
        }
    };
    assert!(audited.iter().all(|address| address == "192.0.2.1"), "{audited:?}");
}

#[test]
fn nobody_is_believed_unless_configured() {
    let server = Server::start(&[("limits.connections_per_address", "1")]);
    let mut first = dashboard(&server, "192.0.2.1").unwrap();
    first.expect("agent:list");
    assert_eq!(dashboard(&server, "192.0.2.2").err(), Some(503));
}

#[test]
fn the_name_that_people_use_is_the_one_that_origins_are_compared_with() {
    let settings =
        [("trusted_proxies", "127.0.0.1"), ("hosts.allowed", "pilot.example, localhost")];
    let server = Server::start(&settings);
    let upgrade = |origin: &str| {
        Upgrade::to(format!("/ws/dashboard?token={}", server.operator()))
            .with("X-Forwarded-For", "192.0.2.1")
            .with("X-Forwarded-Host", "pilot.example")
            .with("X-Forwarded-Proto", "https")
            .with("Origin", origin)
            .send(server.address())
            .map_or_else(|(status, _)| status, |_| 101)
    };
    assert_eq!(upgrade("https://pilot.example"), 101);
    assert_eq!(upgrade("http://pilot.example"), 403, "a page without TLS may be anybody's");
    assert_eq!(upgrade("https://localhost"), 403, "the proxy's own name for us is not the page's");
}

#[test]
fn below_a_path_everything_is_found_whether_or_not_the_proxy_takes_it_off() {
    let server = Server::start(&[("base_path", "/pilot")]);
    let get = |path: &str| http::send(server.address(), &format!("GET {path}"), &[]);
    for page in ["/pilot", "/pilot/", "/"] {
        let answer = get(page);
        assert_eq!(answer.status, 200, "{page}");
        assert!(answer.body.contains("=\"/pilot/ui/"), "{page}");
        assert!(!answer.body.contains("\"/ui/"), "every part is below the path");
    }
    for path in ["/pilot/ui/icon.svg", "/ui/icon.svg", "/pilot/health", "/health", "/pilot/metrics"]
    {
        assert_eq!(get(path).status, 200, "{path}");
    }
    assert_eq!(get("/pilot/ws/dashboard").status, 426);
    assert_eq!(get("/pilots/health").status, 404);
    let token = server.operator();
    for path in ["/pilot/ws/dashboard", "/ws/dashboard"] {
        let mut viewer =
            Upgrade::to(format!("{path}?token={token}")).send(server.address()).unwrap();
        viewer.expect("agent:list");
    }
}
