//! Many runs in real browsers, several at a time, however they end: nothing is left of any.

use std::collections::{BTreeMap, BTreeSet};

use super::{shop::Shop, *};

/// A process by its number and when it was born: numbers come again.
type Born = (u32, u64);

/// All processes with their parents, the dead that nobody cleared away too.
fn processes() -> BTreeMap<Born, u32> {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let facts = all.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        // What stands behind the name, which may contain anything: state, parent …
        let mut words = stat.rsplit_once(')')?.1.split_whitespace().skip(1);
        let parent = words.next()?.parse().ok()?;
        Some(((pid, words.nth(17)?.parse().ok()?), parent))
    });
    facts.collect()
}

impl Front {
    /// Processes of browsers that are there now, with all below them.
    fn of_browsers(&self) -> BTreeSet<Born> {
        let mark = self.folder.path().join("agent/browsers");
        let mark = mark.to_str().unwrap();
        let all = processes();
        let is_marked = |pid: u32| {
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains(mark)
        };
        let mut found: BTreeSet<_> =
            all.keys().filter(|(pid, _)| is_marked(*pid)).copied().collect();
        loop {
            let is_below = |parent: u32| found.iter().any(|(pid, _)| *pid == parent);
            let below = all.iter().filter(|(_, parent)| is_below(**parent));
            let below: BTreeSet<_> = below.map(|(born, _)| *born).collect();
            if below.is_subset(&found) {
                return found;
            }
            found.extend(below);
        }
    }

    async fn first_step(&mut self, id: &str) {
        self.hear("a step", |message| match message {
            FromAgent::RunStep(step) if step.run == id => Some(()),
            _ => None,
        })
        .await;
    }
}

/// Does so many runs, so many at a time, and looks for what is left of them.
async fn leave_nothing(count: usize, at_once: usize) {
    nix::sys::prctl::set_child_subreaper(true).unwrap();
    let shop = Shop::open();
    let mut front = Front::real(|_| {});
    let navigate = json!({"type": "navigate", "url": shop.url()});
    let done = json!([navigate, {"type": "extract", "selector": "h1"}]);
    let lost = json!([navigate, {"type": "switchTab", "tab": "nowhere"}]);
    let long = json!([navigate, {"type": "wait", "ms": 60_000}]);
    let scripts = [&done, &done, &lost, &long, &long];
    let id = |number: usize| format!("r-{number}");
    let start = |front: &Front, number: usize| {
        if number < count {
            front.script(&id(number), scripts[number % scripts.len()].clone());
        }
    };
    (0..at_once).for_each(|number| start(&front, number));
    let (mut seen, mut outcomes) = (BTreeSet::new(), Vec::new());
    for number in 0..count {
        let id = id(number);
        front.first_step(&id).await;
        seen.extend(front.of_browsers());
        match number % scripts.len() {
            3 => front.runs.take(FromServer::CancelRun { run: id.clone() }),
            4 => front.runs.pages.close(&SessionId::new(&id).unwrap()).await,
            _ => {}
        }
        outcomes.push(front.end(&id).await.outcome);
        // Pictures of it are not needed any more.
        front
            .heard
            .retain(|message| !matches!(message, FromAgent::RunStep(step) if step.run == id));
        front.runs.take(FromServer::ForgetRun { run: id });
        start(&front, number + at_once);
    }
    let ways = [
        RunOutcome::Completed,
        RunOutcome::Completed,
        RunOutcome::Failed,
        RunOutcome::Cancelled,
        RunOutcome::Failed,
    ];
    let expected: Vec<_> = ways.into_iter().cycle().take(count).collect();
    assert_eq!(outcomes, expected);
    assert!(seen.len() >= count, "each had a browser: {}", seen.len());
    let now = processes();
    let left: Vec<_> = seen.iter().filter(|born| now.contains_key(born)).collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(front.processes(), 0);
    for folder in ["agent/runs", "agent/browsers"] {
        let left = std::fs::read_dir(front.folder.path().join(folder)).unwrap().count();
        assert_eq!(left, 0, "{folder}");
    }
    assert!(front.runs.running.lock().is_empty() && front.runs.turns.lock().is_empty());
    assert!(front.runs.are_settled() && front.runs.held().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_runs_leave_no_process_no_zombie_and_no_folder() {
    leave_nothing(25, 5).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a hundred browsers take minutes on a small machine"]
async fn a_hundred_runs_leave_no_process_no_zombie_and_no_folder() {
    leave_nothing(100, 8).await;
}
