//! Terminals on both sides of networks that fail for seconds and for minutes: every line once, the right screen.

use std::{
    fs,
    path::PathBuf,
    process::{Child, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use pilothouse_agent::terminal::{self, SCROLLBACK_LINES};
use pilothouse_testkit::{
    program::{Agent, Server},
    proxy::{Cut, Proxy},
    terminal::{Terminal, rest, shell},
    viewer::{Received, Upgrade, Viewer},
};
use serde_json::{Value, json};

/// Longer than the longest silence, and than all the time it takes to come back after it.
const SILENCE: Duration = Duration::from_secs(200);
/// How long a program that was never cut off may take for a few lines.
const GOES_ON_WITHIN: Duration = Duration::from_secs(20);
/// How long it takes to come back: clients wait up to 39 s between two attempts.
const COMES_BACK_WITHIN: Duration = Duration::from_secs(75);

/// Which way is cut, how, and for how long.
#[derive(Debug, Clone, Copy)]
struct Trouble {
    side: Side,
    is_silent: bool,
    seconds: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Agent,
    Viewer,
}

/// A terminal whose viewers or whose agent are behind a network that fails.
struct Patient {
    trouble: Trouble,
    proxy: Proxy,
    /// Where its program looks whether it is to end, and says how far it is.
    folder: tempfile::TempDir,
    /// The program that people attach with; it comes back and resumes by itself.
    attached: Child,
    told: PathBuf,
    /// Somebody who knows nothing of offsets, and is told when it is worth coming back.
    seed: thread::JoinHandle<terminal::Terminal>,
    healed: mpsc::Sender<()>,
    path: String,
    printed_before: u64,
    is_sick: bool,
}

/// What the terminal's program does: numbered lines, and a word for every signal that reaches it.
const SCRIPT: &str = "trap 'echo noticed' HUP INT QUIT TERM CONT TSTP WINCH USR1\n\
     i=0; while [ ! -e stop ]; do i=$((i+1)); echo line-$i-; echo $i > count.new; mv count.new count; sleep 0.05; done\n\
     echo last-$i-; exit 7\n";

/// Runs all of them at once, since they mostly wait.
pub(crate) fn cost_no_line_and_no_screen() {
    let server = Server::start(&[]);
    let healthy = server.agent("healthy");
    let mut agents = vec![healthy];
    let mut patients: Vec<_> =
        troubles().map(|it| Patient::new(&server, it, &mut agents)).collect();
    for patient in &mut patients {
        patient.fall_ill();
    }
    let begun = Instant::now();
    while patients.iter().any(|patient| patient.is_sick) {
        thread::sleep(Duration::from_millis(100));
        for patient in patients.iter_mut().filter(|patient| patient.is_sick) {
            if begun.elapsed() >= Duration::from_secs(patient.trouble.seconds) {
                patient.recover();
            }
        }
    }
    for patient in &patients {
        fs::write(patient.folder.path().join("stop"), "").unwrap();
    }
    for patient in patients {
        patient.check(&server);
    }
}

fn troubles() -> impl Iterator<Item = Trouble> {
    let each = |side, is_silent| {
        [1, 30, 90].into_iter().map(move |seconds| Trouble { side, is_silent, seconds })
    };
    let of = move |side| each(side, true).chain(each(side, false));
    of(Side::Agent).chain(of(Side::Viewer))
}

impl Patient {
    fn new(server: &Server, trouble: Trouble, agents: &mut Vec<Agent>) -> Self {
        let proxy = Proxy::before(server.address());
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("print.sh"), SCRIPT).unwrap();
        let (agent, viewers) = match trouble.side {
            Side::Agent => {
                let id = format!("cut-{}-{}", trouble.is_silent, trouble.seconds);
                agents.push(server.agent_at(&id, proxy.address()));
                server.wait_until_online(&id);
                (id, server.address())
            }
            Side::Viewer => ("healthy".to_owned(), proxy.address()),
        };
        let location = folder.path().display().to_string();
        let body = json!({ "type": "quick", "locationPath": location, "agentId": agent });
        let (status, made) = rest(server, "POST", "/api/sessions", Some(&body));
        assert_eq!(status, 201, "{made}");
        let session = made["session"]["id"].as_str().unwrap();
        let worker = shell(server, session);
        let path = format!("/ws/session/{session}/worker/{worker}");

        let told = folder.path().join("told");
        let name = format!("{session}/{worker}");
        let attached = server
            .command(viewers, &["attach", &name, "--read-only"])
            .stdout(fs::File::create(&told).unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (healed, heals) = mpsc::channel();
        let (address, token, target) = (viewers, server.operator(), path.clone());
        let seed =
            thread::spawn(move || watch_as_seed(&mut || attach(address, &token, &target), &heals));
        let mut typist = Terminal::attach(server, session, &worker, "");
        typist.input("exec sh print.sh\r");
        typist.expect_text("line-3-");
        let patient = Self {
            trouble,
            proxy,
            folder,
            attached,
            told,
            seed,
            healed,
            path,
            printed_before: 0,
            is_sick: false,
        };
        patient.wait_for("its viewer sees it", || patient.output().contains("line-3-"));
        patient
    }

    fn output(&self) -> String {
        String::from_utf8(fs::read(&self.told).unwrap()).unwrap()
    }

    /// How many lines the program has printed, as it says beside its terminal.
    fn printed(&self) -> u64 {
        let count = fs::read_to_string(self.folder.path().join("count"));
        count.ok().and_then(|count| count.trim().parse().ok()).unwrap_or_default()
    }

    fn wait_for(&self, what: &str, is_so: impl Fn() -> bool) {
        let deadline = Instant::now() + GOES_ON_WITHIN;
        while !is_so() {
            assert!(Instant::now() < deadline, "not so: {what}: {:?}", self.trouble);
            // Nobody tells when it changes.
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn fall_ill(&mut self) {
        self.printed_before = self.printed();
        self.is_sick = true;
        if self.trouble.is_silent {
            self.proxy.silence(true);
        } else {
            self.proxy.refuse(true);
            self.proxy.cut_with(Cut::Reset);
        }
    }

    /// Heals the network, once the program has shown that it goes on without one.
    fn recover(&mut self) {
        self.wait_for("the program goes on", || self.printed() > self.printed_before + 5);
        self.proxy.silence(false);
        self.proxy.refuse(false);
        let _ = self.healed.send(());
        self.is_sick = false;
    }

    fn check(mut self, server: &Server) {
        let deadline = Instant::now() + COMES_BACK_WITHIN;
        let status = loop {
            if let Some(status) = self.attached.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "it does not end: {:?}", self.trouble);
            thread::sleep(Duration::from_millis(50));
        };
        assert_eq!(status.code(), Some(7), "{:?}", self.trouble);
        let (output, count) = (self.output(), self.printed());
        let expected: String = (1..=count).map(|line| format!("line-{line}-\r\n")).collect();
        let expected = format!("{expected}last-{count}-\r\n");
        let lines = &output[output.find("line-1-").unwrap()..];
        assert!(lines == expected, "{:?}: {}", self.trouble, first_difference(lines, &expected));

        let mut screen = empty_screen();
        screen.feed(output.as_bytes());
        let seed = self.seed.join().unwrap();
        assert_same(self.trouble, "who was there all the time", &seed, &screen);
        // Also with somebody who comes when all is over.
        let mut late = || attach(server.address(), &server.operator(), &self.path);
        let late = watch_as_seed(&mut late, &mpsc::channel().1);
        assert_same(self.trouble, "who comes late", &late, &screen);
    }
}

fn empty_screen() -> terminal::Terminal {
    terminal::Terminal::new(terminal::Size { columns: 120, rows: 30 }, SCROLLBACK_LINES)
}

fn attach(address: std::net::SocketAddr, token: &str, path: &str) -> Viewer {
    let upgrade = Upgrade::to(path).with("Authorization", &format!("Bearer {token}"));
    let viewer = upgrade.send(address).expect("the token is good");
    viewer.stream().set_read_timeout(Some(SILENCE)).unwrap();
    viewer
}

/// What a client of the seed protocol has on its screen when the worker has ended. It comes back when it is told to.
fn watch_as_seed(
    attach: &mut dyn FnMut() -> Viewer,
    heals: &mpsc::Receiver<()>,
) -> terminal::Terminal {
    let mut screen = empty_screen();
    let mut viewer = attach();
    loop {
        let text = match viewer.receive_within(SILENCE) {
            Received::Text(text) => text,
            Received::Closed(..) | Received::Ended => {
                heals.recv_timeout(SILENCE).expect("the network heals");
                viewer = attach();
                continue;
            }
        };
        let message: Value = serde_json::from_str(&text).unwrap();
        match message["type"].as_str() {
            Some("history" | "output") => screen.feed(message["data"].as_str().unwrap().as_bytes()),
            Some("exit") => {
                assert_eq!(message["exitCode"], 7);
                return screen;
            }
            _ => {}
        }
    }
}

fn assert_same(trouble: Trouble, who: &str, seen: &terminal::Terminal, all: &terminal::Terminal) {
    assert_eq!(seen.screen_lines(), all.screen_lines(), "{trouble:?}: {who}");
    let (seen, all) = (seen.snapshot(), all.snapshot());
    let (seen, all) = (String::from_utf8_lossy(&seen), String::from_utf8_lossy(&all));
    assert!(seen == all, "{trouble:?}: {who}: {}", first_difference(&seen, &all));
}

fn first_difference(one: &str, other: &str) -> String {
    let same = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    let around = |text: &str| {
        let from = text.floor_char_boundary(same.saturating_sub(40));
        text[from..text.floor_char_boundary(same + 60)].to_owned()
    };
    format!("{:?} and not {:?}", around(one), around(other))
}
