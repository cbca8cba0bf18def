//! What counts when sources disagree, and how slips are told.

use std::{fs, time::Duration};

use super::*;

fn with(flags: &[(&str, &str)]) -> Result<Loaded, Invalid> {
    let flags = flags.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    load(&Source { flags, ..Source::default() })
}

/// What loading a file of that text says, without the name of its folder.
fn complaints(text: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.toml");
    fs::write(&path, text).unwrap();
    let prefix = format!("{}/", folder.path().display());
    match load(&Source { file: Some(path), ..Source::default() }) {
        Ok(_) => Vec::new(),
        Err(Invalid(errors)) => {
            errors.iter().map(|error| error.to_string().replace(&prefix, "")).collect()
        }
    }
}

#[test]
fn the_last_source_wins_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.toml");
    fs::write(
        &path,
        "data_dir = '/x'\n[commands]\ntimeout = '9s'\nper_minute = 7\nqueue_capacity = 8\n",
    )
    .unwrap();
    let environment = Environment::from_iter([
        ("PILOTHOUSE_COMMANDS_QUEUE_CAPACITY", "9"),
        ("PILOTHOUSE_COMMANDS_TIMEOUT", "4s"),
    ]);
    let flags = vec![("commands.timeout".to_owned(), "3s".to_owned())];
    let source = Source { file: Some(path.clone()), environment: true, flags };
    let Loaded { config, settings, .. } = load_with(&source, &environment).unwrap();
    assert_eq!(config.core.command_timeout, Duration::from_secs(3));
    assert_eq!(config.core.queue_capacity, 9);
    assert_eq!(config.protocols.commands_per_minute, 7);
    assert_eq!(config.data_dir, Path::new("/x"));
    let origin = |name: &str| {
        settings.iter().find(|setting| setting.key.name == name).unwrap().origin.to_string()
    };
    assert_eq!(origin("commands.timeout"), "command line");
    assert_eq!(origin("commands.queue_capacity"), "environment PILOTHOUSE_COMMANDS_QUEUE_CAPACITY");
    assert_eq!(origin("commands.per_minute"), format!("{}:4", path.display()));
    assert_eq!(origin("listen"), "default");
}

#[test]
fn a_file_in_the_usual_place_is_read_unless_another_is_named() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("pilothouse");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("pilothouse.toml"), "listen = '127.0.0.1:1'").unwrap();
    let other = home.path().join("other.toml");
    fs::write(&other, "").unwrap();
    let environment = Environment::from_iter([("XDG_CONFIG_HOME", home.path())]);
    let port = |file| {
        let source = Source { file, environment: true, flags: Vec::new() };
        load_with(&source, &environment).unwrap().config.listen.port()
    };
    assert_eq!(port(None), 1);
    assert_eq!(port(Some(other)), 7717);
}

#[test]
fn a_wrong_key_is_refused_with_a_hint() {
    let error = with(&[("timeout", "5s")]).unwrap_err().to_string();
    assert_eq!(error, "command line: there is no key `timeout`; did you mean `commands.timeout`?");
    let error = with(&[("colour", "red")]).unwrap_err().to_string();
    assert!(error.ends_with("`pilothouse config --keys` lists all"), "{error}");
}

#[test]
fn everything_wrong_in_a_file_is_told_with_its_line() {
    let text = "lisen = '127.0.0.1:1'\ncommands = 5\n\n[timing]\nping_interval = 30\nauth_timeout = ['1s']\n[server]\nloops = true\n";
    assert_eq!(
        complaints(text),
        [
            "p.toml:1: there is no key `lisen`; did you mean `listen`?",
            "p.toml:2: there is no key `commands`; `commands` is a section with keys such as `commands.timeout`",
            "p.toml:5: timing.ping_interval: `30` is not a duration such as 250ms or 30s",
            "p.toml:6: timing.auth_timeout: this is a list; write one value",
            "p.toml:8: server.loops: `true` is not a whole number",
        ]
    );
}

#[test]
fn what_is_not_toml_is_told_with_its_line() {
    for text in ["[commands]\ntimeout =\n", "listen = '127.0.0.1:1'\nlisten = '127.0.0.1:2'\n"] {
        let found = complaints(text);
        assert!(found[0].starts_with("p.toml:2: this is not TOML: "), "{found:?}");
    }
}

#[test]
fn a_secret_is_not_repeated_in_errors_or_debug() {
    let error = with(&[("auth.secret", "hunter2")]).unwrap_err().to_string();
    assert!(!error.contains("hunter2"), "{error}");
    let loaded = with(&[("auth.secret", &"hunter2".repeat(9)), ("database.url", "x://hunter2")]);
    let loaded = loaded.unwrap();
    assert!(!format!("{loaded:?}").contains("hunter2"));
    // Everybody on the machine can read the command line.
    assert!(loaded.warnings[0].contains("auth.secret"), "{:?}", loaded.warnings);
    let address = with(&[("database.url", "postgres://a:b@c/d")]).unwrap();
    assert!(address.warnings[0].contains("PILOTHOUSE_DATABASE_URL_FILE"), "{:?}", address.warnings);
    assert!(with(&[("database.url", "sqlite:///x")]).unwrap().warnings.is_empty());
}
