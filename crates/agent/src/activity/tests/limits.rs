//! What patterns may be, and that no pattern and no screen costs more than a little.

use std::time::{Duration, Instant};

use super::*;
use crate::activity::PatternError;

fn compiled(patterns: &[&str]) -> Result<Patterns, PatternError> {
    Patterns::compile(&patterns.iter().map(|&it| it.to_owned()).collect::<Vec<_>>())
}

#[test]
fn patterns_are_bounded_and_their_faults_named() {
    assert!(compiled(&["a"; 50]).is_ok());
    assert_eq!(compiled(&["a"; 51]).unwrap_err(), PatternError::TooMany(51));
    assert!(compiled(&["a", &"ä".repeat(500)]).is_ok());
    assert_eq!(compiled(&["a", &"a".repeat(501)]).unwrap_err(), PatternError::Length { number: 2 });
    assert_eq!(compiled(&[""]).unwrap_err(), PatternError::Length { number: 1 });
    let told = |pattern| compiled(&["a", "b", pattern]).unwrap_err().to_string();
    assert_eq!(told("("), "pattern 3 cannot be used: unclosed group");
    assert!(told(r"(a)\1").contains("backreferences are not supported"), "{}", told(r"(a)\1"));
    assert!(told("(?=a)").contains("look-around"), "{}", told("(?=a)"));
    assert!(told(r"\w{500}").contains("too large"), "{}", told(r"\w{500}"));
    assert!(told(&"(".repeat(200)).starts_with("pattern 3"));
}

#[test]
fn patterns_of_other_consoles_work_as_they_are() {
    let screens = [
        (
            r"Enter to select.*Tab.*navigate.*Esc to cancel",
            "Enter to select · Tab to navigate · Esc to cancel",
        ),
        (r"Do you want.*\?", "Do you want tea?"),
        (r"\[y\].*\[n\]", "[y] yes [n] no"),
        (r"Allow.*\?", "allow it?"),
        (r"❯\s+\d+\.\s", "❯ 1. a"),
        (r"^Sure\b", "so\nSure?"),
        (r"[ ]yes[^ ]", "say yes!"),
        (r"a {2,}b", "a b"),
        (r"╰─+╯\s*>\s*$", "╰──╯\n>"),
    ];
    for (pattern, screen) in screens {
        let mut bench = Bench::with(&[pattern]);
        bench.show(screen);
        bench.wait(1000);
        assert_eq!(bench.state(), Activity::Asking, "{pattern}");
    }
}

#[test]
fn words_stay_words_where_a_pattern_says_so() {
    for (screen, asks) in
        [("go now?", true), ("gonow?", true), ("ago now?", false), ("going", false)]
    {
        let mut bench = Bench::with(&[r"\bgo\b now"]);
        bench.show(screen);
        bench.wait(1000);
        assert_eq!(bench.state() == Activity::Asking, asks, "{screen}");
    }
}

#[test]
fn hostile_patterns_and_screens_take_milliseconds() {
    let patterns = vec![r"(a*)*(a|b)*(a+)+$x"; 50];
    let mut bench = Bench::with(&patterns);
    let screen = format!("{}\n", "a".repeat(1000)).repeat(1000);
    let begin = Instant::now();
    for turn in 0..10 {
        bench.show(&format!("{screen}{}b", "a".repeat(turn)));
        bench.wait(100);
    }
    let each = begin.elapsed() / 10;
    assert!(each < Duration::from_secs(5), "{each:?} each");
}
