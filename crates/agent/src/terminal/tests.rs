//! What a terminal answers, shows and remembers, without another terminal to compare it with.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::{Size, Terminal};

const SIZE: Size = Size { columns: 80, rows: 24 };

fn replies_to(output: &str) -> String {
    let mut terminal = Terminal::new(SIZE, 100);
    terminal.feed(output.as_bytes());
    String::from_utf8(terminal.take_replies()).unwrap()
}

#[test]
fn every_question_has_exactly_one_answer_in_order() {
    let questions = [
        ("\x1b[c", "\x1b[?62;22c"),
        ("\x1b[0c", "\x1b[?62;22c"),
        ("\x1b[>c", "\x1b[>0;276;0c"),
        ("\x1b[=c", "\x1bP!|00000000\x1b\\"),
        ("\x1b[5n", "\x1b[0n"),
        ("\x1b[3;7H\x1b[6n", "\x1b[3;7R"),
        ("\x1b[?6n", "\x1b[?3;7R"),
        ("\x1b[?2026$p", "\x1b[?2026;2$y"),
        ("\x1b[?2026h\x1b[?2026$p\x1b[?2026l", "\x1b[?2026;1$y"),
        ("\x1b[?12345$p", "\x1b[?12345;0$y"),
        ("\x1b[4$p", "\x1b[4;2$y"),
        ("\x1b[>q", concat!("\x1bP>|pilothouse(", env!("CARGO_PKG_VERSION"), ")\x1b\\")),
        ("\x1b[?u", "\x1b[?0u"),
        ("\x1b[>5u\x1b[?u", "\x1b[?5u"),
        ("\x1b[18t", "\x1b[8;24;80t"),
        ("\x1b[14t", "\x1b[4;384;640t"),
        ("\x1b]11;?\x07", "\x1b]11;rgb:0000/0000/0000\x07"),
        ("\x1b]10;?\x1b\\", "\x1b]10;rgb:ffff/ffff/ffff\x1b\\"),
        ("\x1b]4;1;?\x07", "\x1b]4;1;rgb:cccc/0000/0000\x07"),
        ("\x1b]4;196;?\x07", "\x1b]4;196;rgb:ffff/0000/0000\x07"),
        ("\x1b]4;1;#123456\x07\x1b]4;1;?\x07", "\x1b]4;1;rgb:1212/3434/5656\x07"),
        ("\x1b[1;4:3;31m\x1bP$qm\x1b\\", "\x1bP1$r0;1;4:3;31m\x1b\\"),
        ("\x1bP$qr\x1b\\", "\x1bP1$r1;24r\x1b\\"),
        ("\x1bP$qx\x1b\\", "\x1bP0$r\x1b\\"),
        ("\x1bP+q544e\x1b\\", "\x1bP1+r544e=787465726D2D323536636F6C6F72\x1b\\"),
        ("\x1bP+q41\x1b\\", "\x1bP0+r\x1b\\"),
    ];
    let (asked, expected): (String, String) = questions.into_iter().unzip();
    assert_eq!(replies_to(&asked), expected);
    let mut terminal = Terminal::new(SIZE, 0);
    for byte in asked.bytes() {
        terminal.feed(&[byte]);
    }
    assert_eq!(String::from_utf8(terminal.take_replies()).unwrap(), expected);
    assert!(terminal.take_replies().is_empty());
}

#[test]
fn the_visible_text_is_what_stands_on_the_screen() {
    let mut terminal = Terminal::new(Size { columns: 20, rows: 4 }, 10);
    terminal.feed("one\r\n\x1b[31mtwo 中文  \x1b[m\r\n\r\nfour\r\nfive e\u{301}".as_bytes());
    assert_eq!(terminal.screen_lines(), ["two 中文", "", "four", "five e\u{301}"]);
    terminal.feed(b"\x1b]2;the title\x07\x1b[?1049h\x1b[?2004h\x1b[?2026h\x1b[Hmenu");
    assert_eq!(terminal.visible_text(), "menu");
    assert_eq!(terminal.title(), "the title");
    assert!(terminal.is_bracketed_paste() && terminal.has_pending_update());
    assert!(terminal.is_alternate_screen());
}

