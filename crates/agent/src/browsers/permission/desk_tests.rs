//! What is asked for and what is let go, by tables.

use serde_json::json;

use super::*;

fn desk(allowed: &[&str]) -> Desk {
    let mut desk = Desk::new(Hosts::parse(allowed).unwrap());
    desk.seal(false);
    desk
}

fn paused(id: usize, method: &str, url: &str, kind: &str) -> Paused {
    let event = json!({"requestId": id.to_string(), "resourceType": kind,
        "request": {"url": url, "method": method, "headers": {}}});
    serde_json::from_value(event).unwrap()
}

fn judged(desk: &mut Desk, method: &str, url: &str, kind: &str) -> Verdict {
    desk.judge(&paused(0, method, url, kind), Instant::now())
}

fn lets(desk: &mut Desk, method: &str, url: &str) -> bool {
    let url = url.parse().unwrap();
    let site = Site::of(&url).unwrap();
    desk.lets(method, Some(&url), &site, Instant::now())
}

fn tunnels(desk: &mut Desk, host: &str, port: u16) -> bool {
    desk.lets("CONNECT", None, &Site::tunnelled(host, port), Instant::now())
}

#[test]
fn what_changes_something_is_asked_everywhere_and_pages_are_where_they_are_not_allowed() {
    for (method, url, kind, is_asked) in [
        ("GET", "https://a.example/", "Document", false),
        ("GET", "https://b.example/", "Document", true),
        ("GET", "https://b.example/x.png", "Image", false),
        ("HEAD", "https://b.example/", "XHR", false),
        ("OPTIONS", "https://b.example/", "Preflight", false),
        ("POST", "https://a.example/", "Document", true),
        ("POST", "https://a.example/", "Ping", true),
        ("post", "https://a.example/", "XHR", true),
        ("get", "https://a.example/", "XHR", true),
        ("DELETE", "http://b.example/", "XHR", true),
        ("GET", "https://a.example@b.example/", "Document", true),
        ("GET", "https://a.example./", "Document", false),
        ("GET", "data:text/html,x", "Document", false),
        ("POST", "blob:https://a.example/x", "XHR", false),
    ] {
        let verdict = judged(&mut desk(&["a.example"]), method, url, kind);
        let expect = if is_asked { Verdict::Wait(1) } else { Verdict::Pass };
        assert_eq!(verdict, expect, "{method} {url} {kind}");
    }
    let mut desk = desk(&["a.example"]);
    assert_eq!(judged(&mut desk, "GET", "ftp://a.example/", "Document"), Verdict::Refuse);
    assert_eq!(judged(&mut desk, "GET", "https://b.example/", "Prefetch"), Verdict::Refuse);
    assert_eq!(judged(&mut desk, "GET", "https://a.example/", "Prefetch"), Verdict::Pass);
}

#[test]
fn the_gate_opens_for_what_was_let_go_and_for_a_change_exactly_once() {
    let mut desk = desk(&["a.example"]);
    assert!(tunnels(&mut desk, "a.example", 443) && lets(&mut desk, "GET", "http://a.example/"));
    assert!(!tunnels(&mut desk, "b.example", 443), "nobody goes there");
    judged(&mut desk, "GET", "https://b.example/x.png", "Image");
    assert!(tunnels(&mut desk, "B.example.", 443) && !tunnels(&mut desk, "b.example", 80));
    let url = "http://a.example/do?x=1";
    assert!(!lets(&mut desk, "POST", url), "nobody held it back");
    let Verdict::Wait(id) = judged(&mut desk, "POST", "http://u:p@a.example/do?x=1#part", "XHR")
    else {
        panic!()
    };
    assert!(!lets(&mut desk, "POST", url), "nobody granted it");
    let settled = desk.settle(id, &Outcome::Granted, false, Instant::now());
    assert_eq!(settled[0].requests, ["0"]);
    assert!(!lets(&mut desk, "PUT", url) && !lets(&mut desk, "POST", "http://a.example/do?x=2"));
    assert!(lets(&mut desk, "POST", url) && !lets(&mut desk, "POST", url));
    desk.seal(true);
    assert!(!tunnels(&mut desk, "a.example", 443) && !lets(&mut desk, "GET", "http://a.example/"));
}

#[test]
fn what_was_let_go_long_ago_is_not_expected_any_more() {
    let mut desk = desk(&[]);
    let now = Instant::now();
    desk.judge(&paused(0, "GET", "https://b.example/x.png", "Image"), now);
    let site = Site::tunnelled("b.example", 443);
    assert!(desk.lets("CONNECT", None, &site, now + Duration::from_secs(1)));
    assert!(!desk.lets("CONNECT", None, &site, now + ARRIVES_WITHIN));
}

