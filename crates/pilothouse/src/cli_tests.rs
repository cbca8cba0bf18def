//! Tables of command lines.

use super::*;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split_whitespace())
}

#[test]
fn the_definition_is_sound() {
    use clap::CommandFactory;
    Cli::command().debug_assert();
}

#[test]
fn lines_that_scripts_rely_on_are_understood() {
    let lines = [
        "pilothouse",
        "pilothouse up",
        "pilothouse serve --listen 127.0.0.1:7717 --data-dir /d",
        "pilothouse serve --config f.toml --set commands.timeout=10m --set output.batch=5ms",
        "pilothouse agent --server ws://127.0.0.1:7717 --id a-1 --token T --data-dir /d",
        "pilothouse agent --id a-1 --token-file t --data-dir /d --name box --type claude",
        "pilothouse agent --id a-1 --token - --data-dir /d",
        "pilothouse token --user ann --role operator --expires 1h",
        "pilothouse token --user ann --viewer s-1",
        "pilothouse token --agent a-1 --data-dir /d",
        "pilothouse exec a-1 -- ls -la",
        "pilothouse exec a-1 --priority high --timeout 30s --cwd /srv --env A=1 --env B=x=y -q -- make",
        "pilothouse status --json",
        "pilothouse sessions",
        "pilothouse sessions --json --server http://pilot.example --token-file t",
        "pilothouse sessions new /srv/shop --agent a-1 --title Shop --terminal",
        "pilothouse sessions new /srv/shop --agent-type claude --prompt tests --json",
        "pilothouse sessions rm s-1",
        "pilothouse workers s-1 --json",
        "pilothouse workers add s-1",
        "pilothouse workers add s-1 --agent-type claude --prompt tests --name one",
        "pilothouse workers rm s-1 w-1",
        "pilothouse workers restart s-1 w-1 --continue",
        "pilothouse attach s-1/w-1",
        "pilothouse attach s-1/w-1 --detach-key ^a --read-only --give-up-after 1m",
        "pilothouse status -w --ca authority.pem",
        "pilothouse down --data-dir /d",
        "pilothouse completions zsh",
        "pilothouse config --set commands.timeout=10m --json",
        "pilothouse config --check f.toml",
        "pilothouse config --keys",
        "pilothouse config --keys=markdown",
        "pilothouse config --example",
        "pilothouse doctor",
        "pilothouse man",
        "pilothouse man exec",
        "pilothouse man --dir /d",
        "pilothouse doctor --server http://pilot.example/here --token-file t --json",
        "pilothouse status --log debug --log-format json",
    ];
    all_are_understood(&lines);
}

#[test]
fn lines_about_control_and_people_are_understood() {
    let lines = [
        "pilothouse agents --watch --json",
        "pilothouse pause a-1 --server http://pilot.example",
        "pilothouse resume a-1",
        "pilothouse stop a-1 --json",
        "pilothouse restart a-1",
        "pilothouse emergency-stop --yes --reason drill",
        "pilothouse message a-1 hello",
        "pilothouse message a-1 --worker w-1",
        "pilothouse message a-1 --session s-1 hello",
        "pilothouse budget a-1",
        "pilothouse budget a-1 --commands-per-hour 20 --time 45m --refuse",
        "pilothouse budget a-1 --none",
        "pilothouse presets",
        "pilothouse presets list --json",
        "pilothouse presets add tests --agent a-1 --priority high --timeout 1m -- make test",
        "pilothouse presets remove tests",
        "pilothouse presets run tests --agent a-1 -q",
        "pilothouse login --server http://pilot.example",
        "pilothouse logout",
        "pilothouse user",
        "pilothouse user --json --token-file t",
        "pilothouse user list",
        "pilothouse user add ann --role operator --email ann@example.org",
        "pilothouse user role ann viewer",
        "pilothouse user password ann",
        "pilothouse user password",
        "pilothouse user devices",
        "pilothouse user devices ann --json",
        "pilothouse user devices ann --end abc",
        "pilothouse user devices --end-all",
        "pilothouse logout --all",
        "pilothouse user remove ann",
    ];
    all_are_understood(&lines);
}

#[test]
fn lines_about_runs_are_understood() {
    let lines = [
        "pilothouse run shoes",
        "pilothouse run shoes --agent a-1 --session s-1 --max-steps 20 --timeout 10m --watch",
        "pilothouse run --script f.json --approval --allow shop.example --allow *.shop.example",
        "pilothouse run shoes --script - --out pictures --quiet --give-up-after 1m",
        "pilothouse run shoes --detach --json",
        "pilothouse replay run-1 --agent a-2 --out pictures",
        "pilothouse runs",
        "pilothouse runs --status pending,failed --agent a-1 --limit 5 --json",
        "pilothouse runs show run-1 --json",
        "pilothouse runs watch run-1 --out pictures",
        "pilothouse runs cancel run-1 --reason drill",
        "pilothouse runs pause run-1",
        "pilothouse runs resume run-1 --server http://pilot.example",
        "pilothouse runs reply run-1 42 --wait w-1",
        "pilothouse runs approve run-1 --always --wait w-1",
        "pilothouse runs deny run-1 --reason dear",
    ];
    all_are_understood(&lines);
}

