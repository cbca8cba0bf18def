//! What is work and what only moves.

use super::*;

/// An agent that has come to rest.
fn idle() -> Bench {
    let mut bench = Bench::with::<&str>(&[]);
    bench.show("ready\n>");
    bench.wait(10_000);
    assert_eq!(bench.states(), [Activity::Active, Activity::Idle]);
    bench
}

/// Shows a screen every so often.
fn play(bench: &mut Bench, every: u64, times: usize, screen: impl Fn(usize) -> String) {
    for turn in 0..times {
        bench.show(&screen(turn));
        bench.wait(every);
    }
}

#[test]
fn nothing_is_known_until_there_is_something_to_see() {
    let mut bench = Bench::with::<&str>(&[]);
    bench.wait(5000);
    bench.show("   \n\n");
    bench.wait(5000);
    assert_eq!((bench.state(), bench.changes.len()), (Activity::Unknown, 0));
    bench.show("hello");
    assert_eq!(bench.states(), [Activity::Active]);
}

#[test]
fn idle_is_reported_two_seconds_after_the_last_change_and_dated_back() {
    let mut bench = Bench::with::<&str>(&[]);
    play(&mut bench, 500, 5, |turn| format!("line {}", "x".repeat(turn + 1)));
    bench.wait(10_000);
    let idle = bench.changes[1].clone();
    assert_eq!((idle.state, idle.since.steady), (Activity::Idle, Steady(2000)));
    let mut again = Bench::with::<&str>(&[]);
    again.show("a");
    again.wait(1999);
    assert_eq!(again.state(), Activity::Active);
    again.wait(1);
    assert_eq!(again.state(), Activity::Idle);
}

#[test]
fn a_spinner_that_writes_a_few_characters_a_second_is_work() {
    let glyphs = ["✻", "✽", "✶", "✳"];
    let mut bench = idle();
    play(&mut bench, 300, 200, |turn| format!("ready\n{} Pondering…\n>", glyphs[turn % 4]));
    assert_eq!(bench.states()[2..], [Activity::Active]);
    bench.wait(5000);
    assert_eq!(bench.states()[2..], [Activity::Active, Activity::Idle]);
}

#[test]
fn a_counter_of_the_seconds_of_work_is_work() {
    let mut bench = idle();
    play(&mut bench, 1000, 100, |turn| format!("• Working ({turn}s • esc to interrupt)\n>"));
    assert_eq!(bench.states()[2..], [Activity::Active]);
}

#[test]
fn a_download_that_counts_its_percents_is_work() {
    let mut bench = idle();
    play(&mut bench, 200, 100, |turn| format!("fetching {turn}%\n>"));
    assert_eq!(bench.states()[2..], [Activity::Active]);
}

#[test]
fn clocks_gauges_cursors_and_drawing_the_same_again_are_no_work() {
    let screens: [fn(usize) -> String; 6] = [
        |turn| format!("ready\n>\nshop  12:{:02}:{:02}", turn / 60 % 60, turn % 60),
        |turn| format!("ready\n>\n{}:05 pm", turn % 12 + 1),
        |turn| format!("ready\n>\nmemory {}.3 MB", 200 + turn),
        |turn| format!("ready\n> {}", if turn % 2 == 0 { "█" } else { "" }),
        |turn| format!("ready\n>{}", if turn % 2 == 0 { " _" } else { "" }),
        |_| "ready\n>".to_owned(),
    ];
    for screen in screens {
        let mut bench = idle();
        play(&mut bench, 500, 1000, screen);
        assert_eq!(bench.states().len(), 2, "{} {:?}", screen(1), bench.changes);
    }
}

#[test]
fn drawing_the_same_again_does_not_keep_an_agent_at_work() {
    let mut bench = Bench::with::<&str>(&[]);
    play(&mut bench, 50, 1000, |_| "answer\n>".to_owned());
    assert_eq!(bench.states(), [Activity::Active, Activity::Idle]);
    assert_eq!(bench.changes[1].since.steady, Steady(0));
}

#[test]
fn one_drawing_in_pieces_is_no_work() {
    let mut bench = idle();
    play(&mut bench, 100, 4, |turn| format!("ready\n{}", "help\n".repeat(turn)));
    bench.wait(10_000);
    assert_eq!(bench.states().len(), 2);
}

#[test]
fn another_size_is_no_work() {
    let mut bench = idle();
    for columns in 10..40 {
        bench.detector.resized(bench.now());
        bench.show(&format!("re{}ady", "\n".repeat(columns)).repeat(columns));
        bench.wait(100);
    }
    let lines = vec!["something else".to_owned()];
    for _ in 0..10 {
        bench.wait(500);
        assert_eq!(bench.detector.output(0, &lines, bench.now()), None);
    }
    assert_eq!(bench.states().len(), 2);
}

#[test]
fn text_that_scrolls_up_is_not_new_and_what_comes_below_is() {
    let mut bench = idle();
    let line = |number: usize| format!("compiling {}", "x".repeat(number));
    play(&mut bench, 400, 30, |turn| (turn..turn + 5).map(line).collect::<Vec<_>>().join("\n"));
    assert_eq!(bench.states()[2..], [Activity::Active]);
    let mut still = idle();
    still.show("a\nb\nc\nd");
    still.wait(5000);
    play(&mut still, 400, 10, |turn| format!("{}a\nb\nc\nd", "\n".repeat(turn)));
    assert_eq!(still.states().len(), 2);
}
