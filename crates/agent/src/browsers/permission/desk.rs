//! What may leave a browser, what waits for an answer, and what was answered.
//!
//! Pure: requests and moments come in, and whoever asks does what follows.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    time::Duration,
};

use tokio::time::Instant;
use url::Url;

use super::{
    Happening, Outcome, Over, Wanted,
    hosts::{Hosts, Site},
    request::{Key, Paused, as_sent},
    words,
};

/// How many questions may wait. Overflow rule: what would be one more is denied.
const MOST_QUESTIONS: usize = 32;
/// How many requests one question may be about. Overflow rule: further ones are denied.
const MOST_ALIKE: usize = 32;
/// How many hosts may be answered for the rest of a run. Overflow rule: for further ones it is asked again and again.
const MOST_HOSTS: usize = 256;
/// How many lines a run is told at once. Overflow rule: the oldest goes.
const MOST_NOTES: usize = 32;
/// How many requests may be on their way to the gate. Overflow rule: the oldest does not get through it.
const MOST_TICKETS: usize = 1_024;
/// How long a request that was let go may take to reach the gate.
const ARRIVES_WITHIN: Duration = Duration::from_mins(5);

/// What becomes of something now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It goes on.
    Pass,
    /// It fails.
    Refuse,
    /// It waits for the answer to that question.
    Wait(u64),
}

/// What a question is about.
#[derive(Debug, PartialEq, Eq)]
enum About {
    Request(Box<Key>),
    Socket(Site),
}

/// Something that a person has to answer.
#[derive(Debug)]
pub(super) struct Question {
    about: About,
    site: Site,
    /// What passes through the gate if this is granted.
    ticket: Option<Ticket>,
    wanted: Wanted,
    was_handed_out: bool,
    /// What Chromium calls the requests, newest last. None for sockets.
    pub(super) requests: Vec<String>,
}

/// A request that was let go and has no TLS around it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ticket {
    method: String,
    url: String,
}

/// The state of one permission.
#[derive(Debug)]
pub(super) struct Desk {
    allowed: Hosts,
    /// Answered for the rest of the run.
    opened: BTreeSet<(String, u16)>,
    closed: BTreeSet<(String, u16)>,
    questions: BTreeMap<u64, Question>,
    last: u64,
    happened: VecDeque<Happening>,
    notes: VecDeque<String>,
    tickets: VecDeque<(Instant, Ticket)>,
    /// Where requests that were let go lead to.
    expected: HashMap<(String, u16), Instant>,
    /// Sockets that were granted and not opened yet.
    granted: Vec<(Instant, u64, Site)>,
    /// Nothing goes out, because nobody could stop it.
    is_sealed: bool,
    /// The run is over.
    is_ended: bool,
}

impl Desk {
    pub(super) fn new(allowed: Hosts) -> Self {
        Self {
            allowed,
            opened: BTreeSet::new(),
            closed: BTreeSet::new(),
            questions: BTreeMap::new(),
            last: 0,
            happened: VecDeque::new(),
            notes: VecDeque::new(),
            tickets: VecDeque::new(),
            expected: HashMap::new(),
            granted: Vec::new(),
            is_sealed: true,
            is_ended: false,
        }
    }

    /// A request that Chromium holds back.
    pub(super) fn judge(&mut self, paused: &Paused, now: Instant) -> Verdict {
        let Some((url, site)) = paused.site() else {
            return if paused.stays_inside() { Verdict::Pass } else { Verdict::Refuse };
        };
        let place = (site.host.clone(), site.port);
        let ticket = Ticket { method: paused.method().to_owned(), url: as_sent(&url) };
        let ticket = (site.is_secure == Some(false)).then_some(ticket);
        let is_open = self.opened.contains(&place)
            || paused.is_safe()
                && (self.allowed.include(&site)
                    || !paused.is_navigation() && !paused.is_speculative());
        if is_open {
            self.let_go(&site, ticket, now);
            return Verdict::Pass;
        }
        // Nobody misses what was only fetched in case.
        let is_idle = paused.is_safe() && paused.is_speculative();
        if is_idle || self.closed.contains(&place) || self.is_ended {
            return Verdict::Refuse;
        }
        let about = About::Request(Box::new(paused.key(self.last + 1)));
        let text = words::request(paused, &url);
        let verdict = self.ask(about, &site, ticket, Wanted::new(paused.method(), &url, text));
        if let Verdict::Wait(id) = verdict
            && let Some(question) = self.questions.get_mut(&id)
        {
            if question.requests.len() >= MOST_ALIKE {
                return Verdict::Refuse;
            }
            question.requests.push(paused.request_id.clone());
        }
        verdict
    }

