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
    for number in 1..=3000 {
        assert_eq!(text.matches(&line(number)).count(), 1, "{number}");
    }
    terminal.press("\u{1d}");
    assert_eq!(terminal.exit_code(), Some(0));
}
