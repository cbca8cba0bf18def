//! What runs wait for: told by agents, seen by people, answered once.

use std::{sync::Arc, time::Duration};

use super::{
    Asking, LONGEST_REPLY, Order, Refusal, Run, Verdict, Wait, WaitKind, book::Given,
    life::check_owner,
};
use crate::{
    Caller, Core, CoreError, Reply,
    attention::{Answer, Item, Reason, Subject},
    ids::{AgentId, RunId},
    outbox::Followup,
    time::Moment,
};

/// The longest reason for a decision, in bytes.
const LONGEST_REASON: usize = 1024;
/// How long an agent has to say that nobody answered in time.
const GRACE: Duration = Duration::from_secs(5);
/// How long an agent that is back has to say again what its runs wait for.
const SAID_AGAIN_WITHIN: Duration = Duration::from_secs(30);

impl Core {
    /// A run waits for a person. A later wait takes the place of an earlier one.
    pub(super) fn run_waits(&mut self, agent: &AgentId, id: &RunId, asking: Asking, now: Moment) {
        if !self.is_run_of(agent, id) {
            return;
        }
        self.run_began(agent, id, now);
        let Some(live) = self.runs.get_mut(id) else { return };
        if live.unwanted.is_some() {
            return;
        }
        if let Some(given) = live.given(&asking.id).cloned() {
            // The answer did not reach the agent.
            let order = answer_order(id, asking.id, given);
            let what = Followup::Answered { agent: agent.clone(), order };
            if let Some(what) = self.outbox.after_what_waits(what, false) {
                self.follow_up(what);
            }
            return;
        }
        live.gives_up = asking.within.map(|within| now.steady + within + GRACE);
        if live.run.waits.as_ref().is_some_and(|wait| wait.id == asking.id) {
            return;
        }
        let Asking { id: wait, kind, text, within, request } = asking;
        let until = within.map(|within| now.wall.after(within));
        let wait = Wait { id: wait, kind, text: text.clone(), since: now.wall, until, request };
        if let Some(run) = self.runs.change(id, now, |run| run.waits = Some(wait)) {
            self.tell_run(&run, now);
            self.raise_wait(&run, now);
            self.say(agent, run.browser().as_str().into(), &text, now);
        }
    }

    /// A run got its answer, gave up, or has no use for one any more.
    pub(super) fn run_goes_on(&mut self, agent: &AgentId, id: &RunId, wait: &str, now: Moment) {
        let waits = self.runs.get(id).and_then(|live| live.run.waits.as_ref());
        if self.is_run_of(agent, id) && waits.is_some_and(|its| *its.id == *wait) {
            self.end_wait(id, now);
        }
    }

    /// Answers what a run waits for. The first answer counts; the same again changes nothing.
    pub(super) fn answer_run(
        &mut self,
        caller: &Caller,
        (id, wait): (&RunId, &Arc<str>),
        given: Given,
        now: Moment,
    ) -> Result<Reply, CoreError> {
        let live = self.wanted_run(id)?;
        match &given {
            Given::Reply(text) => {
                let refusal = "a run is answered by whoever made it, or by an admin";
                check_owner(caller, &live.run, refusal)?;
                check_reply(text)?;
            }
            Given::Verdict(verdict) => check_reason(verdict.reason.as_deref())?,
        }
        if let Some(before) = live.given(wait) {
            let is_same = before.says(&given);
            return if is_same {
                Ok(Reply::Done)
            } else {
                Err(Refusal::Answered(id.clone()).into())
            };
        }
        let waits = live.run.waits.as_ref().filter(|its| its.id == *wait);
        let is_in_time = |wait: &&Wait| wait.until.is_none_or(|until| now.wall < until);
        let waits = waits.filter(is_in_time).ok_or_else(|| Refusal::NotWaiting(id.clone()))?;
        if waits.kind != wanted_by(&given) {
            return Err(Refusal::WrongKind { run: id.clone(), kind: waits.kind }.into());
        }
        // What nobody could prove later is not allowed now.
        if self.outbox.is_degraded() {
            return Err(CoreError::StorageUnavailable);
        }
        let agent = live.run.agent.clone();
        let order = answer_order(id, wait.clone(), given.clone());
        if let Some(live) = self.runs.get_mut(id) {
            live.give(wait.clone(), given);
        }
        self.end_wait(id, now);
        self.outbox.after_commit(Followup::Answered { agent, order });
        Ok(Reply::Done)
    }

