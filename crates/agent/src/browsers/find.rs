//! Which browser there is on this machine.

use std::{
    ffi::OsString,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// What Chromium and its relatives are called, the better known first.
const NAMES: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "brave-browser",
];
/// Where such programs are when the search path does not say so.
const PLACES: &[&str] = &["/usr/bin", "/usr/local/bin", "/snap/bin", "/opt/google/chrome"];

/// The program that was named, or the first one that is there; nothing if there is none.
pub(crate) fn find(named: Option<&Path>, environment: &[(OsString, OsString)]) -> Option<PathBuf> {
    if let Some(named) = named {
        return is_program(named).then(|| named.to_owned());
    }
    let path = environment.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value);
    let searched = path.map(|path| std::env::split_paths(path).collect::<Vec<_>>());
    let folders: Vec<_> =
        searched.into_iter().flatten().chain(PLACES.iter().map(PathBuf::from)).collect();
    NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|program| program.is_absolute() && is_program(program))
}

fn is_program(path: &Path) -> bool {
    std::fs::metadata(path)
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_named_program_counts_alone_and_otherwise_the_search_path() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("google-chrome");
        let environment = [(OsString::from("PATH"), folder.path().as_os_str().to_owned())];
        fs::write(&program, "").unwrap();
        assert_eq!(find(Some(&program), &environment), None, "it cannot be run");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(find(Some(&program), &environment), Some(program.clone()));
        let better = folder.path().join("chromium");
        fs::copy(&program, &better).unwrap();
        assert_eq!(find(None, &environment), Some(better));
        assert_eq!(find(Some(Path::new("/nowhere/chromium")), &environment), None);
    }
}
