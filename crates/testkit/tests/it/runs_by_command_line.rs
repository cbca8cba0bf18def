//! `pilothouse run`, `runs` and `replay` as people and scripts use them, with an agent that says how far it is.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdout, Command, Stdio},
    thread::JoinHandle,
};

use base64::Engine as _;
use pilothouse_testkit::{
    fake_agent::{FakeAgent, Manner},
    persons_terminal::PersonsTerminal,
    program::{Server, signal},
};
use serde_json::{Value, json};

const JPEG: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 4, 0, 0xff];

fn agent(server: &Server, held: &[&str]) -> FakeAgent {
    let runs = held.iter().map(|&run| run.to_owned()).collect();
    FakeAgent::link(server, "a-1", Manner { runs: Some(runs), ..Manner::default() })
}

/// Takes the next run that is sent to the agent, and begins it.
fn begin(agent: &FakeAgent) -> String {
    let run = agent.expect("startRun")["run"].as_str().unwrap().to_owned();
    agent.say(&json!({"type": "runBegan", "run": run}));
    run
}

/// Has the agent take a step, and waits until it is stored.
fn step(agent: &FakeAgent, run: &str, number: u32) {
    let screenshot = base64::engine::general_purpose::STANDARD.encode(JPEG);
    let action = json!({"type": "click", "selector": "#buy", "role": "button", "name": "Buy"});
    agent.say(&json!({"type": "runStep", "run": run, "number": number, "action": action,
                      "explanation": format!("reason {number}"), "screenshot": screenshot}));
    assert_eq!(agent.expect("runStored")["steps"], number);
}

fn end(agent: &FakeAgent, run: &str, outcome: &str) {
    let mut ended = json!({"type": "runEnded", "run": run, "outcome": outcome});
    match outcome {
        "completed" => {
            ended["answer"] = "They cost 42.".into();
            ended["commands"] = json!([{"type": "click", "selector": "#buy"}]);
        }
        "failed" => ended["error"] = "sold out".into(),
        _ => {}
    }
    agent.say(&ended);
}

/// A `pilothouse` that is watched.
struct Watcher {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: JoinHandle<String>,
}

impl Watcher {
    fn start(server: &Server, arguments: &[&str]) -> Self {
        Self::of(server.command(server.address(), arguments))
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut stderr = child.stderr.take().unwrap();
        let stderr = std::thread::spawn(move || {
            let mut text = String::new();
            let _ = stderr.read_to_string(&mut text);
            text
        });
        Self { child, stdout, stderr }
    }

    /// The next line of JSON of that type; others are skipped.
    fn line(&mut self, kind: &str) -> Value {
        loop {
            let mut line = String::new();
            assert!(self.stdout.read_line(&mut line).unwrap() > 0, "it ended before {kind}");
            let line: Value = serde_json::from_str(&line).unwrap();
            if line["type"] == kind {
                return line;
            }
        }
    }

    /// What is left of stdout, all of stderr, and the exit code.
    fn end(mut self) -> (String, String, Option<i32>) {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        let code = self.child.wait().unwrap().code();
        (rest, self.stderr.join().unwrap(), code)
    }
}

/// What a command prints that ends by itself and well.
fn prints(server: &Server, arguments: &[&str]) -> String {
    let (printed, complaint, code) = Watcher::start(server, arguments).end();
    assert_eq!(code, Some(0), "{arguments:?}: {complaint}");
    printed
}

