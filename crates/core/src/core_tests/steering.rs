//! People steer browsers, as agents, viewers and the audit learn of it.

use super::people::{admin, new_user};
use super::*;
use crate::{
    browsers::{
        Act, Button, Copied, Event as Told, Go, Input, Mouse, MouseEvent, Order as ToBrowser,
        Parting, Report as FromBrowser, Request as Ask, Seen, State as BrowserState, Steer,
        SteeringAct, Viewport,
    },
    ids::{SessionId, UserId},
    people,
};

/// A session with an open browser.
struct Front {
    bench: Bench,
    link: LinkId,
    session: SessionId,
}

fn named(name: &str, role: Role, connection: u64) -> Caller {
    let (user, name) = (name.to_lowercase().into(), name.into());
    Caller { user, name, connection: ConnectionId(connection), ..person(role) }
}

fn ann() -> Caller {
    named("Ann", Role::Operator, 21)
}

fn bob() -> Caller {
    named("Bob", Role::Operator, 22)
}

fn click(x: f64) -> Input {
    Input::Mouse(Mouse {
        event: MouseEvent::Pressed,
        x,
        y: 0.0,
        button: Button::Left,
        click_count: 1,
        delta_x: 0.0,
        delta_y: 0.0,
        modifiers: 0,
        seq: None,
    })
}

fn place(input: &Input) -> String {
    match input {
        Input::Mouse(mouse) => mouse.x.to_string(),
        other => format!("{other:?}"),
    }
}

impl Front {
    fn new() -> Self {
        let mut bench = Bench::new();
        let link = bench.link("a", 9).link;
        bench.commit();
        bench.orders();
        let (session, ..) = bench.session();
        let mut front = Self { bench, link, session };
        front.opens();
        front.bench.commit();
        front.bench.stored.clear();
        front.bench.core.take_deliveries();
        front.bench.seen();
        front
    }

    fn opens(&mut self) {
        let seen = Seen {
            session: self.session.clone(),
            state: BrowserState::Open,
            url: "https://example.org/".into(),
            title: "".into(),
            tabs: Arc::default(),
            viewport: Viewport::default(),
            incident: None,
        };
        let report = Report::Browser(FromBrowser::Seen(Box::new(seen)));
        self.bench.core.report(self.link, report, self.bench.now);
    }

    fn asks(&mut self, caller: &Caller, act: SteeringAct) -> Result<(), CoreError> {
        let request = Ask::Steer { session: self.session.clone(), act };
        match self.bench.core.ask(caller, Request::Browsers(request), self.bench.now) {
            Asked::Answered(answer) => answer.map(|_| ()),
            Asked::AfterCommit => panic!("it is answered at once"),
        }
    }

    fn steers(&mut self, caller: &Caller, steer: Steer) {
        self.bench.core.steer(caller, &self.session, steer, self.bench.now);
    }

    fn parts(&mut self, caller: &Caller, parting: Parting) {
        self.bench.core.parted(caller.connection, parting, self.bench.now);
    }

    /// What everybody was told since this was last asked, in a word each.
    fn told(&mut self) -> Vec<String> {
        let deliveries = self.bench.core.take_deliveries();
        let words = deliveries.into_iter().filter_map(|(to, delivery)| match delivery {
            Delivery::Notice(Notice::Order(Order::Browser(order))) => match order {
                ToBrowser::Held { held, .. } => Some(format!("agent: held {held}")),
                ToBrowser::Input { inputs, .. } => {
                    let places: Vec<_> = inputs.iter().map(place).collect();
                    Some(format!("agent: {}", places.join(" ")))
                }
                ToBrowser::Wanted { .. } => None,
            },
            Delivery::Notice(Notice::Lease { lease, may_steer }) => {
                let holder = lease.holder.as_ref().map_or("nobody".into(), |it| it.name.clone());
                let waiting = lease.waiting.iter().map(|it| format!(" {}", it.name));
                let waiting = waiting.collect::<Vec<_>>().concat();
                let may = if may_steer { "" } else { " may not" };
                Some(format!(
                    "{}: {holder}{}{waiting}{may}",
                    to.0,
                    if lease.is_ending { "!" } else { "" }
                ))
            }
            Delivery::Notice(Notice::NotSteered(refusal)) => Some(format!("{}: {refusal}", to.0)),
            Delivery::Notice(Notice::Copied(copied)) => {
                Some(format!("{}: copied {}", to.0, copied.text))
            }
            _ => None,
        });
        words.collect()
    }

