//! The first page of help, with the commands in groups: what people do with agents first, the machinery last.

use std::fmt::Write;

use clap::{Command, CommandFactory};

use crate::cli::Cli;

/// Every command that is shown, once.
const GROUPS: &[(&str, &[&str])] = &[
    (
        "See and work",
        &[
            "status", "agents", "exec", "presets", "sessions", "workers", "attach", "browser",
            "run", "runs", "replay",
        ],
    ),
    (
        "Control agents",
        &["message", "pause", "resume", "stop", "restart", "emergency-stop", "budget"],
    ),
    ("Let people and agents in", &["login", "logout", "user", "keys", "token"]),
    ("Run it", &["up", "down", "serve", "agent"]),
    ("Look after it", &["webhooks", "doctor", "config", "completions", "man"]),
];

/// The command line with that page.
pub(crate) fn command() -> Command {
    let command = Cli::command();
    let template = format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{}Options:\n{{options}}{{after-help}}",
        groups(&command)
    );
    command.help_template(template)
}

fn groups(command: &Command) -> String {
    let widest = command.get_subcommands().map(|it| it.get_name().len()).max().unwrap_or(0);
    let mut text = String::new();
    for (title, names) in GROUPS {
        let _ = writeln!(text, "{title}:");
        for name in *names {
            let found = command.find_subcommand(name);
            let about = found.and_then(Command::get_about).map(ToString::to_string);
            let _ = writeln!(text, "  {name:widest$}  {}", about.unwrap_or_default());
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_in_one_group() {
        let command = Cli::command();
        let shown = command.get_subcommands().filter(|it| !it.is_hide_set());
        let mut shown: Vec<_> = shown.map(Command::get_name).collect();
        let mut grouped: Vec<_> =
            GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        shown.sort_unstable();
        grouped.sort_unstable();
        assert_eq!(grouped, shown);
    }

    #[test]
    fn the_page_has_groups_options_and_examples() {
        let page = super::command().render_help().to_string();
        for part in ["Control agents:\n", "  emergency-stop  End every", "--log", "Examples:"] {
            assert!(page.contains(part), "{part}: {page}");
        }
    }
}
