//! Presence: reported agents, crash loops, and what viewers are told of both.

use super::*;
use crate::agents::{Reporting, Status};

fn reporting(agent: &str, status: Status) -> Reporting {
    let name = Some(Arc::from("Main Agent"));
    Reporting { agent: agent.parse().unwrap(), source: "gateway".into(), name, status }
}

fn bench() -> Bench {
    Bench::with(Settings {
        reported_for: Duration::from_secs(60),
        list_delay: Duration::ZERO,
        ..Settings::default()
    })
}

fn report(bench: &mut Bench, status: Status) {
    bench.core.take_in(&reporting("m", status), bench.now).unwrap();
}

fn live(bench: &mut Bench, life: &str) -> LinkId {
    let Request::Agents(agents::Request::Link(mut hello)) = hello("a") else { unreachable!() };
    hello.incarnation = IncarnationId::new(life).unwrap();
    let request = Request::Agents(agents::Request::Link(hello));
    match bench.core.ask(&agent_caller("a", 9), request, bench.now) {
        Asked::Answered(Ok(Reply::Linked(linked))) => linked.link,
        other => panic!("{other:?}"),
    }
}

fn status(bench: &mut Bench, agent: &str) -> Status {
    let agents = bench.core.fleet().view().agents();
    agents.iter().find(|known| known.id.as_str() == agent).unwrap().status
}

#[test]
fn a_reported_agent_is_as_reported_until_nobody_reports_it() {
    let mut bench = bench();
    report(&mut bench, Status::Busy);
    bench.pass(0);
    assert_eq!(bench.seen(), ["m Busy", "list of 1"]);
    report(&mut bench, Status::Busy);
    bench.pass(59_999);
    assert_eq!(bench.seen(), Vec::<String>::new());
    bench.pass(1);
    assert_eq!(bench.seen(), ["m Offline"]);
    // That it stays so is all that is still waited for.
    bench.pass(30_000);
    assert_eq!(bench.core.next_due(), None);
    let request = enqueue("m", "ls", Priority::Normal);
    let refused = bench.core.ask(&person(Role::Operator), request, bench.now);
    let id: AgentId = "m".parse().unwrap();
    assert_eq!(refused, Asked::Answered(Err(CoreError::AgentReported(id))));
    assert!(
        bench
            .core
            .begin_commit()
            .is_some_and(|writes| { writes.iter().all(|write| matches!(write, Write::Audit(_))) })
    );
}

#[test]
fn a_link_counts_more_than_what_is_reported() {
    let mut bench = bench();
    bench.core.take_in(&reporting("a", Status::Error), bench.now).unwrap();
    let link = bench.link("a", 9).link;
    assert_eq!(status(&mut bench, "a"), Status::Online);
    bench.core.take_in(&reporting("a", Status::Offline), bench.now).unwrap();
    assert_eq!(status(&mut bench, "a"), Status::Online);
    assert_eq!(bench.core.reported_by(&"a".parse().unwrap()), None);
    bench.core.report(link, Report::Lost, bench.now);
    assert_eq!(status(&mut bench, "a"), Status::Offline);
}

#[test]
fn reported_agents_are_bounded() {
    let mut bench = bench();
    let take = |bench: &mut Bench, number: usize| {
        let id = format!("agent-{number}");
        bench.core.take_in(&reporting(&id, Status::Online), bench.now)
    };
    assert!((0..1000).all(|number| take(&mut bench, number).is_ok()));
    assert!(matches!(take(&mut bench, 1000), Err(CoreError::LimitReached(_))));
    assert!(take(&mut bench, 7).is_ok(), "one that is known already");
}

/// Each step: milliseconds that pass, the life that links then, and whether the agent is in error afterwards.
#[test]
fn an_agent_that_is_started_again_and_again_is_in_error_until_it_stays() {
    let mut bench = bench();
    for (milliseconds, life, is_error) in [
        (0, "one", false),
        (1000, "one", false),
        (1000, "two", false),
        (20_000, "three", false),
        (39_999, "four", true),
        (1000, "four", true),
        (30_000, "five", true),
        (59_999, "five", true),
        (1, "five", false),
        (1, "six", false),
    ] {
        bench.pass(milliseconds);
        live(&mut bench, life);
        let expected = if is_error { Status::Error } else { Status::Online };
        assert_eq!(status(&mut bench, "a"), expected, "{life} after {milliseconds} ms");
        let has_item = bench.core.fleet().view().attention().count() == 1;
        assert_eq!(has_item, is_error, "{life} after {milliseconds} ms");
    }
}

#[test]
fn trouble_that_an_agent_reports_outlasts_its_crashes() {
    let mut bench = bench();
    for life in ["one", "two", "three", "four"] {
        live(&mut bench, life);
    }
    let link = live(&mut bench, "four");
    bench.core.report(link, Report::Trouble(Some("the disk is full".into())), bench.now);
    bench.pass(60_000);
    assert_eq!(status(&mut bench, "a"), Status::Error);
    let words = bench.core.trouble_of(&"a".parse().unwrap()).cloned();
    assert_eq!(words.as_deref(), Some("the disk is full"));
    bench.core.report(link, Report::Trouble(None), bench.now);
    assert_eq!(status(&mut bench, "a"), Status::Online);
    assert_eq!(bench.core.fleet().view().attention().count(), 0);
}

#[test]
fn whoever_says_something_is_there() {
    let mut bench = bench();
    let say = |agent: &str| {
        let (agent, session) = (agent.parse().unwrap(), "s".into());
        Request::Agents(agents::Request::Say { agent, session, text: "hello\n".into() })
    };
    let done = Asked::Answered(Ok(Reply::Done));
    assert_eq!(bench.core.ask(&person(Role::Operator), say("m"), bench.now), done);
    assert_eq!(bench.seen(), ["m Online", "s says hello"]);
    let own = agent_caller("m", 3);
    assert_eq!(bench.core.ask(&own, say("m"), bench.now), done);
    for (caller, agent) in [(own, "other"), (person(Role::Viewer), "m")] {
        let refused = bench.core.ask(&caller, say(agent), bench.now);
        assert!(matches!(refused, Asked::Answered(Err(CoreError::Forbidden(_)))), "{refused:?}");
    }
    bench.commit();
    let audit = bench.stored.iter().filter(|write| matches!(write, Write::Audit(_)));
    assert_eq!(audit.count(), 4);
}
