//! `cargo xtask viewer`: fetches the viewer of the REST interface from npm, exactly the version that was looked at.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    commands::{self, read, root, run},
    steps::say,
};

/// The package, and what npm says that its archive's hash is.
const PACKAGE: &str = "swagger-ui-dist@5.35.0";
const INTEGRITY: &str = "sha512-U06rpMtW9V3XPGOBeamTUSr0Z09jMX4IJuANpE/EZbAhw0G8CgwrzU4YmXkn/h0wCDNsXdGarTNNHC3sU8yVUQ==";

/// Where the server has its files.
const FOLDER: &str = "crates/server/src/ui/viewer";
/// What is kept packed, and what is kept as it is.
const PACKED: [&str; 2] = ["swagger-ui-bundle.js", "swagger-ui.css"];
const PLAIN: [&str; 3] = ["LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt"];

/// Writes the files anew.
pub(crate) fn write() -> Result<()> {
    let fetched = fetch()?;
    let folder = root().join(FOLDER);
    for name in PLAIN {
        fs::copy(fetched.join(name), folder.join(name))?;
    }
    for name in PACKED {
        // Without name and time, so that the same file is packed the same again.
        let mut gzip = commands::command("gzip -9 --no-name --stdout");
        let output = gzip.arg(fetched.join(name)).output().context("gzip packs the files")?;
        ensure!(output.status.success(), "gzip cannot pack {name}");
        fs::write(folder.join(format!("{name}.gz")), output.stdout)?;
    }
    say(&format!("{FOLDER} is {PACKAGE}"));
    Ok(())
}

/// Fails if the files are not those of the package.
pub(crate) fn check() -> Result<()> {
    let fetched = fetch()?;
    let folder = root().join(FOLDER);
    for name in PLAIN.iter().chain(&PACKED) {
        let kept = if PACKED.contains(name) {
            read(&format!("gzip --decompress --stdout {FOLDER}/{name}.gz"))?
        } else {
            fs::read_to_string(folder.join(name))?
        };
        if kept != fs::read_to_string(fetched.join(name))? {
            bail!("{FOLDER}/{name} is not that of {PACKAGE}; run `cargo xtask viewer`");
        }
    }
    Ok(())
}

/// The folder with the package's files, after npm and we have looked at the archive's hash.
fn fetch() -> Result<std::path::PathBuf> {
    let target = Path::new("target/viewer");
    fs::create_dir_all(root().join(target))?;
    let told = read(&format!("npm pack {PACKAGE} --json --pack-destination {}", target.display()))?;
    let told: serde_json::Value =
        serde_json::from_str(&told).context("npm tells what it fetched")?;
    let integrity = told[0]["integrity"].as_str().unwrap_or_default();
    ensure!(integrity == INTEGRITY, "npm has another {PACKAGE} than was looked at: {integrity}");
    let archive = told[0]["filename"].as_str().context("npm names the archive")?;
    let folder = target.display();
    run(&format!("tar --extract --gzip --file {folder}/{archive} --directory {folder}"))?;
    Ok(root().join(target).join("package"))
}
