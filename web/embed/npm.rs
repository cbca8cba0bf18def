//! Builds the page with npm, in a folder of cargo's, so that nothing is written into the sources.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::layers::{Node, Tools};

/// The client's sources, beside the crate: the page is built from them too.
pub(crate) const SDK: &str = "../sdk/typescript/src";

/// What beside the crate is not part of what the page is built from.
const LEFT_OUT: [&str; 5] = ["node_modules", "dist", "e2e", "embed", "Cargo.toml"];

/// How much of npm's last words are shown.
const LAST_WORDS: usize = 4000;

/// Why there is no page in the end.
pub(crate) enum Failure {
    /// npm was started and failed: somebody has to look at it.
    Broken(String),
    /// Cargo may not use the network, and npm has not kept what it would need from there.
    Offline(String),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Broken(format!("cannot prepare the build of the page: {error}"))
    }
}

/// Whether Node.js and npm are there.
pub(crate) fn tools() -> Tools {
    let Some(version) = version_of("node") else {
        return Tools::Missing("Node.js was not found.".to_owned());
    };
    let node = Node::read(&version);
    if !node.is_some_and(Node::suffices) {
        let found = node.map_or_else(|| version.trim().to_owned(), |node| node.to_string());
        return Tools::Missing(format!("Node.js {found} was found, which is too old."));
    }
    match version_of("npm") {
        Some(_) => Tools::Ready,
        None => Tools::Missing("Node.js was found, but npm was not.".to_owned()),
    }
}

fn version_of(program: &str) -> Option<String> {
    let output = command(program).arg("--version").stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn command(program: &str) -> Command {
    // npm is a script there, and scripts are not found without their ending.
    if cfg!(windows) && program == "npm" { Command::new("npm.cmd") } else { Command::new(program) }
}

/// Where the page is built.
pub(crate) struct Workshop {
    sources: PathBuf,
    folder: PathBuf,
    is_offline: bool,
}

impl Workshop {
    /// In a folder below `out`; `offline` is what `CARGO_NET_OFFLINE` says.
    pub(crate) fn new(web: &Path, out: &Path, offline: Option<OsString>) -> Self {
        let is_offline = offline.is_some_and(|value| value == "true" || value == "1");
        Self { sources: web.to_owned(), folder: out.join("workshop"), is_offline }
    }

    /// Builds the page and gives the folder that it is in.
    pub(crate) fn build(&self) -> Result<PathBuf, Failure> {
        self.bring_sources()?;
        self.install()?;
        self.npm(&["run", "build"])?;
        Ok(self.web().join("dist"))
    }

    fn web(&self) -> PathBuf {
        self.folder.join("web")
    }

    /// Puts the sources where they are built. Installed packages stay from last time.
    fn bring_sources(&self) -> io::Result<()> {
        let web = self.web();
        fs::create_dir_all(&web)?;
        // Tools that read .gitignore look for it up to the repository's root, and ours leaves out all of cargo's folders.
        fs::create_dir_all(self.folder.join(".git"))?;
        for entry in fs::read_dir(&web)? {
            let entry = entry?;
            if entry.file_name() != "node_modules" && entry.file_name() != LOCK_OF_INSTALLED {
                remove(&entry.path())?;
            }
        }
        for entry in fs::read_dir(&self.sources)? {
            let entry = entry?;
            let name = entry.file_name();
            let is_hidden = name.to_string_lossy().starts_with('.');
            if is_hidden || LEFT_OUT.iter().any(|left_out| name == *left_out) {
                continue;
            }
            println!("cargo::rerun-if-changed={}", entry.path().display());
            copy(&entry.path(), &web.join(name))?;
        }
        let sdk = self.sources.join(SDK);
        println!("cargo::rerun-if-changed={}", sdk.display());
        let copied = web.join(SDK);
        remove(&copied)?;
        copy(&sdk, &copied)
    }

    /// Installs the packages as locked, unless they are those of last time.
    fn install(&self) -> Result<(), Failure> {
        let web = self.web();
        let lock = fs::read(web.join("package-lock.json"))?;
        let installed = web.join(LOCK_OF_INSTALLED);
        if fs::read(&installed).is_ok_and(|known| known == lock) {
            return Ok(());
        }
        // Vite is a development dependency, and left out where NODE_ENV says production.
        let mut arguments =
            vec!["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund"];
        arguments.push(if self.is_offline { "--offline" } else { "--prefer-offline" });
        self.npm(&arguments).map_err(|failure| match failure {
            Failure::Broken(_) if self.is_offline => Failure::Offline(
                "CARGO_NET_OFFLINE is set, and npm has not kept all packages that it takes."
                    .to_owned(),
            ),
            Failure::Broken(words) => Failure::Broken(format!(
                "{words}\nWithout the network set CARGO_NET_OFFLINE=true or BUILD_UI=0: the server is then built without its page."
            )),
            offline @ Failure::Offline(_) => offline,
        })?;
        Ok(fs::write(installed, lock)?)
    }

    fn npm(&self, arguments: &[&str]) -> Result<(), Failure> {
        let line = format!("npm {}", arguments.join(" "));
        let mut npm = command("npm");
        npm.args(arguments).current_dir(self.web()).stdin(Stdio::null());
        let output = npm.output()?;
        if output.status.success() {
            return Ok(());
        }
        let words = [output.stdout, output.stderr].concat();
        let words = String::from_utf8_lossy(&words).into_owned();
        let from = words.len().saturating_sub(LAST_WORDS);
        let from = (from..words.len()).find(|at| words.is_char_boundary(*at)).unwrap_or(0);
        Err(Failure::Broken(format!(
            "the page cannot be built: `{line}` ended with {}\n{}",
            output.status,
            &words[from..]
        )))
    }
}

/// Beside the installed packages: the lock that they were installed by, written last.
const LOCK_OF_INSTALLED: &str = "installed-package-lock.json";

fn remove(path: &Path) -> io::Result<()> {
    let is_folder = path.is_dir();
    match if is_folder { fs::remove_dir_all(path) } else { fs::remove_file(path) } {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        return fs::copy(from, to).map(drop);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}
