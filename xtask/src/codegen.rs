//! `cargo xtask codegen`: the TypeScript types of the wire, made by ts-rs from the Rust ones; the AsyncAPI documents,
//! made by schemars from the same; the documents about the configuration and the REST interface, which the
//! program itself prints; and the TypeScript types of that interface.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{commands, message_tags, rest_shapes, steps::say};

/// Where the generated types are kept in the repository.
const WIRE: &str = "sdk/typescript/src/wire";

/// Where the tests write the AsyncAPI documents, and where they are kept.
const SOCKETS: (&str, &str) = ("asyncapi", "docs/api/asyncapi");

/// The documents that the program itself prints: the file, and how the program is asked for it.
const DOCUMENTS: &[(&str, &str)] = &[
    ("docs/configuration.md", "config --keys=markdown"),
    ("docs/pilothouse.example.toml", "config --example"),
    (OPENAPI, "openapi"),
];

/// The one of them that the types of the REST routes are made from.
const OPENAPI: &str = "docs/api/openapi.json";

/// File names and their texts.
type Files = BTreeMap<PathBuf, String>;

/// Writes the generated files; those that nothing generates any more are removed.
pub(crate) fn write() -> Result<()> {
    let mut exported = export()?;
    write_folder(SOCKETS.1, &exported.sockets)?;
    // The program has the files above in it, so that it is asked after they are there.
    let documents = documents()?;
    exported.add_routes(&documents)?;
    write_folder(WIRE, &exported.wire)?;
    for (name, text) in documents {
        fs::write(commands::root().join(&name), text)?;
        say(&format!("{} is up to date", name.display()));
    }
    Ok(())
}

/// Fails if a generated file is not what it should be.
pub(crate) fn check() -> Result<()> {
    let documents = documents()?;
    let mut kept = Files::new();
    for name in documents.keys() {
        // One that is missing differs from any text.
        if let Ok(text) = fs::read_to_string(commands::root().join(name)) {
            kept.insert(name.clone(), text);
        }
    }
    let mut differing = differences(&documents, &kept);
    let mut exported = export()?;
    exported.add_routes(&documents)?;
    for (folder, files) in [(WIRE, exported.wire), (SOCKETS.1, exported.sockets)] {
        let names = differences(&files, &read(&commands::root().join(folder))?);
        differing.extend(names.into_iter().map(|name| format!("{folder}/{name}")));
    }
    if differing.is_empty() {
        return Ok(());
    }
    bail!(
        "these files are not what the code says: {}; run `cargo xtask codegen` and commit what it \
         writes",
        differing.join(", ")
    );
}

fn documents() -> Result<Files> {
    let printed = |(name, arguments): &(&str, &str)| {
        let line = format!("cargo run --quiet --locked --package pilothouse -- {arguments}");
        Ok((PathBuf::from(name), commands::read(&line)?))
    };
    DOCUMENTS.iter().map(printed).collect()
}

/// The names of files that are missing, left over, or have another text.
fn differences(generated: &Files, kept: &Files) -> Vec<String> {
    let mut names: Vec<&PathBuf> = generated.keys().chain(kept.keys()).collect();
    names.sort();
    names.dedup();
    let differs = |name: &&PathBuf| generated.get(*name) != kept.get(*name);
    names.into_iter().filter(differs).map(|name| name.display().to_string()).collect()
}

fn write_folder(name: &str, files: &Files) -> Result<()> {
    let folder = commands::root().join(name);
    for gone in read(&folder)?.keys().filter(|name| !files.contains_key(*name)) {
        fs::remove_file(folder.join(gone))?;
    }
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().context("a generated file has a folder")?)?;
        fs::write(path, text)?;
    }
    say(&format!("{} files in {name} are up to date", files.len()));
    Ok(())
}

/// What the tests of the protocols write, by the folders where it is kept.
struct Exported {
    wire: Files,
    sockets: Files,
}

impl Exported {
    /// Adds the types of the REST routes; `documents` is what the program printed.
    fn add_routes(&mut self, documents: &Files) -> Result<()> {
        let routes = documents.get(Path::new(OPENAPI)).context("there are no routes")?;
        self.wire.insert("rest.ts".into(), rest_shapes::rest(routes)?);
        Ok(())
    }
}

fn export() -> Result<Exported> {
    let folder = commands::root().join("target/xtask-codegen");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let mut export = commands::command(
        "cargo test --quiet --locked --package pilothouse-protocols --lib export_bindings",
    );
    export.env("TS_RS_EXPORT_DIR", &folder).stdout(std::process::Stdio::null());
    commands::run_command(export)?;
    let sockets = read(&folder.join(SOCKETS.0))?;
    fs::remove_dir_all(folder.join(SOCKETS.0))?;
    let mut files = read(&folder)?;
    let wire = files.get(Path::new("sessions_and_workers.ts"));
    let constants = message_tags::constants(wire.context("there are no messages of sessions")?)?;
    files.insert("sessions_and_workers_constants.ts".into(), constants);
    Ok(Exported { wire: files, sockets })
}

/// All files below a folder; none if there is no such folder.
fn read(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop().filter(|next| next.exists()) {
        for entry in fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder)?.to_path_buf();
                files.insert(name, fs::read_to_string(&path)?);
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(entries: &[(&str, &str)]) -> Files {
        entries.iter().map(|(name, text)| (PathBuf::from(name), (*text).to_string())).collect()
    }

    #[test]
    fn missing_changed_and_left_over_files_are_named() {
        let generated = files(&[("a.ts", "1"), ("b.ts", "2"), ("same.ts", "3")]);
        let kept = files(&[("b.ts", "old"), ("c.ts", "4"), ("same.ts", "3")]);
        assert_eq!(differences(&generated, &kept), ["a.ts", "b.ts", "c.ts"]);
        assert!(differences(&generated, &generated).is_empty());
    }
}
