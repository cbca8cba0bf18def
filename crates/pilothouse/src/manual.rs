//! Manual pages: what `--help` says, and the files and variables that it does not.

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::cli::Cli;

/// How sections of our help begin that have a section of their own in a manual page.
const TITLES: &[(&str, &str)] = &[("Examples:", "EXAMPLES"), ("Exit codes:", "EXIT STATUS")];

const ENVIRONMENT: &[(&str, &str)] = &[
    ("PILOTHOUSE_CONFIG", "The configuration file, as --config."),
    (
        "PILOTHOUSE_<KEY>",
        "Any key of the configuration: commands.timeout is PILOTHOUSE_COMMANDS_TIMEOUT. `pilothouse config --keys` lists them.",
    ),
    (
        "PILOTHOUSE_AUTH_SECRET_FILE, PILOTHOUSE_DATABASE_URL_FILE",
        "Files with these secrets in them, as container platforms provide them.",
    ),
    ("PILOTHOUSE_SERVER", "The server to talk to, as --server."),
    (
        "PILOTHOUSE_TOKEN, PILOTHOUSE_TOKEN_FILE",
        "The token to talk to it with, or a file with it in, as --token-file.",
    ),
    ("PILOTHOUSE_KEY", "The key that an agent links with, in place of a token, as --key-file."),
    ("PILOTHOUSE_CA_FILE", "Authorities that may vouch for the server, as --ca."),
    ("PILOTHOUSE_LOG, PILOTHOUSE_LOG_FORMAT", "What to log and how, as --log and --log-format."),
    ("NO_COLOR", "If it is set, nothing is printed in colour."),
    ("XDG_CONFIG_HOME, XDG_DATA_HOME, HOME", "Where files are looked for; see FILES."),
    (
        "NOTIFY_SOCKET, WATCHDOG_USEC",
        "Set by systemd for units with Type=notify and WatchdogSec=; see sd_notify(3).",
    ),
];

const FILES: &[(&str, &str)] = &[
    (
        "~/.config/pilothouse/pilothouse.toml",
        "The configuration ($XDG_CONFIG_HOME counts), if there is one.",
    ),
    ("/etc/pilothouse/pilothouse.toml", "The configuration, if there is none above."),
    (
        "~/.local/share/pilothouse",
        "The data directory ($XDG_DATA_HOME counts), unless data_dir says otherwise; mode 0700.",
    ),
    ("DATA/pilothouse.db", "The database, unless database.url says otherwise."),
    (
        "DATA/auth.secret",
        "The secret that signs tokens, made on the first start; mode 0600. Whoever can read it can make tokens.",
    ),
    (
        "DATA/agent",
        "Journal, output that the server does not have yet, and log of the agent that `pilothouse up` started.",
    ),
];

/// One page: the name of its file and its text.
pub(crate) struct Page {
    pub(crate) file: String,
    pub(crate) text: Vec<u8>,
}

/// The page of the program, or of one of its subcommands; `None` if there is no such subcommand.
pub(crate) fn page(name: Option<&str>) -> Option<Page> {
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    let command = match name {
        None => program.clone(),
        Some(name) => program.find_subcommand(name)?.clone(),
    };
    Some(render(command, name.is_none()))
}

/// All pages.
pub(crate) fn pages() -> Vec<Page> {
    let program = Cli::command();
    let shown = program.get_subcommands().filter(|command| !command.is_hide_set());
    let names = shown.map(|command| Some(command.get_name()));
    names.chain([None]).filter_map(page).collect()
}

fn render(command: Command, is_program: bool) -> Page {
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let version = concat!("Pilothouse ", env!("CARGO_PKG_VERSION"));
    // The subcommand `up` has the page pilothouse-up(1), where `man pilothouse up` finds it.
    let man = Man::new(command).manual("Pilothouse").source(version);
    let file = man.get_filename();
    let mut text = Vec::new();
    // Writing to memory does not fail.
    let _ = man
        .render_title(&mut text)
        .and_then(|()| man.render_name_section(&mut text))
        .and_then(|()| man.render_synopsis_section(&mut text))
        .and_then(|()| man.render_description_section(&mut text))
        .and_then(|()| man.render_options_section(&mut text));
    if is_program {
        let _ = man.render_subcommands_section(&mut text);
    }
    for (title, lines) in sections(&after) {
        text.extend(verbatim(title, &lines).bytes());
    }
    if is_program {
        text.extend(list("ENVIRONMENT", ENVIRONMENT).bytes());
        text.extend(list("FILES", FILES).bytes());
    } else {
        text.extend(
            b".SH SEE ALSO\n\\fBpilothouse\\fR(1) has environment, files and the other commands\n",
        );
    }
    Page { file, text }
}

/// Cuts the end of a help text into sections.
fn sections(help: &str) -> Vec<(&'static str, Vec<&str>)> {
    let mut found: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in help.lines() {
        let title =
            TITLES.iter().find_map(|(begin, title)| Some((title, line.strip_prefix(begin)?)));
        match (title, found.last_mut()) {
            (Some((title, rest)), _) => {
                let rest = Some(rest.trim()).filter(|rest| !rest.is_empty());
                found.push((title, rest.into_iter().collect()));
            }
            (None, Some((_, lines))) if line.is_empty() || line.starts_with(' ') => {
                lines.push(line);
            }
            (None, Some(("NOTES", lines))) => lines.push(line),
            (None, _) => found.push(("NOTES", vec![line])),
        }
    }
    found.retain(|(_, lines)| lines.iter().any(|line| !line.is_empty()));
    found
}

fn verbatim(title: &str, lines: &[&str]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| escaped(line)).collect();
    format!(".SH {title}\n.nf\n{}\n.fi\n", lines.join("\n").trim_end())
}

fn list(title: &str, entries: &[(&str, &str)]) -> String {
    let entry = |(name, meaning): &(&str, &str)| {
        format!(".TP\n\\fB{}\\fR\n{}\n", escaped(name), escaped(meaning))
    };
    format!(".SH {title}\n{}", entries.iter().map(entry).collect::<String>())
}

/// Text in which nothing means anything to roff.
fn escaped(line: &str) -> String {
    let line = line.replace('\\', "\\e").replace('-', "\\-");
    if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_with_its_examples() {
        for page in pages() {
            let text = String::from_utf8(page.text).unwrap();
            for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES"] {
                assert!(text.contains(&format!(".SH {section}\n")), "{}: {section}", page.file);
            }
            let is_program = page.file == "pilothouse.1";
            assert_eq!(text.contains(".SH FILES"), is_program, "{}", page.file);
            assert!(is_program || page.file.starts_with("pilothouse-"), "{}", page.file);
        }
        assert!(page(Some("sail")).is_none());
    }

    #[test]
    fn help_is_cut_into_sections() {
        let help = "Some note.\nAnd more.\n\nExamples:\n  a\n\n  b\nExit codes: two, and\n  0 done";
        let found = sections(help);
        let titles: Vec<_> = found.iter().map(|(title, _)| *title).collect();
        assert_eq!(titles, ["NOTES", "EXAMPLES", "EXIT STATUS"]);
        assert_eq!(found[2].1, ["two, and", "  0 done"]);
    }

    #[test]
    fn nothing_of_ours_means_anything_to_roff() {
        assert_eq!(escaped(".SH a\\b --c"), "\\&.SH a\\eb \\-\\-c");
    }
}
