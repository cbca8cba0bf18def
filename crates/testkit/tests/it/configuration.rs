//! The configuration as people meet it: files, variables, secrets by file, and slips.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::{Command, Output, Stdio},
};

use pilothouse_testkit::{
    program::{program, signal},
    viewer::Viewer,
};
use serde_json::Value;
use tempfile::TempDir;

fn run(home: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    command(home, variables, arguments).output().unwrap()
}

/// The program with a home of its own, so that nothing of this machine's owner counts.
fn command(home: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(arguments).env("HOME", home).stdin(Stdio::null());
    for variable in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "PILOTHOUSE_CONFIG"] {
        command.env_remove(variable);
    }
    command.envs(variables.iter().copied());
    command
}

#[test]
fn a_wrong_file_is_told_line_by_line_with_code_78() {
    let home = TempDir::new().unwrap();
    let file = home.path().join("p.toml");
    fs::write(&file, "lisen = '127.0.0.1:1'\n[commands]\ntimeout = 30\n").unwrap();
    for arguments in [["config", "--check"], ["serve", "--config"]] {
        let output = run(home.path(), &[], &[arguments[0], arguments[1], file.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(78), "{arguments:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(
            text.contains("p.toml:1: there is no key `lisen`; did you mean `listen`?"),
            "{text}"
        );
        assert!(text.contains("p.toml:3: commands.timeout: `30` is not a duration"), "{text}");
    }
    fs::write(&file, "listen = '127.0.0.1:1'\n").unwrap();
    let output = run(home.path(), &[], &["config", "--check", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn config_tells_what_counts_and_from_where_and_no_secret() {
    let home = TempDir::new().unwrap();
    let folder = home.path().join(".config/pilothouse");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("pilothouse.toml"), "[commands]\nper_minute = 7\ntimeout = '9m'\n")
        .unwrap();
    let variables = [
        ("PILOTHOUSE_COMMANDS_TIMEOUT", "8m"),
        ("PILOTHOUSE_DATABASE_URL", "postgres://ann:hunter2@db/p"),
        ("PILOTHOUSE_COMANDS_TIMEOUT", "7m"),
    ];
    let output = run(home.path(), &variables, &["config", "--json", "--listen", "127.0.0.1:5"]);
    assert_eq!(output.status.code(), Some(0), "a slip in the environment is no error");
    let slip = String::from_utf8(output.stderr).unwrap();
    assert!(slip.contains("did you mean PILOTHOUSE_COMMANDS_TIMEOUT?"), "{slip}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("hunter2"));
    let found: Value = serde_json::from_str(&text).unwrap();
    let key =
        |name: &str| (found["keys"][name]["value"].clone(), found["keys"][name]["origin"].clone());
    let file = format!("{}:2", folder.join("pilothouse.toml").display());
    assert_eq!(key("commands.per_minute"), (7.into(), file.into()));
    assert_eq!(
        key("commands.timeout"),
        ("8m".into(), "environment PILOTHOUSE_COMMANDS_TIMEOUT".into())
    );
    assert_eq!(key("listen"), ("127.0.0.1:5".into(), "command line".into()));
    assert_eq!(key("database.url").0, "***");
}

#[test]
fn flags_weigh_more_than_the_environment_for_tokens_too() {
    let home = TempDir::new().unwrap();
    let file = home.path().join("token");
    fs::write(&file, "from-a-file").unwrap();
    let file = file.to_str().unwrap();
    let status = |variables: &[(&str, &str)], arguments: &[&str]| {
        let all = [&["status", "--server", "http://127.0.0.1:1"], arguments].concat();
        let output = run(home.path(), variables, &all);
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (exported, by_file) = (("PILOTHOUSE_TOKEN", "exported"), ("PILOTHOUSE_TOKEN_FILE", file));
    let unreachable = Some(69);
    assert_eq!(status(&[exported], &["--token-file", file]).0, unreachable);
    assert_eq!(status(&[by_file], &["--token", "given"]).0, unreachable);
    assert_eq!(status(&[by_file, exported], &[]).0, unreachable);
    assert_eq!(status(&[by_file], &[]).0, unreachable);
    let (code, sentence) = status(&[], &["--token", "given", "--token-file", file]);
    assert_eq!(code, Some(64), "{sentence}");
    assert_eq!(status(&[("PILOTHOUSE_TOKEN_FILE", "/nowhere/token")], &[]).0, Some(74));
}

#[test]
fn server_and_tokens_share_a_secret_that_comes_by_file() {
    let home = TempDir::new().unwrap();
    let secret = home.path().join("secret");
    fs::write(&secret, format!("{}\n", "s".repeat(40))).unwrap();
    let variables = [("PILOTHOUSE_AUTH_SECRET_FILE", secret.to_str().unwrap())];
    let mut serve = command(home.path(), &variables, &["serve", "--listen", "127.0.0.1:0"]);
    let mut server = serve.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let mut lines = std::io::BufReader::new(server.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut lines, &mut line).unwrap();
    let address: SocketAddr =
        line.trim().strip_prefix("listening on http://").unwrap().parse().unwrap();
    let token = run(home.path(), &variables, &["token", "--user", "ann"]);
    let token = String::from_utf8(token.stdout).unwrap();
    Viewer::dashboard(address, token.trim()).expect("agent:list");
    let data = home.path().join(".local/share/pilothouse");
    assert!(data.join("pilothouse.db").exists());
    assert!(!data.join("auth.secret").exists(), "none is made beside the one that was given");
    signal(server.id(), "TERM");
    assert!(server.wait().unwrap().success());
}
