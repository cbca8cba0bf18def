//! Programs that query their terminal, in front of viewers that answer as browsers do: one answer, whoever watches.

use std::{
    fs,
    time::{Duration, Instant},
};

use pilothouse_testkit::{
    browser::Browser,
    program::{Agent, PATIENCE, Server},
    proxy::{Cut, Proxy},
    terminal::{Terminal, session, shell},
};

/// How each answer to the questions of `asks_its_terminal.mjs` begins, in their order.
const ANSWERS: [&str; 8] = [
    "\x1b[?62;",
    "\x1b[>0;",
    "\x1b[1;1R",
    "\x1b]11;rgb:",
    "\x1bP>|",
    "\x1b[?0u",
    "\x1b[?2026;",
    "\x1bP1$r",
];

/// How long the agent takes what looks like an answer for a viewer's.
const WINDOW: Duration = Duration::from_millis(2_200);

/// A server, its agent behind a proxy, and a shell with nobody in front of it.
struct Bench {
    server: Server,
    proxy: Proxy,
    _agent: Agent,
    folder: tempfile::TempDir,
    session: String,
    worker: String,
}

impl Bench {
    fn start() -> Self {
        let server = Server::start(&[]);
        let proxy = Proxy::before(server.address());
        let folder = tempfile::tempdir().unwrap();
        // A shell of which everything is known.
        let home = folder.path().display().to_string();
        let variables = [("HOME", home.as_str()), ("SHELL", "/bin/sh"), ("PS1", "$ ")];
        let agent = server.agent_with("box", proxy.address(), &variables);
        server.wait_until_online("box");
        let session = session(&server, &home);
        let worker = shell(&server, &session);
        Self { server, proxy, _agent: agent, folder, session, worker }
    }

    fn open(&self) -> Browser {
        Browser::open(&self.server, &self.session, &self.worker, false)
    }

    /// Types. Whoever leaves before that has an effect may take it along.
    fn type_in(&self, text: &str) -> Terminal {
        let mut person = Terminal::attach(&self.server, &self.session, &self.worker, "");
        person.input(text);
        person
    }

    /// Starts the program that asks once it may.
    fn start_asking(&self) {
        for file in ["go", "read", "over"] {
            let _ = fs::remove_file(self.folder.path().join(file));
        }
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/node/asks_its_terminal.mjs");
        let folder = self.folder.path().display();
        let _person =
            self.type_in(&format!("clear; node {program} {folder}; touch {folder}/over\r"));
        self.read_until(|read| read == Some(""));
    }

    /// Lets it ask, and waits for the last answer.
    fn ask(&self) {
        fs::write(self.folder.path().join("go"), "").unwrap();
        let last = *ANSWERS.last().unwrap();
        let is_last = |read: &str| read.contains(last) && read.ends_with("\x1b\\");
        self.read_until(|read| read.is_some_and(is_last));
    }

