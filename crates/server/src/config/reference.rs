//! Texts about the configuration: the reference, an example file, and what counts right now.

use std::fmt::Write;

use serde_json::json;

use super::{KEYS, Key, Loaded, Origin, Setting};

const HOW: &str = "\
Values come from four places; the later one wins:

1. the defaults below;
2. a TOML file: the one that `--config` or `PILOTHOUSE_CONFIG` names, or else the first that is there of
   `$XDG_CONFIG_HOME/pilothouse/pilothouse.toml` (`~/.config/…`) and `/etc/pilothouse/pilothouse.toml`;
3. the environment;
4. flags: `--listen`, `--data-dir`, and `--set KEY=VALUE` for every key.

`pilothouse config` prints what counts and where it came from, `pilothouse config --check FILE` says what
is wrong with a file, and [pilothouse.example.toml](pilothouse.example.toml) is a file to begin with.

An empty value counts as not set. Unknown keys are refused. Unknown variables that begin with `PILOTHOUSE_`
are only warned about: other programs may use the prefix, and Kubernetes sets variables of that shape for a
service called `pilothouse` (those are left alone without a word).

Durations are written like `250ms`, `30s`, `5m`, `8h`, `30d`. Bytes are a number, or one with KB, MB, GB (of 1000)
or KiB, MiB, GiB (of 1024). Lists are arrays in TOML, and words with commas between them elsewhere. Secrets may
also come by file: the variable's name with `_FILE` behind it names a file with the value, as container
platforms provide it.
";

/// The reference in Markdown: a table for each section.
pub fn markdown() -> String {
    let mut text = String::from("# Configuration\n\n");
    text.push_str("<!-- Generated from the keys by `cargo xtask codegen`; do not edit. -->\n\n");
    text.push_str(HOW);
    for (section, keys) in sections() {
        let title = if section.is_empty() { "Without a section" } else { section };
        let _ = write!(
            text,
            "\n## {title}\n\n| key | environment | default | unit | what it does | why change it |\n|---|---|---|---|---|---|\n"
        );
        for key in keys {
            let default = if key.default.is_empty() { "" } else { &format!("`{}`", key.default) };
            let by_file = key.file_environment().map(|name| format!(", `{name}`"));
            let _ = writeln!(
                text,
                "| `{}` | `{}`{} | {default} | {} | {} | {} |",
                key.name,
                key.environment(),
                by_file.unwrap_or_default(),
                key.unit.word(),
                key.help.replace('|', "\\|"),
                key.why.replace('|', "\\|"),
            );
        }
    }
    text
}

/// The reference for terminals.
pub fn plain() -> String {
    let entry = |key: &Key| {
        let default = if key.default.is_empty() { "none" } else { key.default };
        let mut variables = key.environment();
        if let Some(by_file) = key.file_environment() {
            let _ = write!(variables, " or {by_file}");
        }
        format!(
            "{}  ({}, default: {default})\n    {variables}\n    {}\n    {}",
            key.name,
            key.unit.word(),
            key.help,
            key.why
        )
    };
    let all: Vec<_> = sections().into_iter().flat_map(|(_, keys)| keys).map(entry).collect();
    all.join("\n\n")
}

/// A file with every key at its default, commented out.
pub fn example() -> String {
    let mut text = String::from(
        "# A configuration of Pilothouse in which every key stands at its default. Remove the # before what you\n\
         # change. `pilothouse config --check FILE` says what is wrong with a file, `pilothouse config` what counts.\n",
    );
    for (section, keys) in sections() {
        if !section.is_empty() {
            let _ = write!(text, "\n[{section}]\n");
        }
        for key in keys {
            let value = key.unit.as_toml(key.default);
            let name = key.name_in_section();
            let _ = write!(text, "\n# {}\n# {}\n#{name} = {value}\n", key.help, key.why);
        }
    }
    text
}

