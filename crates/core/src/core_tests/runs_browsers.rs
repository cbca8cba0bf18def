//! The browsers of runs that have one of their own, called as the run.

use super::{
    runs::{bench, link_with, made, over, task, tell},
    *,
};
use crate::{
    browsers::{self, Act, Go, Order as BrowserOrder, Seen, State, SteeringAct, Viewport},
    calls::Call,
    ids::{RunId, SessionId},
    pictures,
    runs::{Outcome, Report as Told},
};

fn seen(session: &SessionId) -> Report {
    Report::Browser(browsers::Report::Seen(Box::new(Seen {
        session: session.clone(),
        state: State::Open,
        url: "https://shop.example/".into(),
        title: "".into(),
        tabs: Arc::new([]),
        viewport: Viewport::default(),
        incident: None,
    })))
}

fn act(bench: &mut Bench, session: &SessionId, act: Act) -> Asked {
    let within = Duration::from_secs(30);
    let request = browsers::Request::Act { session: session.clone(), act, within };
    bench.core.ask(&person(Role::Operator), Request::Browsers(request), bench.now)
}

fn closes(bench: &mut Bench) -> Vec<SessionId> {
    let orders = bench.orders().into_iter();
    let close = orders.filter_map(|order| match order {
        Order::Call { what, .. } => match &*what {
            Call::Browser { session, act: Act::Close } => Some(session.clone()),
            _ => None,
        },
        _ => None,
    });
    close.collect()
}

/// A run under way, and what its browser is called.
fn begun(bench: &mut Bench) -> (LinkId, RunId, SessionId) {
    let link = link_with(bench, 9, &[]).link;
    let run = made(bench, task("x"));
    tell(bench, link, Told::Began(run.clone()));
    bench.commit();
    bench.orders();
    let browser: SessionId = run.as_str().parse().unwrap();
    (link, run, browser)
}

#[test]
fn a_runs_own_browser_is_watched_and_steered_as_a_sessions() {
    let mut bench = bench();
    let (link, run, browser) = begun(&mut bench);
    bench.core.want_pictures(&browser, 5);
    bench.core.report(link, seen(&browser), bench.now);
    bench.commit();
    assert_eq!(bench.core.browser(&browser).unwrap().agent.as_str(), "a");
    let wanted = BrowserOrder::Wanted { session: browser.clone(), fps: 5 };
    assert!(bench.orders().contains(&Order::Browser(wanted)));
    let agent = agent_caller("a", 9);
    assert_eq!(bench.core.may_produce(&agent, &browser), Ok(()));
    assert!(bench.core.may_produce(&agent_caller("b", 10), &browser).is_err());
    let steer = |bench: &mut Bench, act| {
        let request = browsers::Request::Steer { session: browser.clone(), act };
        bench.core.ask(&person(Role::Operator), Request::Browsers(request), bench.now)
    };
    assert_eq!(steer(&mut bench, SteeringAct::Request), Asked::Answered(Ok(Reply::Done)));
    assert!(bench.core.lease(&browser).unwrap().holder.is_some());
    let session = browser.clone();
    let record = pictures::Request::Record { session, is_recorded: false };
    let record = bench.core.ask(&person(Role::Operator), Request::Pictures(record), bench.now);
    assert_eq!(record, Asked::Answered(Ok(Reply::Done)));
    assert_eq!(act(&mut bench, &browser, Act::Go(Go::Back)), Asked::AfterCommit);
    // Whether there is one is for the run to say.
    let opened = act(&mut bench, &browser, Act::Open { url: None, viewport: None });
    assert!(matches!(opened, Asked::Answered(Err(CoreError::Invalid(_)))), "{opened:?}");
    bench.core.stream_began(&browser, bench.now);
    bench.core.stream_ended(&browser, bench.now);
    bench.commit();
    bench.seen();
    tell(&mut bench, link, over(&run, Outcome::Completed));
    bench.commit();
    let seen = bench.seen();
    for line in ["no browser", "run COMPLETED", &format!("no {browser}")] {
        assert!(seen.iter().any(|it| it == line), "{line} in {seen:?}");
    }
    assert_eq!(
        closes(&mut bench),
        std::slice::from_ref(&browser),
        "its agent may have missed that it is over"
    );
    assert_eq!((bench.core.browser(&browser), bench.core.lease(&browser)), (None, None));
    assert!(bench.core.may_produce(&agent, &browser).is_err());
    let late = act(&mut bench, &browser, Act::Go(Go::Back));
    assert!(matches!(late, Asked::Answered(Err(CoreError::SessionNotFound(_)))));
}

#[test]
fn a_browser_whose_run_is_over_or_uses_a_sessions_is_closed() {
    let mut bench = bench();
    let (link, run, browser) = begun(&mut bench);
    tell(&mut bench, link, over(&run, Outcome::Completed));
    bench.commit();
    bench.orders();
    bench.core.report(link, seen(&browser), bench.now);
    assert_eq!(closes(&mut bench), std::slice::from_ref(&browser));
    assert_eq!(bench.core.browser(&browser), None);
    // Another agent cannot have the browser of this one's run.
    let (_, _, browser) = begun(&mut bench);
    let other = bench.link("b", 12).link;
    bench.core.report(other, seen(&browser), bench.now);
    assert_eq!(bench.core.browser(&browser), None);
}
