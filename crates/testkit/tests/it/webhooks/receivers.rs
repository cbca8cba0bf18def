//! Receivers that are away, hang, want nothing any more, or are where nobody may be called.

use std::time::{Duration, Instant};

use pilothouse_testkit::{
    http_gateway::{HttpGateway, Reply},
    program::{PATIENCE, Server},
};
use serde_json::{Value, json};

use super::{Hook, QUICK, ask, expect, fields, next, receiver, run, status, url, verified};

#[test]
fn a_receiver_that_is_away_is_told_when_it_is_back_under_the_same_id() {
    let mut server = Server::start(QUICK);
    let _agent = server.agent("a-1");
    let first = receiver();
    let (address, url) = (first.address(), url(&first));
    drop(first);
    let hook = Hook::add(&server, &url, &["failed"]);
    run(&server, "a-1", "exit 3");
    let tried = hook.wait_for(&server, "tried twice", |newest| newest["attempts"] == 2);
    assert_eq!((&tried["state"], tried.get("lastStatus")), (&json!("pending"), None));
    assert!(tried["lastError"].as_str().unwrap().contains("refused"), "{tried}");
    assert!(hook.show(&server)["failingSince"].is_string());
    server.kill_and_restart();
    // Once it is there it has a cold, then it is well.
    let back = HttpGateway::at(address);
    back.answer("/hook?key=canary-in-url", status("500 Internal Server Error"));
    let refused = next(&back, 0, "command.failed");
    back.answer("/hook?key=canary-in-url", status("200 OK"));
    hook.wait_for(&server, "delivered", |newest| newest["state"] == "delivered");
    let all = back.asked();
    let taken = all.last().unwrap();
    assert_eq!(taken.body, refused.body);
    assert_eq!(fields(taken)["webhook-id"], tried["eventId"].as_str().unwrap());
    verified(&hook.secret, taken);
    assert!(all.iter().all(|asked| fields(asked)["webhook-id"] == fields(taken)["webhook-id"]));
    assert!(hook.show(&server).get("failingSince").is_none());
}

#[test]
fn a_receiver_that_hangs_delays_nobody_else() {
    let server = Server::start(&[("webhooks.timeout", "2m")]);
    let (hanging, works) = (receiver(), receiver());
    hanging.answer("/hook?key=canary-in-url", Reply::Silence);
    let stuck = Hook::add(&server, &url(&hanging), &["failed"]);
    let quick = Hook::add(&server, &url(&works), &["failed"]);
    for _ in 0..3 {
        stuck.test(&server);
    }
    next(&hanging, 0, "webhook.test");
    let began = Instant::now();
    let made: Vec<String> = (0..20).map(|_| quick.test(&server)).collect();
    quick.wait_for(&server, "delivered", |newest| newest["state"] == "delivered");
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    let asked = works.asked();
    assert_eq!(asked.len(), made.len());
    let ids: Vec<_> = asked.iter().map(|asked| fields(asked)["webhook-id"].clone()).collect();
    assert!(ids.is_sorted(), "in the order in which they were made: {ids:?}");
    assert_eq!(hanging.count(), 1, "one at a time");
    server.wait_for_metric("pilothouse_webhook_deliveries_pending", 3);
}

#[test]
fn more_receivers_that_hang_than_are_told_at_once_are_given_up_one_after_the_other() {
    let settings = [("webhooks.timeout", "300ms"), ("webhooks.attempts", "1")];
    let server = Server::start(&settings);
    let (hanging, works) = (receiver(), receiver());
    hanging.answer("/hook?key=canary-in-url", Reply::Silence);
    let stuck: Vec<_> = (0..20).map(|_| Hook::add(&server, &url(&hanging), &["failed"])).collect();
    let quick = Hook::add(&server, &url(&works), &["failed"]);
    for hook in stuck.iter().chain([&quick]) {
        hook.test(&server);
    }
    for hook in &stuck {
        hook.wait_for(&server, "given up", |newest| newest["state"] == "failed");
    }
    quick.wait_for(&server, "delivered", |newest| newest["state"] == "delivered");
    assert_eq!((hanging.count(), works.count()), (20, 1));
}

