//! Browsers come, change and go.

use super::*;
use crate::{
    browsers::{
        Act, Event, Go, Order as Note, Report as Told, Request as Ask, Seen, State, Viewport,
    },
    calls::{Call, Found},
    control,
    ids::SessionId,
    sessions,
};

pub(super) fn word(event: &Event) -> String {
    match event {
        Event::Changed(browser) => {
            let incident = browser.incident.as_deref().unwrap_or_default();
            format!("browser {} {} {incident}", browser.state.as_str(), browser.url)
                .trim_end()
                .into()
        }
        Event::Gone(_) => "no browser".to_owned(),
        Event::Lease(lease) => {
            let holder = lease.holder.as_ref();
            format!("{} steers", holder.map_or("nobody", |holder| &*holder.name))
        }
    }
}

fn seen(session: &SessionId, state: State, url: &str) -> Seen {
    Seen {
        session: session.clone(),
        state,
        url: url.into(),
        title: "".into(),
        tabs: Arc::new([]),
        viewport: Viewport::default(),
        incident: None,
    }
}

fn greeting(browsers: Vec<Seen>, capability: &str) -> Request {
    let Request::Agents(agents::Request::Link(mut hello)) = hello("a") else { unreachable!() };
    hello.browsers = browsers;
    hello.profile.capabilities = Arc::new([capability.into()]);
    Request::Agents(agents::Request::Link(hello))
}

fn link(bench: &mut Bench, browsers: Vec<Seen>, capability: &str, connection: u64) -> LinkId {
    let request = greeting(browsers, capability);
    match bench.core.ask(&agent_caller("a", connection), request, bench.now) {
        Asked::Answered(Ok(Reply::Linked(linked))) => linked.link,
        other => panic!("{other:?}"),
    }
}

fn session(bench: &mut Bench) -> SessionId {
    let create = sessions::Create {
        agent: "a".parse().unwrap(),
        path: "/srv".into(),
        kind: sessions::Kind::Quick,
        title: None,
        initial_prompt: None,
        worker: None,
    };
    let request = Request::Sessions(sessions::Request::Create(create));
    assert_eq!(bench.core.ask(&person(Role::Operator), request, bench.now), Asked::AfterCommit);
    bench.commit();
    bench.core.take_deliveries();
    bench.core.topics().view().sessions().last().unwrap().id.clone()
}

fn act(bench: &mut Bench, session: &SessionId, role: Role, act: Act) -> Asked {
    let within = Duration::from_secs(30);
    let request = Request::Browsers(Ask::Act { session: session.clone(), act, within });
    bench.core.ask(&person(role), request, bench.now)
}

fn open(url: &str) -> Act {
    Act::Open { url: Some(url.into()), viewport: None }
}

/// A linked agent that has a browser, and a session on it.
fn world() -> (Bench, LinkId, SessionId) {
    let mut bench = Bench::new();
    let link = link(&mut bench, Vec::new(), "browser", 8);
    let session = session(&mut bench);
    bench.seen();
    (bench, link, session)
}

fn tell(bench: &mut Bench, link: LinkId, told: Told) {
    bench.core.report(link, Report::Browser(told), bench.now);
}

fn orders_to_close(bench: &mut Bench) -> Vec<SessionId> {
    let closes = |order| match order {
        Order::Call { what, .. } => match what.as_ref() {
            Call::Browser { session, act: Act::Close } => Some(session.clone()),
            _ => None,
        },
        _ => None,
    };
    bench.orders().into_iter().filter_map(closes).collect()
}

