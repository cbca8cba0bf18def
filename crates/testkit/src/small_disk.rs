//! A file system that can be filled, for tests of what happens then. Mounting one takes root.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, bail};

/// A file system in memory of a fixed size, gone on drop.
#[derive(Debug)]
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts one of that many MiB.
    pub fn mount(mebibytes: u32) -> Result<Self> {
        let directory = tempfile::tempdir()?.keep();
        let output = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={mebibytes}m"), "tmpfs"])
            .arg(&directory)
            .output()?;
        if !output.status.success() {
            std::fs::remove_dir(&directory)?;
            bail!("mount: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(Self(directory))
    }

    /// The same; says why and returns nothing where it is not allowed.
    pub fn mount_or_skip(mebibytes: u32) -> Option<Self> {
        match Self::mount(mebibytes) {
            Ok(disk) => Some(disk),
            Err(reason) => {
                let _ = writeln!(std::io::stderr(), "skipped: {reason:#}");
                None
            }
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Takes all the room there is; [`SmallDisk::make_room`] gives it back.
    pub fn fill(&self) {
        let mut options = OpenOptions::new();
        let mut file: File =
            options.create(true).append(true).open(self.filler()).expect("a name needs no room");
        for size in [1 << 20, 4096, 1] {
            let piece = vec![0; size];
            while file.write_all(&piece).is_ok() {}
        }
    }

    /// Gives back what [`SmallDisk::fill`] took.
    pub fn make_room(&self) {
        let _ = std::fs::remove_file(self.filler());
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
        let _ = std::fs::remove_dir(&self.0);
    }
}
