//! From an order to a program: which one, where, and what is in its environment.

use std::{
    ffi::{OsStr, OsString},
    path::Path,
};

use pilothouse_core::sessions::SpawnOrder;

use super::pty::Launch;
use crate::processes::{Mark, check_directory, check_environment};

/// Variables of the agent's own environment that workers get. What is not named here stays with the agent,
/// because it may be a secret or may make programs believe that they run elsewhere.
const INHERITED: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMPDIR",
    "SSH_AUTH_SOCK",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "DBUS_SESSION_BUS_ADDRESS",
    "NIX_PATH",
    "NIX_SSL_CERT_FILE",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
];
/// The same for all variables that begin so.
const INHERITED_FAMILIES: &[&str] = &["LC_", "XDG_"];

/// The shell of people of whom nothing else is known.
const PLAIN_SHELL: &str = "/bin/sh";
/// Shells that take `-l -c` and understand [`UNDER_LOGIN`].
const KNOWN_SHELLS: &[&str] = &["sh", "bash", "dash", "zsh", "ksh", "mksh", "fish", "ash"];
/// Carries a line through the login shell, so that no shell but the last one reads it.
const LINE: &str = "PILOTHOUSE_LINE";
/// Runs the line once the login shell has read what people write down for it.
const UNDER_LOGIN: &str = "exec /usr/bin/env -u PILOTHOUSE_LINE /bin/sh -c \"$PILOTHOUSE_LINE\"";

/// The program of an order, or in words why there is none.
pub(super) fn launch(
    order: &SpawnOrder,
    environment: &[(OsString, OsString)],
) -> Result<Launch, String> {
    let own = || order.launch.environment.iter().map(|(name, value)| (&**name, &**value));
    check_environment(own())?;
    if order.launch.line.as_ref().is_some_and(|line| line.contains('\0')) {
        return Err("the command line contains a NUL character".to_owned());
    }
    let directory = Path::new(order.directory.as_ref());
    if !directory.is_absolute() {
        return Err(format!("directory {} is not absolute", directory.display()));
    }
    check_directory(directory)?;
    let mut all: Vec<(OsString, OsString)> =
        environment.iter().filter(|(name, _)| is_inherited(name)).cloned().collect();
    let mut set = |name: &str, value: &OsStr| {
        all.retain(|(known, _)| known != name);
        all.push((name.into(), value.into()));
    };
    set("TERM", "xterm-256color".as_ref());
    set("COLORTERM", "truecolor".as_ref());
    set("PWD", directory.as_os_str());
    for (name, value) in own() {
        set(name, value.as_ref());
    }
    // What tells a process where it is cannot be overridden.
    set("PILOTHOUSE_SESSION", order.session.as_str().as_ref());
    set("PILOTHOUSE_WORKER", order.stream.source.id().as_ref());
    let shell = shell(environment);
    let (program, arguments) = match &order.launch.line {
        None => (shell, vec!["-l".into()]),
        Some(line) => {
            set(LINE, line.as_ref().as_ref());
            let name = Path::new(&shell).file_name().and_then(OsStr::to_str);
            let is_known = name.is_some_and(|name| KNOWN_SHELLS.contains(&name));
            let program = if is_known { shell } else { PLAIN_SHELL.into() };
            (program, vec!["-l".into(), "-c".into(), UNDER_LOGIN.into()])
        }
    };
    let mark = Mark::of(&order.stream);
    let directory = directory.to_owned();
    Ok(Launch { program, arguments, directory, environment: all, mark, size: order.size })
}

/// The user's shell, if it is there.
fn shell(environment: &[(OsString, OsString)]) -> OsString {
    let named = environment.iter().find(|(name, _)| name == "SHELL").map(|(_, value)| value);
    let usable = named.filter(|shell| Path::new(shell).is_absolute() && Path::new(shell).is_file());
    usable.cloned().unwrap_or_else(|| PLAIN_SHELL.into())
}

fn is_inherited(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| {
        INHERITED.contains(&name)
            || INHERITED_FAMILIES.iter().any(|family| name.starts_with(family))
    })
}

#[cfg(test)]
mod tests {
    use pilothouse_core::{
        ids::{SessionId, WorkerId},
        sessions::{self, Size},
        streams::{Source, StreamKey},
    };

    use super::*;

    fn order(line: Option<&str>) -> SpawnOrder {
        SpawnOrder {
            stream: StreamKey { source: Source::Worker(WorkerId::new("w").unwrap()), epoch: 3 },
            session: SessionId::new("s").unwrap(),
            directory: "/".into(),
            size: Size::default(),
            launch: sessions::Launch {
                line: line.map(Into::into),
                environment: vec![("PROMPT".into(), "a 'b'".into()), ("LANG".into(), "C".into())],
                asking_patterns: [].into(),
            },
            is_agent: false,
        }
    }

    fn variables(pairs: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
        pairs.iter().map(|(name, value)| (name.into(), value.into())).collect()
    }

    #[test]
    fn only_harmless_variables_are_inherited_and_the_orders_own_win() {
        let mine = variables(&[
            ("PATH", "/bin"),
            ("LC_ALL", "x"),
            ("LANG", "de"),
            ("TERM", "dumb"),
            ("AWS_SECRET", "1"),
            ("CLAUDECODE", "1"),
        ]);
        let launch = launch(&order(None), &mine).unwrap();
        let mut names: Vec<_> = launch
            .environment
            .iter()
            .map(|(n, v)| format!("{}={}", n.display(), v.display()))
            .collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "COLORTERM=truecolor",
                "LANG=C",
                "LC_ALL=x",
                "PATH=/bin",
                "PILOTHOUSE_SESSION=s",
                "PILOTHOUSE_WORKER=w",
                "PROMPT=a 'b'",
                "PWD=/",
                "TERM=xterm-256color",
            ]
        );
    }

    #[test]
    fn a_line_runs_under_the_login_shell_and_no_line_is_that_shell() {
        let plain = launch(&order(None), &variables(&[("SHELL", "/no/such/shell")])).unwrap();
        assert_eq!((plain.program, plain.arguments), ("/bin/sh".into(), vec!["-l".into()]));
        let odd = launch(&order(Some("x")), &variables(&[("SHELL", "/bin/true")])).unwrap();
        assert_eq!(odd.program, "/bin/sh");
        assert!(odd.environment.contains(&(LINE.into(), "x".into())));
    }

    #[test]
    fn what_cannot_be_started_is_said_in_words() {
        let refused = |change: fn(&mut SpawnOrder)| {
            let mut order = order(Some("true"));
            change(&mut order);
            launch(&order, &[]).unwrap_err()
        };
        assert!(refused(|o| o.directory = "/no/such".into()).contains("/no/such"));
        assert!(refused(|o| o.directory = "tmp".into()).contains("not absolute"));
        assert!(refused(|o| o.launch.line = Some("a\0b".into())).contains("NUL"));
        assert!(refused(|o| o.launch.environment[0].0 = "A=".into()).contains("A="));
    }
}