#[test]
fn a_run_is_told_step_by_step_kept_in_a_folder_and_its_answer_is_all_of_stdout() {
    let server = Server::start(&[]);
    let agent = agent(&server, &[]);
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("kept").display().to_string();
    let limits = ["--max-steps", "7", "--timeout", "10m"];
    let arguments =
        [&["run", "buy shoes", "--agent", "a-1", "--out", &folder][..], &limits].concat();
    let watcher = Watcher::start(&server, &arguments);
    let start = agent.expect("startRun");
    assert_eq!((&start["task"], start.get("approval")), (&json!("buy shoes"), None));
    assert_eq!((&start["steps"], &start["timeout"]), (&json!(7), &json!(600_000)));
    let run = start["run"].as_str().unwrap().to_owned();
    agent.say(&json!({"type": "runBegan", "run": run}));
    step(&agent, &run, 1);
    step(&agent, &run, 2);
    end(&agent, &run, "completed");
    let (stdout, stderr, code) = watcher.end();
    assert_eq!((stdout.as_str(), code), ("They cost 42.\n", Some(0)), "{stderr}");
    for line in
        ["   1  click button \"Buy\"  (reason 1)\n", "   2  click", "completed after 2 steps"]
    {
        assert_eq!(stderr.matches(line).count(), 1, "{line}: {stderr}");
    }
    let read = |name: &str| fs::read(place.path().join("kept").join(name)).unwrap();
    assert_eq!((read("step-001.jpg"), read("step-002.jpg")), (JPEG.to_vec(), JPEG.to_vec()));
    let kept: Value = serde_json::from_slice(&read("run.json")).unwrap();
    assert_eq!((&kept["run"]["id"], &kept["steps"][1]["number"]), (&json!(run), &json!(2)));
    let commands: Value = serde_json::from_slice(&read("commands.json")).unwrap();
    assert_eq!(commands, json!([{"type": "click", "selector": "#buy"}]));
    // It is there to be read, and to be watched once more.
    assert!(prints(&server, &["runs"]).contains(&format!("{run}  completed  a-1")));
    let shown = prints(&server, &["runs", "show", &run]);
    assert!(
        shown.contains("   2  click button \"Buy\"") && shown.contains("They cost 42."),
        "{shown}"
    );
    assert_eq!(prints(&server, &["runs", "watch", &run, "--quiet"]), "They cost 42.\n");
}

#[test]
fn a_run_goes_on_with_the_next_step_when_the_server_is_killed_and_comes_back() {
    let mut server = Server::start(&[]);
    let first = agent(&server, &[]);
    let mut watcher = Watcher::start(&server, &["run", "buy shoes", "--json"]);
    let run = begin(&first);
    assert_eq!(watcher.line("run")["run"]["id"], json!(run));
    step(&first, &run, 1);
    step(&first, &run, 2);
    let numbers = [watcher.line("step")["number"].clone(), watcher.line("step")["number"].clone()];
    assert_eq!(numbers, [json!(1), json!(2)]);
    server.kill_and_restart();
    let second = agent(&server, &[&run]);
    step(&second, &run, 3);
    watcher.line("reconnecting");
    watcher.line("connected");
    let told = watcher.line("step");
    assert_eq!((&told["number"], &told["action"]["name"]), (&json!(3), &json!("Buy")));
    end(&second, &run, "completed");
    let over = watcher.line("end");
    assert_eq!(
        (&over["run"]["status"], &over["run"]["stepCount"]),
        (&json!("COMPLETED"), &json!(3))
    );
    let (rest, stderr, code) = watcher.end();
    assert_eq!((rest.as_str(), stderr.as_str(), code), ("", "", Some(0)));
}

#[test]
fn the_exit_code_says_how_a_run_ended_and_whether_it_goes_on() {
    let mut server = Server::start(&[]);
    let agent = agent(&server, &[]);
    let watcher = Watcher::start(&server, &["run", "buy shoes"]);
    let run = begin(&agent);
    end(&agent, &run, "failed");
    let (stdout, stderr, code) = watcher.end();
    assert_eq!((stdout.as_str(), code), ("", Some(1)), "{stderr}");
    assert!(stderr.contains("sold out"), "{stderr}");

    let watcher = Watcher::start(&server, &["run", "buy shoes"]);
    let run = begin(&agent);
    prints(&server, &["runs", "cancel", &run, "--reason", "drill"]);
    assert_eq!(agent.expect("cancelRun")["run"], json!(run));
    end(&agent, &run, "cancelled");
    let (_, stderr, code) = watcher.end();
    assert_eq!(code, Some(2), "{stderr}");

    // Where nobody can be asked, Ctrl-C leaves.
    let mut watcher = Watcher::start(&server, &["run", "buy shoes", "--json"]);
    watcher.line("status");
    signal(watcher.child.id(), "INT");
    let (_, stderr, code) = watcher.end();
    assert_eq!(code, Some(130), "{stderr}");
    assert!(stderr.contains("goes on: `pilothouse runs watch run-"), "{stderr}");
    let run = begin(&agent);
    let options = ["runs", "watch", &run, "--json", "--give-up-after", "300ms"];
    let mut watcher = Watcher::start(&server, &options);
    watcher.line("status");
    server.kill();
    let (_, stderr, code) = watcher.end();
    assert_eq!(code, Some(69), "{stderr}");
    assert!(stderr.contains("goes on"), "{stderr}");
}

