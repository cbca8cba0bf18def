//! What is at a path.

use std::{
    io,
    path::{Path, PathBuf},
};

use pilothouse_protocols::agent_link::requests::{Failure, FailureCode, PathKind, StatAnswer};
use tokio::fs;

use super::failure;
use crate::AgentConfig;

/// The longest path that is looked at, in bytes.
const LONGEST_PATH: usize = 4096;

/// Looks at a path, which is absolute or begins with `~/`. A path at which nothing is, or nothing that may be
/// seen, is no failure: it is missing.
pub(super) async fn stat(path: &str, config: &AgentConfig) -> Result<StatAnswer, Failure> {
    let path = resolve(path, config)?;
    let (kind, real) = match fs::canonicalize(&path).await {
        Ok(real) => match fs::metadata(&real).await {
            Ok(metadata) if metadata.is_dir() => (PathKind::Directory, real),
            Ok(metadata) if metadata.is_file() => (PathKind::File, real),
            Ok(_) => (PathKind::Other, real),
            Err(_) => (PathKind::Missing, real),
        },
        Err(_) => (PathKind::Missing, real_as_far_as_it_goes(&path).await),
    };
    let real_path = real.into_os_string().into_string().map_err(|_| {
        failure(FailureCode::Invalid, "the path leads to a name that is not UTF-8; rename it")
    })?;
    Ok(StatAnswer { kind, real_path })
}

fn resolve(path: &str, config: &AgentConfig) -> Result<PathBuf, Failure> {
    let invalid = |reason| Err(failure(FailureCode::Invalid, reason));
    if path.contains('\0') || path.len() > LONGEST_PATH {
        return invalid("a path has at most 4096 bytes and no NUL character");
    }
    let home = || config.environment.iter().find(|(name, _)| name == "HOME").map(|(_, home)| home);
    let below_home = if path == "~" { Some("") } else { path.strip_prefix("~/") };
    let path = match (below_home, home()) {
        (Some(rest), Some(home)) => Path::new(home).join(rest.trim_start_matches('/')),
        (Some(_), None) => return invalid("the agent has no home directory; name the whole path"),
        (None, _) => PathBuf::from(path),
    };
    if path.is_absolute() {
        Ok(path)
    } else {
        invalid("a path has to be absolute, or begin with ~/")
    }
}

/// The longest beginning of the path that exists, without links, and the rest as it was asked for.
async fn real_as_far_as_it_goes(path: &Path) -> PathBuf {
    for parent in path.ancestors().skip(1) {
        match fs::canonicalize(parent).await {
            Ok(real) => {
                let rest = path.strip_prefix(parent).unwrap_or(path);
                return real.join(rest);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(_) => break,
        }
    }
    path.to_owned()
}

#[cfg(test)]
mod tests {
    use pilothouse_core::ids::AgentId;

    use super::*;

    async fn look(path: &str, home: &Path) -> Result<StatAnswer, Failure> {
        let id = AgentId::new("a-1").unwrap();
        let mut config = AgentConfig::new("ws://127.0.0.1:1", id, None, "/tmp");
        config.environment = vec![("HOME".into(), home.into())];
        stat(path, &config).await
    }

    #[tokio::test]
    async fn paths_are_told_apart_and_made_real() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().canonicalize().unwrap();
        std::fs::create_dir(home.join("real")).unwrap();
        std::fs::write(home.join("file"), "").unwrap();
        std::os::unix::fs::symlink(home.join("real"), home.join("link")).unwrap();
        std::os::unix::fs::symlink("loop", home.join("loop")).unwrap();
        let at = |name: &str| home.join(name).to_str().unwrap().to_owned();
        for (path, kind, real) in [
            ("~/link/../real/.".to_owned(), PathKind::Directory, at("real")),
            (at("link"), PathKind::Directory, at("real")),
            ("~/file".to_owned(), PathKind::File, at("file")),
            ("~/link/no/such".to_owned(), PathKind::Missing, at("real/no/such")),
            (at("file/below"), PathKind::Missing, at("file/below")),
            ("~/loop".to_owned(), PathKind::Missing, at("loop")),
            ("/dev/null".to_owned(), PathKind::Other, "/dev/null".to_owned()),
            ("~".to_owned(), PathKind::Directory, home.to_str().unwrap().to_owned()),
        ] {
            assert_eq!(
                look(&path, &home).await,
                Ok(StatAnswer { kind, real_path: real }),
                "{path}"
            );
        }
        for path in ["", "relative", "~other/x", "/a\0b"] {
            assert_eq!(look(path, &home).await.unwrap_err().code, FailureCode::Invalid, "{path:?}");
        }
    }
}
