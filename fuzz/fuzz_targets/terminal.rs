//! Any output, with resizes and snapshots in between: the terminal never panics, and a snapshot is never answered.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pilothouse_agent::terminal::{Size, Terminal};

const SCROLLBACK: usize = 50;

fuzz_target!(|input: &[u8]| {
    let mut terminal = Terminal::new(Size { columns: 20, rows: 5 }, SCROLLBACK);
    // 0xFF is in no character: it tells the pieces apart, and the two bytes behind it are a size.
    for piece in input.split(|&byte| byte == 0xFF) {
        let [columns, rows, output @ ..] = piece else { continue };
        terminal.resize(Size { columns: u16::from(*columns), rows: u16::from(*rows) });
        terminal.feed(output);
        let mut other = Terminal::new(terminal.size(), SCROLLBACK);
        other.feed(&terminal.snapshot());
        assert!(other.take_replies().is_empty());
        assert_eq!(other.title(), terminal.title());
        assert_eq!(other.screen_lines().len(), terminal.screen_lines().len());
    }
});