#[test]
fn who_sits_at_the_terminal_is_asked_and_ctrl_c_twice_cancels() {
    let server = Server::start(&[]);
    let agent = agent(&server, &[]);
    let hosts = ["--approval", "--allow", "shop.example"];
    let arguments = [&["run", "buy shoes"][..], &hosts].concat();
    let mut terminal = PersonsTerminal::run(&server.command(server.address(), &arguments), 120, 40);
    let start = agent.expect("startRun");
    assert_eq!((&start["approval"], &start["allowed"]), (&json!(true), &json!(["shop.example"])));
    let run = start["run"].as_str().unwrap().to_owned();
    agent.say(&json!({"type": "runBegan", "run": run}));
    agent.say(&json!({"type": "runWaits", "run": run, "wait": "w-1", "kind": "question",
                      "text": "Which size?"}));
    terminal.wait_for_text("asks: Which size?");
    terminal.wait_for_text("Your answer: ");
    terminal.press("42\r");
    let told = agent.expect("replyRun");
    assert_eq!((&told["wait"], &told["text"]), (&json!("w-1"), &json!("42")));
    agent.say(&json!({"type": "runGoesOn", "run": run, "wait": "w-1"}));

    let leave = |wait: &str| {
        agent.say(&json!({"type": "runWaits", "run": run, "wait": wait, "kind": "approval",
                          "text": format!("a form to {wait}.example"), "timeout": 600_000,
                          "method": "POST", "url": format!("https://{wait}.example/pay")}));
    };
    leave("w-2");
    terminal.wait_for_text("POST https://w-2.example/pay");
    let asks = |count| move |text: &str| text.matches("May it be sent?").count() == count;
    terminal.wait_for("the first decision", asks(1));
    terminal.press("perhaps\r");
    terminal.wait_for("the same once more", asks(2));
    terminal.press("n\r");
    terminal.wait_for_text("Why not?");
    terminal.press("too dear\r");
    let told = agent.expect("decideRun");
    assert_eq!((&told["wait"], &told["granted"]), (&json!("w-2"), &json!(false)));
    assert_eq!(told["reason"], "too dear");
    agent.say(&json!({"type": "runGoesOn", "run": run, "wait": "w-2"}));

    leave("w-3");
    terminal.wait_for("the next decision", asks(3));
    terminal.press("a\r");
    let told = agent.expect("decideRun");
    assert_eq!((&told["wait"], &told["granted"]), (&json!("w-3"), &json!(true)));
    assert_eq!(told["always"], true);
    agent.say(&json!({"type": "runGoesOn", "run": run, "wait": "w-3"}));

    terminal.press("\u{3}");
    terminal.wait_for_text("Leave the run to itself?");
    terminal.press("\u{3}");
    assert_eq!(agent.expect("cancelRun")["run"], json!(run));
    terminal.wait_for_text("cancelling");
    end(&agent, &run, "cancelled");
    terminal.wait_for_text("cancelled after 0 steps");
    assert_eq!(terminal.exit_code(), Some(2));
}

#[test]
fn ctrl_c_and_enter_leave_a_run_to_itself() {
    let server = Server::start(&[]);
    let agent = agent(&server, &[]);
    let command = server.command(server.address(), &["run", "buy shoes"]);
    let mut terminal = PersonsTerminal::run(&command, 120, 40);
    let run = begin(&agent);
    step(&agent, &run, 1);
    terminal.wait_for_text("click button \"Buy\"");
    terminal.press("\u{3}");
    terminal.wait_for_text("Leave the run to itself?");
    terminal.press("\r");
    terminal.wait_for_text(&format!("`pilothouse runs watch {run}` comes back to it"));
    assert_eq!(terminal.exit_code(), Some(130));
    step(&agent, &run, 2);
    end(&agent, &run, "completed");
}

