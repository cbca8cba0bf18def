//! Brings the page into the program: finds, builds or misses it, and writes down for `lib.rs` what came of that.

mod layers;
mod listing;
mod npm;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use layers::{Layer, Surroundings, decide, without_tools};
use npm::{Failure, Workshop};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            for line in sentence.lines() {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    for name in ["PILOTHOUSE_WEB_DIST", "BUILD_UI"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    println!("cargo::rerun-if-changed=embed");
    let web = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(variable("OUT_DIR")?);
    let here = Surroundings {
        given: env::var_os("PILOTHOUSE_WEB_DIST").filter(|path| !path.is_empty()).map(Into::into),
        has_dist: has_page(&web.join("dist")),
        has_sources: web.join("package.json").exists() && web.join(npm::SDK).exists(),
        is_release: env::var_os("PROFILE").is_some_and(|profile| profile == "release"),
        wish: env::var_os("BUILD_UI").filter(|wish| !wish.is_empty()).map(|wish| wish != "0"),
    };
    let workshop = Workshop::new(&web, &out, env::var_os("CARGO_NET_OFFLINE"));
    let mut layer = decide(&here, npm::tools);
    if layer == Layer::Build {
        match workshop.build() {
            Ok(dist) => return embed(&dist, &out),
            Err(Failure::Broken(sentence)) => return Err(sentence),
            Err(Failure::Offline(reason)) => layer = without_tools(&here, reason),
        }
    }
    settle(layer, &web, &out)
}

/// Writes down what is not built now.
fn settle(layer: Layer, web: &Path, out: &Path) -> Result<(), String> {
    match layer {
        Layer::Given(dist) => {
            if !dist.is_absolute() || !has_page(&dist) {
                let dist = dist.display();
                return Err(format!(
                    "PILOTHOUSE_WEB_DIST={dist} has to be the absolute path of a folder with an index.html"
                ));
            }
            embed_kept(&dist, out)
        }
        Layer::MaybeStale(reason) => {
            watch_for_tools();
            println!(
                "cargo::warning=web/dist is embedded as it is, and may be older than its sources: it could not be built anew. {reason}"
            );
            embed_kept(&web.join("dist"), out)
        }
        Layer::Dist | Layer::Build => embed_kept(&web.join("dist"), out),
        Layer::Folder => {
            let dist = web.join("dist");
            write(out, &format!("Page::Folder({:?})", dist.display().to_string()))
        }
        Layer::Absent(reason) => {
            watch_for_tools();
            println!(
                "cargo::warning=the server is built without its page; everything else works. {reason} \
                 It takes Node.js (20.19, 22.12 or later), npm and the network, or PILOTHOUSE_WEB_DIST"
            );
            write(out, &format!("Page::Absent({reason:?})"))
        }
    }
}

fn has_page(folder: &Path) -> bool {
    folder.join("index.html").is_file()
}

/// Node.js may come into one of these folders, and then the next build is to find it.
fn watch_for_tools() {
    println!("cargo::rerun-if-env-changed=PATH");
    println!("cargo::rerun-if-env-changed=CARGO_NET_OFFLINE");
    let path = env::var_os("PATH").unwrap_or_default();
    for folder in env::split_paths(&path).filter(|folder| folder.ends_with("bin")) {
        if folder.is_dir() {
            println!("cargo::rerun-if-changed={}", folder.display());
        }
    }
}

/// Takes a page that others built, and takes it anew when it changes.
fn embed_kept(dist: &Path, out: &Path) -> Result<(), String> {
    println!("cargo::rerun-if-changed={}", dist.display());
    embed(dist, out)
}

/// Copies the page, so that it is there as long as what was built of it, and lists it.
fn embed(dist: &Path, out: &Path) -> Result<(), String> {
    let copy = out.join("page");
    let listed = listing::take(dist, &copy).map_err(|error| {
        format!("cannot copy {} to {}: {error}", dist.display(), copy.display())
    })?;
    write(out, &listed)
}

fn write(out: &Path, page: &str) -> Result<(), String> {
    let text = format!("/// The page of this build.\npub const PAGE: Page = {page};\n");
    let file = out.join("page.rs");
    fs::write(&file, text).map_err(|error| format!("cannot write {}: {error}", file.display()))
}

fn variable(name: &str) -> Result<String, String> {
    let value = env::var_os(name).ok_or_else(|| format!("cargo did not set {name}"))?;
    value.into_string().map_err(|_| format!("{name} is not UTF-8"))
}
