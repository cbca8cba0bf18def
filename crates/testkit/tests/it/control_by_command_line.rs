//! Agents under control from the command line, each effect seen on their processes.

use std::{
    fs,
    io::Write,
    process::{Command, Output, Stdio},
};

use pilothouse_core::Role;
use pilothouse_server::auth::Grant;
use pilothouse_testkit::{
    processes::tagged,
    program::{program, request},
    waiting::wait_until,
};
use serde_json::{Value, json};

use super::control::Bench;

impl Bench {
    fn run(&self, arguments: &[&str]) -> Output {
        self.server.command(self.server.address(), arguments).output().unwrap()
    }

    /// The exit code, what was printed, and what was complained about.
    fn tells(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let output = self.run(arguments);
        let text = |bytes| String::from_utf8(bytes).unwrap().trim_end().to_owned();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    fn prints(&self, arguments: &[&str]) -> String {
        let (code, printed, complaint) = self.tells(arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {complaint}");
        printed
    }

    /// As whoever has the server's data directory and no token.
    fn at_the_server(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(program());
        command.args(arguments).arg("--data-dir").arg(self.server.folder()).stdin(Stdio::null());
        command.env("PILOTHOUSE_CONFIG", "/dev/null").env("XDG_CONFIG_HOME", self.folder.path());
        command.env_remove("PILOTHOUSE_TOKEN").env_remove("PILOTHOUSE_SERVER");
        command.output().unwrap()
    }

    fn agents(&self) -> Value {
        serde_json::from_str(&self.prints(&["agents", "--json"])).unwrap()
    }
}

fn tag(number: u32) -> String {
    format!("1000.{}{number}", std::process::id())
}

#[test]
fn stop_ends_all_that_runs_and_resume_lets_the_queue_go_on() {
    let bench = Bench::start();
    let _agent = bench.server.agent("a-1");
    let mut viewer = bench.server.dashboard();
    let tag = tag(91);
    viewer.send(&request("a-1", &format!("trap '' INT; setsid sleep {tag} & sleep {tag}")));
    viewer.expect_status("running");
    viewer.send(&request("a-1", "echo later"));
    viewer.expect_status("queued");
    let (_, mut terminal) = bench.terminal("a-1");
    terminal.send(&json!({"type": "input", "data": format!("sleep {tag}\r")}));
    wait_until("all of them run", || tagged(&tag).len() >= 4);
    let table = bench.prints(&["agents"]);
    assert!(table.contains(&tag) && table.contains("shell ("), "{table}");

    let stopped = bench.prints(&["stop", "a-1"]);
    assert_eq!(stopped, "a-1: stopped, 1 command and 1 worker ended");
    assert_eq!(tagged(&tag).len(), 0);
    let agents = bench.agents();
    assert_eq!((&agents[0]["held"]["cause"], &agents[0]["queued"]), (&json!("stopped"), &json!(1)));
    assert_eq!((&agents[0]["running"], &agents[0]["workers"]), (&json!([]), &json!([])));
    let table = bench.prints(&["agents"]);
    assert!(table.contains("ann stopped this agent"), "{table}");

    bench.prints(&["resume", "a-1"]);
    viewer.expect_that(|message| message["payload"]["data"] == "later\n");
    assert_eq!(bench.agents()[0]["held"], Value::Null);
}

#[test]
fn pause_lets_what_runs_go_on_is_seen_where_nothing_waits_and_outlives_the_server() {
    let mut bench = Bench::start();
    let _agent = bench.server.agent("a-1");
    let mut viewer = bench.server.dashboard();
    let tag = tag(92);
    viewer.send(&request("a-1", &format!("sleep {tag}")));
    wait_until("it runs", || !tagged(&tag).is_empty());
    bench.prints(&["pause", "a-1"]);
    assert!(!tagged(&tag).is_empty());
    // Somebody who comes later sees it too, although no command waits.
    let table = bench.prints(&["agents"]);
    assert!(table.contains("ann paused this agent"), "{table}");
    assert!(bench.prints(&["status"]).contains("0 (paused)"));
    viewer.send(&request("a-1", "echo second"));
    viewer.expect_status("queued");
    assert_eq!(bench.agents()[0]["queued"], json!(1));
    bench.server.kill_and_restart();
    bench.server.wait_until_online("a-1");
    let agents = bench.agents();
    assert_eq!((&agents[0]["held"]["cause"], &agents[0]["queued"]), (&json!("paused"), &json!(1)));
    assert!(!tagged(&tag).is_empty());
    bench.prints(&["resume", "a-1"]);
    assert_eq!(bench.agents()[0]["held"], Value::Null);
}

#[test]
fn restart_waits_for_the_new_life() {
    let bench = Bench::start();
    let _agent = bench.server.agent("a-1");
    let (_, mut terminal) = bench.terminal("a-1");
    let tag = tag(93);
    terminal.send(&json!({"type": "input", "data": format!("sleep {tag}\r")}));
    wait_until("it runs", || tagged(&tag).len() == 1);
    bench.prints(&["restart", "a-1"]);
    assert_eq!(tagged(&tag).len(), 0);
    assert_eq!(bench.prints(&["exec", "a-1", "--", "echo here again"]), "here again");
}

#[test]
fn a_message_goes_in_from_the_line_and_from_stdin() {
    let bench = Bench::start();
    let _agent = bench.server.agent("a-1");
    let (worker, file) = bench.writing_terminal("a-1");
    let text = "$(touch /tmp/x) `id` \"quoted\" 'single' \\ %s";
    bench.prints(&["message", "a-1", "--worker", &worker, text]);
    let mut command = bench.server.command(bench.server.address(), &["message", "a-1"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"two\nlines\n").unwrap();
    assert!(child.wait().unwrap().success());
    let expected = format!("{text}\ntwo\nlines\n");
    wait_until("it arrives", || fs::read_to_string(&file).is_ok_and(|got| got == expected));
}

#[test]
fn an_emergency_stop_prints_what_became_of_each_and_its_code_says_whether_all_confirmed() {
    let bench = Bench::start();
    let _agents: Vec<_> = ["a-1", "a-2"].map(|id| bench.server.agent(id)).into();
    let mut viewer = bench.server.dashboard();
    let tag = tag(94);
    for id in ["a-1", "a-2"] {
        viewer.send(&request(id, &format!("setsid sleep {tag} & sleep {tag}")));
        viewer.expect_status("running");
    }
    wait_until("all of them run", || tagged(&tag).len() >= 4);
    let stopped = bench.prints(&["emergency-stop", "--yes", "--reason", "drill"]);
    assert_eq!(tagged(&tag).len(), 0);
    let line = |id| format!("{id}: stopped, 1 command and 0 workers ended");
    assert_eq!(stopped, format!("{}\n{}", line("a-1"), line("a-2")));
    let table = bench.prints(&["agents"]);
    assert!(table.contains("ann stopped all agents: drill"), "{table}");

    let mut gone = bench.server.agent("gone");
    gone.kill();
    viewer.expect_that(|message| {
        message["payload"]["agentId"] == "gone" && message["payload"]["status"] == "offline"
    });
    bench.done("POST /api/agents/told/status", &json!({"status": "online"}));
    let (code, printed, _) = bench.tells(&["emergency-stop", "--yes"]);
    assert_eq!(code, Some(75), "{printed}");
    let results: Vec<_> = printed.lines().map(|line| line.split_once(": ").unwrap()).collect();
    let starts = |at: usize, id: &str, with: &str| {
        assert!(results[at].0 == id && results[at].1.starts_with(with), "{printed}");
    };
    starts(0, "a-1", "stopped");
    starts(2, "gone", "unreachable: ");
    starts(3, "told", "refused: ");
    // A person at a terminal is asked first, and nothing happens without a yes.
    let script = format!("{} emergency-stop", program().display());
    let mut asked = Command::new("script");
    asked.args(["--quiet", "--return", "--command", &script, "/dev/null"]);
    let address = format!("http://{}", bench.server.address());
    asked.env("PILOTHOUSE_SERVER", address).env("PILOTHOUSE_TOKEN", bench.server.operator());
    bench.prints(&["resume", "a-1"]);
    let mut child = asked.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"n\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("Stop them all? [y/N]") && text.contains("nothing was"), "{text}");
    assert_eq!(output.status.code(), Some(75));
    assert_eq!(bench.agents()[0]["held"], Value::Null);
}

#[test]
fn a_budget_holds_what_is_beyond_it() {
    let bench = Bench::start();
    let _agent = bench.server.agent("a-1");
    let (code, _, complaint) = bench.tells(&["budget", "a-1", "--commands-per-hour", "1"]);
    assert_eq!(code, Some(77), "{complaint}");
    assert!(complaint.contains("admin"), "{complaint}");
    let set = bench.at_the_server(&["budget", "a-1", "--commands-per-hour", "1", "--time", "30m"]);
    assert!(set.status.success(), "{set:?}");
    assert_eq!(bench.prints(&["exec", "a-1", "--", "echo one"]), "one");
    let ran = bench.folder.path().join("ran");
    let mut viewer = bench.server.dashboard();
    viewer.send(&request("a-1", &format!("touch {}", ran.display())));
    viewer.expect_that(|message| message["payload"]["held"]["cause"] == "over-budget");
    let table = bench.prints(&["agents"]);
    assert!(table.contains("has started its 1 commands of this hour"), "{table}");
    let used = bench.prints(&["budget", "a-1"]);
    assert!(used.contains("last hour: 1 of 1") && used.contains("of 1800"), "{used}");
    assert!(!ran.exists());
    let refuses = bench.at_the_server(&["budget", "a-1", "--commands-per-hour", "1", "--refuse"]);
    assert!(refuses.status.success(), "{refuses:?}");
    let (code, _, complaint) = bench.tells(&["exec", "a-1", "--", "true"]);
    assert_eq!(code, Some(75), "{complaint}");
    let ended = bench.at_the_server(&["budget", "a-1", "--none"]);
    assert!(ended.status.success(), "{ended:?}");
    wait_until("it runs", || ran.exists());
    let (code, _, complaint) = bench.tells(&["budget", "nobody", "--json"]);
    assert_eq!(code, Some(69), "{complaint}");
}

#[test]
fn a_preset_is_kept_run_and_forgotten() {
    let bench = Bench::start();
    let _agent = bench.server.agent("a-1");
    let folder = bench.folder.path().to_str().unwrap();
    let add = ["presets", "add", "where", "--cwd", folder, "--", "pwd; exit 7"];
    let id = bench.prints(&add);
    assert!(bench.prints(&["presets"]).contains("pwd; exit 7"));
    let (code, _, complaint) = bench.tells(&["presets", "run", "where"]);
    assert_eq!(code, Some(64), "{complaint}");
    assert!(complaint.contains("--agent"), "{complaint}");
    let (code, printed, _) = bench.tells(&["presets", "run", "where", "--agent", "a-1"]);
    assert_eq!((code, printed.as_str()), (Some(7), folder));
    bench.prints(&["presets", "add", "where", "--agent", "a-1", "--", "echo", "a b"]);
    let (code, _, complaint) = bench.tells(&["presets", "run", "where"]);
    assert!(code == Some(64) && complaint.contains("name its id"), "{complaint}");
    bench.prints(&["presets", "remove", &id]);
    assert_eq!(bench.prints(&["presets", "run", "where"]), "a b");
    let (code, _, complaint) = bench.tells(&["presets", "remove", "nothing"]);
    assert!(code == Some(69) && complaint.contains("pilothouse presets"), "{complaint}");
}

#[test]
fn whoever_only_watches_controls_nothing() {
    let bench = Bench::start();
    let _agent = bench.server.agent("a-1");
    let grant = Grant::Person { user: "vic".into(), role: Role::Viewer };
    let token = bench.server.token(&grant);
    let run = |arguments: &[&str]| {
        let mut command = bench.server.command(bench.server.address(), arguments);
        command.env("PILOTHOUSE_TOKEN", &token).output().unwrap()
    };
    assert!(run(&["agents"]).status.success());
    let lines: [&[&str]; 6] = [
        &["pause", "a-1"],
        &["stop", "a-1"],
        &["restart", "a-1"],
        &["emergency-stop", "--yes"],
        &["message", "a-1", "hello"],
        &["presets", "add", "x", "--", "true"],
    ];
    for line in lines {
        let refused = run(line);
        let complaint = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(77), "{line:?}: {complaint}");
        assert!(complaint.contains("operator or admin"), "{line:?}: {complaint}");
    }
    assert_eq!(bench.agents()[0]["held"], Value::Null);
    let (code, _, complaint) = bench.tells(&["stop", "nobody"]);
    assert_eq!(code, Some(69), "{complaint}");
}

#[test]
fn agents_are_watched_as_they_change() {
    use std::io::{BufRead, BufReader};
    let bench = Bench::start();
    let _agent = bench.server.agent("a-1");
    let mut command =
        bench.server.command(bench.server.address(), &["agents", "--watch", "--json"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut seen = lines.map(|line| serde_json::from_str::<Value>(&line).unwrap());
    assert_eq!(seen.next().unwrap()[0]["held"], Value::Null);
    bench.prints(&["pause", "a-1"]);
    assert!(seen.any(|agents| agents[0]["held"]["cause"] == "paused"));
    let mut viewer = bench.server.dashboard();
    bench.prints(&["resume", "a-1"]);
    viewer.send(&request("a-1", "exit 3"));
    assert!(seen.any(|agents| agents[0]["waiting"][0]["reason"] == "commandFailed"));
    child.kill().unwrap();
    child.wait().unwrap();
}
