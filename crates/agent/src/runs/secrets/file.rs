//! The file in which an agent's secrets stand: a line for each, read by nobody else.

use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::{Secret, Secrets};

/// The largest secrets file, in bytes.
const LARGEST: u64 = 1 << 20;
/// Shorter values stand in every other text and could not be hidden.
const SHORTEST: usize = 4;

/// Why there are no secrets. Names no value.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretsError {
    /// It cannot be read.
    #[error("the secrets file {path} cannot be read: {error}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Others can read it.
    #[error(
        "the secrets file {path} can be read by others (mode {mode:03o}); run `chmod 600 {path}`"
    )]
    Open {
        /// Which.
        path: PathBuf,
        /// How it may be used.
        mode: u32,
    },
    /// A line makes no sense.
    #[error("the secrets file {path} has a mistake in line {line}: {why}")]
    Malformed {
        /// Which.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What.
        why: &'static str,
    },
}

/// For which sites a secret is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Bound {
    /// For all.
    Anywhere,
    /// For this host.
    Host(String),
    /// For everything below this host, and for itself: `*.example.org`.
    Below(String),
}

impl Bound {
    fn read(text: &str) -> Option<Self> {
        let is_host = |text: &str| {
            !text.is_empty()
                && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-:_".contains(c))
        };
        let text = text.to_ascii_lowercase();
        match text.strip_prefix("*.") {
            Some(host) => is_host(host).then(|| Self::Below(host.to_owned())),
            None => is_host(&text).then_some(Self::Host(text)),
        }
    }

    pub(super) fn host(&self) -> Option<&str> {
        match self {
            Self::Anywhere => None,
            Self::Host(host) | Self::Below(host) => Some(host),
        }
    }

    pub(super) fn allows(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let host = host.strip_suffix('.').unwrap_or(&host);
        match self {
            Self::Anywhere => true,
            Self::Host(bound) => host == bound,
            Self::Below(bound) => {
                host == bound
                    || host.strip_suffix(bound.as_str()).is_some_and(|rest| rest.ends_with('.'))
            }
        }
    }
}

/// Reads the file as it is now. Without a file there are no secrets.
pub(crate) fn read(path: Option<&Path>) -> Result<Secrets, SecretsError> {
    let Some(path) = path else { return Ok(Secrets::default()) };
    let unreadable = |error| SecretsError::Unreadable { path: path.to_owned(), error };
    // Of the file that is read, and not of one that takes its place in between.
    let mut file = File::open(path).map_err(unreadable)?;
    let mode = file.metadata().map_err(unreadable)?.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(SecretsError::Open { path: path.to_owned(), mode });
    }
    let mut text = String::new();
    let read = file.by_ref().take(LARGEST + 1).read_to_string(&mut text).map_err(unreadable)?;
    if read as u64 > LARGEST {
        return Err(unreadable(io::Error::other("it is larger than 1 MiB")));
    }
    parse(&text).map_err(|(line, why)| SecretsError::Malformed { path: path.to_owned(), line, why })
}

fn parse(text: &str) -> Result<Secrets, (usize, &'static str)> {
    let mut known = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        known.push(secret(line).map_err(|why| (number, why))?);
    }
    Ok(Secrets::new(known))
}

fn secret(line: &str) -> Result<Secret, &'static str> {
    let Some((key, value)) = line.split_once('=') else {
        return Err("a line is `name = \"value\"` or `name@host = \"value\"`");
    };
    let key = key.trim().trim_matches(['"', '\'']);
    let (name, bound) = match key.split_once('@') {
        Some((name, host)) => (name, Bound::read(host).ok_or("what follows the @ is no host")?),
        None => (key, Bound::Anywhere),
    };
    let is_sound = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    if name.is_empty() || !name.chars().all(is_sound) {
        return Err("a name has letters, digits, `_`, `.` and `-`");
    }
    let value = unquoted(value.trim())?;
    if value.chars().count() < SHORTEST {
        return Err("a value has at least 4 characters; a shorter one could not be hidden");
    }
    Ok(Secret { name: name.to_owned(), bound, value })
}

/// A value as TOML writes it, or the rest of the line as it is.
fn unquoted(value: &str) -> Result<String, &'static str> {
    let (inside, rest) = if let Some(rest) = value.strip_prefix('\'') {
        let (inside, rest) = rest.split_once('\'').ok_or("the value's quote does not end")?;
        (inside.to_owned(), rest)
    } else if value.starts_with('"') {
        let mut values = serde_json::Deserializer::from_str(value).into_iter::<String>();
        let Some(Ok(inside)) = values.next() else {
            return Err("the value in quotes makes no sense");
        };
        (inside, &value[values.byte_offset()..])
    } else {
        return Ok(value.to_owned());
    };
    let rest = rest.trim_start();
    if rest.is_empty() || rest.starts_with('#') {
        return Ok(inside);
    }
    Err("something stands behind the value's quote")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn lines_are_read_in_both_ways_of_writing() {
        let text = "# ours\n\nplain=hunter2 with = and spaces\nquoted = \"a\\\"b\\\\c\" # a comment\n'single@shop.example'='it is'\n\"all@*.bank.example\" = \"1234\"\n";
        let secrets = parse(text).map_err(|(line, why)| format!("{line}: {why}")).unwrap();
        let read: Vec<_> =
            secrets.known.iter().map(|it| (&*it.name, it.bound.clone(), &*it.value)).collect();
        assert_eq!(
            read,
            [
                ("plain", Bound::Anywhere, "hunter2 with = and spaces"),
                ("quoted", Bound::Anywhere, "a\"b\\c"),
                ("single", Bound::Host("shop.example".to_owned()), "it is"),
                ("all", Bound::Below("bank.example".to_owned()), "1234"),
            ]
        );
    }

    #[test]
    fn mistakes_are_named_by_line_and_tell_no_value() {
        for bad in [
            "hunter2secret",
            "a b = hunter2secret",
            "x@ho st = hunter2secret",
            "x = \"hunter2secret",
            "x = 'hunter2secret",
            "x = 'hunter2'secret",
            "x = \"hunter2\"secret",
            "x = abc",
        ] {
            let (line, why) = parse(&format!("# one\n{bad}")).err().unwrap();
            assert_eq!(line, 2);
            assert!(!why.contains("hunter2"), "{why}");
        }
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets");
        std::fs::write(&path, "pass = hunter2secret\n").unwrap();
        for (mode, is_good) in [(0o644, false), (0o640, false), (0o600, true), (0o400, true)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let read = read(Some(&path));
            assert_eq!(read.is_ok(), is_good, "{mode:o}");
            if let Err(error) = read {
                assert!(error.to_string().contains("chmod 600"), "{error}");
            }
        }
        assert!(read(Some(&folder.path().join("none"))).is_err());
        assert!(read(None).unwrap().known.is_empty());
    }

    #[test]
    fn a_host_means_itself_and_a_star_what_is_below() {
        for (bound, host, is_allowed) in [
            ("shop.example", "shop.example", true),
            ("shop.example", "SHOP.example.", true),
            ("shop.example", "www.shop.example", false),
            ("shop.example", "evilshop.example", false),
            ("*.shop.example", "www.shop.example", true),
            ("*.shop.example", "shop.example", true),
            ("*.shop.example", "evilshop.example", false),
            ("*.shop.example", "shop.example.evil", false),
        ] {
            assert_eq!(Bound::read(bound).unwrap().allows(host), is_allowed, "{bound} {host}");
        }
    }
}
