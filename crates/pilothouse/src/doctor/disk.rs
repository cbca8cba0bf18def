//! The data directory: there, ours, private, writable, with room; and the secret in it.

use std::{
    fs::{self, File},
    io::ErrorKind,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
};

use nix::{
    sys::statvfs::statvfs,
    unistd::{AccessFlags, access},
};
use pilothouse_server::{auth::secret::Secret, config::Config};

use super::Finding;

/// Below this the server cannot be expected to go on for long.
const TOO_LITTLE: u64 = 100 << 20;
/// Below this somebody should look.
const LITTLE: u64 = 1 << 30;

pub(super) fn data_dir(path: &Path) -> Finding {
    let check = "data directory";
    let shown = path.display();
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return match writable_parent(path) {
                Some(_) => Finding::ok(check, format!("{shown} is made on the first start")),
                None => Finding::problem(
                    check,
                    format!(
                        "{shown} is not there and cannot be made; choose another with --data-dir"
                    ),
                ),
            };
        }
        Err(error) => return Finding::problem(check, format!("cannot look at {shown}: {error}")),
    };
    if !found.is_dir() {
        let sentence = format!("{shown} is not a directory; choose another with --data-dir");
        return Finding::problem(check, sentence);
    }
    if access(path, AccessFlags::W_OK | AccessFlags::X_OK).is_err() {
        let sentence =
            format!("{shown} is not writable for this user; run the server as its owner");
        return Finding::problem(check, sentence);
    }
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let sentence =
            format!("{shown} has mode {mode:04o}, others can look in; run: chmod 700 {shown}");
        return Finding::warning(check, sentence);
    }
    Finding::ok(check, format!("{shown} is private and writable"))
}

/// The nearest folder above that exists, if we may write there.
fn writable_parent(path: &Path) -> Option<&Path> {
    let parent = path.ancestors().skip(1).find(|parent| parent.exists())?;
    access(parent, AccessFlags::W_OK | AccessFlags::X_OK).is_ok().then_some(parent)
}

pub(super) fn secret(config: &Config) -> Option<Finding> {
    let check = "secret";
    if config.auth_secret.is_some() {
        return Some(Finding::ok(check, "comes from the configuration"));
    }
    let path = Secret::path(&config.data_dir);
    if !path.exists() && !config.data_dir.join("pilothouse.db").exists() {
        return None;
    }
    Some(match Secret::read(&config.data_dir) {
        Ok(_) => Finding::ok(check, format!("{} is private and long enough", path.display())),
        Err(_) if !path.exists() => Finding::warning(
            check,
            format!("{} is gone; the next start makes another, and all tokens end", path.display()),
        ),
        Err(error) => Finding::problem(check, error.to_string()),
    })
}

pub(super) fn free_space(data_dir: &Path) -> Option<Finding> {
    let there = data_dir.ancestors().find(|folder| folder.exists())?;
    let found = statvfs(there).ok()?;
    let free = found.blocks_available().saturating_mul(found.fragment_size());
    let sentence = format!("{} free where the data is", amount(free));
    Some(match free {
        ..TOO_LITTLE => Finding::problem(
            "disk",
            format!("only {sentence}; make room, or the server refuses new commands"),
        ),
        TOO_LITTLE..LITTLE => Finding::warning(
            "disk",
            format!("only {sentence}; make room or lower output.keep_total"),
        ),
        LITTLE.. => Finding::ok("disk", sentence),
    })
}

fn amount(bytes: u64) -> String {
    if bytes < 10 << 30 { format!("{} MiB", bytes >> 20) } else { format!("{} GiB", bytes >> 30) }
}

/// Who owns the secret: whoever runs as that user can make tokens.
pub(super) fn owner_of_secret(config: &Config) -> Option<u32> {
    let secret = File::open(Secret::path(&config.data_dir)).and_then(|file| file.metadata());
    secret.ok().map(|found| found.uid())
}

#[cfg(test)]
mod tests {
    use super::{super::Verdict, *};

    #[test]
    fn an_open_directory_is_a_warning_and_none_yet_is_fine() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        assert_eq!(data_dir(&path).verdict, Verdict::Ok);
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let open = data_dir(&path);
        assert_eq!(open.verdict, Verdict::Warning);
        assert!(open.sentence.contains("chmod 700"), "{}", open.sentence);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(data_dir(&path).verdict, Verdict::Ok);
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert_eq!(data_dir(&file).verdict, Verdict::Problem);
    }

    #[test]
    fn a_secret_that_others_can_read_is_a_problem() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data_dir: folder.path().to_owned(), ..Config::default() };
        assert!(secret(&config).is_none(), "there is nothing to protect yet");
        Secret::read_or_create(folder.path()).unwrap();
        assert_eq!(secret(&config).unwrap().verdict, Verdict::Ok);
        let path = Secret::path(folder.path());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let found = secret(&config).unwrap();
        assert_eq!(found.verdict, Verdict::Problem);
        assert!(found.sentence.contains("chmod 600"), "{}", found.sentence);
        fs::remove_file(&path).unwrap();
        fs::write(folder.path().join("pilothouse.db"), "").unwrap();
        assert_eq!(secret(&config).unwrap().verdict, Verdict::Warning);
    }
}
