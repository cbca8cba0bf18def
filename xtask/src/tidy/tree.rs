//! The files of the repository as the checks see them.

use std::{collections::BTreeMap, fmt, fs};

use anyhow::Result;

use crate::commands;

/// Every file that git knows or would add, with its text if it is UTF-8.
#[derive(Default)]
pub(crate) struct Tree {
    files: BTreeMap<String, Option<String>>,
}

/// Something to fix.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The file.
    pub(crate) path: String,
    /// The line, counted from 1; 0 if it is about the whole file.
    pub(crate) line: usize,
    /// What is wrong and how to fix it.
    pub(crate) message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.message),
            line => write!(f, "{}:{line}: {}", self.path, self.message),
        }
    }
}

/// A finding about a whole file.
pub(crate) fn about(path: &str, message: String) -> Finding {
    Finding { path: path.to_string(), line: 0, message }
}

/// A finding about one line.
pub(crate) fn at(path: &str, line: usize, message: String) -> Finding {
    Finding { path: path.to_string(), line, message }
}

impl Tree {
    /// The repository's files as they are on disk now.
    pub(crate) fn load() -> Result<Self> {
        let names = commands::read("git ls-files -z --cached --others --exclude-standard")?;
        let mut tree = Self::default();
        for name in names.split('\0').filter(|name| !name.is_empty()) {
            // A file that was removed but not yet committed is still in git's list.
            if let Ok(bytes) = fs::read(commands::root().join(name)) {
                tree.files.insert(name.to_string(), String::from_utf8(bytes).ok());
            }
        }
        Ok(tree)
    }

    /// A made-up tree.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let files =
            files.iter().map(|(path, text)| ((*path).to_string(), Some((*text).to_string())));
        Self { files: files.collect() }
    }

    /// One file's text.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.as_deref()
    }

    /// Whether there is such a file or folder.
    pub(crate) fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let folder = format!("{path}/");
        path.is_empty()
            || self.files.contains_key(path)
            || self
                .files
                .range(folder.clone()..)
                .next()
                .is_some_and(|(name, _)| name.starts_with(&folder))
    }

    /// All text files with one of these endings.
    pub(crate) fn texts<'a>(
        &'a self,
        endings: &'a [&str],
    ) -> impl Iterator<Item = (&'a str, &'a str)> + 'a {
        self.files.iter().filter_map(move |(path, text)| {
            let wanted = endings.iter().any(|ending| path.ends_with(ending));
            Some((path.as_str(), text.as_deref()?)).filter(|_| wanted)
        })
    }

    /// All Rust files below a folder.
    pub(crate) fn rust<'a>(
        &'a self,
        folder: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> + 'a {
        self.texts(&[".rs"]).filter(move |(path, _)| path.starts_with(folder))
    }
}