#[test]
fn a_run_is_paused_resumed_and_answered_from_elsewhere() {
    let server = Server::start(&[]);
    let agent = agent(&server, &[]);
    let run = prints(&server, &["run", "buy shoes", "--approval", "--detach"]).trim().to_owned();
    assert_eq!(begin(&agent), run);
    let mut watcher = Watcher::start(&server, &["runs", "watch", &run, "--json"]);
    prints(&server, &["runs", "pause", &run]);
    assert_eq!(agent.expect("pauseRun")["run"], json!(run));
    while watcher.line("status")["paused"] != true {}
    prints(&server, &["runs", "resume", &run]);
    assert_eq!(agent.expect("resumeRun")["run"], json!(run));
    while watcher.line("status")["paused"] != false {}
    let refused = |arguments: &[&str], code, words: &str| {
        let (_, stderr, found) = Watcher::start(&server, arguments).end();
        assert!(found == Some(code) && stderr.contains(words), "{found:?}: {stderr}");
    };
    refused(&["runs", "approve", &run], 75, "waits for nobody now");

    agent.say(&json!({"type": "runWaits", "run": run, "wait": "w-1", "kind": "question",
                      "text": "Which size?"}));
    while watcher.line("status")["waiting"]["id"] != "w-1" {}
    assert!(prints(&server, &["runs"]).contains("inprogress (asks)"));
    refused(&["runs", "approve", &run], 75, &format!("pilothouse runs reply {run} --wait w-1"));
    prints(&server, &["runs", "reply", &run, "42"]);
    assert_eq!(agent.expect("replyRun")["text"], "42");
    refused(&["runs", "reply", &run, "43", "--wait", "w-1"], 75, "somebody else has answered");
    agent.say(&json!({"type": "runGoesOn", "run": run, "wait": "w-1"}));
    for (wait, act, granted) in [("w-2", "approve", true), ("w-3", "deny", false)] {
        agent.say(&json!({"type": "runWaits", "run": run, "wait": wait, "kind": "approval",
                          "text": "a form", "method": "POST", "url": "https://pay.example/"}));
        while watcher.line("status")["waiting"]["id"] != wait {}
        prints(&server, &["runs", act, &run, "--reason", "as agreed"]);
        let told = agent.expect("decideRun");
        assert_eq!((&told["granted"], &told["reason"]), (&json!(granted), &json!("as agreed")));
        agent.say(&json!({"type": "runGoesOn", "run": run, "wait": wait}));
    }
    end(&agent, &run, "completed");
    assert_eq!(watcher.line("end")["run"]["answer"], "They cost 42.");
    refused(&["runs", "pause", &run], 75, "over");
    refused(&["runs", "show", "run-0"], 69, "not known");
}

#[test]
fn a_script_comes_from_stdin_and_an_ended_run_is_done_again() {
    let server = Server::start(&[]);
    let agent = agent(&server, &[]);
    let script = json!([{"type": "navigate", "url": "https://shop.example"}]);
    let with_script = |script: &str| {
        let mut command = server.command(server.address(), &["run", "--script", "-", "--json"]);
        command.stdin(Stdio::piped());
        let mut watcher = Watcher::of(command);
        watcher.child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        watcher
    };
    let (_, stderr, code) = with_script("{}").end();
    assert!(code == Some(64) && stderr.contains("no JSON array"), "{code:?}: {stderr}");
    let watcher = with_script(&script.to_string());
    let start = agent.expect("startRun");
    assert_eq!((&start["script"], start.get("heal")), (&script, None));
    let run = start["run"].as_str().unwrap().to_owned();
    agent.say(&json!({"type": "runBegan", "run": run}));
    step(&agent, &run, 1);
    end(&agent, &run, "completed");
    assert_eq!(watcher.end().2, Some(0));

    let watcher = Watcher::start(&server, &["replay", &run, "--agent", "a-1", "--json"]);
    let start = agent.expect("startRun");
    assert_eq!(start["script"], json!([{"type": "click", "selector": "#buy"}]));
    assert_eq!(start["heal"], true);
    let again = start["run"].as_str().unwrap().to_owned();
    assert_ne!(again, run);
    agent.say(&json!({"type": "runBegan", "run": again}));
    end(&agent, &again, "completed");
    assert_eq!(watcher.end().2, Some(0));
}
