//! What agents tell of their machines.

use super::*;
use crate::resources::{MOST_REPORTS, Resources, Taken};

fn report(cpu: u32) -> Report {
    let stream = StreamKey::command("cmd-1".parse().unwrap());
    let taken = Taken { stream, cpu: None, memory: 1 };
    let resources =
        Resources { cpu: Some(cpu.into()), processes: vec![taken], ..Resources::default() };
    Report::Resources(resources.into())
}

#[test]
fn the_newest_reports_of_each_agent_are_kept_and_nothing_is_stored_or_told() {
    let mut bench = Bench::new();
    let (a, b) = (bench.link("a", 8).link, bench.link("b", 9).link);
    bench.commit();
    bench.seen();
    let (stored, version) = (bench.stored.len(), bench.core.fleet().next());
    bench.core.report(b, report(99), bench.now);
    for cpu in 0..100 {
        bench.now.wall.0 += 10_000;
        bench.core.report(a, report(cpu), bench.now);
    }
    bench.commit();
    assert_eq!((bench.stored.len(), bench.core.fleet().next()), (stored, version));
    let of_a: Vec<_> = bench.core.resources(&"a".parse().unwrap()).collect();
    let cpu: Vec<_> = of_a.iter().map(|reported| reported.resources.cpu.unwrap()).collect();
    assert_eq!((cpu.len(), cpu[0], cpu[59]), (MOST_REPORTS, 40.0, 99.0));
    assert_eq!(of_a[59].at, bench.now.wall);
    let kept: usize = of_a.iter().map(|reported| reported.resources.processes.len()).sum();
    assert_eq!(kept, 1, "what runs is told only of the newest");
    assert_eq!(bench.core.resources(&"b".parse().unwrap()).count(), 1);
    assert_eq!(bench.core.resources(&"c".parse().unwrap()).count(), 0);
}

#[test]
fn an_agent_that_is_away_keeps_its_last_report_and_a_replaced_link_is_not_heard() {
    let mut bench = Bench::new();
    let old = bench.link("a", 8).link;
    bench.core.report(old, report(1), bench.now);
    let new = bench.link("a", 9).link;
    bench.core.report(old, report(2), bench.now);
    bench.core.report(new, Report::Lost, bench.now);
    let id = "a".parse().unwrap();
    let cpu: Vec<_> = bench.core.resources(&id).map(|it| it.resources.cpu).collect();
    assert_eq!(cpu, [Some(1.0)]);
}
