//! Sessions and workers as an operator changes them, not through the door under test.

use std::sync::Arc;

use pilothouse_core::{
    Asked, Delivery, Reply, Request, commands,
    ids::{ConnectionId, RepositoryId},
    runs,
    sessions::{AddWorker, AddedWorker, Create, Kind, Launch, Request as Ask, Size, WorkerKind},
};

use super::{World, fed::verify};
use crate::transcript::Change;

/// Whoever changes sessions.
const OPERATOR: ConnectionId = ConnectionId(999_999);

impl World {
    /// Does it, and gives what came to be its name.
    pub(super) fn change(&mut self, change: Change) {
        match change {
            Change::Make { session, agent, branch } => {
                let repository = || RepositoryId::new("repo-of-test").unwrap();
                let kind = branch.map_or(Kind::Quick, |branch| Kind::Worktree {
                    repository: repository(),
                    branch: branch.into(),
                });
                let create = Create {
                    agent: agent.parse().unwrap(),
                    kind,
                    path: "/work".into(),
                    title: None,
                    initial_prompt: None,
                    worker: None,
                };
                let Reply::SessionMade(id) = self.done(Ask::Create(create)) else {
                    panic!("no session was made")
                };
                self.names.give(&session, id.as_str());
            }
            Change::Command { command, agent } => {
                let enqueue = commands::Enqueue {
                    agent: agent.parse().unwrap(),
                    line: "true".into(),
                    priority: commands::Priority::Normal,
                    timeout: None,
                    directory: None,
                    environment: Vec::new(),
                    request_id: None,
                };
                let request = Request::Commands(commands::Request::Enqueue(enqueue));
                let Reply::Queued(id) = self.granted(request) else {
                    panic!("no command was queued")
                };
                self.names.give(&command, id.as_str());
            }
            Change::Run { run, agent } => self.make_run(&run, &agent),
            Change::AddWorker { worker, session, is_agent } => {
                let kind = if is_agent {
                    WorkerKind::Agent { agent_type: "claude".into() }
                } else {
                    WorkerKind::Terminal
                };
                let (launch, size) = (Launch::default(), Size::default());
                let added = AddedWorker { kind, name: None, launch, size };
                let add = AddWorker { session: self.id(&session), worker: added };
                let Reply::WorkerAdded(id) = self.done(Ask::AddWorker(add)) else {
                    panic!("no worker was added")
                };
                self.names.give(&worker, id.as_str());
            }
            Change::Title(session, title) => {
                let (session, title) = (self.id(&session), Some(Arc::from(title)));
                let change = pilothouse_core::sessions::Change { session, title, branch: None };
                self.done(Ask::Change(change));
            }
            Change::Delete(session) => drop(self.done(Ask::Delete(self.id(&session)))),
            Change::Remove(session, worker) => {
                let (session, worker) = (self.id(&session), self.id(&worker));
                self.done(Ask::RemoveWorker { session, worker });
            }
            Change::Restart(session, worker) => {
                let (session, worker) = (self.id(&session), self.id(&worker));
                self.done(Ask::RestartWorker { session, worker, launch: None });
            }
        }
    }

    fn make_run(&mut self, run: &str, agent: &str) {
        let create = runs::Create {
            task: Some("look".into()),
            agent: Some(agent.parse().unwrap()),
            ..runs::Create::default()
        };
        let request = Request::Runs(runs::Request::Create(create));
        let Reply::RunMade(id) = self.granted(request) else { panic!("no run was made") };
        self.names.give(run, id.as_str());
    }

    fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(&self, name: &str) -> T {
        self.names.id(name).parse().unwrap()
    }

    /// Asks as an operator, and waits until it is stored.
    fn done(&mut self, ask: Ask) -> Reply {
        self.granted(Request::Sessions(ask))
    }

    fn granted(&mut self, request: Request) -> Reply {
        let caller = verify("operator", OPERATOR, &self.names).unwrap();
        let asked = self.core.ask(&caller, request, self.now);
        assert_eq!(asked, Asked::AfterCommit);
        self.answered = None;
        self.settle();
        self.answered.take().expect("it was stored").unwrap()
    }

    /// Notes the operator's answers.
    pub(super) fn tell_operator(&mut self, connection: ConnectionId, delivery: &Delivery) {
        if let (OPERATOR, Delivery::Answer(answer)) = (connection, delivery) {
            self.answered = Some(answer.clone());
        }
    }
}
