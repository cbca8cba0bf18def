//! The page as the program serves it: one document for every place in it, and files that are packed and kept.

use pilothouse_testkit::{
    http::{self, Answer},
    program::Server,
};

/// What browsers say when somebody goes somewhere.
const PERSON: (&str, &str) =
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8");

fn get(server: &Server, path: &str, fields: &[(&str, &str)]) -> Answer {
    http::send(server.address(), &format!("GET {path}"), fields)
}

fn field(answer: &Answer, name: &str) -> String {
    let line = answer.head.lines().find(|line| line.to_lowercase().starts_with(name));
    line.and_then(|line| line.split_once(": ")).map_or(String::new(), |(_, value)| value.to_owned())
}

/// The script that the document begins with.
fn script(server: &Server) -> String {
    let document = get(server, "/", &[PERSON]).body;
    let scripts = document.split("src=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let script = scripts.into_iter().find(|path| path.starts_with("/ui/assets/"));
    script.expect("the page is built: cargo xtask ui").to_owned()
}

#[test]
fn every_place_in_the_page_is_its_one_document() {
    let server = Server::start(&[]);
    script(&server);
    let document = get(&server, "/", &[]);
    for path in ["/", "/agents/a-1", "/sessions/s-1", "/history/commands/c-1?at=3", "/nowhere"] {
        let answer = get(&server, path, &[PERSON]);
        assert_eq!((answer.status, &answer.body), (200, &document.body), "{path}");
        assert_eq!(field(&answer, "content-type"), "text/html; charset=utf-8");
        assert_eq!(field(&answer, "cache-control"), "no-cache");
        let policy = field(&answer, "content-security-policy");
        for rule in ["default-src 'none'; ", "script-src 'self' 'wasm-unsafe-eval'; "] {
            assert!(policy.contains(rule), "{policy}");
        }
        let etag = field(&answer, "etag");
        assert_eq!(get(&server, path, &[PERSON, ("If-None-Match", &etag)]).status, 304, "{path}");
    }
    let head = http::send(server.address(), "HEAD /agents/a-1", &[PERSON]);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
}

#[test]
fn programs_and_other_doors_are_answered_as_if_there_were_no_page() {
    let server = Server::start(&[]);
    script(&server);
    for path in ["/agents/a-1", "/nowhere", "/index.html"] {
        assert_eq!(get(&server, path, &[("Accept", "*/*")]).status, 404, "{path}");
    }
    for path in [
        "/api",
        "/ws/",
        "/api/nowhere",
        "/api/v1/nowhere",
        "/ui/assets/old.js",
        "/ui/../Cargo.toml",
    ] {
        let answer = get(&server, path, &[PERSON]);
        assert_eq!(answer.status, 404, "{path}");
        assert!(!field(&answer, "content-type").contains("html"), "{path}");
    }
    assert_eq!(get(&server, "/ws/dashboard", &[PERSON]).status, 426);
    assert_eq!(http::send(server.address(), "POST /agents/a-1", &[PERSON]).status, 404);
    assert!(get(&server, "/health", &[PERSON]).body.starts_with('{'));
}

#[test]
fn what_the_page_loads_is_packed_and_kept_for_good() {
    let server = Server::start(&[]);
    let script = script(&server);
    let as_packed = |packings| get(&server, &script, &[("Accept-Encoding", packings)]);
    let plain = as_packed("identity");
    for (packings, packing) in [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip")] {
        let answer = as_packed(packings);
        assert_eq!((answer.status, field(&answer, "content-encoding").as_str()), (200, packing));
        let length = |answer| field(answer, "content-length").parse::<usize>().unwrap();
        assert!(length(&answer) < length(&plain) / 2, "{packing} makes it small");
        assert_eq!(field(&answer, "vary"), "accept-encoding");
        assert!(field(&answer, "cache-control").contains("immutable"));
        assert_ne!(field(&answer, "etag"), field(&plain, "etag"));
    }
    assert_eq!(field(&plain, "content-type"), "text/javascript; charset=utf-8");
    assert_eq!(field(&plain, "content-encoding"), "");
}
