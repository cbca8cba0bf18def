//! What floods a terminal: output like that of agents, always the same.
//!
//! Three parts of it in turn: coloured log lines, a diff, and redraws of a full screen with a box
//! in it, as programs for people draw them. Both who prints and who measures make it with this
//! file, so that the latter knows how long it is.

use std::fmt::Write as _;

/// Printed when the program is ready; never part of what somebody types.
pub(super) const BEGIN: &str = "[bench:begin]";

/// Printed behind the output. Several times, so that one is whole wherever a server cuts.
pub(super) const END: &str = "[bench:end]";

/// How often.
const ENDS: usize = 8;

/// About so long is what is repeated.
const BLOCK: usize = 256 * 1024;

/// The size of the screen that is drawn.
const COLUMNS: usize = 80;
const ROWS: u32 = 24;

/// One block of output; a flood is this again and again.
pub(super) fn block() -> String {
    let mut text = String::with_capacity(BLOCK + 16 * 1024);
    let mut number: u32 = 1;
    while text.len() < BLOCK {
        for _ in 0..40 {
            log_line(&mut text, next(&mut number));
        }
        for _ in 0..12 {
            diff_line(&mut text, next(&mut number));
        }
        for _ in 0..2 {
            screen(&mut text, next(&mut number));
        }
    }
    text
}

/// How many blocks make at least so many bytes.
pub(super) fn blocks_of(bytes: usize, block: &str) -> usize {
    bytes.div_ceil(block.len())
}

/// What comes behind the last block.
pub(super) fn ending() -> String {
    END.repeat(ENDS)
}

/// The next of a sequence that looks like chance and is none.
fn next(number: &mut u32) -> u32 {
    *number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    *number >> 8
}

fn log_line(text: &mut String, number: u32) {
    let (level, colour) =
        [("INFO", 32), ("DEBUG", 36), ("WARN", 33), ("INFO", 32)][number as usize % 4];
    // Writing into a string cannot fail.
    let _ = write!(
        text,
        "\x1b[2m12:{:02}:{:02}.{:03}\x1b[0m \x1b[1;{colour}m{level:>5}\x1b[0m worker::step: \
         request \x1b[35mid\x1b[0m={number:06x} path=\"/api/sessions/{}\" took {} ms\r\n",
        number % 60,
        number / 60 % 60,
        number % 1000,
        number % 97,
        number % 313,
    );
}

fn diff_line(text: &mut String, number: u32) {
    let (sign, colour) = [('+', 32), ('-', 31)][number as usize % 2];
    let _ = write!(
        text,
        "\x1b[{colour}m{sign}\x1b[0m\t\x1b[38;5;{}mlet\x1b[0m value_{number:x} = \
         compute({}, \"{:x}\");\r\n",
        number % 256,
        number % 100,
        number / 7,
    );
}

/// A whole screen from its first line on: a box, and a line of state below.
fn screen(text: &mut String, number: u32) {
    text.push_str("\x1b[?25l\x1b[H");
    let bar = "─".repeat(COLUMNS - 2);
    let _ = write!(text, "\x1b[38;2;215;119;87m╭{bar}╮\x1b[0m\x1b[K\r\n");
    for row in 0..ROWS - 3 {
        let words = format!("{row:>3} ● step {:06x} of the plan is done", number ^ row);
        let _ = write!(text, "│ \x1b[1m{words:<width$}\x1b[22m │\x1b[K\r\n", width = COLUMNS - 4);
    }
    let _ = write!(text, "╰{bar}╯\x1b[K\r\n\x1b[{ROWS};1H");
    let _ = write!(text, "\x1b[7m ✻ Thinking… {} s \x1b[27m\x1b[J\x1b[?25h", number % 90);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_the_same_every_time_and_has_no_marker_in_it() {
        let text = block();
        assert_eq!(text, block());
        assert!(text.len() >= BLOCK && !text.contains("[bench:"));
        assert_eq!(blocks_of(text.len() + 1, &text), 2);
    }
}
