//! Tests of hosts and origins: every way in which one can look like ours and not be it.

use super::*;

fn status(hosts: &[&str], origins: &[&str], config: &Config) -> u16 {
    let hosts = hosts.iter().map(|host| ("host", host.as_bytes()));
    let origins = origins.iter().map(|origin| ("Origin", origin.as_bytes()));
    check(hosts.chain(origins), Way::default(), config).err().map_or(200, |refusal| refusal.status)
}

fn public() -> Config {
    let origins = ["https://ops.example", "http://lab.example:8080/", "app://desk", "null", "*"];
    Config {
        listen: "0.0.0.0:7717".parse().unwrap(),
        origins_allowed: origins.map(str::to_owned).into(),
        ..Config::default()
    }
}

#[test]
fn pages_of_our_own_and_configured_ones_pass() {
    for (host, origin) in [
        ("box:7717", "http://box:7717"),
        ("BOX:7717", "http://box:7717"),
        ("box:7717", "HTTP://Box:7717"),
        ("box", "http://box"),
        ("box:80", "http://box"),
        ("box", "http://box:80"),
        ("box:443", "https://box"),
        ("box:", "http://box"),
        ("[2001:db8::1]:7717", "http://[2001:db8::1]:7717"),
        ("[2001:DB8::1]", "https://[2001:db8::1]"),
        ("box", "https://ops.example"),
        ("box", "https://OPS.example:443"),
        ("box", "http://lab.example:8080"),
        ("box", "app://desk"),
        ("", "https://ops.example"),
    ] {
        assert_eq!(status(&[host], &[origin], &public()), 200, "{host} {origin}");
    }
    assert_eq!(status(&["box"], &[], &public()), 200);
    assert_eq!(status(&[], &[], &public()), 200);
}

#[test]
fn foreign_null_and_look_alike_origins_are_refused() {
    for origin in [
        "null",
        "NULL",
        "",
        " ",
        "*",
        "box:7717",
        "//box:7717",
        "http://",
        "http://box",
        "http://box:7718",
        "http://box:77170",
        "http://box:07717x",
        "http://box:-7717",
        "http://box:7717/",
        "http://box:7717/x",
        "http://box:7717?",
        "http://box:7717#",
        "http://box:7717.evil.example",
        "http://box.:7717",
        "http://.box:7717",
        "http://xbox:7717",
        "http://evil.example/box:7717",
        "http://box:7717@evil.example",
        "http://user@box:7717",
        "http://user:box@evil.example:7717",
        "http://evil.example#box:7717",
        "http://[box]:7717",
        "http://[::1]:7717",
        "http://b\u{043e}x:7717",
        "http://box:7717 http://evil.example",
        "http://box:7717, http://evil.example",
        "ws://box:7717",
        "wss://box:7717",
        "ftp://box:7717",
        "file://",
        "https:box:7717",
        "http:///box:7717",
        "http://box%2e:7717",
        "http://ops.example",
        "https://ops.example:444",
        "https://ops.example.",
        "https://ops.example.evil",
        "https://evil-ops.example",
        "https://xops.example",
        "http://lab.example",
        "app://desk.evil",
        "app2://desk",
    ] {
        assert_eq!(status(&["box:7717"], &[origin], &public()), 403, "{origin}");
    }
}

#[test]
fn what_is_said_twice_or_is_no_text_is_refused() {
    let config = public();
    assert_eq!(status(&["box"], &["http://box", "http://box"], &config), 403);
    assert_eq!(status(&["box"], &["http://box", "http://evil.example"], &config), 403);
    assert_eq!(status(&["box", "box"], &[], &config), 400);
    assert_eq!(status(&["box", "evil.example"], &["http://box"], &config), 400);
    let broken = |name: &'static str| [(name, &b"http://b\xffx"[..])].into_iter();
    assert_eq!(check(broken("origin"), Way::default(), &config).unwrap_err().status, 403);
    assert_eq!(check(broken("host"), Way::default(), &config).unwrap_err().status, 400);
}

#[test]
fn a_target_with_another_host_is_refused() {
    let fields = || [("Host", &b"box:7717"[..])].into_iter();
    assert!(check(fields(), target("BOX:7717"), &public()).is_ok());
    for other in ["evil.example", "box", "box:7717@evil.example", ""] {
        assert_eq!(check(fields(), target(other), &public()).unwrap_err().status, 400, "{other}");
    }
}

#[test]
fn on_loopback_only_own_names_are_answered() {
    let hosts = ["pilot.test", "dot.test."].map(str::to_owned);
    let config = Config { hosts_allowed: hosts.into(), ..Config::default() };
    for own in [
        "localhost",
        "LocalHost:7717",
        "localhost.",
        "localhost.:7717",
        "127.0.0.1:7717",
        "127.0.0.2",
        "127.0.0.1.",
        "[::1]",
        "[::1]:7717",
        "[0:0:0:0:0:0:0:1]:7717",
        "[::ffff:127.0.0.1]",
        "pilot.test:80",
        "PILOT.test.",
        "dot.test",
    ] {
        assert_eq!(status(&[own], &[], &config), 200, "{own}");
    }
    for foreign in [
        "",
        ".",
        "evil.example",
        "localhost.evil.example:7717",
        "localhost..",
        "xlocalhost",
        "127.0.0.1.nip.io",
        "0.0.0.0:7717",
        "[::]:7717",
        "10.0.0.1",
        "::1",
        "[::1",
        "[::1]x",
        "[::1]:x",
        "[localhost]",
        "localhost:99999",
        "localhost:77:17",
        "localhost@evil.example",
        "user@localhost",
        "localhost/",
        "localhost evil.example",
        "localhost,evil.example",
        "pilot.test.evil",
    ] {
        assert_ne!(status(&[foreign], &[], &config), 200, "{foreign}");
    }
    assert_ne!(status(&[], &[], &config), 200);
    let own = Config { listen: "[::1]:7717".parse().unwrap(), ..Config::default() };
    assert_eq!(status(&["[::1]:7717"], &["http://[::1]:7717"], &own), 200);
    assert_eq!(status(&["[::1]:7717"], &["http://localhost:7717"], &own), 403);
}

fn target(authority: &str) -> Way<'_> {
    Way { authority: Some(authority), ..Way::default() }
}

#[test]
fn a_page_that_came_without_tls_is_foreign_to_who_speaks_tls() {
    let fields = |origin: &'static str| {
        [("host", "pilot.example"), ("origin", origin)].map(|(n, v)| (n, v.as_bytes())).into_iter()
    };
    let way = Way { is_secure: true, ..Way::default() };
    assert!(check(fields("https://pilot.example"), way, &public()).is_ok());
    assert!(check(fields("http://pilot.example"), way, &public()).is_err());
    assert!(check(fields("http://pilot.example"), Way::default(), &public()).is_ok());
}

#[test]
fn the_host_that_a_trusted_proxy_names_counts_instead_of_the_one_it_uses_itself() {
    let fields = [("host", "10.0.0.5:7717"), ("origin", "https://pilot.example")];
    let fields = fields.map(|(name, value)| (name, value.as_bytes()));
    let way = Way { forwarded_host: Some("pilot.example"), ..Way::default() };
    assert!(check(fields.into_iter(), way, &public()).is_ok());
    assert!(check(fields.into_iter(), Way::default(), &public()).is_err());
}
