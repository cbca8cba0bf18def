//! The folder in which a watched run is kept.

use std::{
    fs::{self, DirBuilder},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::failure::{Failure, IO};

/// How PNG files begin.
const PNG: &[u8] = b"\x89PNG";

/// A folder that is there.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes it if it is not there. What pages show may be nobody else's business.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|error| failed(path, &error))?;
        Ok(Self(path.to_owned()))
    }

    /// Keeps the picture of a step; where it is.
    pub(super) fn picture(&self, step: u32, bytes: &[u8]) -> Result<PathBuf, Failure> {
        let kind = if bytes.starts_with(PNG) { "png" } else { "jpg" };
        self.write(&format!("step-{step:03}.{kind}"), bytes)
    }

    /// Keeps what the run was, with its steps, and the commands that do the same again.
    pub(super) fn run(&self, run: &Value, steps: &[Value]) -> Result<(), Failure> {
        let whole = json!({ "run": run, "steps": steps });
        self.write("run.json", format!("{whole:#}\n").as_bytes())?;
        let commands = run.get("commands").filter(|commands| commands.is_array());
        let commands = commands.cloned().unwrap_or_else(|| json!([]));
        self.write("commands.json", format!("{commands:#}\n").as_bytes())?;
        Ok(())
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, Failure> {
        let path = self.0.join(name);
        fs::write(&path, bytes).map_err(|error| failed(&path, &error))?;
        Ok(path)
    }
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(IO, format!("cannot write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_and_the_run_are_kept_under_names_that_sort() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(&place.path().join("a/b")).unwrap();
        let jpeg = folder.picture(7, &[0xff, 0xd8, 0xff]).unwrap();
        let png = folder.picture(12, b"\x89PNG\r\n").unwrap();
        assert!(jpeg.ends_with("a/b/step-007.jpg") && png.ends_with("a/b/step-012.png"));
        let run = json!({"id": "run-1", "commands": [{"type": "back"}]});
        folder.run(&run, &[json!({"number": 1})]).unwrap();
        let read = |name: &str| -> Value {
            serde_json::from_slice(&fs::read(folder.path().join(name)).unwrap()).unwrap()
        };
        assert_eq!(read("commands.json"), json!([{"type": "back"}]));
        assert_eq!(read("run.json"), json!({"run": run, "steps": [{"number": 1}]}));
        folder.run(&json!({"id": "run-1"}), &[]).unwrap();
        assert_eq!(read("commands.json"), json!([]));
    }
}
