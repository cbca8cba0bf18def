//! `cargo xtask test`: everything that has to pass before a push, cheap things first.

use anyhow::Result;

use crate::{
    absences, codegen, commands,
    steps::{Steps, say},
    tidy, tools, web,
};

/// Runs all steps and stops at the first that fails.
pub(crate) fn run_steps(steps: &mut Steps) -> Result<()> {
    steps.step("packages of the machine", "install them by hand", tools::install_packages)?;
    steps.step(
        "npm packages of the tests",
        "look at what npm says above",
        tools::install_node_packages,
    )?;
    steps.step("format", "run `cargo fmt`", || commands::run("cargo fmt --all --check"))?;
    steps.step("tidy", "each line above says how", tidy::run)?;
    steps.step("absent dependencies", "see CONTRIBUTING.md, dependencies", absences::check)?;
    steps.step("web page", "run the failing part alone: CONTRIBUTING.md, the page", web::test)?;
    steps.step("generated files", "run `cargo xtask codegen` and commit", codegen::check)?;
    steps.step("lints", "see the messages of clippy above", || {
        web::cargo("clippy --workspace --all-targets --locked --quiet -- --deny warnings")
    })?;
    // Tests start the real program; built once here, so that none of them waits for cargo.
    steps.step("the pilothouse program", "see the compiler's message above", || {
        web::cargo("build --package pilothouse --locked --quiet")
    })?;
    steps.step(
        "TypeScript SDK",
        "run the failing part alone: see sdk/typescript/README.md, work on it",
        typescript,
    )?;
    steps.step("examples in the documentation", "see the failing example above", || {
        web::cargo("test --workspace --doc --locked --quiet")
    })?;
    steps.step("tests", "run the failing test alone: `cargo nextest run NAME`", tests)?;
    steps.step(
        "the page in a browser",
        "run the failing file alone: CONTRIBUTING.md, the page",
        web::test_in_browser,
    )
}

/// `cargo xtask test`.
pub(crate) fn run() -> Result<()> {
    let mut steps = Steps::new();
    run_steps(&mut steps)?;
    steps.finish();
    Ok(())
}

/// The client for browsers and Node, with the program that was built before.
fn typescript() -> Result<()> {
    // Cargo puts it beside this one, wherever it was told to build.
    let program = std::env::current_exe()?.with_file_name("pilothouse");
    for part in ["npm run --silent lint", "npm run --silent check", "npm test --silent"] {
        let mut part = commands::command(part);
        part.current_dir(commands::root().join("sdk/typescript"));
        part.env("PILOTHOUSE_BIN", &program);
        commands::run_command(part)?;
    }
    Ok(())
}

fn tests() -> Result<()> {
    if tools::has_nextest() {
        return web::cargo("nextest run --workspace --locked --no-fail-fast");
    }
    say("cargo-nextest is not installed, so the tests run one binary after the other");
    web::cargo("test --workspace --locked --lib --bins --tests --no-fail-fast")
}
