//! The client library against a real server that goes away and comes back.

use std::time::Duration;

use anyhow::Result;
use pilothouse_client::{
    Backoff, Builder, Dashboard, Error, Event, Follow, RunOptions, ServerMessage, State,
    messages::{AgentStatus, CommandState, CommandStatus},
};
use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    certificate::CertificateFiles,
    program::{PATIENCE, Server, signal},
    proxy::Proxy,
};
use tokio::time::timeout;

use super::exec::numbers;

const QUICK: Backoff =
    Backoff { first: Duration::from_millis(20), longest: Duration::from_millis(100), jitter: 20 };

fn builder(server: &Server, address: std::net::SocketAddr) -> Builder {
    let builder = Dashboard::builder(&format!("http://{address}"));
    builder.token(server.operator()).backoff(QUICK)
}

/// Events up to the first one that is wanted.
async fn until(dashboard: &mut Dashboard, wanted: impl Fn(&Event) -> bool) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    loop {
        let event = timeout(PATIENCE, dashboard.next()).await;
        events.push(event.map_err(|_| anyhow::anyhow!("not among {events:#?}"))??);
        if events.last().is_some_and(&wanted) {
            return Ok(events);
        }
    }
}

fn status_of(event: &Event) -> Option<&CommandStatus> {
    match event {
        Event::Message(ServerMessage::CommandStatus(status)) => Some(status),
        _ => None,
    }
}

fn is_final(event: &Event) -> bool {
    status_of(event).is_some_and(|status| status.status.is_final())
}

fn states(events: &[Event]) -> Vec<CommandState> {
    events.iter().filter_map(status_of).map(|status| status.status).collect()
}