    /// The audit's records since this was last asked.
    fn recorded(&mut self) -> Vec<String> {
        self.bench.commit();
        let records =
            std::mem::take(&mut self.bench.stored).into_iter().filter_map(|write| match write {
                Write::Audit(record) if record.action.starts_with("control.") => {
                    let result = record.result.as_str();
                    Some(
                        format!("{} {} {result} {}", record.actor, record.action, record.detail)
                            .trim_end()
                            .to_owned(),
                    )
                }
                _ => None,
            });
        records.collect()
    }

    fn epoch(&self) -> u64 {
        self.bench.core.lease(&self.session).map_or(0, |lease| lease.epoch)
    }
}

#[test]
fn only_whoever_steers_reaches_the_browser() {
    let mut front = Front::new();
    front.steers(&ann(), Steer::Arrive);
    front.steers(&bob(), Steer::Arrive);
    assert_eq!(front.told(), ["21: nobody", "22: nobody"]);
    front.steers(&ann(), Steer::Input(click(1.0)));
    assert_eq!(front.told(), ["21: you do not steer this browser; ask for control first"]);
    front.asks(&ann(), SteeringAct::Request).unwrap();
    assert_eq!(front.told(), ["agent: held true", "21: Ann", "22: Ann"]);
    front.steers(&ann(), Steer::Input(click(2.0)));
    front.steers(&bob(), Steer::Input(click(3.0)));
    let refused = "22: you do not steer this browser; ask for control first";
    assert_eq!(front.told(), ["agent: 2", refused]);
    front.asks(&bob(), SteeringAct::Request).unwrap();
    assert_eq!(front.told(), ["21: Ann Bob", "22: Ann Bob"]);
    front.asks(&ann(), SteeringAct::Grant { id: None }).unwrap();
    assert_eq!(front.told(), ["agent: held true", "21: Bob", "22: Bob"]);
    front.steers(&ann(), Steer::Input(click(4.0)));
    front.steers(&bob(), Steer::Input(click(5.0)));
    let refused = "21: you do not steer this browser; ask for control first";
    assert_eq!(front.told(), [refused, "agent: 5"]);
    front.asks(&bob(), SteeringAct::Release).unwrap();
    assert_eq!(front.told(), ["agent: held false", "21: nobody", "22: nobody"]);
}

#[test]
fn everything_that_changes_who_steers_leaves_one_record() {
    let mut front = Front::new();
    let root = Caller { connection: ConnectionId(30), ..admin() };
    for caller in [ann(), bob(), root.clone()] {
        front.steers(&caller, Steer::Arrive);
    }
    front.asks(&ann(), SteeringAct::Request).unwrap();
    assert_eq!(
        front.recorded(),
        ["system control.grant success Ann", "ann control.request success"]
    );
    front.asks(&bob(), SteeringAct::Request).unwrap();
    assert_eq!(front.recorded(), ["bob control.request success Ann"]);
    front.asks(&ann(), SteeringAct::Decline { id: None }).unwrap();
    assert_eq!(front.recorded(), ["ann control.decline success Bob"]);
    front.asks(&bob(), SteeringAct::Request).unwrap();
    front.recorded();
    front.asks(&ann(), SteeringAct::Grant { id: None }).unwrap();
    assert_eq!(front.recorded(), ["ann control.grant success Bob"]);
    front.asks(&root, SteeringAct::Take).unwrap();
    assert_eq!(front.recorded(), ["root control.take success Bob"]);
    assert!(matches!(front.asks(&ann(), SteeringAct::Take), Err(CoreError::Forbidden(_))));
    assert_eq!(front.recorded(), ["ann control.take denied Ann"]);
    front.asks(&ann(), SteeringAct::Request).unwrap();
    front.recorded();
    front.bench.pass(60_000);
    assert_eq!(front.recorded(), ["system control.decline success Ann: nobody answered in time"]);
    front.asks(&root, SteeringAct::Release).unwrap();
    assert_eq!(front.recorded(), ["root control.release success"]);
    front.asks(&ann(), SteeringAct::Request).unwrap();
    front.recorded();
    front.bench.pass(600_000);
    assert_eq!(
        front.recorded(),
        ["system control.expire success Ann: nothing was done for too long"]
    );
    front.asks(&ann(), SteeringAct::Request).unwrap();
    front.recorded();
    front.parts(&ann(), Parting::Left);
    assert_eq!(front.recorded(), ["ann control.release success"]);
    front.steers(&bob(), Steer::Input(click(1.0)));
    assert_eq!(front.recorded(), [""; 0], "what is done in a browser is not for the audit");
}

