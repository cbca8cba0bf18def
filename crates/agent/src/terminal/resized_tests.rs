//! Programs whose terminal changes its size while they work, compared as in the tests beside this one.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{Instant, timeout, timeout_at},
};

use super::oracle_tests::{Case, Numbers, SIZES, check};

/// A program that has printed nothing for so long has drawn what it had to, as far as anybody can tell.
const QUIET: Duration = Duration::from_millis(300);
/// Some never stop printing.
const ENOUGH: Duration = Duration::from_millis(1500);
/// How long a program may take to draw at all.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a program prints until it pauses, or for a while.
async fn drawn(pty: &mut pty_process::Pty) -> Vec<u8> {
    let mut printed = Vec::new();
    let first = timeout(PATIENCE, pty.read_buf(&mut printed)).await;
    first.expect("it draws something").expect("its terminal is open");
    let enough = Instant::now() + ENOUGH;
    // A program that has ended is an error.
    while let Ok(Ok(Ok(1..))) = timeout_at(enough, timeout(QUIET, pty.read_buf(&mut printed))).await
    {
    }
    printed
}

/// What one program prints when its terminal gets one size after the other, and these keys are typed in each.
fn record(command: &str, keys: [&str; SIZES.len()]) -> Vec<Vec<u8>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (mut pty, terminal) = pty_process::open().unwrap();
        let size = |(columns, rows)| pty_process::Size::new(rows, columns);
        pty.resize(size(SIZES[0])).unwrap();
        let _program = pty_process::Command::new("sh")
            .args(["-c", &format!("exec {command}")])
            .env("TERM", "xterm-256color")
            .kill_on_drop(true)
            .spawn(terminal)
            .unwrap();
        let mut recorded = Vec::new();
        for (place, keys) in SIZES.into_iter().zip(keys) {
            pty.resize(size(place)).unwrap();
            // The first thing it draws is the size; the keys come when that is done.
            let mut printed = drawn(&mut pty).await;
            pty.write_all(keys.as_bytes()).await.unwrap();
            printed.extend(drawn(&mut pty).await);
            recorded.push(printed);
        }
        recorded
    })
}

#[test]
fn a_snapshot_of_a_program_that_is_resized_shows_what_its_viewers_see() {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src/terminal/editing.rs");
    let vim = format!("vim -u NONE -i NONE -N +'syntax on' +'set number' {source}");
    let less = format!("less -R {source}");
    let programs = [
        ("vim", vim.as_str(), ["GoEnd\u{1b}gg:split\r", "\u{6}5J:set list\r", "dd/mod\r:qa!\r"]),
        ("less", &less, ["   ", "/mod\rnn", "Ggq"]),
        ("htop", "htop -d 1", ["tt", "\u{1b}[B\u{1b}[B", "q"]),
    ];
    let mut numbers = Numbers::from(4);
    let mut cases = Vec::new();
    for (name, command, keys) in programs {
        let mut case = Case::new(&format!("resized {name}"), SIZES[0]);
        for (size, printed) in SIZES.into_iter().zip(record(command, keys)) {
            case.resize(size);
            case.feed_with_snapshots(&printed, 60, &mut numbers);
        }
        cases.push(case);
    }
    check(cases);
}
