//! What a snapshot of a terminal shows is what the viewers of its output see: compared in xterm.js, cell by cell.
//!
//! `terminal_oracle.mjs` beside the testkit does the comparing; here are the streams.

use std::{
    fmt::Write as _,
    io::Write as _,
    process::{Command, Stdio},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{Size, Terminal};

/// Few, so that lines leave it all the time.
const SCROLLBACK: usize = 60;
pub(super) const SIZES: [(u16, u16); 3] = [(80, 24), (41, 11), (120, 40)];

/// Numbers that look random and are the same in every run (SplitMix64).
pub(super) struct Numbers(u64);

impl From<u64> for Numbers {
    fn from(seed: u64) -> Self {
        Self(seed)
    }
}

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    fn any<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// One stream with its sizes, fed both to our terminal and, by way of the steps, to xterm.js.
pub(super) struct Case {
    name: String,
    size: (u16, u16),
    scrollback: usize,
    terminal: Terminal,
    steps: Vec<Value>,
}

impl Case {
    pub(super) fn new(name: &str, size: (u16, u16)) -> Self {
        let terminal = Terminal::new(Size { columns: size.0, rows: size.1 }, SCROLLBACK);
        let name = name.to_owned();
        Self { name, size, scrollback: SCROLLBACK, terminal, steps: Vec::new() }
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.terminal.feed(bytes);
        self.steps.push(json!({"feed": BASE64_STANDARD.encode(bytes)}));
    }

    pub(super) fn resize(&mut self, (columns, rows): (u16, u16)) {
        self.terminal.resize(Size { columns, rows });
        self.steps.push(json!({"resize": [columns, rows]}));
    }

    fn snapshot(&mut self) {
        let snapshot = BASE64_STANDARD.encode(self.terminal.snapshot());
        self.steps.push(json!({"snapshot": snapshot}));
    }

    /// Feeds `bytes` with snapshots in `count` places anywhere, also within sequences and characters.
    pub(super) fn feed_with_snapshots(
        &mut self,
        bytes: &[u8],
        count: usize,
        numbers: &mut Numbers,
    ) {
        let mut places: Vec<usize> = (0..count).map(|_| numbers.below(bytes.len())).collect();
        places.sort_unstable();
        let mut fed = 0;
        for place in places {
            self.feed(&bytes[fed..place]);
            self.snapshot();
            fed = place;
        }
        self.feed(&bytes[fed..]);
    }
}

/// Runs the comparison over all cases in one process; every difference fails the test.
pub(super) fn check(cases: Vec<Case>) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../testkit/node");
    let mut node = Command::new("node")
        .arg("terminal_oracle.mjs")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node runs; `cargo xtask test` installs what it needs");
    let mut input = node.stdin.take().unwrap();
    let count = cases.len();
    let writing = std::thread::spawn(move || {
        for Case { name, size, scrollback, steps, .. } in cases {
            let case = json!({"name": name, "columns": size.0, "rows": size.1,
                "scrollback": scrollback, "steps": steps});
            writeln!(input, "{case}").unwrap();
        }
    });
    let output = node.wait_with_output().unwrap();
    writing.join().unwrap();
    let results: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(results.len(), count, "every case has a result");
    let mut report = String::new();
    for result in &results {
        assert!(result["checked"].as_u64().unwrap() > 0, "{} compared nothing", result["name"]);
        if result["differences"] != json!([]) {
            let _ = writeln!(report, "{}: {:#}", result["name"], result["differences"]);
        }
    }
    assert!(report.is_empty(), "{report}");
}