#[test]
fn a_flood_of_questions_links_and_marks_stays_bounded() {
    let mut terminal = Terminal::new(SIZE, 100);
    let mut flood = String::new();
    for index in 0..50_000_u32 {
        let mark = char::from_u32(0x300 + index % 0x70).unwrap();
        let _ = write!(flood, "\x1b[c\x1b]8;;http://{index}\x07a{mark}{mark}\x1b[>1u\x1b[22t");
    }
    let _ = write!(flood, "\x1b]0;{}\x07", "x".repeat(1_000_000));
    terminal.feed(flood.as_bytes());
    assert!(terminal.take_replies().len() <= 64 * 1024);
    assert!(terminal.snapshot().len() < 2_000_000);
}

#[test]
fn a_snapshot_is_never_answered_and_starts_anew() {
    let mut terminal = Terminal::new(SIZE, 100);
    terminal.feed("\x1b[1;31mred\x1b[?1049h\x1b[2;5r\x1b[?1003h\x1b]10;#ff0000\x07中".as_bytes());
    let snapshot = terminal.snapshot();
    let mut other = Terminal::new(SIZE, 100);
    other.feed(b"old text\x1b[5;9r\x1b[4h\x1b]0;unfinished");
    other.feed(&snapshot);
    assert!(other.take_replies().is_empty());
    assert_eq!(other.snapshot(), snapshot);
}

/// Bytes that are mostly sequences, mostly sensible. Wrapping stays on: without it, what becomes of halves of wide
/// characters depends on how the output is cut, in xterm.js as here.
fn output() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        "[a-z 中é]{1,30}".prop_map(String::into_bytes),
        "\r\n|\n|\t|\u{8}|\r".prop_map(String::into_bytes),
        "\u{1b}\\[[0-9;]{0,5}[@-~]".prop_map(String::into_bytes),
        "\u{1b}\\[\\?(1|6|25|47|1049|2004|2026)[hl]".prop_map(String::into_bytes),
        "\u{1b}[78DEMHc=>]".prop_map(String::into_bytes),
        "\u{1b}\\[[0-9;:]{0,12}m".prop_map(String::into_bytes),
        "\u{1b}\\][0-9]{1,3};[a-z?;]{0,9}\u{7}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn anything_can_be_fed_resized_and_written_down(
        output in output(), cut in 0..1000_usize, columns in 1..100_u16, rows in 1..40_u16,
    ) {
        let mut terminal = Terminal::new(Size { columns: 20, rows: 5 }, 20);
        let (before, after) = output.split_at(cut.min(output.len()));
        terminal.feed(before);
        terminal.resize(Size { columns, rows });
        terminal.feed(after);
        let snapshot = terminal.snapshot();
        let mut other = Terminal::new(terminal.size(), 20);
        other.feed(&snapshot);
        prop_assert!(other.take_replies().is_empty());
        prop_assert_eq!(other.screen_lines(), terminal.screen_lines());
        prop_assert_eq!(other.title(), terminal.title());
    }

    #[test]
    fn pieces_change_nothing(output in output(), piece in 1..7_usize) {
        let (mut whole, mut pieces) = (Terminal::new(SIZE, 20), Terminal::new(SIZE, 20));
        whole.feed(&output);
        for piece in output.chunks(piece) {
            pieces.feed(piece);
        }
        prop_assert_eq!(pieces.snapshot(), whole.snapshot());
        prop_assert_eq!(pieces.take_replies(), whole.take_replies());
    }
}

/// `cargo test --release -p pilothouse-agent -- --ignored --nocapture how_fast`
#[test]
#[ignore = "a measurement"]
#[expect(clippy::print_stdout, reason = "a measurement is for people")]
fn how_fast_output_is_read() {
    let plain =
        "The quick brown fox jumps over the lazy dog, and over it again.\r\n".repeat(16_000);
    let coloured = "\x1b[1;31mred\x1b[m and \x1b[38;5;99mmore\x1b[m \x1b[2K中文\r\n".repeat(20_000);
    for (name, text) in [("plain", plain), ("coloured", coloured)] {
        let mut terminal = Terminal::new(Size { columns: 120, rows: 40 }, super::SCROLLBACK_LINES);
        let begun = std::time::Instant::now();
        for _ in 0..100 {
            for piece in text.as_bytes().chunks(16 * 1024) {
                terminal.feed(piece);
            }
        }
        let bytes = u128::try_from(text.len() * 100).unwrap();
        println!("{name}: {} MB/s", bytes / begun.elapsed().as_micros());
    }
}
