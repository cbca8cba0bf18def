//! What is told of what is printed, second by second.

use super::*;
use crate::terminal::{Size, Terminal};
use pilothouse_core::streams::Channel;

fn piped(pieces: &[&[u8]]) -> Option<String> {
    let mut speech = PipeSpeech::new();
    for piece in pieces {
        speech.written(Channel::Stdout, piece);
    }
    speech.due(Instant::now())
}

#[test]
fn a_command_says_its_last_visible_line() {
    let long = "é".repeat(500) + "\n";
    let cut = "é".repeat(200);
    let flood = b"row\n".repeat(100_000);
    let table: &[(&[&[u8]], Option<&str>)] = &[
        (&[b"one\ntwo\n"], Some("two")),
        (&[b"one\ntw", b"o"], Some("two")),
        (&[b"one\n", b"\n", b"   \n"], Some("one")),
        (&[b"10%\r20%\r100%"], Some("100%")),
        (&[b"loading...\rok\x1b[K\n"], Some("ok")),
        (&[b"loading\x1b[2K\rdone"], Some("done")),
        (&[b"\x1b[31mred\x1b[0m and \x1b]0;a title\x07plain\n"], Some("red and plain")),
        (&[b"caf\xc3", b"\xa9\n"], Some("caf\u{e9}")),
        (&[b"abc\x08\x08X\n"], Some("aXc")),
        (&[long.as_bytes()], Some(&cut)),
        (&[&flood, b"last\n"], Some("last")),
        (&[b"\n\x1b[0m\r\n"], None),
        (&[], None),
    ];
    for (pieces, expected) in table {
        assert_eq!(piped(pieces).as_deref(), *expected, "{:?}", pieces.first());
    }
}

#[test]
fn the_newest_of_both_outputs_is_told() {
    let mut speech = PipeSpeech::new();
    speech.written(Channel::Stdout, b"fine\n");
    speech.written(Channel::Stderr, b"warning\n");
    assert_eq!(speech.due(Instant::now()).unwrap(), "warning");
}

#[test]
fn of_a_burst_the_first_line_and_when_the_second_is_over_the_last_is_told() {
    let start = Instant::now();
    let after = |milliseconds| start + Duration::from_millis(milliseconds);
    let mut speech = PipeSpeech::new();
    speech.written(Channel::Stdout, b"one\n");
    assert_eq!(speech.due(start).unwrap(), "one");
    for number in 2..50 {
        speech.written(Channel::Stdout, format!("{number}\n").as_bytes());
        assert_eq!(speech.due(after(number * 10)), None);
    }
    assert_eq!(speech.deadline(after(500)), Some(after(1000)));
    assert_eq!(speech.due(after(1000)).unwrap(), "49");
    assert_eq!((speech.deadline(after(1000)), speech.due(after(3000))), (None, None));
    speech.written(Channel::Stdout, b"49\n");
    assert_eq!(speech.due(after(3000)).unwrap(), "49", "said again is said");
    speech.written(Channel::Stdout, b"bye\n");
    assert_eq!(speech.rest().unwrap(), "bye");
    assert_eq!(speech.rest(), None);
}

/// A worker's screen: what it prints, then whether somebody typed right before, then what is told.
#[test]
fn a_worker_says_the_line_that_was_finished_last() {
    let steps: &[(&str, bool, Option<&str>)] = &[
        ("$ ", false, Some("$")),
        ("ec", true, None),
        ("ho hello\r\nhello\r\n$ ", true, Some("hello")),
        ("ls", true, None),
        ("\r\n$ ", true, Some("$ ls")),
        ("downloading 40%", false, Some("$ downloading 40%")),
        ("\r\x1b[Kdownloading 80%", false, Some("downloading 80%")),
        ("\x1b[32m", false, None),
        (
            "\r\n● Done, two tests pass\r\n╭──────╮\r\n│ >    │\r\n╰──────╯\x1b[A\x1b[3G",
            false,
            Some("● Done, two tests pass"),
        ),
    ];
    let mut terminal = Terminal::new(Size { columns: 80, rows: 10 }, 0);
    let mut speech = ScreenSpeech::default();
    let mut now = Instant::now();
    for (printed, is_typed, expected) in steps {
        now += Duration::from_secs(10);
        if *is_typed {
            speech.typed(now);
        }
        terminal.feed(printed.as_bytes());
        speech.written();
        assert_eq!(speech.due(&terminal, now).as_deref(), *expected, "{printed:?}");
    }
}
