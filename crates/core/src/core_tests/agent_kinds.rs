//! Agent types that people add, change and remove.

use super::*;
use crate::{
    agent_type::{
        Change, CheckedPatterns, Conflict, Definition, Edit, InvalidAgentType, Request as Ask,
    },
    ids::{AgentTypeId, SessionId},
    sessions::{AddedWorker, Create, Exit, Kind, Launch, Request as SessionsAsk, Size, WorkerKind},
};

fn id(text: &str) -> AgentTypeId {
    text.parse().unwrap()
}

fn definition(name: &str) -> Definition {
    Definition {
        id: None,
        name: name.into(),
        description: Some("A sentence".into()),
        command_template: "aider {{prompt}}".into(),
        continue_template: None,
        headless_template: None,
        asking_patterns: CheckedPatterns::check(vec!["Proceed\\?".into()]).unwrap(),
    }
}

fn change(of: &str) -> Change {
    Change {
        agent_type: id(of),
        name: None,
        description: Edit::Keep,
        command_template: None,
        continue_template: Edit::Keep,
        headless_template: Edit::Keep,
        asking_patterns: None,
    }
}

impl Bench {
    fn types(&mut self, ask: Ask) -> Asked {
        self.core.ask(&person(Role::Operator), Request::AgentTypes(ask), self.now)
    }

    fn refused(&mut self, ask: Ask) -> CoreError {
        match self.types(ask) {
            Asked::Answered(Err(refusal)) => refusal,
            other => panic!("{other:?}"),
        }
    }

    /// Adds one, stores it, and returns its id.
    fn added(&mut self, definition: Definition) -> AgentTypeId {
        self.core.take_deliveries();
        assert_eq!(self.types(Ask::Add(definition)), Asked::AfterCommit);
        self.commit();
        let [(_, Delivery::Answer(Ok(Reply::AgentTypeAdded(id))))] =
            &self.core.take_deliveries()[..]
        else {
            panic!("no answer")
        };
        id.clone()
    }

    fn known(&mut self, id: &str) -> Option<Arc<crate::AgentType>> {
        self.core.fleet().view().agent_types().find(id).cloned()
    }

    /// A session on `a` that begins with a worker of that type.
    fn session_of(&mut self, agent_type: &str) -> Asked {
        let kind = WorkerKind::Agent { agent_type: agent_type.into() };
        let worker =
            AddedWorker { kind, name: None, launch: Launch::default(), size: Size::default() };
        let create = Create {
            agent: "a".parse().unwrap(),
            kind: Kind::Quick,
            path: "/home/ann".into(),
            title: None,
            initial_prompt: None,
            worker: Some(worker),
        };
        let request = Request::Sessions(SessionsAsk::Create(create));
        self.core.ask(&person(Role::Operator), request, self.now)
    }
}

#[test]
fn one_is_seen_when_it_is_stored_and_changed_part_by_part() {
    let mut bench = Bench::new();
    assert_eq!(bench.types(Ask::Add(definition(" My Agent 2.0 "))), Asked::AfterCommit);
    assert_eq!(bench.known("my-agent-2-0"), None, "nobody sees it before");
    bench.commit();
    assert_eq!(bench.seen(), ["type my-agent-2-0"]);
    let added = bench.known("my-agent-2-0").unwrap();
    assert_eq!((&*added.name, added.is_built_in), ("My Agent 2.0", false));
    assert_eq!(added.created_at, bench.now.wall);
    let next = Change {
        description: Edit::Clear,
        continue_template: Edit::Put("aider -c".into()),
        asking_patterns: Some(CheckedPatterns::default()),
        ..change("my-agent-2-0")
    };
    assert_eq!(bench.types(Ask::Change(next)), Asked::AfterCommit);
    bench.commit();
    let changed = bench.known("my-agent-2-0").unwrap();
    let expected = crate::AgentType {
        description: None,
        continue_template: Some("aider -c".into()),
        asking_patterns: Vec::new(),
        ..added.as_ref().clone()
    };
    assert_eq!(*changed, expected, "the rest stays");
    bench.types(Ask::Remove(id("my-agent-2-0")));
    bench.commit();
    assert_eq!(bench.known("my-agent-2-0"), None);
    assert!(bench.stored.contains(&Write::AgentType(changed)));
    assert!(bench.stored.contains(&Write::AgentTypeGone(id("my-agent-2-0"))));
}

#[test]
fn an_id_is_chosen_or_made_from_the_name_or_made_up() {
    let mut bench = Bench::new();
    let own = Definition { id: Some(id("own")), ..definition("One") };
    assert_eq!(bench.added(own), id("own"));
    let made_up = bench.added(definition("エージェント"));
    assert!(made_up.as_str().starts_with("type-"), "{made_up}");
}