    /// Somebody wants to open a socket.
    pub(super) fn judge_socket(&mut self, url: &Url, site: &Site, now: Instant) -> Verdict {
        if self.is_sealed {
            return Verdict::Refuse;
        }
        let place = (site.host.clone(), site.port);
        if self.allowed.include(site) || self.opened.contains(&place) || self.redeem(site, now) {
            return Verdict::Pass;
        }
        if self.closed.contains(&place) || self.is_ended {
            return Verdict::Refuse;
        }
        let text = words::socket(&words::address(url));
        self.ask(About::Socket(site.clone()), site, None, Wanted::new("GET", url, text))
    }

    /// What became of a socket that waited: nothing if it still does.
    pub(super) fn is_answered(&mut self, id: u64, site: &Site, now: Instant) -> Option<bool> {
        if self.questions.contains_key(&id) {
            return None;
        }
        let is_open = !self.is_sealed && self.opened.contains(&(site.host.clone(), site.port));
        Some(is_open || self.redeem(site, now))
    }

    /// Whether a plain request or a tunnel gets through the gate.
    pub(super) fn lets(
        &mut self,
        method: &str,
        url: Option<&Url>,
        site: &Site,
        now: Instant,
    ) -> bool {
        if self.is_sealed {
            return false;
        }
        let place = (site.host.clone(), site.port);
        if self.opened.contains(&place) {
            return true;
        }
        let is_safe = url.is_none() || ["GET", "HEAD", "OPTIONS"].contains(&method);
        if is_safe {
            let is_expected =
                self.expected.get(&place).is_some_and(|at| now < *at + ARRIVES_WITHIN);
            return is_expected || self.allowed.include(site);
        }
        let Some(url) = url.map(as_sent) else { return false };
        self.tickets.retain(|(at, _)| now < *at + ARRIVES_WITHIN);
        let held = self.tickets.iter().position(|(_, it)| it.method == method && it.url == url);
        held.and_then(|at| self.tickets.remove(at)).is_some()
    }

    fn let_go(&mut self, site: &Site, ticket: Option<Ticket>, now: Instant) {
        let place = (site.host.clone(), site.port);
        if self.expected.len() >= MOST_TICKETS && !self.expected.contains_key(&place) {
            let oldest =
                self.expected.iter().min_by_key(|(_, at)| **at).map(|(place, _)| place.clone());
            oldest.map(|oldest| self.expected.remove(&oldest));
        }
        self.expected.insert(place, now);
        // Those that change nothing pass by their place alone.
        if let Some(ticket) = ticket.filter(|it| !["GET", "HEAD", "OPTIONS"].contains(&&*it.method))
        {
            if self.tickets.len() >= MOST_TICKETS {
                self.tickets.pop_front();
            }
            self.tickets.push_back((now, ticket));
        }
    }

    fn redeem(&mut self, site: &Site, now: Instant) -> bool {
        self.granted.retain(|(until, _, _)| now < *until);
        let place = self.granted.iter().position(|(_, _, it)| it == site);
        !self.is_sealed && place.map(|place| self.granted.remove(place)).is_some()
    }