#[test]
fn inputs_wait_until_the_agent_has_taken_those_before() {
    let mut front = Front::new();
    front.steers(&ann(), Steer::Arrive);
    front.asks(&ann(), SteeringAct::Request).unwrap();
    front.told();
    for x in 0..70 {
        front.steers(&ann(), Steer::Input(click(f64::from(x))));
    }
    assert_eq!(front.told().len(), 64);
    let took = |front: &mut Front, epoch, count| {
        let session = front.session.clone();
        let report = Report::Browser(FromBrowser::Took { session, epoch, count });
        front.bench.core.report(front.link, report, front.bench.now);
    };
    let epoch = front.epoch();
    took(&mut front, epoch - 1, 5);
    assert_eq!(front.told(), [""; 0], "those were of an earlier turn");
    took(&mut front, epoch, 2);
    assert_eq!(front.told(), ["agent: 64 65"]);
    for x in 0..2_000 {
        front.steers(&ann(), Steer::Input(click(f64::from(x))));
    }
    let told = front.told();
    assert!(told.iter().all(|word| word.contains("does not keep up")), "{told:?}");
    assert_eq!(told.len(), 2_000 - (1_000 - 4));
    front.asks(&ann(), SteeringAct::Release).unwrap();
    front.asks(&ann(), SteeringAct::Request).unwrap();
    front.told();
    front.steers(&ann(), Steer::Input(click(7.0)));
    assert_eq!(front.told(), ["agent: 7"], "a new turn begins with nothing");
}

#[test]
fn while_somebody_steers_others_change_nothing() {
    let mut front = Front::new();
    front.steers(&ann(), Steer::Arrive);
    front.asks(&ann(), SteeringAct::Request).unwrap();
    let mut act = |caller: &Caller, act: Act| {
        let within = Duration::from_secs(1);
        let request = Ask::Act { session: front.session.clone(), act, within };
        front.bench.core.ask(caller, Request::Browsers(request), front.bench.now)
    };
    let away = || Act::Go(Go::To("https://example.org/other".into()));
    let refused = |asked: Asked| matches!(asked, Asked::Answered(Err(CoreError::SteeredByOther(name))) if &*name == "Ann");
    assert!(refused(act(&bob(), away())));
    assert!(refused(act(&bob(), Act::Close)));
    assert!(refused(act(&bob(), Act::Resize(Viewport::default()))));
    assert!(refused(act(&admin(), away())));
    assert_eq!(act(&admin(), Act::Close), Asked::AfterCommit);
    let elsewhere = named("Ann", Role::Operator, 77);
    assert_eq!(act(&elsewhere, away()), Asked::AfterCommit, "the same person by another way");
}

