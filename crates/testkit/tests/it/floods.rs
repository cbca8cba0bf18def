//! Terminals beside floods, storms of sizes and fifty others: each echo comes, and nobody's memory grows without end.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use pilothouse_testkit::{
    program::{Agent, Server},
    terminal::{Terminal, session, shell},
    viewer::{Received, Viewer},
};
/// How much one terminal prints, unless `PILOTHOUSE_TEST_FLOOD_MB` says otherwise.
const FLOOD_MB: u64 = 40;
/// What a process may have at most, whatever is printed.
const MOST_KIB: u64 = 400 << 10;
/// How many echoes have to come while the flood or the storm goes on.
const ECHOES: u32 = 20;
/// How many sizes each viewer of a storm says. The server takes a hundred a second, and keys come behind them.
const SIZES: u32 = 1_000;
const TERMINALS: usize = 50;

/// A server, its agent and a session.
struct Bench {
    server: Server,
    agent: Agent,
    session: String,
}

impl Bench {
    fn new() -> Self {
        let server = Server::start(&[]);
        let agent = server.agent("box");
        let session = session(&server, "/tmp");
        Self { server, agent, session }
    }

    fn terminal(&self) -> (String, Terminal) {
        let worker = shell(&self.server, &self.session);
        let mut terminal = self.attach(&worker);
        terminal.run("true");
        (worker, terminal)
    }

    fn attach(&self, worker: &str) -> Terminal {
        Terminal::attach(&self.server, &self.session, worker, "")
    }

    fn reset_peaks(&self) {
        self.server.reset_peak();
        self.agent.reset_peak();
    }

    fn check_peaks(&self) {
        let (server, agent) = (self.server.peak_kib(), self.agent.peak_kib());
        eprintln!("at most {server} KiB in the server, {agent} KiB in the agent");
        assert!(server < MOST_KIB, "the server had {server} KiB");
        assert!(agent < MOST_KIB, "the agent had {agent} KiB");
    }
}

#[expect(clippy::disallowed_methods, reason = "the size of a test is nobody's configuration")]
fn megabytes() -> u64 {
    let asked = std::env::var("PILOTHOUSE_TEST_FLOOD_MB");
    asked.ok().and_then(|asked| asked.parse().ok()).unwrap_or(FLOOD_MB)
}

/// Reads all, looks for a text that comes once, and keeps next to nothing.
fn read_until(viewer: &mut Viewer, wanted: &str) {
    let mut end = String::new();
    while !end.contains(wanted) {
        let Received::Text(text) = viewer.receive_within(Duration::from_secs(90)) else {
            panic!("the server keeps a viewer that reads")
        };
        // What is looked for may be in two messages.
        let keep = end.floor_char_boundary(end.len().saturating_sub(wanted.len()));
        end.drain(..keep);
        if let Ok(message) = serde_json::from_str::<serde_json::Value>(&text) {
            end.push_str(message["data"].as_str().unwrap_or_default());
        }
    }
}

/// Types into a terminal and waits for the echo, again and again until it is told that it is enough; counts how often.
fn echo_until(terminal: &mut Terminal, is_over: &AtomicBool, echoes: &AtomicU32) {
    let mut slowest = Duration::ZERO;
    while !is_over.load(Ordering::Acquire) {
        let typed = Instant::now();
        terminal.run("true");
        slowest = slowest.max(typed.elapsed());
        echoes.fetch_add(1, Ordering::AcqRel);
    }
    eprintln!("{echoes:?} echoes, the slowest in {slowest:?}");
}

