//! Agents that die with an open browser.

use std::{fs, path::Path};

use pilothouse_testkit::{program::signal, waiting::wait_until};
use serde_json::json;

use super::{Front, expect_shown};

/// A process, and when it was started: numbers are used again.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Process {
    id: u32,
    parent: u32,
    born: String,
}

impl Process {
    /// None for what is dead, whether or not somebody has taken note of it.
    fn look(id: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let fields: Vec<_> = stat.rsplit_once(") ")?.1.split(' ').collect();
        let parent = fields.get(1)?.parse().ok()?;
        let is_dead = ["Z", "X"].contains(fields.first()?);
        let born = (*fields.get(19)?).to_owned();
        (!is_dead).then_some(Self { id, parent, born })
    }

    fn lives(&self) -> bool {
        Self::look(self.id).is_some_and(|now| now.born == self.born)
    }
}

/// The processes of the agent's browsers, and theirs.
fn browsers_of(agent: u32) -> Vec<Process> {
    let all = fs::read_dir("/proc").unwrap().flatten();
    let all = all.filter_map(|entry| Process::look(entry.file_name().to_str()?.parse().ok()?));
    let all: Vec<_> = all.collect();
    let line = |it: &Process| fs::read(format!("/proc/{}/cmdline", it.id)).unwrap_or_default();
    let is_browser = |it: &&Process| {
        it.parent == agent && String::from_utf8_lossy(&line(it)).contains("--user-data-dir=")
    };
    let mut found: Vec<_> = all.iter().filter(is_browser).cloned().collect();
    let mut at = 0;
    while at < found.len() {
        let parent = found[at].id;
        found.extend(all.iter().filter(|it| it.parent == parent).cloned());
        at += 1;
    }
    found
}

fn folders(agent: &Path) -> Vec<String> {
    let all = fs::read_dir(agent.join("browsers")).into_iter().flatten().flatten();
    all.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

#[test]
fn a_killed_agents_browser_ends_is_told_ended_and_can_be_opened_again() {
    let mut front = Front::start();
    for is_frozen in [false, true] {
        front.open("still");
        let mut viewer = front.watches();
        expect_shown(&mut viewer, "still");
        let marks = folders(&front.agent.folder());
        assert_eq!(marks.len(), 1, "{marks:?}");
        let browser = browsers_of(front.agent.id());
        assert!(browser.len() > 3, "with a page and all that belongs to it: {browser:?}");
        let left = || browser.iter().filter(|process| process.lives()).count();
        if is_frozen {
            // One that cannot see that its agent is gone is ended by the agent's next life.
            for process in &browser {
                signal(process.id, "STOP");
            }
        }
        front.agent.kill();
        let over = viewer.expect_that(|it| it["type"] == "status" && it["live"] == json!(false));
        assert!(!over["reason"].as_str().unwrap().is_empty(), "{over}");
        // Or the next life could be taken for this one.
        front.server.wait_until_offline("a-1");
        if is_frozen {
            assert_eq!(left(), browser.len(), "nobody was there to end them");
        } else {
            wait_until("the browser's processes end without an agent", || left() == 0);
        }
        front.agent.start_again();
        front.server.wait_until_online("a-1");
        wait_until("the browser's processes end", || left() == 0);
        wait_until("its folder goes", || folders(&front.agent.folder()).is_empty());
        // Whoever stayed sees the next one.
        front.open("busy");
        expect_shown(&mut viewer, "busy");
    }
}