#[test]
fn a_socket_is_granted_once_and_to_whoever_opens_it_next() {
    let mut desk = desk(&["a.example"]);
    let now = Instant::now();
    let open = |desk: &mut Desk, url: &str| {
        let url = url.parse().unwrap();
        desk.judge_socket(&url, &Site::of(&url).unwrap(), now)
    };
    assert_eq!(open(&mut desk, "wss://a.example/"), Verdict::Pass);
    assert_eq!(open(&mut desk, "wss://b.example/"), Verdict::Wait(1));
    assert_eq!(open(&mut desk, "wss://b.example/"), Verdict::Wait(1), "the same question");
    let site = Site::of(&"wss://b.example/".parse().unwrap()).unwrap();
    assert_eq!(desk.is_answered(1, &site, now), None);
    desk.settle(1, &Outcome::Granted, false, now);
    assert_eq!(desk.is_answered(1, &site, now), Some(true));
    assert_eq!(desk.is_answered(1, &site, now), Some(false), "one of both");
    assert_eq!(open(&mut desk, "wss://b.example/"), Verdict::Wait(2), "it is asked again");
    desk.settle(2, &Outcome::Denied(None), false, now);
    assert_eq!(desk.is_answered(2, &site, now), Some(false));
    assert_eq!(open(&mut desk, "wss://b.example/"), Verdict::Wait(3));
    desk.settle(3, &Outcome::Granted, false, now);
    assert_eq!(
        open(&mut desk, "wss://b.example/"),
        Verdict::Pass,
        "whoever waited has gone, and came back"
    );
}

#[test]
fn questions_are_told_in_order_and_those_that_nobody_saw_end_without_a_word() {
    let mut desk = desk(&[]);
    let now = Instant::now();
    for path in ["a", "b", "c"] {
        judged(&mut desk, "POST", &format!("https://x.example/{path}"), "XHR");
    }
    let Some(Happening::Wanted(first)) = desk.next() else { panic!() };
    assert_eq!(first.text, "POST https://x.example/a");
    desk.settle(2, &Outcome::Denied(Some("no".to_owned())), false, now);
    desk.settle(1, &Outcome::Granted, false, now);
    assert!(matches!(desk.next(), Some(Happening::Wanted(it)) if it.text.ends_with("/c")));
    let over = Over { id: first.id, outcome: Outcome::Granted };
    assert_eq!(desk.next(), Some(Happening::Over(over)));
    assert_eq!(desk.take_notes(), ["POST https://x.example/b was denied: no"]);
    assert!(desk.settle(1, &Outcome::Granted, false, now).is_empty(), "nothing waits for that");
    desk.end();
    desk.give_up(&Outcome::GivenUp, now);
    assert!(!desk.is_waiting());
    assert_eq!(judged(&mut desk, "POST", "https://x.example/d", "XHR"), Verdict::Refuse);
    assert_eq!(judged(&mut desk, "GET", "https://x.example/d", "XHR"), Verdict::Pass);
}

#[test]
fn an_answer_for_a_host_settles_what_waits_for_it_and_nothing_else() {
    let mut desk = desk(&[]);
    let now = Instant::now();
    for url in [
        "https://x.example/a",
        "https://x.example/b",
        "https://x.example:8443/",
        "https://y.example/",
    ] {
        judged(&mut desk, "POST", url, "XHR");
    }
    assert_eq!(desk.settle(1, &Outcome::Granted, true, now).len(), 2);
    assert_eq!(judged(&mut desk, "PUT", "https://x.example/c", "XHR"), Verdict::Pass);
    assert_eq!(judged(&mut desk, "GET", "https://x.example/", "Document"), Verdict::Pass);
    assert!(desk.is_waiting());
    assert_eq!(desk.settle(4, &Outcome::Denied(None), true, now).len(), 1);
    assert_eq!(judged(&mut desk, "POST", "https://y.example/z", "XHR"), Verdict::Refuse);
}

#[test]
fn there_is_an_end_to_everything_that_grows() {
    let mut desk = desk(&[]);
    let now = Instant::now();
    for number in 0..MOST_QUESTIONS + 5 {
        let verdict = judged(&mut desk, "POST", &format!("https://x.example/{number}"), "XHR");
        assert_eq!(verdict == Verdict::Refuse, number >= MOST_QUESTIONS, "{number}");
    }
    assert_eq!(desk.take_notes().len(), 5);
    for number in 1..MOST_ALIKE + 5 {
        let verdict = desk.judge(&paused(number, "POST", "https://x.example/0", "XHR"), now);
        assert_eq!(verdict == Verdict::Refuse, number >= MOST_ALIKE, "{number}");
    }
    for number in 0..3 * MOST_TICKETS {
        judged(&mut desk, "GET", &format!("http://h{number}.example/"), "Image");
        desk.let_go(
            &Site::tunnelled("x", 1),
            Some(Ticket { method: "POST".into(), url: number.to_string() }),
            now,
        );
        desk.note(number.to_string());
    }
    assert!(desk.expected.len() <= MOST_TICKETS && desk.tickets.len() <= MOST_TICKETS);
    assert_eq!(desk.take_notes().len(), MOST_NOTES);
}
