//! The benchmark itself, in the small: it measures the server that needs nothing but this package.

use std::process::Command;

#[test]
fn many_publishers_and_viewers_are_measured_and_printed() {
    let arguments =
        ["fanout", "--servers", "raw", "--cell", "agents", "--repetitions", "1", "--window", "100"];
    let program = env!("CARGO_BIN_EXE_pilothouse-bench");
    let output = Command::new(program).args(arguments).output().unwrap();
    let (table, notes) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{notes}");
    let row = table.lines().find(|line| line.trim_start().starts_with("raw"));
    let rate = row.and_then(|row| row.split_whitespace().nth(1)).and_then(|rate| rate.parse().ok());
    assert!(rate.is_some_and(|rate: u64| rate > 0), "{table}\n{notes}");
}

#[test]
fn a_server_that_cannot_do_what_a_cell_needs_takes_no_part() {
    // Plain TCP cannot deflate, so that nothing is left to be measured.
    let arguments = ["fanout", "--servers", "raw", "--cell", "deflated"];
    let program = env!("CARGO_BIN_EXE_pilothouse-bench");
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success());
    assert!(!String::from_utf8_lossy(&output.stdout).contains("raw"));
}

#[test]
fn a_flood_and_keys_in_a_terminal_are_measured_and_every_byte_is_accounted_for() {
    let arguments =
        ["terminal", "--servers", "raw", "--repetitions", "1", "--megabytes", "2", "--keys", "20"];
    let program = env!("CARGO_BIN_EXE_pilothouse-bench");
    let output = Command::new(program).args(arguments).output().unwrap();
    let (table, notes) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{notes}");
    let rows: Vec<&str> =
        table.lines().filter(|line| line.trim_start().starts_with("raw ")).collect();
    assert_eq!(rows.len(), 4, "{table}\n{notes}");
    assert!(rows[..2].iter().all(|row| row.contains(" all")), "{table}\n{notes}");
}