    /// What the program has read, as soon as that holds for it.
    fn read_until(&self, wanted: impl Fn(Option<&str>) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let read = fs::read(self.folder.path().join("read")).ok();
            let read: Option<String> = read.and_then(|read| serde_json::from_slice(&read).ok());
            if wanted(read.as_deref()) {
                return read.unwrap_or_default();
            }
            assert!(Instant::now() < deadline, "it has read {read:?}");
            // Nobody tells when it changes.
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends the program; it has read one answer to each question, and what was typed.
    fn expect_one_answer_each(&self, viewers: &mut [Browser], case: &str) {
        // What a viewer types comes behind everything that its terminal has sent before.
        for viewer in &mut *viewers {
            viewer.input("~");
        }
        let is_typed = |read: &str| read.matches('~').count() == viewers.len();
        self.read_until(|read| read.is_some_and(is_typed));
        let _person = self.type_in("!");
        let read = self.read_until(|read| read.is_some_and(|read| read.ends_with('!')));
        // Until then the terminal is not the shell's.
        let deadline = Instant::now() + PATIENCE;
        while !self.folder.path().join("over").exists() {
            assert!(Instant::now() < deadline, "{case}: it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
        let answers = read.trim_end_matches(['~', '!']);
        let mut place = 0;
        for answer in ANSWERS {
            let found = answers[place..].find(answer);
            assert!(found == Some(0) || place > 0 && found.is_some(), "{case}: {read:?}");
            place += found.unwrap() + answer.len();
        }
        // Three of them have a second one at their end.
        assert_eq!(answers.matches('\x1b').count(), ANSWERS.len() + 3, "{case}: {read:?}");
        let typed = answers.len() + viewers.len() + 1;
        assert_eq!(read.len(), typed, "{case}: {read:?}");
    }
}

/// The last answer that a viewer's terminal gives.
fn is_last_answer(text: &str) -> bool {
    text.starts_with("\x1bP1$r")
}

#[test]
fn each_question_has_one_answer_however_many_watch() {
    let bench = Bench::start();
    for count in [0, 1, 3] {
        bench.start_asking();
        let mut viewers: Vec<_> = (0..count).map(|_| bench.open()).collect();
        for viewer in &mut viewers {
            viewer.expect_history();
        }
        bench.ask();
        for viewer in &mut viewers {
            viewer.expect_sent(is_last_answer);
        }
        bench.expect_one_answer_each(&mut viewers, &format!("{count} viewers"));
    }
}

#[test]
fn what_is_told_of_the_past_answers_nothing() {
    let mut bench = Bench::start();
    for (case, later, restarts) in [
        ("at once", Duration::ZERO, false),
        ("later", WINDOW, false),
        ("after a restart of the server", WINDOW, true),
    ] {
        bench.start_asking();
        bench.ask();
        // Nothing tells that the answers are long ago but the time.
        std::thread::sleep(later);
        if restarts {
            bench.server.kill_and_restart();
        }
        let mut viewers = [bench.open(), bench.open()];
        for viewer in &mut viewers {
            viewer.expect_history();
        }
        bench.server.wait_until_online("box");
        bench.expect_one_answer_each(&mut viewers, case);
    }
}

#[test]
fn viewers_that_learn_of_a_question_when_the_agent_is_back_do_not_answer_it() {
    let bench = Bench::start();
    for watches in [true, false] {
        bench.start_asking();
        let mut viewers = Vec::new();
        if watches {
            viewers.push(bench.open());
            viewers[0].expect_history();
        }
        bench.proxy.refuse(true);
        bench.proxy.cut_with(Cut::Reset);
        bench.ask();
        viewers.push(bench.open());
        viewers[usize::from(watches)].expect_history();
        // Nothing tells that the answers are long ago but the time.
        std::thread::sleep(WINDOW);
        bench.proxy.refuse(false);
        bench.server.wait_until_online("box");
        for viewer in &mut viewers {
            viewer.expect_sent(is_last_answer);
        }
        bench.expect_one_answer_each(&mut viewers, &format!("watched: {watches}"));
    }
}

#[test]
fn fish_and_vim_in_front_of_three_viewers_read_what_was_typed_and_nothing_else() {
    let bench = Bench::start();
    let mut viewers = [bench.open(), bench.open(), bench.open()];
    viewers[0].input("PS1='ready> '; clear\r");
    let ends_with = |end: &'static str| {
        move |lines: &[String]| {
            lines.iter().rev().find(|line| !line.is_empty()).is_some_and(|line| line == end)
        }
    };
    viewers[0].expect_screen(ends_with("ready>"));
    viewers[0].input("vim -N -u NONE -i NONE typed\r");
    for viewer in &mut viewers {
        viewer.expect_screen(|lines| lines[10] == "~" && lines[29].contains("\"typed\""));
    }
    viewers[1].input("ihello");
    for viewer in &mut viewers {
        viewer.expect_screen(|lines| lines[0] == "hello");
    }
    viewers[1].input("\x1b");
    viewers[1].expect_screen(|lines| !lines[29].contains("INSERT"));
    viewers[1].input(":wq\r");
    viewers[1].expect_screen(ends_with("ready>"));
    assert_eq!(fs::read_to_string(bench.folder.path().join("typed")).unwrap(), "hello\n");
    viewers[2].input("clear; fish --no-config --private\r");
    for viewer in &mut viewers {
        // The prompt of root is another one.
        viewer.expect_screen(|lines| lines[0] != "ready>" && lines[0].ends_with(['>', '#']));
    }
    viewers[0].input("function fish_prompt; echo -n 'fish> '; end; clear\r");
    viewers[0].expect_screen(ends_with("fish>"));
    viewers[2].input("echo one two\r");
    for viewer in &mut viewers {
        let lines = viewer.expect_screen(|lines| lines[2] == "fish>");
        assert_eq!(lines[..3], ["fish> echo one two", "one two", "fish>"]);
        assert!(lines[3..].iter().all(String::is_empty), "{}", lines.join("\n"));
    }
}

#[test]
fn a_program_is_told_of_the_focus_of_whoever_typed_last_and_not_of_those_who_attach() {
    let bench = Bench::start();
    let mut ann = Browser::open(&bench.server, &bench.session, &bench.worker, true);
    let mut bob = bench.open();
    let expect_read = |wanted: &str| {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let read = fs::read_to_string(bench.folder.path().join("got")).unwrap_or_default();
            if read.len() >= wanted.len() || Instant::now() > deadline {
                break assert_eq!(read, wanted);
            }
            // Nobody tells when it changes.
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    ann.input("stty raw -echo; printf '\\033[?1004h'; cat -v > got\r");
    ann.expect_sent(|text| text == "\x1b[I");
    bob.expect_sent(|text| text == "\x1b[O");
    let mut cyn = bench.open();
    // A history sets the mode, and her xterm.js says that her window has no focus.
    cyn.expect_sent(|text| text == "\x1b[O");
    bob.focus(true);
    bob.focus(false);
    // What somebody types comes behind everything that they have sent before.
    for (viewer, text, read) in
        [(&mut ann, "1", "^[[I1"), (&mut bob, "2", "^[[I12"), (&mut cyn, "3", "^[[I123")]
    {
        viewer.input(text);
        expect_read(read);
    }
    cyn.focus(true);
    cyn.focus(false);
    expect_read("^[[I123^[[O");
    ann.input("4");
    expect_read("^[[I123^[[O^[[I4");
}