fn text(events: &[Event]) -> String {
    let text = |event: &Event| match event {
        Event::Message(ServerMessage::TerminalOutput(output)) => output.data.clone(),
        _ => String::new(),
    };
    events.iter().map(text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_told_twice_when_the_connection_comes_back() -> Result<()> {
    let server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let proxy = Proxy::before(server.address());
    let mut dashboard = builder(&server, proxy.address()).connect().await?;
    until(&mut dashboard, |event| *event == Event::Resynced).await?;
    let gate = tempfile::NamedTempFile::new()?;
    let line =
        format!("echo one; while [ -e {} ]; do sleep 0.02; done; echo two", gate.path().display());
    dashboard.run("agent-1", &line, RunOptions::default()).await?;
    let before =
        until(&mut dashboard, |event| text(std::slice::from_ref(event)) == "one\n").await?;
    assert_eq!(states(&before), [CommandState::Queued, CommandState::Running]);
    proxy.cut();
    let back = until(&mut dashboard, |event| *event == Event::Resynced).await?;
    assert!(
        matches!(back[..], [Event::Reconnecting(_), Event::Connected { .. }, Event::Resynced]),
        "{back:#?}"
    );
    assert_eq!(dashboard.state(), State::Connected);
    drop(gate);
    let after = until(&mut dashboard, is_final).await?;
    assert_eq!(text(&after), "two\n", "{after:#?}");
    assert_eq!(states(&after), [CommandState::Completed]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ended_meanwhile_is_told_with_all_it_wrote() -> Result<()> {
    let mut server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let proxy = Proxy::before(server.address());
    // A wait so long that only a reconnection by hand ends it.
    let backoff = Backoff {
        first: Duration::from_secs(3600),
        longest: Duration::from_secs(3600),
        jitter: 20,
    };
    let mut dashboard = builder(&server, proxy.address()).backoff(backoff).connect().await?;
    until(&mut dashboard, |event| *event == Event::Resynced).await?;
    let gate = tempfile::NamedTempFile::new()?;
    let line = format!(
        "echo begin; while [ -e {} ]; do sleep 0.02; done; seq 1 60000; exit 4",
        gate.path().display()
    );
    dashboard.run("agent-1", &line, RunOptions::default()).await?;
    dashboard.run("agent-1", "echo queued", RunOptions::default()).await?;
    until(&mut dashboard, |event| text(std::slice::from_ref(event)) == "begin\n").await?;
    server.kill();
    proxy.cut();
    let waits =
        |event: &Event| matches!(event, Event::Reconnecting(attempt) if attempt.attempt == 2);
    until(&mut dashboard, waits).await?;
    server.start_again();
    server.wait_until_online("agent-1");
    let mut viewer = server.dashboard();
    drop(gate);
    viewer.expect_status("failed");
    viewer.expect_status("completed");
    assert_eq!(dashboard.state(), State::Reconnecting);
    dashboard.reconnect().await?;
    let told = until(&mut dashboard, is_final).await?;
    let expected = numbers(60_000);
    assert!(text(&told) == expected, "{} bytes", text(&told).len());
    assert!(!told.iter().any(|event| matches!(event, Event::Gap(_))));
    assert_eq!(status_of(&told[told.len() - 1]).and_then(|status| status.exit_code), Some(4));
    let second = until(&mut dashboard, is_final).await?;
    assert_eq!(text(&second), "queued\n");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn output_that_is_not_kept_any_more_is_told_as_a_gap() -> Result<()> {
    let server = Server::start(&[("output.keep_bytes", "64 KB")]);
    let _agent = server.agent("agent-1");
    let mut viewer = server.dashboard();
    viewer.send(&pilothouse_testkit::program::request("agent-1", "seq 1 400000"));
    let id = viewer.expect_status("completed")["commandId"].as_str().unwrap().to_owned();
    let mut dashboard = builder(&server, server.address()).follow(Follow::Own).connect().await?;
    // Pruning goes on beside; whatever of the beginning is gone by then is told, and nothing else.
    dashboard.follow(&id, 0).await?;
    let events = until(&mut dashboard, is_final).await?;
    let output = text(&events);
    assert!(output.ends_with("399999\n400000\n"), "{} bytes", output.len());
    let mut next = 1;
    for event in &events {
        match event {
            Event::Gap(gap) => {
                assert_eq!(gap.from_sequence, next);
                next = gap.next_sequence;
            }
            Event::Message(ServerMessage::TerminalOutput(output)) => {
                assert_eq!(output.sequence, next);
                next += 1;
            }
            _ => {}
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_was_too_slow_misses_nothing_of_what_it_follows() -> Result<()> {
    let server = Server::start(&[("output.ring", "64 KiB"), ("output.viewer_backlog", "10 KB")]);
    let _agent = server.agent("agent-1");
    let mut dashboard = builder(&server, server.address()).connect().await?;
    let id = dashboard.run("agent-1", "seq 1 1000000", RunOptions::default()).await?;
    // Nobody reads until it is all over.
    let mut viewer = server.dashboard();
    viewer.send(&pilothouse_testkit::program::request("agent-1", "true"));
    viewer.expect_status("completed");
    let is_its_end =
        |event: &Event| is_final(event) && status_of(event).is_some_and(|s| s.command_id == id);
    let events = until(&mut dashboard, is_its_end).await?;
    let expected = numbers(1_000_000);
    assert!(text(&events) == expected, "{} of {} bytes", text(&events).len(), expected.len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_while_away_are_refused_or_wait_as_was_chosen() -> Result<()> {
    let mut server = Server::start(&[]);
    let _agent = server.agent("agent-1");
    let mut hasty = builder(&server, server.address()).connect().await?;
    let mut patient = builder(&server, server.address()).queue_while_away(1).connect().await?;
    server.kill();
    for dashboard in [&mut hasty, &mut patient] {
        until(dashboard, |event| matches!(event, Event::Reconnecting(_))).await?;
    }
    let refused = hasty.run("agent-1", "true", RunOptions::default()).await;
    assert!(matches!(refused, Err(Error::Away)), "{refused:?}");
    patient.interrupt("cmd-1", None).await?;
    let refused = patient.interrupt("cmd-2", None).await;
    assert!(matches!(refused, Err(Error::TooManyWaiting)), "{refused:?}");
    server.start_again();
    let refused = until(&mut patient, |event| {
        matches!(event, Event::Message(ServerMessage::Error(error))
            if error.details.as_ref().and_then(|d| d.command_id.as_deref()) == Some("cmd-1"))
    });
    refused.await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_falls_silent_is_left_and_one_that_wakes_is_found_again() -> Result<()> {
    let server = Server::start(&[]);
    let quick = Duration::from_millis(100);
    let builder = builder(&server, server.address()).connect_within(quick * 5);
    let mut dashboard = builder.heartbeat(quick, quick * 10).connect().await?;
    until(&mut dashboard, |event| *event == Event::Resynced).await?;
    signal(server.id(), "STOP");
    // The second attempt shows that a server which takes connections and says nothing is not there either.
    let second =
        |event: &Event| matches!(event, Event::Reconnecting(attempt) if attempt.attempt == 2);
    let lost = until(&mut dashboard, second).await;
    signal(server.id(), "CONT");
    let lost = lost?;
    assert!(
        matches!(&lost[0], Event::Reconnecting(first) if first.reason.contains("said nothing")),
        "{lost:#?}"
    );
    until(&mut dashboard, |event| *event == Event::Resynced).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_refreshed_before_it_expires_and_one_that_cannot_be_ends_it() -> Result<()> {
    let server = Server::start(&[("timing.expiry_check", "50ms")]);
    let _agent = server.agent("agent-1");
    let ann = Grant::Person { user: "ann".into(), role: Role::Operator };
    let short = server.short_token(&ann, Duration::from_secs(2));
    let mut fixed = builder(&server, server.address()).token(short.clone()).connect().await?;
    let tokens = std::sync::Mutex::new(vec![server.operator(), short]);
    let mut renewing = builder(&server, server.address())
        .token_source(move || {
            let token = tokens.lock().unwrap().pop();
            std::future::ready(token.ok_or_else(|| "there are no more".to_owned()))
        })
        .connect()
        .await?;
    let refreshed =
        |event: &Event| matches!(event, Event::Message(ServerMessage::TokenRefreshed(_)));
    let before = until(&mut renewing, refreshed).await?;
    assert!(!before.iter().any(|event| matches!(event, Event::Reconnecting(_))), "{before:#?}");
    // The one with the fixed token is told, and does not try in vain.
    let failed = until(&mut fixed, |event| matches!(event, Event::Failed { .. })).await?;
    assert!(!failed.iter().any(|event| matches!(event, Event::Reconnecting(_))), "{failed:#?}");
    assert!(matches!(fixed.next().await, Err(Error::Refused { .. })));
    assert_eq!(fixed.state(), State::Disconnected);
    // The other one goes on as if nothing had happened.
    renewing.run("agent-1", "true", RunOptions::default()).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_dashboards_and_exec_go_over_tls_and_trust_only_whom_they_were_told_to() -> Result<()>
{
    let files = CertificateFiles::absent();
    files.replace();
    let (certificate, key) = (files.certificate(), files.key());
    let (certificate, key) = (certificate.to_str().unwrap(), key.to_str().unwrap());
    let server = Server::start(&[("tls.certificate", certificate), ("tls.key", key)]);
    let (port, folder) = (server.address().port(), tempfile::tempdir()?);
    let url = format!("https://localhost:{port}");
    let secure = ["--server", &url, "--ca", certificate];
    let own = ["agent", "--id", "agent-1", "--data-dir", folder.path().to_str().unwrap()];
    let mut agent = server.command(server.address(), &[&own[..], &secure].concat()).spawn()?;

    let builder = Dashboard::builder(&url).token(server.operator()).backoff(QUICK);
    let stranger = builder.clone().connect().await;
    assert!(stranger.unwrap_err().to_string().contains("no TLS with localhost"));
    let mut dashboard = builder.authorities(certificate).connect().await?;
    until(&mut dashboard, |event| match event {
        Event::Message(ServerMessage::AgentStatus(agent)) => agent.status == AgentStatus::Online,
        Event::Message(ServerMessage::AgentList(list)) => {
            list.agents.iter().any(|agent| agent.status == AgentStatus::Online)
        }
        _ => false,
    })
    .await?;
    let run = |options: &[&str]| {
        let line = ["--", "seq 1 5000; exit 3"];
        let arguments = [&["exec", "agent-1"], options, &line].concat();
        server.command(server.address(), &arguments).output()
    };
    let output = run(&secure)?;
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert_eq!(String::from_utf8(output.stdout)?, numbers(5000));
    let refused = run(&secure[..2])?;
    assert_eq!(refused.status.code(), Some(69), "{refused:?}");
    signal(agent.id(), "TERM");
    agent.wait()?;
    Ok(())
}
