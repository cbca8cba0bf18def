//! What sessions say: one visible line each, at most one a second, the newest of each kept.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use crate::{
    Core, CoreError, Event, Reply,
    ids::AgentId,
    streams::{Source, StreamKey},
    time::{Moment, Steady},
};

/// The longest line that is told, in characters.
pub const LONGEST_LINE: usize = 200;

/// How often a session is heard. What it says in between is told when that is over, if nothing newer came.
pub const HEARD_EVERY: Duration = Duration::from_secs(1);

/// How many sessions' last lines are kept. Overflow rule: the line that is oldest goes.
const MOST_LINES: usize = 1000;

/// A line that a command, a worker, or a program that reports by itself printed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// On which agent.
    pub agent: AgentId,
    /// Whose: the id of a command, of a session, or whatever a reporting program calls its session.
    pub session: Arc<str>,
    /// One line without control characters, of at most [`LONGEST_LINE`] characters, never empty.
    pub text: Arc<str>,
}

/// A session, wherever it is.
type Whose = (AgentId, Arc<str>);

impl Said {
    fn whose(&self) -> Whose {
        (self.agent.clone(), self.session.clone())
    }
}

/// The last line of each session.
#[derive(Debug, Default)]
pub(crate) struct LastLines {
    by_session: BTreeMap<Whose, (u64, Arc<Said>)>,
    by_age: BTreeSet<(u64, Whose)>,
}

impl LastLines {
    /// Takes over a line that was told as event `sequence`.
    pub(crate) fn put(&mut self, sequence: u64, said: &Arc<Said>) {
        if let Some((old, _)) = self.by_session.insert(said.whose(), (sequence, said.clone())) {
            self.by_age.remove(&(old, said.whose()));
        }
        self.by_age.insert((sequence, said.whose()));
        if self.by_age.len() > MOST_LINES
            && let Some((_, oldest)) = self.by_age.pop_first()
        {
            self.by_session.remove(&oldest);
        }
    }

    /// What one session of an agent said last.
    pub(crate) fn of_session(&self, agent: &AgentId, session: &str) -> Option<&Arc<Said>> {
        let whose = (agent.clone(), Arc::from(session));
        self.by_session.get(&whose).map(|(_, said)| said)
    }

    /// What any session of an agent said last.
    pub(crate) fn of_agent(&self, agent: &AgentId) -> Option<&Arc<Said>> {
        let first = (agent.clone(), Arc::from(""));
        let lines = self.by_session.range(first..).take_while(|((of, _), _)| of == agent);
        lines.max_by_key(|(_, (sequence, _))| *sequence).map(|(_, (_, said))| said)
    }
}

/// Who was heard within the last second, and what they said since.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    heard: BTreeMap<Whose, (Steady, Option<Arc<Said>>)>,
}

impl Pace {
    /// The line, if it may be told now. Otherwise it takes the place of the one that waits.
    ///
    /// Overflow rule: beyond [`MOST_LINES`] sessions that speak within one second, further ones are not heard.
    fn hear(&mut self, said: &Arc<Said>, now: Steady) -> bool {
        if self.heard.len() >= MOST_LINES {
            self.heard.retain(|_, (at, waiting)| waiting.is_some() || *at + HEARD_EVERY > now);
        }
        if let Some((at, waiting)) = self.heard.get_mut(&said.whose()) {
            let has_rested = *at + HEARD_EVERY <= now;
            (*at, *waiting) = if has_rested { (now, None) } else { (*at, Some(said.clone())) };
            return has_rested;
        }
        let has_room = self.heard.len() < MOST_LINES;
        if has_room {
            self.heard.insert(said.whose(), (now, None));
        }
        has_room
    }

    fn take_due(&mut self, now: Steady) -> Vec<Arc<Said>> {
        let mut due = Vec::new();
        for (at, waiting) in self.heard.values_mut() {
            if *at + HEARD_EVERY <= now
                && let Some(said) = waiting.take()
            {
                *at = now;
                due.push(said);
            }
        }
        due
    }

    /// What a session said that is not told yet.
    fn waiting(&self, agent: &AgentId, session: &str) -> Option<&Arc<Said>> {
        self.heard.get(&(agent.clone(), Arc::from(session)))?.1.as_ref()
    }

    pub(crate) fn next_due(&self) -> Option<Steady> {
        let waiting = self.heard.values().filter(|(_, waiting)| waiting.is_some());
        waiting.map(|(at, _)| *at + HEARD_EVERY).min()
    }
}

impl Core {
    /// A command or worker of an agent printed a line.
    pub(crate) fn printed(&mut self, agent: &AgentId, stream: &StreamKey, text: &str, now: Moment) {
        if self.agent_of_stream(stream) != Some(agent) {
            return;
        }
        let session = match &stream.source {
            Source::Command(id) => Arc::from(id.as_str()),
            Source::Worker(id) => match self.sessions.worker(id) {
                Some((session, _)) => Arc::from(session.id.as_str()),
                None => return,
            },
            Source::Run(id) => Arc::from(id.as_str()),
        };
        self.say(agent, session, text, now);
    }