    fn ask(
        &mut self,
        about: About,
        site: &Site,
        ticket: Option<Ticket>,
        wanted: Wanted,
    ) -> Verdict {
        if let Some((id, _)) = self.questions.iter().find(|(_, it)| it.about == about) {
            return Verdict::Wait(*id);
        }
        if self.questions.len() >= MOST_QUESTIONS {
            self.note(format!("{} was denied: too many requests wait for approval", wanted.text));
            return Verdict::Refuse;
        }
        self.last += 1;
        let id = self.last;
        let wanted = Wanted { id: id.to_string(), ..wanted };
        self.happened.push_back(Happening::Wanted(wanted.clone()));
        let site = site.clone();
        let question =
            Question { about, site, ticket, wanted, was_handed_out: false, requests: Vec::new() };
        self.questions.insert(id, question);
        Verdict::Wait(id)
    }

    /// The next thing that whoever answers has to know.
    pub(super) fn next(&mut self) -> Option<Happening> {
        let happening = self.happened.pop_front()?;
        if let Happening::Wanted(wanted) = &happening
            && let Ok(id) = wanted.id.parse()
            && let Some(question) = self.questions.get_mut(&id)
        {
            question.was_handed_out = true;
        }
        Some(happening)
    }

    /// Takes away the questions that an answer to one of them settles: that one, and all about its host if the answer
    /// is for the rest of the run.
    pub(super) fn settle(
        &mut self,
        id: u64,
        outcome: &Outcome,
        is_for_host: bool,
        now: Instant,
    ) -> Vec<Question> {
        let Some(question) = self.questions.get(&id) else { return Vec::new() };
        let place = (question.site.host.clone(), question.site.port);
        let mut settled = vec![id];
        if is_for_host {
            let hosts =
                if *outcome == Outcome::Granted { &mut self.opened } else { &mut self.closed };
            if hosts.len() < MOST_HOSTS {
                hosts.insert(place.clone());
                let same = self.questions.iter();
                let same =
                    same.filter(|(_, it)| (&it.site.host, it.site.port) == (&place.0, place.1));
                settled = same.map(|(id, _)| *id).collect();
            }
        }
        settled.into_iter().filter_map(|id| self.close(id, outcome, now)).collect()
    }

    /// Nobody will answer any question any more.
    pub(super) fn give_up(&mut self, outcome: &Outcome, now: Instant) -> Vec<Question> {
        let all: Vec<_> = self.questions.keys().copied().collect();
        all.into_iter().filter_map(|id| self.close(id, outcome, now)).collect()
    }

    fn close(&mut self, id: u64, outcome: &Outcome, now: Instant) -> Option<Question> {
        let question = self.questions.remove(&id)?;
        if question.was_handed_out {
            let id = question.wanted.id.clone();
            self.happened.push_back(Happening::Over(Over { id, outcome: outcome.clone() }));
        } else {
            let is_it =
                |it: &Happening| matches!(it, Happening::Wanted(it) if it.id == question.wanted.id);
            self.happened.retain(|it| !is_it(it));
        }
        match outcome {
            Outcome::Granted => match &question.about {
                About::Request(_) => self.let_go(&question.site, question.ticket.clone(), now),
                About::Socket(site) => self.granted.push((now + ARRIVES_WITHIN, id, site.clone())),
            },
            Outcome::Denied(Some(why)) => {
                self.note(format!("{} was denied: {why}", question.wanted.text));
            }
            Outcome::Denied(None) => self.note(format!("{} was denied", question.wanted.text)),
            Outcome::Expired => {
                self.note(format!("{} was denied: nobody answered in time", question.wanted.text));
            }
            Outcome::GivenUp => self.note(format!("{} came to nothing", question.wanted.text)),
        }
        Some(question)
    }

    pub(super) fn note(&mut self, text: String) {
        if self.notes.len() >= MOST_NOTES {
            self.notes.pop_front();
        }
        self.notes.push_back(text);
    }

    pub(super) fn take_notes(&mut self) -> Vec<String> {
        self.notes.drain(..).collect()
    }

    pub(super) fn is_waiting(&self) -> bool {
        !self.questions.is_empty()
    }

    pub(super) fn seal(&mut self, is_sealed: bool) {
        self.is_sealed = is_sealed;
    }

    pub(super) fn end(&mut self) {
        self.is_ended = true;
    }

    pub(super) fn is_ended(&self) -> bool {
        self.is_ended
    }
}

#[cfg(test)]
#[path = "desk_tests.rs"]
mod tests;