/// What a program prints in a terminal of this size when these keys are typed.
fn record((columns, rows): (u16, u16), command: &str, keys: &str) -> Vec<u8> {
    let command = format!("stty cols {columns} rows {rows}; TERM=xterm-256color {command}");
    let mut script = Command::new("timeout")
        .args(["30", "script", "--quiet", "--return", "--command", &command, "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("`script` records a terminal; `cargo xtask test` installs it");
    script.stdin.take().unwrap().write_all(keys.as_bytes()).unwrap();
    let recorded = script.wait_with_output().unwrap().stdout;
    assert!(recorded.len() > 500, "{command} printed {}", String::from_utf8_lossy(&recorded));
    recorded
}

/// Draws like a program that shows an agent at work: whole frames, each in a synchronised update.
fn agent_frames((columns, rows): (u16, u16)) -> Vec<u8> {
    let mut text = String::from("\x1b[?2004h\x1b[?25l\x1b[>1u");
    let width = usize::from(columns);
    for frame in 0..60 {
        text.push_str("\x1b[?2026h");
        if frame % 10 == 0 {
            text.push_str("\x1b[2J\x1b[3J\x1b[H");
        } else {
            let _ = write!(text, "\x1b[{}A\r", rows - 1);
        }
        for line in 0..rows {
            let colour = 31 + (frame + line) % 7;
            let _ =
                write!(text, "\x1b[K\x1b[1;{colour}m● \x1b[22mwork 工作 {frame}·{line}\x1b[39m ");
            let _ = write!(text, "\x1b[48;2;{frame};40;60m{}\x1b[0m\r\n", "─".repeat(width / 3));
        }
        let _ = write!(text, "\x1b[38;5;{frame}m╭{}╮\x1b[m\r", "─".repeat(width - 2));
        text.push_str("\x1b[?2026l");
    }
    text.push_str("\x1b[<u\x1b[?25h\x1b[?2004l\r\n");
    text.into_bytes()
}

#[test]
fn a_snapshot_of_a_real_program_shows_what_its_viewers_see() {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src/terminal/editing.rs");
    let vim = format!("vim -u NONE -N +'syntax on' +'set number' {source}");
    let less = format!("less -R {source}");
    let programs: [(&str, &str, &str); 3] = [
        ("vim", &vim, "GoEnd\u{1b}ggdd:split\r\u{6}\u{6}5J:set list\r/mod\r:qa!\r"),
        ("less", &less, "   /mod\rnnGgq"),
        ("htop", "htop -d 1", "tt\u{1b}[B\u{1b}[Bq"),
    ];
    let mut numbers = Numbers(1);
    let mut cases = Vec::new();
    for (name, command, keys) in programs {
        let mut case = Case::new(name, SIZES[0]);
        for size in SIZES {
            case.resize(size);
            let recorded = record(size, command, keys);
            case.feed_with_snapshots(&recorded, 80, &mut numbers);
        }
        cases.push(case);
    }
    let mut case = Case::new("agent", SIZES[0]);
    for size in SIZES {
        case.resize(size);
        case.feed_with_snapshots(&agent_frames(size), 80, &mut numbers);
    }
    cases.push(case);
    check(cases);
}

const WORDS: &[&str] = &[
    "hello",
    "x",
    "  ",
    "ls -la",
    "中文字",
    "é",
    "e\u{301}",
    "😀",
    "a\u{301}\u{302}",
    "─│",
    "한글",
    "ｱ",
    "01234567890123456789012345678901234567890",
    "\r\u{301}",
    "~`qxlk#",
    "👨\u{200d}👩",
];
const NARROW: &[&str] = &[
    "hello",
    "x",
    "  ",
    "é",
    "e\u{301}",
    "a\u{301}\u{302}",
    "─│",
    "~`qxlk#",
    "0123456789012345678901234567890",
];
const STYLES: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "5",
    "7",
    "8",
    "9",
    "22",
    "23",
    "25",
    "27",
    "28",
    "29",
    "31",
    "37",
    "39",
    "42",
    "49",
    "91",
    "97",
    "107",
    "38;5;123",
    "48;5;17",
    "38;2;1;2;3",
    "48;2;200;100;50",
    "38:2::9:8:7",
    "53",
    "55",
    "",
];
/// Not together with saved cursors: xterm.js restores the half of such a style that is in the cell.
const UNDERLINES: &[&str] = &["4", "4:3", "4:2", "4:0", "21", "24", "58;5;3", "58:2::1:2:3", "59"];
const CONTROLS: &[&str] = &[
    "\r\n",
    "\n",
    "\r",
    "\u{8}",
    "\t",
    "\r\n\r\n",
    "\u{e}",
    "\u{f}",
    "\u{7}",
    "\u{b}",
    "\x1bD",
    "\x1bM",
    "\x1bE",
    "\x1bH",
    "\x1b[g",
    "\x1b[3g",
    "\x1b[K",
    "\x1b[1K",
    "\x1b[2K",
    "\x1b[?K",
    "\x1b[?1K",
    "\x1b[J",
    "\x1b[2J",
    "\x1b[r",
    "\x1b(0",
    "\x1b(B",
    "\x1b)0",
    "\x1b)B",
    "\x1b*0",
    "\x1b+0",
    "\x1bn",
    "\x1bo",
    "\x1b=",
    "\x1b>",
    "\x1b[4h",
    "\x1b[4l",
    "\x1b[20h",
    "\x1b[20l",
    "\x1b[3 q",
    "\x1b[0 q",
    "\x1b[1\"q",
    "\x1b[0\"q",
    "\x1b[2 @",
    "\x1b[2 A",
    "\x1b[2'}",
    "\x1b[2'~",
    "\x1bPabc\x1b\\",
    "\x1b_Gq\x1b\\",
    "\x1b[>1u",
    "\x1b[<u",
    "\x1b]4;1;#102030\x07",
    "\x1b]2;title\x07",
    "\x1b]0;another\x1b\\",
    "\x1bc",
];
/// Not with `CSI 3 J`: xterm.js counts the saved line from the oldest one.
const SAVES: &[&str] = &[
    "\x1b7",
    "\x1b8",
    "\x1b[s",
    "\x1b[u",
    "\x1b[?1048h",
    "\x1b[?1048l",
    "\x1b[?1049h",
    "\x1b[?1049l",
    "\x1b[!p",
    "\x1b[?7l",
    "\x1b[?7h",
    "\x1b[m\x1b#8",
];
const OTHERS: &[&str] = &[
    "\x1b[3J",
    "\x1b[?47h",
    "\x1b[?1047l",
    "\x1b]8;;http://a/\x07",
    "\x1b]8;id=a;http://b/;c\x07",
    "\x1b]8;;\x07",
    "\r\x1b[1J",
];

/// One piece of a random stream. Left out is what xterm.js itself cannot tell from a snapshot: `CSI 1 J` in the
/// last column (it throws), margins in the same stream as the origin mode and both screens (the cursor may then
/// be outside), and wide characters while wrapping is off (halves of them stay).
fn piece(numbers: &mut Numbers, saves: bool, (columns, rows): (u16, u16)) -> String {
    let number = |numbers: &mut Numbers, end: u16| numbers.below(usize::from(end) + 3);
    match numbers.below(20) {
        0..7 => {
            let count = 1 + numbers.below(4);
            (0..count).map(|_| numbers.any(if saves { NARROW } else { WORDS })).collect()
        }
        7..11 => numbers.any(CONTROLS).to_owned(),
        11 | 12 => {
            let both = if saves {
                STYLES
            } else if numbers.below(3) == 0 {
                UNDERLINES
            } else {
                STYLES
            };
            format!("\x1b[{};{}m", numbers.any(both), numbers.any(both))
        }
        13 => {
            let (row, column) = (number(numbers, rows), number(numbers, columns));
            format!("\x1b[{row};{column}H")
        }
        14 => format!(
            "\x1b[{}{}",
            numbers.below(9),
            numbers.any(&["A", "B", "C", "D", "E", "F", "G", "d", "I", "Z"])
        ),
        15 => format!(
            "\x1b[{}{}",
            numbers.below(7),
            numbers.any(&["@", "P", "X", "L", "M", "S", "T", "b"])
        ),
        16 => {
            let rows = rows.max(2);
            let top = 1 + numbers.below(usize::from(rows - 1));
            format!("\x1b[{top};{}r", top + 1 + numbers.below(usize::from(rows) - top))
        }
        17 => {
            let mode = numbers.any(&[
                "1", "12", "25", "45", "66", "9", "1000", "1002", "1003", "1004", "1006", "1016",
                "2004", "2026",
            ]);
            format!("\x1b[?{mode}{}", numbers.any(&["h", "l"]))
        }
        18 if saves => numbers.any(SAVES).to_owned(),
        18 => numbers.any(OTHERS).to_owned(),
        _ => {
            "a line that is long enough to be wrapped around its end, ".repeat(1 + numbers.below(3))
        }
    }
}

/// Where each round of a random test begins; only the first one, unless `PILOTHOUSE_ORACLE_ROUNDS` says how many,
/// and `PILOTHOUSE_ORACLE_FIRST` with which to begin.
#[expect(clippy::disallowed_methods, reason = "how long to test is no part of a configuration")]
fn rounds(first: u64) -> impl Iterator<Item = (u64, Numbers)> {
    let number = |name: &str| std::env::var(name).ok().and_then(|number| number.parse().ok());
    let begin: u64 = number("PILOTHOUSE_ORACLE_FIRST").unwrap_or(0);
    let count: u64 = number("PILOTHOUSE_ORACLE_ROUNDS").unwrap_or(1);
    (begin..begin + count).map(move |round| (round, Numbers(first + (round << 32))))
}

#[test]
fn a_snapshot_of_a_random_stream_shows_what_its_viewers_see() {
    for (round, mut numbers) in rounds(2) {
        let mut cases = Vec::new();
        for index in 0..40 {
            let size = [(80, 24), (20, 6), (12, 3), (37, 11), (132, 5), (5, 2)][numbers.below(6)];
            let stream: String =
                (0..150).map(|_| piece(&mut numbers, index % 2 == 1, size)).collect();
            let mut case = Case::new(&format!("random stream {round}.{index}"), size);
            case.feed_with_snapshots(stream.as_bytes(), 25, &mut numbers);
            cases.push(case);
        }
        check(cases);
    }
}

/// From one character to more than any window has; half of them small, where most can go wrong.
fn any_size(numbers: &mut Numbers) -> (u16, u16) {
    let (columns, rows) = [(4, 4), (20, 10), (100, 40), (500, 200)][numbers.below(4)];
    let mut side = |end: usize| u16::try_from(1 + numbers.below(end)).unwrap();
    (side(columns), side(rows))
}

/// Some lines, then another size, and again.
fn resized(case: &mut Case, numbers: &mut Numbers, words: &[&str], size: SizeOf) {
    for _ in 0..30 {
        let mut lines = String::new();
        for _ in 0..numbers.below(12) {
            let words = (0..numbers.below(9)).map(|_| numbers.any(words));
            let line: String = words.collect();
            let _ = write!(lines, "\x1b[3{}m{line}\x1b[m\r\n", numbers.below(8));
        }
        case.feed(lines.as_bytes());
        case.snapshot();
        let size = size(numbers);
        case.resize(size);
        case.snapshot();
    }
}

type SizeOf = fn(&mut Numbers) -> (u16, u16);

/// Without characters that are wide and consist of several, and with one text of several only: xterm.js may put the
/// text of another cell into the place of such a one.
fn unjoined() -> Vec<&'static str> {
    let is_left_out = |word: &str| word.contains(['\u{200d}', '\u{302}']);
    WORDS.iter().copied().filter(|word| !is_left_out(word)).collect()
}

#[test]
fn a_snapshot_after_a_resize_shows_what_its_viewers_see() {
    // So much that nothing leaves it: xterm.js overwrites the last lines with those that do not fit any more.
    let most = 4000;
    for (round, mut numbers) in rounds(3) {
        let cases = (0..20).map(|index| {
            let name = format!("resized stream {round}.{index}");
            let mut case = Case { scrollback: most, ..Case::new(&name, (80, 24)) };
            case.terminal = Terminal::new(Size { columns: 80, rows: 24 }, most);
            resized(&mut case, &mut numbers, &unjoined(), any_size);
            case
        });
        check(cases.collect());
    }
}

#[test]
fn lines_that_leave_the_scrollback_while_it_is_wrapped_anew_are_those_that_viewers_lose() {
    let size: SizeOf = |numbers| {
        let mut side =
            |least: usize, end: usize| u16::try_from(least + numbers.below(end)).unwrap();
        (side(20, 80), side(5, 25))
    };
    for (round, mut numbers) in rounds(5) {
        let cases = (0..20).map(|index| {
            let mut case = Case::new(&format!("lost lines {round}.{index}"), (80, 24));
            resized(&mut case, &mut numbers, &unjoined(), size);
            case
        });
        check(cases.collect());
    }
}