/// Says that something is over, even if it panicked.
struct Over(Arc<AtomicBool>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Something on a thread of its own, and whether it is over.
fn beside(act: impl FnOnce() + Send + 'static) -> (thread::JoinHandle<()>, Arc<AtomicBool>) {
    let is_over = Arc::new(AtomicBool::new(false));
    let told = Over(is_over.clone());
    let acting = thread::spawn(move || {
        let _told = told;
        act();
    });
    (acting, is_over)
}

#[test]
fn a_flood_before_a_frozen_viewer_delays_no_other_echo_and_costs_bounded_memory() {
    let bench = Bench::new();
    let (flooded, mut frozen) = bench.terminal();
    let mut reader = bench.attach(&flooded);
    let (_, mut other) = bench.terminal();
    bench.reset_peaks();
    let line = "0123456789".repeat(8);
    let began = Instant::now();
    reader.input(&format!(
        "yes {line} | head -c {}; echo fl''ood-is-over\r",
        megabytes() * 1_000_000
    ));
    let (reading, is_over) = beside(move || read_until(reader.viewer(), "flood-is-over"));
    let echoes = AtomicU32::new(0);
    echo_until(&mut other, &is_over, &echoes);
    reading.join().unwrap();
    eprintln!("{} MB in {:?}", megabytes(), began.elapsed());
    assert!(echoes.into_inner() >= ECHOES, "too few echoes came beside the flood");
    bench.check_peaks();
    // Who never read has the right screen when it does.
    frozen.expect_text("flood-is-over");
    frozen.run("true");
}

#[test]
fn a_program_that_asks_its_terminal_and_never_listens_costs_bounded_memory() {
    let bench = Bench::new();
    let (_, mut asking) = bench.terminal();
    bench.reset_peaks();
    // Each question has an answer that is longer than itself. Raw, so that nobody takes the answers in.
    let questions = megabytes() * 1_000_000 / 10;
    // In the end it takes in what still waits, until there was nothing for a second.
    asking.input(&format!(
        "stty raw -echo min 0 time 10; yes $(printf '\\033[c\\033[6n') | head -c {questions}; \
         cat >/dev/null; stty sane; echo al''l-asked\r"
    ));
    read_until(asking.viewer(), "all-asked");
    bench.check_peaks();
    asking.run("true");
}

#[test]
fn a_storm_of_sizes_ends_with_the_last_and_delays_no_other_echo() {
    let bench = Bench::new();
    let (stormy, mut owner) = bench.terminal();
    let mut another = bench.attach(&stormy);
    let (_, mut other) = bench.terminal();
    bench.reset_peaks();
    let folder = tempfile::tempdir().unwrap();
    let stop = folder.path().join("stop");
    // Something that is drawn anew for every size.
    owner.input(&format!(
        "bash -c \"trap 'stty size; seq 1 50' WINCH; until [ -e {} ]; do sleep 0.01; done; \
         echo st''orm-is-over\"\r",
        stop.display()
    ));
    let echoes = AtomicU32::new(0);
    let (storming, is_over) = beside(move || {
        for step in 0..SIZES {
            owner.resize(40 + step % 100, 10 + step % 37);
            // Whose size does not count, since it never typed.
            another.resize(200, 50);
        }
        owner.resize(77, 33);
        fs::write(stop, "").unwrap();
        owner.expect_text("storm-is-over");
        let size = owner.run("stty size");
        assert!(size.trim().ends_with("33 77"), "{size:?}");
    });
    echo_until(&mut other, &is_over, &echoes);
    storming.join().unwrap();
    assert!(echoes.into_inner() >= ECHOES, "too few echoes came beside the storm");
    bench.check_peaks();
}

#[test]
fn fifty_terminals_at_once_each_have_their_own_echo() {
    let bench = Bench::new();
    let mut terminals: Vec<_> = (0..TERMINALS).map(|_| bench.terminal().1).collect();
    bench.reset_peaks();
    // All are typed into before any is looked at.
    for round in 0..3 {
        for (number, terminal) in terminals.iter_mut().enumerate() {
            terminal.input(&format!("echo of-$(({number} + {round} * 1000))-only; seq 1 200\r"));
        }
        for (number, terminal) in terminals.iter_mut().enumerate() {
            terminal.expect_text(&format!("of-{}-only\r\n", number + round * 1000));
            for (foreign, other) in [(number + 1, round), (number, round + 1)] {
                let foreign = format!("of-{}-only\r\n", foreign + other * 1000);
                assert!(!terminal.text.contains(&foreign), "{foreign:?} at {number}");
            }
        }
    }
    // All are alive, and each is one shell of its own.
    let mut shells: Vec<_> =
        terminals.iter_mut().map(|it| it.run("echo $$").trim().to_owned()).collect();
    shells.sort();
    shells.dedup();
    assert_eq!(shells.len(), TERMINALS);
    bench.check_peaks();
}