/// What counts, as TOML that can be read again; the origin of what is not the default stands behind it.
pub fn effective(loaded: &Loaded) -> String {
    let mut text = String::new();
    let file = loaded.file.as_ref().map(|path| path.display().to_string());
    let _ = writeln!(text, "# file: {}", file.as_deref().unwrap_or("none"));
    for (section, keys) in sections() {
        if !section.is_empty() {
            let _ = write!(text, "\n[{section}]\n");
        }
        let of_section = |setting: &&Setting| keys.iter().any(|key| key.name == setting.key.name);
        for setting in loaded.settings.iter().filter(of_section) {
            let Setting { key, origin, .. } = setting;
            let value = key.unit.as_toml(setting.shown());
            let is_left_out = setting.shown().is_empty() || key.is_secret;
            let mark = if is_left_out && key.unit != super::Unit::List { "# " } else { "" };
            let origin = match origin {
                Origin::Default => String::new(),
                Origin::File { .. } | Origin::Variable(_) | Origin::CommandLine => {
                    format!("  # from {origin}")
                }
            };
            let _ = writeln!(text, "{mark}{} = {value}{origin}", key.name_in_section());
        }
    }
    text
}

/// What counts, for programs: by key, with value, origin and unit.
pub fn effective_json(loaded: &Loaded) -> String {
    let entries = loaded.settings.iter().map(|setting| {
        let value = serde_json::to_value(setting.key.unit.as_toml(setting.shown()));
        let is_set = !setting.shown().is_empty() || setting.key.unit == super::Unit::List;
        let entry = json!({
            "value": value.ok().filter(|_| is_set),
            "origin": setting.origin.to_string(),
            "unit": setting.key.unit.word(),
        });
        (setting.key.name.to_owned(), entry)
    });
    let keys: serde_json::Map<_, _> = entries.collect();
    format!("{:#}", json!({ "file": loaded.file, "keys": keys }))
}

/// Keys by section, those without one first, otherwise in the order of [`KEYS`].
fn sections() -> Vec<(&'static str, Vec<&'static Key>)> {
    let mut sections: Vec<(&str, Vec<&Key>)> = vec![("", Vec::new())];
    for key in KEYS {
        match sections.iter_mut().find(|(section, _)| *section == key.section()) {
            Some((_, keys)) => keys.push(key),
            None => sections.push((key.section(), vec![key])),
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{
        super::{Config, Source, load},
        *,
    };

    fn loaded(text: &str, flags: &[(&str, &str)]) -> Loaded {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.toml");
        fs::write(&path, text).unwrap();
        let flags = flags.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        load(&Source { file: Some(path), flags, ..Source::default() }).unwrap()
    }

    #[test]
    fn the_example_uncommented_is_the_default() {
        let text: String = example()
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(value) if !value.starts_with(' ') => format!("{value}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let values = text.lines().filter(|line| !line.starts_with('#') && line.contains(" = "));
        assert_eq!(values.count(), KEYS.len());
        let Loaded { config, .. } = loaded(&text, &[]);
        let default = Config { data_dir: config.data_dir.clone(), ..Config::default() };
        assert_eq!(format!("{config:?}"), format!("{default:?}"));
    }

    #[test]
    fn what_counts_can_be_read_again_without_its_secrets() {
        let secret = "s".repeat(40);
        let flags = [
            ("auth.secret", secret.as_str()),
            ("database.url", "postgres://ann:hush@db/p"),
            ("origins.allowed", "https://a.example,https://b.example"),
            ("commands.timeout", "7m"),
            ("listen", "127.0.0.1:99"),
        ];
        let first = loaded("", &flags);
        let text = effective(&first);
        for line in [
            "# secret = \"***\"  # from command line",
            "timeout = \"7m\"  # from command line",
            "allowed = [\"https://a.example\", \"https://b.example\"]  # from command line",
            "per_minute = 10",
        ] {
            assert!(text.lines().any(|one| one == line), "{line} is not in\n{text}");
        }
        let json = effective_json(&first);
        for hidden in [secret.as_str(), "hush"] {
            assert!(!text.contains(hidden) && !json.contains(hidden), "{text}{json}");
        }
        let again = loaded(&text, &[]);
        let expected = Config { auth_secret: None, database_url: None, ..first.config };
        assert_eq!(format!("{:?}", again.config), format!("{expected:?}"));
    }

    #[test]
    fn every_key_is_explained_once() {
        let mut names: Vec<_> = KEYS.iter().map(Key::environment).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), KEYS.len(), "two keys share a name");
        let reference = markdown();
        for key in KEYS {
            for sentence in [key.help, key.why] {
                let ends = sentence.ends_with(['.', '…']);
                assert!(ends && sentence.len() > 15, "{}: {sentence:?}", key.name);
            }
            assert!(reference.contains(&format!("| `{}` |", key.name)), "{}", key.name);
        }
    }
}
