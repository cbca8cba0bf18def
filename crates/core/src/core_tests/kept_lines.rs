//! Command lines under a name.

use super::*;
use crate::presets::{Draft, Request as Ask};

fn draft(name: &str, line: &str) -> Draft {
    Draft {
        name: name.into(),
        line: line.into(),
        agent: None,
        directory: None,
        priority: Priority::Normal,
        timeout: None,
    }
}

fn ask(bench: &mut Bench, ask: Ask) -> Asked {
    bench.core.ask(&person(Role::Operator), Request::Presets(ask), bench.now)
}

#[test]
fn a_preset_is_made_changed_and_removed() {
    let mut bench = Bench::new();
    assert_eq!(ask(&mut bench, Ask::Add(draft("test", "cargo test"))), Asked::AfterCommit);
    assert_eq!(bench.seen(), [""; 0], "not before it is stored");
    bench.commit();
    assert_eq!(bench.seen(), ["1 presets"]);
    let preset = bench.core.fleet().view().presets()[0].clone();
    assert_eq!((&*preset.name, &*preset.line, &*preset.made_by), ("test", "cargo test", "Ann"));
    let change = Ask::Change { preset: preset.id.clone(), draft: draft("test", "make test") };
    assert_eq!(ask(&mut bench, change), Asked::AfterCommit);
    bench.commit();
    assert_eq!(&*bench.core.fleet().view().presets()[0].line, "make test");
    assert_eq!(ask(&mut bench, Ask::Remove(preset.id.clone())), Asked::AfterCommit);
    bench.commit();
    assert!(bench.core.fleet().view().presets().is_empty());
    let gone = ask(&mut bench, Ask::Remove(preset.id.clone()));
    assert_eq!(gone, Asked::Answered(Err(CoreError::PresetNotFound(preset.id.clone()))));
}

#[test]
fn odd_presets_are_refused() {
    let mut bench = Bench::new();
    assert_eq!(ask(&mut bench, Ask::Add(draft("test", "cargo test"))), Asked::AfterCommit);
    let long = "x".repeat(70_000);
    for odd in [
        draft("", "ls"),
        draft("ls", " "),
        draft("a\0", "ls"),
        draft("long", &long),
        draft("test", "ls"),
    ] {
        let refused = ask(&mut bench, Ask::Add(odd.clone()));
        assert!(matches!(refused, Asked::Answered(Err(CoreError::Invalid(_)))), "{:?}", odd.name);
    }
}
