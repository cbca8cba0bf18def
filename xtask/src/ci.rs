//! `cargo xtask ci`: what the nightly run does beyond `cargo xtask test`.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::{
    commands::{self, root, succeeds},
    steps::Steps,
    test, viewer,
};

/// The program that drives the WebSocket codec against known cases; it builds what it needs.
const CONFORMANCE: &str = "crates/websocket/conformance/run.py";

/// Runs all steps and stops at the first that fails.
pub(crate) fn run(fuzz_seconds: u32) -> Result<()> {
    let mut steps = Steps::new();
    test::run_steps(&mut steps)?;
    steps.step("documentation", "see the warnings of rustdoc above", documentation)?;
    steps.step("the viewer's files", "run `cargo xtask viewer`", viewer::check)?;
    steps.step("websocket conformance", "the report above names the failing cases", || {
        commands::run(&format!("python3 {CONFORMANCE}"))
    })?;
    for target in fuzz_targets()? {
        let fix = format!("the input is in fuzz/artifacts/{target}; make a test of it first");
        steps.step(&format!("fuzz {target}"), &fix, || fuzz(&target, fuzz_seconds))?;
    }
    steps.finish();
    Ok(())
}

fn documentation() -> Result<()> {
    let mut doc = commands::command("cargo doc --workspace --no-deps --locked --quiet");
    doc.env("RUSTDOCFLAGS", "--deny warnings");
    commands::run_command(doc)
}

fn fuzz(target: &str, seconds: u32) -> Result<()> {
    ensure!(
        succeeds("cargo +nightly fuzz --version"),
        "cargo-fuzz is missing; `cargo install cargo-fuzz` and `rustup toolchain install nightly` bring it"
    );
    // What is found goes into the first folder, so that the committed corpus stays as it is.
    let found = format!("target/fuzz/{target}");
    fs::create_dir_all(root().join(&found))?;
    commands::run(&format!(
        "cargo +nightly fuzz run {target} {found} fuzz/corpus/{target} -- -max_total_time={seconds} -rss_limit_mb=2048"
    ))
}

/// The names of the fuzz targets: the files in `fuzz/fuzz_targets`.
fn fuzz_targets() -> Result<Vec<String>> {
    let folder = root().join("fuzz/fuzz_targets");
    let entries = fs::read_dir(&folder)
        .with_context(|| format!("{} holds the fuzz targets", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    Ok(names)
}
