//! Ten minutes of an agent's work: exactly the states that a person would name, and nothing between them.

use super::{
    Activity::{Active, Asking, Idle},
    *,
};

const GLYPHS: [&str; 6] = ["·", "✢", "✳", "✶", "✻", "✽"];

/// A Claude-like program that draws what it does.
struct Program {
    bench: Bench,
    transcript: Vec<String>,
    turn: usize,
    seed: u64,
}

impl Program {
    fn draw(&mut self, status: &str) {
        let from = self.transcript.len().saturating_sub(18);
        let rule = "─".repeat(60);
        let transcript = self.transcript[from..].join("\n");
        let clock = self.bench.clock / 1000;
        self.bench.show(&format!(
            "{transcript}\n{status}\n{rule}\n❯ \n{rule}\n  shop  {:02}:{:02}:{:02}",
            9 + clock / 3600,
            clock / 60 % 60,
            clock % 60
        ));
    }

    /// Some milliseconds between two bounds, different each time and the same in every run.
    fn between(&mut self, least: u64, most: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        least + (self.seed >> 33) % (most - least)
    }

    /// The spinner turns.
    fn think(&mut self, seconds: u64) {
        let end = self.bench.clock + seconds * 1000;
        let begin = self.bench.clock;
        while self.bench.clock < end {
            self.turn += 1;
            let glyph = GLYPHS[self.turn % GLYPHS.len()];
            let passed = (self.bench.clock - begin) / 1000;
            self.draw(&format!("{glyph} Pondering… (esc to interrupt · {passed}s)"));
            let pause = self.between(120, 400);
            self.bench.wait(pause);
        }
    }

    /// Lines of an answer appear, now and then with a pause.
    fn stream(&mut self, lines: usize) {
        for line in 0..lines {
            self.transcript.push(format!("  {line} words of an answer, do you see? {}", self.turn));
            self.turn += 1;
            self.draw("");
            let pause =
                if line % 5 == 4 { self.between(500, 1500) } else { self.between(100, 300) };
            self.bench.wait(pause);
        }
    }

    /// A tool runs without a sign of life for a while.
    fn tool(&mut self) {
        self.turn += 1;
        self.transcript.push(format!("● Bash(step {})", self.turn));
        self.draw("");
        let pause = self.between(500, 1500);
        self.bench.wait(pause);
        self.transcript.push("  ⎿  done".to_owned());
        self.draw("");
        let pause = self.between(500, 1500);
        self.bench.wait(pause);
    }

    /// A dialog stands until somebody answers.
    fn ask(&mut self, seconds: u64, answer: &str) {
        self.turn += 1;
        let dialog = format!(
            "● Edit\n Bash command\n   make step-{}\n\n Do you want to proceed?\n ❯ 1. Yes\n   2. No\n\n \
             Esc to cancel · Tab to amend",
            self.turn
        );
        self.bench.show(&dialog);
        self.bench.wait(seconds * 1000);
        self.bench.key(answer);
        self.bench.wait(60);
    }

    /// Nothing happens but the clock and the same screen drawn again.
    fn rest(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.draw("");
            self.bench.wait(500);
            self.draw("");
            self.bench.wait(500);
        }
    }

    /// Somebody types a request.
    fn request(&mut self, text: &str) {
        for end in 1..=text.len() {
            self.bench.key(&text[end - 1..end]);
            self.bench.wait(40);
            self.bench.show(&format!("{}\n❯ {}", self.transcript.join("\n"), &text[..end]));
            self.bench.wait(120);
        }
        self.bench.key("\r");
        self.transcript.push(format!("> {text}"));
        self.bench.wait(50);
    }
}

#[test]
fn ten_minutes_of_work_give_exactly_the_states_that_a_person_would_name() {
    for seed in 0..20 {
        ten_minutes(seed);
    }
}

fn ten_minutes(seed: u64) {
    let mut program = Program {
        bench: Bench::new("claude"),
        transcript: vec!["Welcome to Claude Code!".to_owned()],
        turn: 0,
        seed,
    };
    let mut expected = vec![Active, Idle];
    program.rest(20);
    for round in 0..4 {
        program.request("make the tests pass, please, on every platform");
        program.think(25);
        program.tool();
        program.tool();
        program.stream(40);
        program.ask(12, if round % 2 == 0 { "\r" } else { "1" });
        program.think(10);
        for _ in 0..5 {
            program.tool();
        }
        program.stream(30);
        program.rest(20);
        expected.extend([Active, Asking, Active, Idle]);
    }
    program.request("once more");
    program.think(10);
    program.ask(90, "\u{1b}");
    program.transcript.push("  ⎿  Interrupted · What should Claude do instead?".to_owned());
    program.rest(40);
    expected.extend([Active, Asking, Idle]);
    assert!(program.bench.clock > 600_000, "{} ms", program.bench.clock);
    assert_eq!(program.bench.states(), expected, "{seed}: {:?}", program.bench.changes);
    let since: Vec<u64> = program.bench.changes.iter().map(|it| it.since.steady.0).collect();
    assert!(since.is_sorted(), "{since:?}");
}
