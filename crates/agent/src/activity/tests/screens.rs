//! Whether a screen asks, for each kind of agent.

use super::*;

const ASKING: &[(&str, &str, &str)] = &[
    ("claude", include_str!("../fixtures/claude_command.txt"), "Do you want to proceed?"),
    (
        "claude",
        include_str!("../fixtures/claude_edit.txt"),
        "Do you want to make this edit to cart.rs?",
    ),
    ("claude", include_str!("../fixtures/claude_plan.txt"), "Would you like to proceed?"),
    (
        "claude",
        include_str!("../fixtures/claude_choice.txt"),
        "Which database should the shop use?",
    ),
    (
        "claude",
        include_str!("../fixtures/claude_trust.txt"),
        "Quick safety check: Is this a project you created or one you trust?",
    ),
    ("claude", include_str!("../fixtures/claude_yes_no.txt"), "Install it now? [y/N]"),
    (
        "codex",
        include_str!("../fixtures/codex_command.txt"),
        "Would you like to run the following command?",
    ),
    (
        "codex",
        include_str!("../fixtures/codex_edit.txt"),
        "Would you like to make the following edits?",
    ),
    (
        "codex",
        include_str!("../fixtures/codex_trust.txt"),
        "Do you trust the contents of this directory?",
    ),
    ("codex", include_str!("../fixtures/codex_sign_in.txt"), "Press enter to continue"),
    ("codex", include_str!("../fixtures/codex_choice.txt"), "Which database should the shop use?"),
    (
        "codex",
        include_str!("../fixtures/codex_yes_no.txt"),
        "The completion file exists already. Overwrite it? (y/n):",
    ),
    ("gemini", include_str!("../fixtures/gemini_command.txt"), "Allow execution of [Shell]?"),
    ("gemini", include_str!("../fixtures/gemini_waiting.txt"), "Allow execution of: 'rm'?"),
    ("gemini", include_str!("../fixtures/gemini_edit.txt"), "Apply this change?"),
    (
        "gemini",
        include_str!("../fixtures/gemini_trust.txt"),
        "Do you trust the files in this folder?",
    ),
    (
        "gemini",
        include_str!("../fixtures/gemini_sign_in.txt"),
        "How would you like to authenticate for this project?",
    ),
    ("gemini", include_str!("../fixtures/gemini_yes_no.txt"), "Do you want to continue? [Y/n]:"),
];

const SILENT: &[(&str, &str)] = &[
    ("claude", include_str!("../fixtures/claude_spinner.txt")),
    ("claude", include_str!("../fixtures/claude_finished.txt")),
    ("claude", include_str!("../fixtures/claude_diff.txt")),
    ("codex", include_str!("../fixtures/codex_working.txt")),
    ("codex", include_str!("../fixtures/codex_finished.txt")),
    ("gemini", include_str!("../fixtures/gemini_responding.txt")),
    ("gemini", include_str!("../fixtures/gemini_finished.txt")),
];

#[test]
fn every_question_is_reported_within_a_second_and_in_its_words() {
    for (agent_type, screen, words) in ASKING {
        let mut bench = Bench::new(agent_type);
        bench.show(screen);
        bench.wait(1000);
        assert_eq!(bench.states(), [Activity::Active, Activity::Asking], "{screen}");
        let question = bench.changes[1].question.clone().unwrap();
        assert!(question.starts_with(words), "{question} for {screen}");
        bench.wait(3_600_000);
        assert_eq!(bench.state(), Activity::Asking, "a question waits as long as it takes");
    }
}

#[test]
fn questions_are_recognised_without_the_spaces_that_programs_do_not_write() {
    for (agent_type, screen, _) in ASKING {
        let mut bench = Bench::new(agent_type);
        bench.show(&screen.replace(' ', ""));
        bench.wait(1000);
        assert_eq!(bench.state(), Activity::Asking, "{screen}");
    }
}

#[test]
fn questions_are_recognised_where_a_narrow_screen_breaks_their_lines() {
    let mut bench = Bench::new("claude");
    bench.show(" Do you want to make this\n edit to cart.rs?\n ❯ 1. Yes\n   2. No\n");
    bench.wait(1000);
    let question = bench.changes[1].question.as_deref();
    assert_eq!(question, Some("Do you want to make this edit to cart.rs?"));
}

#[test]
fn work_and_answers_that_contain_questions_do_not_ask() {
    for (agent_type, screen) in SILENT {
        let mut bench = Bench::new(agent_type);
        bench.show(screen);
        bench.wait(60_000);
        assert_eq!(bench.states(), [Activity::Active, Activity::Idle], "{screen}");
    }
}

#[test]
fn a_question_is_short_and_harmless_when_people_read_it() {
    let mut bench = Bench::with(&["Really"]);
    bench.show(&format!("Really\u{1b}[2J\u{7} {}?", "long ".repeat(100)));
    bench.wait(1000);
    let question = bench.changes[1].question.clone().unwrap();
    assert_eq!(question.chars().count(), 200);
    assert!(!question.contains(char::is_control), "{question:?}");
}

#[test]
fn agents_without_patterns_never_ask() {
    let mut bench = Bench::with::<&str>(&[]);
    bench.show(ASKING[0].1);
    bench.wait(60_000);
    assert_eq!(bench.states(), [Activity::Active, Activity::Idle]);
}
