//! Front ends on socket.io-client where it is less comfortable: behind TLS, below a path, with a bad token, and one that
//! does not read.

use std::time::{Duration, Instant};

use pilothouse_testkit::{
    certificate::CertificateFiles,
    http,
    node::NodeProgram,
    program::{Server, request},
    viewer::Viewer,
    waiting::wait_until,
};
use serde_json::{Value, json};

use super::{Bench, make_session, session_grant};

fn completed(line: &Value) -> bool {
    line["what"] == "TASK_STATUS" && line["message"]["status"] == "COMPLETED"
}

/// The script's arguments behind the address.
fn front_end(address: &str, transports: &str, token: &str, more: &[&str]) -> NodeProgram {
    NodeProgram::start(
        "control_plane/socket_io.mjs",
        &[&[address, transports, token, "agent-1"], more].concat(),
    )
}

#[test]
fn every_transport_works_over_tls() {
    let files = CertificateFiles::absent();
    let trusted = files.replace();
    let (certificate, key) = (files.certificate(), files.key());
    let certificate = certificate.to_str().unwrap();
    let server =
        Server::start(&[("tls.certificate", certificate), ("tls.key", key.to_str().unwrap())]);
    let tunnel = trusted.tunnel(server.address());
    let _agent = server.agent_at("agent-1", tunnel);
    let body = json!({"type": "quick", "locationPath": "/tmp", "agentId": "agent-1"});
    let mut session = None;
    wait_until("the agent is there and has a session", || {
        let made = http::send_json(tunnel, "POST /api/sessions", &server.operator(), &body).json();
        session = made["session"]["id"].as_str().map(str::to_owned);
        session.is_some()
    });
    let session = session.unwrap();
    let token = server.token(&session_grant(&session, "agent-1"));
    let address = format!("https://localhost:{}", server.address().port());
    for transports in ["polling", "websocket", "polling,websocket"] {
        let mut front = front_end(&address, transports, &token, &[&session, "", certificate]);
        front.expect("SUBSCRIBED");
        if transports.contains(',') && !front.seen.iter().any(|line| line["what"] == "upgrade") {
            front.expect("upgrade");
        }
        Viewer::dashboard(tunnel, &server.operator()).send(&request("agent-1", "echo working"));
        front.expect_that(completed);
        let is_error = |line: &Value| line["what"] == "connect_error";
        assert!(!front.seen.iter().any(is_error), "{:#?}", front.seen);
        assert!(front.finish());
    }
    // One that does not trust the certificate gets nowhere.
    let mut wary = front_end(&address, "websocket", &token, &[&session]);
    wary.expect("connect_error");
    assert!(wary.seen.iter().all(|line| line["what"] != "connect"));
}

#[test]
fn it_is_found_below_the_path_of_a_proxy_whether_that_takes_it_off_or_not() {
    let bench = Bench::start(&[("base_path", "/pilot")]);
    let address = format!("http://{}", bench.server.address());
    for transports in ["polling", "websocket", "polling,websocket"] {
        for base in ["/pilot", ""] {
            let mut front =
                front_end(&address, transports, &bench.token(), &[&bench.session, base]);
            front.expect("SUBSCRIBED");
            bench.run("true");
            front.expect_that(completed);
            assert!(front.finish());
        }
    }
    let mut lost = front_end(&address, "polling", &bench.token(), &[&bench.session, "/other"]);
    lost.expect("connect_error");
}

#[test]
fn a_bad_token_is_told_what_it_is_by_every_transport_and_hears_nothing() {
    let bench = Bench::start(&[("timing.auth_timeout", "2m")]);
    let other = make_session(&bench.server, "agent-1");
    let elsewhere = bench.server.token(&session_grant(&other, "agent-1"));
    let expired = bench.server.expired_token(&session_grant(&bench.session, "agent-1"));
    let address = format!("http://{}", bench.server.address());
    let mut strangers = Vec::new();
    for transports in ["polling", "websocket", "polling,websocket"] {
        for (token, code) in
            [("", "MISSING_TOKEN"), ("a.b.c", "INVALID_TOKEN"), (&*expired, "INVALID_TOKEN")]
        {
            let mut front = front_end(&address, transports, token, &[&bench.session]);
            front.expect_that(|line| line["message"]["code"] == code);
            strangers.push(front);
        }
        // A good one, but of another session.
        let mut front = front_end(&address, transports, &elsewhere, &[&bench.session]);
        front.expect("AUTHENTICATED");
        front.expect_that(|line| line["message"]["code"] == "SUBSCRIPTION_DENIED");
        strangers.push(front);
    }
    let mut known = front_end(&address, "websocket", &bench.token(), &[&bench.session]);
    known.expect("SUBSCRIBED");
    bench.run("echo secret");
    known.expect_that(completed);
    for mut stranger in strangers {
        // Whatever it was sent is read before its answer to the end.
        stranger.tell("ping");
        stranger.expect("PONG");
        let told = |line: &Value| line.to_string().contains("TASK");
        assert!(!stranger.seen.iter().any(told), "{:#?}", stranger.seen);
    }
}

#[test]
fn one_that_stops_to_read_is_bounded_and_disturbs_nobody() {
    let bench = Bench::start(&[]);
    let address = format!("http://{}", bench.server.address());
    let front = || {
        let mut front = front_end(&address, "websocket", &bench.token(), &[&bench.session]);
        front.expect("SUBSCRIBED");
        front
    };
    let (mut slow, mut quick) = (front(), front());
    let flood = |front: &mut NodeProgram| {
        let began = Instant::now();
        bench.run("seq 1 400000; echo over");
        front.expect_that(completed);
        began.elapsed()
    };
    let together = flood(&mut quick);
    slow.expect_that(completed);
    slow.tell("pause");
    slow.expect("pause");
    let before = bench.server.reset_peak();
    let beside = flood(&mut quick);
    let grown = bench.server.peak_kib().saturating_sub(before);
    eprintln!(
        "a flood of 400,000 lines took {together:?} for two that read, {beside:?} beside one that does not, and {grown} \
         KiB of memory"
    );
    assert!(grown < 100 << 10, "{grown} KiB");
    assert!(beside < together * 3 + Duration::from_secs(2), "{beside:?} instead of {together:?}");
    slow.tell("resume");
    slow.expect_that(completed);
    let gone = |line: &Value| line["what"] == "disconnect";
    assert!(!slow.seen.iter().any(gone), "it was only slow");
}
