//! `pilothouse attach` with a real server, a real agent and a real shell: typed into, resized, left, found again;
//! and every line once, however often the server is killed.

use pilothouse_testkit::{
    persons_terminal::PersonsTerminal,
    program::{Agent, Server},
};
use serde_json::Value;

/// A server and an agent with a shell in a session.
struct Machine {
    server: Server,
    _agent: Agent,
    worker: String,
}

impl Machine {
    fn start() -> Self {
        let server = Server::start(&[]);
        let agent = server.agent("agent-1");
        server.wait_until_online("agent-1");
        let run = |arguments: &[&str]| {
            let output = server.command(server.address(), arguments).output().unwrap();
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        let session = run(&["sessions", "new", "/tmp", "--terminal"]);
        let workers: Value = serde_json::from_str(&run(&["workers", &session, "--json"])).unwrap();
        let worker = format!("{session}/{}", workers[0]["id"].as_str().unwrap());
        Self { server, _agent: agent, worker }
    }

    fn attach(&self, columns: u16, rows: u16) -> PersonsTerminal {
        let command = self.server.command(self.server.address(), &["attach", &self.worker]);
        PersonsTerminal::run(&command, columns, rows)
    }
}

#[test]
fn a_shell_is_typed_into_resized_left_found_again_and_ended() {
    let machine = Machine::start();
    let mut terminal = machine.attach(90, 30);
    terminal.wait_for("raw mode", |_| !terminal.is_cooked());
    terminal.press("PS1='ready: '; echo $((6 * 7)) sums\r");
    terminal.wait_for_text("42 sums");
    terminal.press("stty size | tr ' ' x\r");
    terminal.wait_for_text("30x90");
    terminal.resize(101, 41);
    // The agent is told a moment later; a person asks again.
    terminal.press(
        "until [ \"$(stty size)\" = '41 101' ]; do sleep 0.05; done; echo now $((40 + 1))\r",
    );
    terminal.wait_for_text("now 41");
    terminal.press("\u{1d}");
    assert_eq!(terminal.exit_code(), Some(0));
    assert!(terminal.is_cooked());

    let mut again = machine.attach(90, 30);
    again.wait_for_text("now 41");
    again.press("exit 7\r");
    assert_eq!(again.exit_code(), Some(7));
    again.wait_for_text("exit code 7");
}

#[test]
fn who_names_a_worker_that_is_not_there_is_told_what_is() {
    let machine = Machine::start();
    let (session, worker) = machine.worker.split_once('/').unwrap();
    for named in [format!("{session}/nobody"), "nowhere/nobody".to_owned()] {
        let command = machine.server.command(machine.server.address(), &["attach", &named]);
        let mut terminal = PersonsTerminal::run(&command, 200, 30);
        assert_eq!(terminal.exit_code(), Some(69), "{named}");
        let text = terminal.wait_for_text("there is");
        assert!(text.contains("is not known") && text.contains(worker), "{text:?}");
        assert!(terminal.is_cooked());
    }
}

#[test]
fn a_terminal_is_its_owners_again_whatever_the_program_made_of_it() {
    let machine = Machine::start();
    let mut terminal = machine.attach(90, 30);
    terminal.wait_for("raw mode", |_| !terminal.is_cooked());
    let title = format!("\u{1b}[22;0t\u{1b}]2;{} (Ctrl-] leaves)\u{7}", machine.worker);
    terminal.press("printf '\\033[?1049h\\033[?1002;1006h\\033[?2004h\\033[?25l\\033]0;mine\\007\\033[5 q'; echo a''ll\r");
    let text = terminal.wait_for_text("all\r\n");
    assert!(text.contains(&title), "the key that leaves is where no program draws: {text:?}");
    terminal.press("\u{1d}");
    assert_eq!(terminal.exit_code(), Some(0));
    let text = terminal.wait_for_text("detached; the worker goes on");
    let (_, farewell) = text.rsplit_once("all\r\n").unwrap();
    for undone in ["[?1049l", "[?1002l", "[?1006l", "[?2004l", "[?25h", "[23;0t", "[0 q"] {
        assert!(farewell.contains(&format!("\u{1b}{undone}")), "{undone}: {farewell:?}");
    }
    assert!(terminal.is_cooked());
}

#[test]
fn a_server_that_is_killed_costs_no_numbered_line_and_repeats_none() {
    let mut machine = Machine::start();
    let mut terminal = machine.attach(90, 30);
    terminal.wait_for("raw mode", |_| !terminal.is_cooked());
    let line = |number: u32| format!("<{number:05}>\r\n");
    // What is typed is shown too, and must not look like what is printed.
    let talk = "for i in $(seq 1 3000); do printf '<%05d>\\n' $i; [ $((i % 100)) = 0 ] && sleep 0.1; done; echo e''nd\r";
    terminal.press(talk);
    for number in [300, 900, 1500] {
        terminal.wait_for_text(&line(number));
        machine.server.kill_and_restart();
    }
    let text = terminal.wait_for_text("end\r\n");
    assert!(text.contains("trying again") && text.contains("connected again"));
    for number in 1..=3000 {
        assert_eq!(text.matches(&line(number)).count(), 1, "{number}");
    }
    terminal.press("\u{1d}");
    assert_eq!(terminal.exit_code(), Some(0));
}
