//! What people type: echoes, answers and refusals.

use super::*;

const PERMISSION: &str = "● Bash(make)\n\n Do you want to proceed?\n ❯ 1. Yes\n   2. No\n";

fn asking(screen: &str) -> Bench {
    let mut bench = Bench::new("claude");
    bench.show(screen);
    bench.wait(5000);
    assert_eq!(bench.state(), Activity::Asking);
    bench.changes.clear();
    bench
}

/// Types a text key by key, with its echo, at a person's pace.
fn typing(bench: &mut Bench, text: &str, screen: impl Fn(&str) -> String) {
    for (end, character) in text.char_indices() {
        bench.key(&character.to_string());
        bench.wait(30);
        bench.show(&screen(&text[..end + character.len_utf8()]));
        bench.wait(150);
    }
}

#[test]
fn an_echo_is_no_work_and_what_follows_enter_is() {
    let mut bench = Bench::new("claude");
    bench.show("❯ ");
    bench.wait(5000);
    bench.changes.clear();
    let text = "please make the tests pass on every platform";
    typing(&mut bench, text, |typed| format!("❯ {typed}\n menu for {}", typed.len()));
    assert_eq!(bench.states(), []);
    bench.key("\r");
    for second in 0..5 {
        bench.show(&format!("> {text}\n✻ Pondering… ({second}s)\n❯ "));
        bench.wait(500);
    }
    assert_eq!(bench.states(), [Activity::Active]);
}

#[test]
fn typing_while_the_agent_works_neither_ends_its_work_nor_prolongs_it() {
    let mut bench = Bench::new("claude");
    let mut second = 0;
    let text = "and then have a look at the other thing, too";
    for typed in 0..text.len() {
        second += 1;
        bench.key(&text[typed..=typed]);
        bench.show(&format!("✻ Pondering… ({second}s)\n❯ {}", &text[..=typed]));
        bench.wait(400);
    }
    assert_eq!(bench.states(), [Activity::Active]);
    let begun = bench.clock;
    typing(&mut bench, &text.repeat(2), |more| format!("● Done.\n❯ {text}{more}"));
    let idle = bench.changes.last().unwrap();
    assert_eq!(idle.state, Activity::Idle);
    assert!(idle.since.steady.0 < begun + 200, "{idle:?} after {begun}");
}

#[test]
fn moving_the_selection_keeps_the_question_open() {
    let mut bench = asking(PERMISSION);
    for screen in [PERMISSION.replace("❯ 1", "  1").replace("  2", "❯ 2"), PERMISSION.to_owned()]
    {
        bench.key("\u{1b}[B");
        bench.show(&screen);
        bench.wait(10_000);
    }
    assert_eq!(bench.states(), []);
}

#[test]
fn an_answer_sets_the_agent_to_work_and_a_refusal_does_not() {
    for (key, after) in
        [("\r", Activity::Active), ("1", Activity::Active), ("\u{1b}", Activity::Idle)]
    {
        let mut bench = asking(PERMISSION);
        bench.key(key);
        bench.wait(50);
        bench.show("● Bash(make)\n  ⎿ done\n❯ ");
        assert_eq!(bench.states(), [after], "{key:?}");
    }
}

#[test]
fn the_terminal_talking_by_itself_answers_nothing() {
    let mut bench = asking("Proceed? [y/N]");
    for report in ["\u{1b}[I", "\u{1b}[O", "\u{1b}[<0;3;4M", "\u{1b}[12;40R", "\u{1b}[?62;22c"] {
        bench.key(report);
        bench.wait(5000);
    }
    bench.key("\u{1b}[200~y\r\u{1b}[201~");
    bench.wait(5000);
    assert_eq!(bench.states(), []);
}

#[test]
fn an_answered_question_that_can_still_be_read_is_not_asked_again_until_it_is() {
    let mut bench = asking("Proceed? [y/N]");
    typing(&mut bench, "y", |typed| format!("Proceed? [y/N] {typed}"));
    bench.wait(20_000);
    assert_eq!(bench.states(), [], "nobody has pressed Enter yet");
    bench.key("\r");
    bench.wait(100);
    bench.show("Proceed? [y/N] y\nInstalling a");
    assert_eq!(bench.states(), [Activity::Active]);
    bench.wait(5000);
    bench.show("Proceed? [y/N] y\nInstalling a\nProceed? [y/N]");
    bench.wait(1000);
    assert_eq!(bench.states(), [Activity::Active, Activity::Idle, Activity::Asking]);
}

#[test]
fn patterns_without_an_end_do_not_ask_on_when_the_answer_stands_behind_them() {
    let mut bench = Bench::with(&[r"Continue\?"]);
    bench.show("Continue?");
    bench.wait(5000);
    bench.key("yes\n");
    bench.show("Continue? yes");
    bench.wait(100);
    bench.show("Continue? yes\nworking");
    bench.wait(60_000);
    assert_eq!(bench.states()[2..], [Activity::Active, Activity::Idle]);
    bench.show("Continue? yes\nworking\nContinue?");
    bench.wait(1000);
    assert_eq!(bench.state(), Activity::Asking);
}

#[test]
fn a_silent_acceptance_ends_the_question_after_a_second() {
    let mut bench = asking("Proceed? [y/N]");
    bench.key("\r");
    bench.wait(999);
    assert_eq!(bench.states(), []);
    bench.wait(1);
    assert_eq!(bench.states(), [Activity::Active]);
    bench.wait(60_000);
    assert_eq!(bench.states(), [Activity::Active, Activity::Idle]);
}

#[test]
fn the_next_question_in_the_same_place_is_reported_in_its_words() {
    let mut bench = asking(PERMISSION);
    bench.key("\r");
    bench.show(&PERMISSION.replace("proceed?", "make this edit to a.rs?"));
    bench.wait(5000);
    assert_eq!(bench.states(), [Activity::Asking]);
    assert_eq!(
        bench.changes[0].question.as_deref(),
        Some("Do you want to make this edit to a.rs?")
    );
}

#[test]
fn a_question_is_reported_although_something_moves_beside_it() {
    let mut bench = Bench::new("claude");
    bench.show("working");
    bench.wait(1500);
    for turn in 0..20 {
        bench.show(&format!("{} other task\n{PERMISSION}", ["✻", "✽"][turn % 2]));
        bench.wait(80);
    }
    assert_eq!(bench.states(), [Activity::Active, Activity::Asking]);
    let (began, asked) = (1500, bench.changes[1].since.steady.0);
    assert_eq!(asked, began);
}

#[test]
fn a_question_that_others_answer_is_passed_when_work_goes_on_below_it() {
    let mut bench = asking("Proceed? [y/N]");
    let mut patterns = Bench::with(&["Proceed"]);
    for bench in [&mut bench, &mut patterns] {
        bench.show("Proceed? [y/N]");
        bench.wait(1000);
        bench.show("Proceed? [y/N]\none\ntwo\nthree");
        assert_eq!(bench.state(), Activity::Active);
    }
}
