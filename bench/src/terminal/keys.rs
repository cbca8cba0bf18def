//! Keys: one is typed, and its echo waited for, again and again.

use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, ensure};

use super::{
    clocks::Clocks,
    dialect::Dialect,
    flood::{command, process_in},
    place::Place,
    servers::Server,
    text::BEGIN,
    viewers::Viewers,
};
use crate::{generator::Connection, machine::hurry, output::note};

/// So many keys come first and do not count.
const WARM_UP: usize = 50;

/// The shortest pause before a key; others are up to half as long again, so that no rhythm is met.
const PAUSE: Duration = Duration::from_millis(1);

/// One repetition of one cell with one server, in milliseconds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sample {
    pub(super) median: f64,
    pub(super) slowest_hundredth: f64,
    /// What others used of both cores, as a share of one.
    pub(super) foreign: f64,
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p50 {:.3} ms, p99 {:.3} ms", self.median, self.slowest_hundredth)?;
        write!(f, ", others {:.0} %", self.foreign * 100.0)
    }
}

/// Measures so many keys, beside a flood in another terminal if asked.
pub(super) fn measure(server: &mut Server, keys: usize, beside_a_flood: bool) -> Result<Sample> {
    let folder = tempfile::tempdir()?;
    let (flood_file, echo_file) = (folder.path().join("flood"), folder.path().join("echo"));
    let keyboard_place = server.terminal("keys")?;
    let mut keyboard = Keyboard::start(&keyboard_place, &command("echo", &echo_file, "")?)?;
    let mut programs = vec![process_in(&echo_file)?];
    if !beside_a_flood {
        return type_all(server, &mut keyboard, &programs, keys);
    }
    let place = server.terminal("flood")?;
    let mut viewers = Viewers::open(&place, 1)?;
    viewers.start(&place, &command("flood", &flood_file, "")?)?;
    programs.push(process_in(&flood_file)?);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| -> Result<u64> {
            viewers.type_in(&place, "g")?;
            while !is_over.load(Ordering::Relaxed) {
                viewers.pump(Duration::from_millis(10))?;
            }
            Ok(viewers.counts().iter().map(|counts| counts.text).sum())
        });
        let (began, sample) = (Instant::now(), type_all(server, &mut keyboard, &programs, keys));
        is_over.store(true, Ordering::Relaxed);
        let bytes = watcher.join().map_err(|_| anyhow!("the flood's viewer panicked"))??;
        let rate = u128::from(bytes) / began.elapsed().as_micros().max(1);
        note(&format!("   beside {rate} MB/s to one viewer"));
        ensure!(rate > 0, "nothing flooded beside the keys");
        sample
    })
}

/// Types in a thread of its own: what goes before others there must not be inherited by servers.
fn type_all(
    server: &Server,
    keyboard: &mut Keyboard,
    programs: &[u32],
    keys: usize,
) -> Result<Sample> {
    std::thread::scope(|scope| {
        let typist = scope.spawn(|| type_hurriedly(server, keyboard, programs, keys));
        typist.join().map_err(|_| anyhow!("who types panicked"))?
    })
}

fn type_hurriedly(
    server: &Server,
    keyboard: &mut Keyboard,
    programs: &[u32],
    keys: usize,
) -> Result<Sample> {
    if !hurry(u32::try_from(nix::unistd::gettid().as_raw())?) {
        note(
            "   keys are typed without real-time priority, which only root gets: times are longer",
        );
    }
    let clocks = Clocks::read(server, programs)?;
    let mut times = Vec::with_capacity(keys);
    for number in 0..WARM_UP + keys {
        let part = u32::try_from(number * 137 % 500)?;
        sleep(PAUSE + PAUSE * part / 1000);
        let key = char::from(b'a' + u8::try_from(number % 26)?);
        let time = keyboard.echo_of(key).with_context(|| format!("key {number}"))?;
        if number >= WARM_UP {
            times.push(time.as_secs_f64() * 1000.0);
        }
    }
    let used = Clocks::read(server, programs)?.since(&clocks);
    times.sort_by(f64::total_cmp);
    let at = |percent: usize| times.get(times.len() * percent / 100).copied().unwrap_or(0.0);
    Ok(Sample { median: at(50), slowest_hundredth: at(99), foreign: used.foreign })
}

/// Somebody who types into one terminal and watches it.
struct Keyboard {
    connection: Connection,
    dialect: Dialect,
}

impl Keyboard {
    /// Opens a terminal and starts a program in it instead of the shell.
    fn start(place: &Place, command: &str) -> Result<Self> {
        let mut keyboard = Self { connection: place.open()?, dialect: place.dialect };
        keyboard.connection.send(&place.dialect.input(&format!("exec {command}\r")))?;
        let mut seen = Vec::new();
        while !seen.windows(BEGIN.len()).any(|part| part == BEGIN.as_bytes()) {
            seen.extend(keyboard.next()?);
        }
        Ok(keyboard)
    }

    /// How long it takes from a key to its echo.
    fn echo_of(&mut self, key: char) -> Result<Duration> {
        let mut letter = [0; 4];
        let letter = key.encode_utf8(&mut letter);
        let message = self.dialect.input(letter);
        let typed = Instant::now();
        self.connection.send(&message)?;
        while self.next_text()?.last() != letter.as_bytes().last() {}
        Ok(typed.elapsed())
    }

    /// What the terminal printed next.
    fn next_text(&mut self) -> Result<Vec<u8>> {
        loop {
            let message = self.next()?;
            if let Some(text) = self.dialect.text(&message) {
                return Ok(text.to_vec());
            }
        }
    }

    /// What comes next, whatever it is.
    fn next(&mut self) -> Result<Vec<u8>> {
        if self.dialect == Dialect::Bare {
            return self.connection.bytes();
        }
        self.connection.message()
    }
}