#[test]
fn an_operator_opens_a_browser_and_everybody_sees_how_it_is() {
    let (mut bench, link, session) = world();
    let refused = act(&mut bench, &session, Role::Viewer, open("https://example.org/"));
    assert!(matches!(refused, Asked::Answered(Err(CoreError::Forbidden(_)))));
    assert!(bench.orders().is_empty());
    assert_eq!(
        act(&mut bench, &session, Role::Operator, open("https://example.org/")),
        Asked::AfterCommit
    );
    let Some(Order::Call { call, what, .. }) = bench.orders().pop() else { panic!("no call") };
    assert_eq!(
        *what,
        Call::Browser { session: session.clone(), act: open("https://example.org/") }
    );
    tell(&mut bench, link, Told::Seen(seen(&session, State::Opening, "").into()));
    bench.now.wall.0 += 7;
    tell(&mut bench, link, Told::Seen(seen(&session, State::Open, "https://example.org/").into()));
    // Told again, it is no news.
    tell(&mut bench, link, Told::Seen(seen(&session, State::Open, "https://example.org/").into()));
    bench.core.report(link, Report::Called { call, answer: Ok(Found::Browsed) }, bench.now);
    let answer = bench.core.take_deliveries().pop().unwrap().1;
    assert_eq!(answer, Delivery::Answer(Ok(Reply::Called(Found::Browsed))));
    bench.commit();
    assert_eq!(bench.seen(), ["browser opening", "browser open https://example.org/"]);
    let browser = bench.core.topics().view().browser(&session).unwrap().clone();
    assert_eq!((browser.agent.as_str(), browser.since), ("a", bench.now.wall));
    tell(&mut bench, link, Told::Gone(session.clone()));
    assert_eq!(bench.seen(), ["no browser"]);
    assert!(bench.core.browser(&session).is_none());
    let audited = bench.stored.iter().filter_map(|write| match write {
        Write::Audit(record) if record.action.starts_with("browser.") => {
            Some((record.action.to_string(), record.detail.to_string(), record.refusal.is_some()))
        }
        _ => None,
    });
    let word = |refused| ("browser.open".to_owned(), "https://example.org/".to_owned(), refused);
    assert_eq!(audited.collect::<Vec<_>>(), [word(true), word(false)]);
}

#[test]
fn what_cannot_be_is_refused_before_the_agent_is_asked() {
    let (mut bench, _, session) = world();
    let asks: [(Act, &str); 4] = [
        (Act::Go(Go::Reload), "the session has no browser; open it first"),
        (Act::Close, "the session has no browser; open it first"),
        (open("https://e/\n"), "an address has at most 8192 bytes and no control characters"),
        (open(&"x".repeat(8193)), "an address has at most 8192 bytes and no control characters"),
    ];
    for (asked, why) in asks {
        match act(&mut bench, &session, Role::Operator, asked) {
            Asked::Answered(Err(refusal)) => assert_eq!(refusal.to_string(), why),
            other => panic!("{other:?}"),
        }
    }
    let nowhere = SessionId::new("nowhere").unwrap();
    let asked = act(&mut bench, &nowhere, Role::Operator, open("about:blank"));
    assert_eq!(asked, Asked::Answered(Err(CoreError::SessionNotFound(nowhere))));
    link(&mut bench, Vec::new(), "terminals", 9);
    let asked = act(&mut bench, &session, Role::Operator, open("about:blank"));
    assert!(matches!(asked, Asked::Answered(Err(CoreError::CallRefused(_)))));
    assert!(orders_to_close(&mut bench).is_empty());
}

#[test]
fn a_session_that_is_deleted_closes_its_browser_and_late_news_of_it_close_it_again() {
    let (mut bench, link, session) = world();
    tell(&mut bench, link, Told::Seen(seen(&session, State::Open, "u").into()));
    bench.orders();
    let delete = Request::Sessions(sessions::Request::Delete(session.clone()));
    bench.core.ask(&person(Role::Operator), delete, bench.now);
    bench.commit();
    assert_eq!(orders_to_close(&mut bench), std::slice::from_ref(&session));
    assert!(bench.seen().contains(&"no browser".to_owned()));
    tell(&mut bench, link, Told::Seen(seen(&session, State::Open, "u").into()));
    assert_eq!(orders_to_close(&mut bench), [session]);
    assert_eq!(bench.core.topics().view().browsers().count(), 0);
}