fn all_are_understood(lines: &[&str]) {
    for line in lines {
        assert!(parse(line).is_ok(), "{line}: {}", parse(line).unwrap_err());
    }
}

#[test]
fn lines_without_sense_are_refused() {
    let lines = [
        "pilothouse sail",
        "pilothouse attach s-1",
        "pilothouse attach s-1/../x",
        "pilothouse attach s-1/w-1 --detach-key a",
        "pilothouse workers",
        "pilothouse workers rm s-1",
        "pilothouse workers add s-1 --prompt tests",
        "pilothouse sessions new",
        "pilothouse sessions rm s/1",
        "pilothouse stop",
        "pilothouse stop a/1",
        "pilothouse message a-1 --worker w-1 --session s-1 hello",
        "pilothouse budget a-1 --none --time 1m",
        "pilothouse budget a-1 --hold --refuse",
        "pilothouse presets add tests",
        "pilothouse presets run",
        "pilothouse run",
        "pilothouse run shoes --watch --detach",
        "pilothouse run shoes --detach --out pictures",
        "pilothouse run shoes --allow shop.example",
        "pilothouse run shoes --max-steps 0",
        "pilothouse run shoes --session s/1",
        "pilothouse replay",
        "pilothouse replay run/1",
        "pilothouse runs --status asleep",
        "pilothouse runs --limit 0",
        "pilothouse runs show",
        "pilothouse runs reply run-1",
        "pilothouse runs cancel run/1",
        "pilothouse exec a-1",
        "pilothouse exec a-1 --timeout 30 -- ls",
        "pilothouse exec a-1 --env A -- ls",
        "pilothouse exec a-1 --priority urgent -- ls",
        "pilothouse agent --id a/1 --token T --data-dir /d",
        "pilothouse token",
        "pilothouse token --user ann --agent a-1",
        "pilothouse token --user ann --role king",
        "pilothouse token --user ann --expires soon",
        "pilothouse serve --set commands.timeout",
    ];
    for line in lines {
        assert!(parse(line).is_err(), "{line}");
    }
}

#[test]
fn the_help_of_runs_says_what_the_exit_codes_are() {
    let mut program = crate::help::command();
    program.build();
    let mut page = |names: &[&str]| {
        let found = names
            .iter()
            .fold(&mut program, |command, name| command.find_subcommand_mut(name).unwrap());
        found.render_long_help().to_string()
    };
    for names in [&["run"][..], &["replay"], &["runs", "watch"]] {
        let page = page(names);
        for part in
            ["Examples:", "0 completed", "1 failed", "2 cancelled", "130 left", "69 no such"]
        {
            assert!(page.contains(part), "{names:?}: {part}: {page}");
        }
    }
    let page = page(&["run"]);
    for option in
        ["--script", "--approval", "--allow", "--max-steps", "--timeout", "--detach", "--out"]
    {
        assert!(page.contains(option), "{option}: {page}");
    }
}

#[test]
fn a_token_is_not_in_what_is_logged_of_the_options() {
    let cli = parse("pilothouse status --token very-secret").unwrap();
    assert!(!format!("{cli:?}").contains("very-secret"));
}

#[test]
fn everything_after_the_dashes_is_the_command() {
    let cli = parse("pilothouse exec a-1 --quiet -- grep --quiet -e x").unwrap();
    let Some(Command::Exec(options)) = cli.command else { panic!("exec") };
    assert_eq!(options.command, ["grep", "--quiet", "-e", "x"]);
    assert!(options.quiet);
}

#[test]
fn no_variable_of_the_command_line_is_taken_for_a_slip() {
    use clap::CommandFactory;
    use pilothouse_server::config::{KEYS, OTHER_VARIABLES};
    let keys: Vec<_> = KEYS.iter().map(pilothouse_server::config::Key::environment).collect();
    let program = Cli::command();
    for argument in
        program.get_subcommands().chain([&program]).flat_map(clap::Command::get_arguments)
    {
        let Some(variable) = argument.get_env() else { continue };
        let variable = variable.to_str().unwrap();
        let is_known =
            OTHER_VARIABLES.contains(&variable) || keys.iter().any(|key| key == variable);
        assert!(is_known, "add {variable} to OTHER_VARIABLES");
    }
}
