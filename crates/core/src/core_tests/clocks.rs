//! Clocks that are wrong or are set: moments are the server's, durations are steady.

use super::*;

const HOUR: u64 = 3_600_000;

fn state(bench: &Bench, id: &CommandId) -> State {
    let live = bench.core.commands.live(id).map(|live| &live.command);
    live.or_else(|| bench.core.commands.ended(id)).unwrap().state.clone()
}

fn ended(bench: &Bench, id: &CommandId) -> Ended {
    match state(bench, id) {
        State::Ended(ended) => ended,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_agent_whose_clock_is_an_hour_off_is_shown_by_the_servers() {
    for off in [HOUR.wrapping_neg(), HOUR] {
        let mut bench = Bench::with(Settings::default());
        bench.now.wall.0 += 2 * HOUR;
        let link = bench.link("a", 9).link;
        let id = bench.queued("ls", Priority::Normal);
        bench.pass(500);
        let started = bench.now.wall;
        let at = Timestamp(started.0.wrapping_add(off));
        bench.core.report(link, Report::Started { command: id.clone(), at }, bench.now);
        assert_eq!(state(&bench, &id), State::Running { since: started });
        bench.pass(7000);
        let ran_for = Duration::from_secs(6);
        let report = Ended { outcome: exited(0), at: Timestamp(at.0 + 6000), ran_for };
        let report = Report::Ended { command: id.clone(), ended: report };
        bench.core.report(link, report, bench.now);
        let ended = ended(&bench, &id);
        assert_eq!((ended.at.0, ended.ran_for), (started.0 + 6000, ran_for));
    }
}

#[test]
fn what_started_while_the_link_was_away_started_between_its_order_and_now() {
    for (off, expected) in [(HOUR.wrapping_neg(), 0), (0, 2000), (HOUR, 5000)] {
        let mut bench = Bench::new();
        bench.now.wall.0 += 2 * HOUR;
        let link = bench.link("a", 9).link;
        let asked_at = bench.now.wall.0;
        let id = bench.queued("ls", Priority::Normal);
        bench.core.report(link, Report::Lost, bench.now);
        bench.pass(5000);
        let Request::Agents(agents::Request::Link(mut hello)) = hello("a") else { unreachable!() };
        let started_at = Timestamp((asked_at + 2000).wrapping_add(off));
        let command = id.clone();
        let held =
            crate::agents::HeldCommand { command, started_at, next_position: 0, ended: None };
        hello.commands = vec![held];
        let request = Request::Agents(agents::Request::Link(hello));
        bench.core.ask(&agent_caller("a", 4), request, bench.now);
        assert_eq!(state(&bench, &id), State::Running { since: Timestamp(asked_at + expected) });
    }
}

#[test]
fn a_clock_that_is_set_changes_neither_patience_nor_durations() {
    for jump in [HOUR.wrapping_neg(), HOUR] {
        let mut bench = Bench::new();
        bench.now.wall.0 += 2 * HOUR;
        let link = bench.link("a", 9).link;
        let id = bench.queued("ls", Priority::Normal);
        bench.started(link, &id);
        bench.now.wall.0 = bench.now.wall.0.wrapping_add(jump);
        bench.core.report(link, Report::Lost, bench.now);
        bench.pass(119_000);
        assert!(matches!(state(&bench, &id), State::Running { .. }), "its agent may come back");
        bench.pass(1000);
        let ended = ended(&bench, &id);
        assert_eq!(ended.outcome, Outcome::AgentLost);
        assert_eq!((ended.ran_for, ended.at), (Duration::from_secs(120), bench.now.wall));
    }
}