#[test]
fn a_lowered_role_a_removed_user_and_an_ended_session_end_it_at_once() {
    let mut front = Front::new();
    let made =
        front.bench.people(&admin(), people::Request::Create(new_user("carl", Role::Operator)));
    let Ok(Reply::UserMade(user)) = made else { panic!("{made:?}") };
    let carl = |user: &UserId| Caller {
        user: user.as_str().into(),
        name: "Carl".into(),
        ..named("carl", Role::Operator, 40)
    };
    front.steers(&carl(&user), Steer::Arrive);
    front.asks(&carl(&user), SteeringAct::Request).unwrap();
    front.recorded();
    front.told();
    let lower = people::Request::ChangeRole { user: user.clone(), role: Role::Viewer };
    front.bench.core.ask(&admin(), Request::People(lower), front.bench.now);
    assert!(front.bench.core.lease(&front.session).unwrap().holder.is_none());
    let told = front.told();
    assert!(told.contains(&"agent: held false".to_owned()), "{told:?}");
    assert!(told.contains(&"40: nobody may not".to_owned()), "{told:?}");
    let over = "system control.expire success Carl: the role does not allow it any more";
    assert_eq!(front.recorded(), [over]);
    assert!(front.asks(&carl(&user), SteeringAct::Request).is_err());

    front
        .bench
        .people(&admin(), people::Request::ChangeRole { user: user.clone(), role: Role::Operator })
        .unwrap();
    front.asks(&carl(&user), SteeringAct::Request).unwrap();
    front.recorded();
    front.bench.people(&admin(), people::Request::Remove(user.clone())).unwrap();
    assert!(front.bench.core.lease(&front.session).unwrap().holder.is_none());

    front.steers(&ann(), Steer::Arrive);
    front.asks(&ann(), SteeringAct::Request).unwrap();
    front.recorded();
    let gone = Request::Sessions(crate::sessions::Request::Delete(front.session.clone()));
    front.bench.core.ask(&ann(), gone, front.bench.now);
    let over = "system control.expire success Ann: the session or its browser ended";
    assert_eq!(front.recorded(), [over]);
    assert!(front.bench.core.lease(&front.session).is_none());
}

#[test]
fn copied_text_goes_to_whoever_steers_and_to_nobody_else() {
    let mut front = Front::new();
    front.steers(&ann(), Steer::Arrive);
    front.steers(&bob(), Steer::Arrive);
    front.asks(&ann(), SteeringAct::Request).unwrap();
    front.told();
    let copied = |front: &mut Front, epoch| {
        let copied = Copied { session: front.session.clone(), epoch, text: "secret".into() };
        let report = Report::Browser(FromBrowser::Copied(Arc::new(copied)));
        front.bench.core.report(front.link, report, front.bench.now);
    };
    let epoch = front.epoch();
    copied(&mut front, epoch);
    assert_eq!(front.told(), ["21: copied secret"]);
    front.asks(&ann(), SteeringAct::Release).unwrap();
    front.asks(&bob(), SteeringAct::Request).unwrap();
    front.told();
    copied(&mut front, epoch);
    assert_eq!(front.told(), [""; 0], "who asked for it does not steer any more");
    front.bench.commit();
    assert!(!front.bench.seen().concat().contains("secret"));
}

#[test]
fn an_agent_that_comes_back_learns_who_steers_and_so_does_a_holder_who_was_away() {
    let mut front = Front::new();
    front.steers(&ann(), Steer::Arrive);
    front.asks(&ann(), SteeringAct::Request).unwrap();
    let epoch = front.epoch();
    front.parts(&ann(), Parting::Broken);
    front.told();
    let back = named("Ann", Role::Operator, 50);
    front.steers(&back, Steer::Arrive);
    assert_eq!(front.told(), ["agent: held true", "50: Ann"]);
    assert_eq!(front.epoch(), epoch);
    front.steers(&back, Steer::Input(click(1.0)));
    assert_eq!(front.told(), ["agent: 1"]);
    // Somebody with a link to look at pictures alone hears of it, and may not steer.
    let viewer =
        Caller { scope: Scope::View(front.session.clone()), ..named("Guest", Role::Viewer, 51) };
    front.steers(&viewer, Steer::Arrive);
    assert_eq!(front.told(), ["51: Ann may not"]);
    assert!(matches!(front.asks(&viewer, SteeringAct::Request), Err(CoreError::Forbidden(_))));
    let told = |event: &Event| matches!(event, Event::Browsers(Told::Lease(_)));
    assert!(told(&Event::Browsers(Told::Lease(
        front.bench.core.lease(&front.session).unwrap().clone()
    ))));
}