    /// A session of an agent says something, in a text of any form.
    pub(crate) fn say(&mut self, agent: &AgentId, session: Arc<str>, text: &str, now: Moment) {
        let Some(text) = visible_line(text) else { return };
        let said = Arc::new(Said { agent: agent.clone(), session, text });
        if self.pace.hear(&said, now.steady) {
            self.show(Event::Said(said), now);
        }
    }

    /// The same, for somebody who asks for it.
    pub(crate) fn say_for(
        &mut self,
        agent: &AgentId,
        session: Arc<str>,
        text: &str,
        now: Moment,
    ) -> Result<Reply, CoreError> {
        self.note_sign_of_life(agent, now)?;
        self.say(agent, session, text, now);
        Ok(Reply::Done)
    }

    /// The line that a session of an agent said last, told or not.
    pub(crate) fn heard_last(&mut self, agent: &AgentId, session: &str) -> Option<Arc<str>> {
        let untold = self.pace.waiting(agent, session);
        let untold = untold.or_else(|| self.outbox.last_said(agent, session)).cloned();
        let said = untold.or_else(|| self.fleet().view().said_in(agent, session).cloned());
        said.map(|said| said.text.clone())
    }

    /// Tells what had to wait.
    pub(crate) fn say_waiting(&mut self, now: Moment) {
        for said in self.pace.take_due(now.steady) {
            self.show(Event::Said(said), now);
        }
    }
}

/// The visible line in a text that came from elsewhere: its last line that is not blank, without control
/// characters, cut to [`LONGEST_LINE`]. `None` if nothing is visible.
pub fn visible_line(text: &str) -> Option<Arc<str>> {
    let mut lines = text.rsplit(['\n', '\r']).map(|line| {
        let shown = line.chars().filter(|c| !c.is_control());
        let shown: String = shown.skip_while(|c| c.is_whitespace()).take(LONGEST_LINE).collect();
        shown.trim_end().to_owned()
    });
    lines.find(|line| !line.is_empty()).map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(agent: &str, session: &str, text: &str) -> Arc<Said> {
        let agent = AgentId::new(agent).unwrap();
        Arc::new(Said { agent, session: session.into(), text: text.into() })
    }

    fn last(lines: &LastLines, agent: &str) -> Option<String> {
        let said = lines.of_agent(&AgentId::new(agent).unwrap())?;
        Some(format!("{} {}", said.session, said.text))
    }

    #[test]
    fn the_newest_line_of_each_session_is_kept_and_the_oldest_goes() {
        let mut lines = LastLines::default();
        lines.put(0, &said("old", "s", "x"));
        for number in 1..=MOST_LINES as u64 {
            lines.put(number * 2, &said("a", &format!("s{number}"), "x"));
            lines.put(number * 2 + 1, &said("b", "busy", &number.to_string()));
        }
        assert_eq!(last(&lines, "old"), None);
        assert_eq!(last(&lines, "a").unwrap(), "s1000 x");
        assert_eq!(last(&lines, "b").unwrap(), "busy 1000");
        assert_eq!((lines.by_session.len(), lines.by_age.len()), (MOST_LINES, MOST_LINES));
    }

    #[test]
    fn a_burst_is_its_first_line_and_after_a_second_its_last() {
        let mut pace = Pace::default();
        let hear = |pace: &mut Pace, text, at| pace.hear(&said("a", "s", text), Steady(at));
        assert!(hear(&mut pace, "one", 0));
        assert!(!hear(&mut pace, "two", 10) && !hear(&mut pace, "three", 990));
        assert!(pace.hear(&said("a", "other", "own pace"), Steady(20)));
        assert_eq!(pace.next_due(), Some(Steady(1000)));
        assert_eq!(pace.take_due(Steady(999)), []);
        assert_eq!(pace.take_due(Steady(1000)), [said("a", "s", "three")]);
        assert_eq!(pace.next_due(), None);
        assert!(!hear(&mut pace, "four", 1500), "a second after what was told last");
        assert!(hear(&mut pace, "five", 2000));
    }

    #[test]
    fn a_crowd_that_speaks_at_once_is_bounded_and_forgotten() {
        let mut pace = Pace::default();
        let told = (0..MOST_LINES + 5)
            .filter(|n| pace.hear(&said("a", &n.to_string(), "x"), Steady(0)))
            .count();
        assert_eq!((told, pace.heard.len()), (MOST_LINES, MOST_LINES));
        assert!(pace.hear(&said("a", "later", "x"), Steady(1000)));
        assert_eq!(pace.heard.len(), 1);
    }

    #[test]
    fn a_reported_text_becomes_one_visible_line() {
        assert_eq!(visible_line("  one\r\n two\x1b \n\n").as_deref(), Some("two"));
        assert_eq!(visible_line(" \n\t"), None);
        assert_eq!(visible_line(&"é".repeat(300)).unwrap().chars().count(), LONGEST_LINE);
    }
}
