//! Agents that die with an open browser.

use std::{fs, path::Path};

use pilothouse_testkit::{program::signal, waiting::wait_until};
use serde_json::json;

use super::{Front, expect_title, picture};

/// The processes of that agent's browsers: whatever was started with a mark that is the name of one of its folders.
fn processes(marks: &[String]) -> Vec<u32> {
    let is_marked = |environment: &[u8]| {
        let mut variables = environment.split(|byte| *byte == 0);
        variables.any(|variable| {
            let mark = variable.strip_prefix(b"PILOTHOUSE_BROWSER_LIFE=");
            mark.is_some_and(|mark| marks.iter().any(|known| known.as_bytes() == mark))
        })
    };
    let all = fs::read_dir("/proc").unwrap().flatten();
    let marked = all.filter(|entry| {
        fs::read(entry.path().join("environ")).is_ok_and(|environment| is_marked(&environment))
    });
    marked.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
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
        expect_title(&mut viewer, "still");
        picture(&mut viewer);
        let marks = folders(&front.agent.folder());
        assert_eq!(marks.len(), 1, "{marks:?}");
        let left = processes(&marks);
        assert!(left.len() > 2, "a browser is more than one process: {left:?}");
        if is_frozen {
            // One that cannot see that its agent is gone is ended by the agent's next life.
            left.iter().for_each(|process| signal(*process, "STOP"));
        }
        front.agent.kill();
        let over = viewer.expect_that(|it| it["type"] == "status" && it["live"] == json!(false));
        assert!(!over["reason"].as_str().unwrap().is_empty(), "{over}");
        if is_frozen {
            assert!(!processes(&marks).is_empty(), "nobody was there to end them");
        }
        front.agent.start_again();
        front.server.wait_until_online("a-1");
        wait_until("the browser's processes end", || processes(&marks).is_empty());
        wait_until("its folder goes", || folders(&front.agent.folder()).is_empty());
        // Whoever stayed sees the next one.
        front.open("busy");
        viewer.expect_that(|it| it["type"] == "status" && it["live"] == json!(true));
        expect_title(&mut viewer, "busy");
        picture(&mut viewer);
    }
}