#[test]
fn a_cut_link_keeps_browsers_until_the_agent_says_which_it_has_or_is_lost() {
    let (mut bench, first, session) = world();
    tell(&mut bench, first, Told::Seen(seen(&session, State::Open, "u").into()));
    bench.seen();
    bench.core.report(first, Report::Lost, bench.now);
    bench.pass(1_000);
    assert!(bench.core.browser(&session).is_some());
    let second = link(&mut bench, vec![seen(&session, State::Open, "v")], "browser", 9);
    assert!(bench.seen().contains(&"browser open v".to_owned()));
    bench.pass(10_000_000);
    assert!(bench.core.browser(&session).is_some(), "it is there again");
    bench.core.report(second, Report::Lost, bench.now);
    assert!(bench.core.next_due().is_some());
    bench.pass(121_000);
    assert!(bench.core.browser(&session).is_none());
    let third = link(&mut bench, vec![seen(&session, State::Open, "w")], "browser", 10);
    bench.core.report(third, Report::Lost, bench.now);
    bench.seen();
    link(&mut bench, Vec::new(), "browser", 11);
    assert!(bench.seen().contains(&"no browser".to_owned()), "its process began anew");
}

#[test]
fn an_agent_is_told_how_fast_people_watch_also_when_it_comes_later() {
    let (mut bench, link_before, session) = world();
    bench.core.want_pictures(&session, 30);
    bench.core.want_pictures(&session, 30);
    let wanted = |fps| Order::Browser(Note::Wanted { session: session.clone(), fps });
    assert_eq!(bench.orders(), [wanted(30)]);
    tell(&mut bench, link_before, Told::Seen(seen(&session, State::Open, "u").into()));
    assert_eq!(bench.orders(), [wanted(30)], "it opened after its viewers came");
    link(&mut bench, vec![seen(&session, State::Open, "u")], "browser", 9);
    assert!(bench.orders().contains(&wanted(30)));
    bench.core.want_pictures(&session, 0);
    assert_eq!(bench.orders(), [wanted(0)]);
}

#[test]
fn a_stopped_agent_has_no_browser_left_and_one_that_is_paused_keeps_and_opens_them() {
    let (mut bench, link_before, session) = world();
    let control = |bench: &mut Bench, ask| {
        let asked = bench.core.ask(&person(Role::Operator), Request::Control(ask), bench.now);
        bench.commit();
        asked
    };
    let agent = || AgentId::new("a").unwrap();
    control(&mut bench, control::Request::Pause(agent()));
    let asked = act(&mut bench, &session, Role::Operator, open("about:blank"));
    assert_eq!(asked, Asked::AfterCommit);
    tell(&mut bench, link_before, Told::Seen(seen(&session, State::Open, "u").into()));
    assert!(orders_to_close(&mut bench).is_empty());
    bench.core.take_deliveries();
    assert_eq!(control(&mut bench, control::Request::Stop(agent())), Asked::AfterCommit);
    assert_eq!(orders_to_close(&mut bench), std::slice::from_ref(&session));
    assert!(bench.core.take_deliveries().is_empty(), "it is not gone yet");
    tell(&mut bench, link_before, Told::Gone(session.clone()));
    bench.commit();
    let answers = bench.core.take_deliveries();
    let is_told = |delivery: &Delivery| matches!(delivery, Delivery::Answer(Ok(Reply::Stopped(_))));
    assert!(answers.iter().any(|(_, delivery)| is_told(delivery)), "{answers:?}");
    let asked = act(&mut bench, &session, Role::Operator, open("about:blank"));
    assert!(matches!(asked, Asked::Answered(Err(CoreError::AgentHeld { .. }))), "{asked:?}");
    // One that opened while its link was cut is closed when it is back.
    bench.orders();
    link(&mut bench, vec![seen(&session, State::Open, "u")], "browser", 9);
    assert_eq!(orders_to_close(&mut bench), [session]);
}

#[test]
fn every_change_of_a_browser_and_nothing_else_counts_as_one() {
    let (mut bench, link, session) = world();
    let before = bench.core.browsers_version();
    bench.pass(1_000);
    assert_eq!(bench.core.browsers_version(), before);
    let open = || Told::Seen(seen(&session, State::Open, "u").into());
    tell(&mut bench, link, open());
    tell(&mut bench, link, open());
    assert_eq!(bench.core.browsers_version(), before + 1);
    tell(&mut bench, link, Told::Gone(session.clone()));
    tell(&mut bench, link, Told::Gone(session));
    assert_eq!(bench.core.browsers_version(), before + 2);
}