#[test]
fn whatever_cannot_be_is_refused_and_audited() {
    let mut bench = Bench::new();
    bench.added(definition("Aider"));
    let taken = bench.refused(Ask::Add(definition("AIDER")));
    assert_eq!(taken, Conflict::IdTaken(id("aider")).into());
    let named = Definition { id: Some(id("other")), ..definition("claude CODE") };
    assert_eq!(bench.refused(Ask::Add(named)), Conflict::NameTaken(id("claude")).into());
    let older = Definition { id: Some(id("claude-code-builtin")), ..definition("x") };
    assert_eq!(bench.refused(Ask::Add(older)), Conflict::IdTaken(id("claude")).into());
    let renamed = Change { name: Some("Codex".into()), ..change("aider") };
    assert_eq!(bench.refused(Ask::Change(renamed)), Conflict::NameTaken(id("codex")).into());
    let broken = Change { command_template: Some("aider".into()), ..change("aider") };
    let broken = bench.refused(Ask::Change(broken)).to_string();
    assert!(broken.starts_with("commandTemplate: it has to contain {{prompt}}"), "{broken}");
    let fixed = CoreError::from(InvalidAgentType::BuiltIn(id("claude")));
    assert_eq!(bench.refused(Ask::Remove(id("claude"))), fixed);
    assert_eq!(bench.refused(Ask::Change(change("claude"))), fixed);
    let unknown = CoreError::AgentTypeNotFound(id("x"));
    assert_eq!(bench.refused(Ask::Remove(id("x"))), unknown);
    let viewer = person(Role::Viewer);
    let request = Request::AgentTypes(Ask::Add(definition("mine")));
    let denied = bench.core.ask(&viewer, request, bench.now);
    assert!(matches!(denied, Asked::Answered(Err(CoreError::Forbidden(_)))), "{denied:?}");
    bench.commit();
    let audits: Vec<_> = bench
        .stored
        .iter()
        .filter_map(|write| if let Write::Audit(record) = write { Some(record) } else { None })
        .collect();
    assert_eq!(audits.iter().filter(|record| record.refusal.is_some()).count(), 9);
    assert!(audits[0].detail.contains("commandTemplate: aider {{prompt}}"), "{:?}", audits[0]);
    assert_eq!(audits[4].detail.as_ref(), "name: Codex");
}

#[test]
fn there_is_an_end_to_adding() {
    let mut bench = Bench::new();
    for number in 0..100 {
        bench.added(definition(&format!("type {number}")));
    }
    let full = bench.refused(Ask::Add(definition("one more")));
    assert!(matches!(full, CoreError::LimitReached(sentence) if sentence.contains("remove")));
    bench.types(Ask::Remove(id("type-5")));
    bench.commit();
    bench.added(definition("one more"));
}

#[test]
fn one_that_lives_is_not_removed_and_one_that_is_gone_not_started() {
    let mut bench = Bench::new();
    let link = bench.link("a", 9).link;
    bench.added(definition("Aider"));
    assert_eq!(bench.session_of("aider"), Asked::AfterCommit);
    bench.commit();
    let deliveries = bench.core.take_deliveries();
    let stream = deliveries.iter().find_map(|(_, delivery)| match delivery {
        Delivery::Notice(Notice::Order(Order::Spawn(order))) => Some(order.stream.clone()),
        _ => None,
    });
    let stream = stream.unwrap();
    let session: SessionId = bench.core.fleet().view().sessions().next().unwrap().id.clone();
    let sessions = Arc::new([session.clone()]);
    let in_use = Conflict::InUse { agent_type: id("aider"), sessions };
    assert!(in_use.to_string().ends_with(&format!("session {session}")), "{in_use}");
    assert_eq!(bench.refused(Ask::Remove(id("aider"))), in_use.into());
    let exit = Exit { code: 0, signal: None, reason: None, at: bench.now.wall };
    bench.core.report(link, Report::WorkerEnded { stream: stream.clone(), exit }, bench.now);
    assert_eq!(bench.types(Ask::Remove(id("aider"))), Asked::AfterCommit);
    let gone = CoreError::AgentTypeNotFound(id("aider"));
    assert_eq!(bench.session_of("aider"), Asked::Answered(Err(gone.clone())));
    let worker = stream.worker().unwrap().clone();
    let restart = SessionsAsk::RestartWorker { session, worker, launch: None };
    let restarted = bench.core.ask(&person(Role::Operator), Request::Sessions(restart), bench.now);
    assert_eq!(restarted, Asked::Answered(Err(gone)));
}

#[test]
fn without_storage_nothing_is_added_and_what_was_asked_before_is_stored_later() {
    let mut bench = Bench::new();
    bench.types(Ask::Add(definition("Aider")));
    bench.types(Ask::Change(Change { name: Some("Helper".into()), ..change("aider") }));
    bench.fail_commit();
    let refusal = bench.refused(Ask::Add(definition("Another")));
    assert_eq!(refusal, CoreError::StorageUnavailable);
    bench.commit();
    let kept: Vec<_> =
        bench.stored.iter().filter(|write| matches!(write, Write::AgentType(_))).collect();
    let [Write::AgentType(kept)] = &kept[..] else { panic!("{kept:?}") };
    assert_eq!(kept.name, "Helper");
}

#[test]
fn a_restarted_server_knows_what_was_stored() {
    let mut before = Bench::new();
    before.added(definition("Aider"));
    let stored = before.known("aider").unwrap().as_ref().clone();
    let own = crate::AgentType { id: id("codex"), name: "Ours".into(), ..stored.clone() };
    let mut bench = Bench::new();
    let restored = Stored { agent_types: vec![stored.clone(), own], ..Stored::default() };
    bench.core.restore(restored, bench.now);
    assert_eq!(*bench.known("aider").unwrap(), stored);
    // It was there before the program knew that kind.
    assert_eq!(bench.known("codex").unwrap().name, "Ours");
    assert_eq!(bench.core.fleet().view().agent_types().all().count(), 4);
    bench.types(Ask::Remove(id("codex")));
    bench.commit();
    assert_eq!(bench.known("codex").unwrap().name, "Codex");
}