    /// A run does not wait any more.
    pub(super) fn end_wait(&mut self, id: &RunId, now: Moment) {
        let Some(live) = self.runs.get_mut(id) else { return };
        live.gives_up = None;
        if live.run.waits.is_none() {
            return;
        }
        if let Some(run) = self.runs.change(id, now, |run| run.waits = None) {
            self.tell_run(&run, now);
        }
        self.clear_attention(&Subject::Run(id.clone()), now);
    }

    /// Whether a run still waits is known when its agent, which is back, has said so again.
    pub(super) fn doubt_wait(&mut self, id: &RunId, now: Moment) {
        if let Some(live) = self.runs.get_mut(id)
            && live.run.waits.is_some()
        {
            live.gives_up = Some(now.steady + SAID_AGAIN_WITHIN);
        }
    }

    pub(super) fn raise_wait(&mut self, run: &Run, now: Moment) {
        let Some(wait) = &run.waits else { return };
        let (reason, answer) = match wait.kind {
            WaitKind::Question => (Reason::RunAsks, Answer::Reply),
            WaitKind::Approval => (Reason::RunWantsApproval, Answer::Decide),
        };
        let item = Item {
            subject: Subject::Run(run.id.clone()),
            agent: run.agent.clone(),
            reason,
            text: wait.text.clone(),
            since: wait.since,
            answer,
        };
        self.raise_attention(item, now);
    }

    /// What is decided, in the audit's words.
    pub(crate) fn verdict_detail(&self, id: &RunId, wait: &str, verdict: &Verdict) -> Arc<str> {
        let waits = self.runs.get(id).and_then(|live| live.run.waits.as_ref());
        let request = waits.filter(|its| *its.id == *wait).and_then(|its| its.request.as_ref());
        // Without what pages add to addresses, which is nobody's business.
        let what = request.map(|request| {
            let url = request.url.split(['?', '#']).next().unwrap_or_default();
            format!(" {} {url}", request.method)
        });
        let decided = match (verdict.granted, verdict.always) {
            (true, false) => "granted",
            (true, true) => "granted always",
            (false, false) => "refused",
            (false, true) => "refused always",
        };
        let reason = verdict.reason.as_ref().map(|reason| format!(": {reason}"));
        format!("{decided}{}{}", what.unwrap_or_default(), reason.unwrap_or_default()).into()
    }
}

fn wanted_by(given: &Given) -> WaitKind {
    match given {
        Given::Reply(_) => WaitKind::Question,
        Given::Verdict(_) => WaitKind::Approval,
    }
}

fn check_reply(text: &str) -> Result<(), CoreError> {
    if text.len() > LONGEST_REPLY {
        return Err(CoreError::Invalid("the answer is longer than 16 KB"));
    }
    if text.trim().is_empty() || text.contains('\0') {
        return Err(CoreError::Invalid("an answer has some text, without the character NUL"));
    }
    Ok(())
}

fn check_reason(reason: Option<&str>) -> Result<(), CoreError> {
    if reason.is_some_and(|reason| reason.len() > LONGEST_REASON || reason.contains('\0')) {
        return Err(CoreError::Invalid(
            "a reason has at most 1024 bytes, without the character NUL",
        ));
    }
    Ok(())
}

fn answer_order(run: &RunId, wait: Arc<str>, given: Given) -> Order {
    let run = run.clone();
    match given {
        Given::Reply(text) => Order::Reply { run, wait, text },
        Given::Verdict(verdict) => Order::Decide { run, wait, verdict },
    }
}