#[test]
fn whoever_is_gone_or_asks_for_time_gets_it() {
    let server = Server::start(QUICK);
    let receiver = receiver();
    let path = "/hook?key=canary-in-url";
    let hook = Hook::add(&server, &url(&receiver), &["failed"]);
    let later = b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 3600\r\ncontent-length: 0\r\n\r\n";
    receiver.answer(path, Reply::Raw(later.to_vec()));
    hook.test(&server);
    let waits = hook.wait_for(&server, "tried", |newest| newest["attempts"] == 1);
    let (now, then) = (waits["at"].as_str().unwrap(), waits["nextAt"].as_str().unwrap());
    let hour = |text: &str| text[11..13].parse::<u32>().unwrap();
    assert_eq!((hour(now) + 1) % 24, hour(then), "{waits}");
    let elsewhere = b"HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n";
    receiver.answer(path, Reply::Raw(elsewhere.to_vec()));
    hook.test(&server);
    let moved = hook.wait_for(&server, "tried", |newest| newest["lastStatus"] == 302);
    assert!(moved["lastError"].as_str().unwrap().contains("redirects are not followed"), "{moved}");
    receiver.answer(path, status("410 Gone"));
    let id = hook.test(&server);
    hook.wait_for(&server, "given up", |newest| newest["state"] == "failed");
    let shown = hook.show(&server);
    assert_eq!(shown["isActive"], false);
    assert!(shown["turnedOff"].as_str().unwrap().contains("410"), "{shown}");
    assert!(hook.deliveries(&server).iter().all(|it| it["state"] == "failed"), "nothing waits");
    assert!(receiver.asked().iter().all(|asked| !asked.line.contains("elsewhere")));
    receiver.answer(path, status("200 OK"));
    let redeliver = format!("POST {}/deliveries/{id}/redeliver", hook.path);
    expect(400, &ask(&server, &redeliver, &json!({})));
    let on = json!({"isActive": true});
    assert_eq!(expect(200, &ask(&server, &format!("PATCH {}", hook.path), &on))["isActive"], true);
    expect(202, &ask(&server, &redeliver, &json!({})));
    let again = hook.wait_for(&server, "delivered", |newest| newest["state"] == "delivered");
    assert_eq!(again["id"], json!(id));
}

#[test]
fn what_never_arrives_is_given_up_in_the_end() {
    let server = Server::start(&[
        ("webhooks.retry_after", "10ms"),
        ("webhooks.attempts", "3"),
        ("webhooks.timeout", "300ms"),
    ]);
    let receiver = receiver();
    receiver.answer("/hook?key=canary-in-url", Reply::Silence);
    let hook = Hook::add(&server, &url(&receiver), &["failed"]);
    hook.test(&server);
    let ended = hook.wait_for(&server, "given up", |newest| newest["state"] == "failed");
    assert_eq!((&ended["attempts"], receiver.count()), (&json!(3), 3));
    assert_eq!(ended["lastError"], "it did not answer within 300 ms");
    // A body without an end is no reason to wait for it.
    receiver.answer("/hook?key=canary-in-url", Reply::Flood);
    hook.test(&server);
    hook.wait_for(&server, "delivered", |newest| newest["state"] == "delivered");
}

#[test]
fn some_addresses_are_never_called() {
    let server = Server::start(&[("webhooks.attempts", "1")]);
    for url in [
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:169.254.169.254]/",
        "http://[fe80::1]/",
        "http://0.0.0.0:1/",
        "https://ann:hunter2@hooks.example/",
        "ftp://hooks.example/",
        "hooks.example",
    ] {
        let body = json!({"name": "chat", "url": url, "events": ["failed"]});
        let answer = ask(&server, "POST /api/v1/webhooks", &body);
        assert_eq!(answer.status, 400, "{url}: {answer:?}");
        assert!(!answer.body.contains("hunter2"), "{answer:?}");
    }
    for (body, what) in [
        (json!({"name": "chat", "url": "http://h/", "events": []}), "at least one"),
        (json!({"name": "chat", "url": "http://h/", "events": ["all"]}), "there is no event"),
        (json!({"name": " ", "url": "http://h/", "events": ["failed"]}), "name"),
        (
            json!({"name": "x", "url": "http://h/", "events": ["failed"], "agentId": "a b"}),
            "agentId",
        ),
    ] {
        let answer = ask(&server, "POST /api/v1/webhooks", &body);
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(answer.body.contains(what), "{answer:?}");
    }
    // What resolves to such an address is found out when it is called. Resolvers read this number as 169.254.169.254.
    let hook = Hook::add(&server, "http://2852039166:9/", &["failed"]);
    let began = Instant::now();
    hook.test(&server);
    let ended = hook.wait_for(&server, "given up", |newest| newest["state"] == "failed");
    let said = ended["lastError"].as_str().unwrap();
    assert!(said.contains("no address that may be called"), "{said}");
    assert!(began.elapsed() < Duration::from_secs(10), "nobody was called");
    expect(404, &ask(&server, "GET /api/v1/webhooks/hook-none", &Value::Null));
}
