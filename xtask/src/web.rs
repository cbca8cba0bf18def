//! `cargo xtask ui`, and what the tests do with the page.

use anyhow::Result;

use crate::{
    commands::{command, root, run_command},
    steps::say,
    tools,
};

/// Where the page's sources are, and below that what is built of them.
const FOLDER: &str = "web";

/// Builds the page into `web/dist`, where debug builds find it at their next request.
pub(crate) fn build(watches: bool) -> Result<()> {
    tools::install_node_packages_in(FOLDER)?;
    npm(if watches { "run build -- --watch" } else { "run build" })?;
    say("web/dist is built; the next `cargo run` shows it, and one that runs already");
    Ok(())
}

/// Everything that is looked at without a browser, and the build.
pub(crate) fn test() -> Result<()> {
    for part in ["run --silent lint", "run --silent check", "test --silent"] {
        npm(part)?;
    }
    npm("run --silent build -- --logLevel warn")
}

/// The page in a real browser, in front of the program that was built before.
pub(crate) fn test_in_browser() -> Result<()> {
    let mut npm = in_folder("npm run --silent e2e");
    // Cargo puts it beside this one, wherever it was told to build.
    npm.env("PILOTHOUSE_BIN", std::env::current_exe()?.with_file_name("pilothouse"));
    run_command(npm)
}

/// Runs cargo so that the program has the page in it that was built before, as a release has.
pub(crate) fn cargo(line: &str) -> Result<()> {
    let mut cargo = command(&format!("cargo {line}"));
    cargo.env("PILOTHOUSE_WEB_DIST", root().join(FOLDER).join("dist"));
    run_command(cargo)
}

fn npm(arguments: &str) -> Result<()> {
    run_command(in_folder(&format!("npm {arguments}")))
}

fn in_folder(line: &str) -> std::process::Command {
    let mut command = command(line);
    command.current_dir(root().join(FOLDER));
    command
}
