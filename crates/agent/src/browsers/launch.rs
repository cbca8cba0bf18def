//! Starts Chromium: one that talks to its agent alone, keeps to its folder, and goes out through its gate.

use std::{
    ffi::OsString,
    io,
    net::SocketAddr,
    os::{
        fd::{AsRawFd, OwnedFd, RawFd},
        unix::net::UnixStream as Pipe,
    },
    path::Path,
    process::Stdio,
};

use nix::fcntl::{FcntlArg, fcntl};
use pilothouse_core::browsers::Viewport;
use tokio::{
    net::UnixStream,
    process::{Child, Command},
    sync::mpsc,
};

use super::{
    cdp::{Cdp, Event},
    folder::Folder,
};
use crate::{
    journal::Process,
    processes::{lead_session, tree},
};

/// What every browser is started with. Nothing here may open a port: the pipe is the only way in.
const FLAGS: &[&str] = &[
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--noerrdialogs",
    "--mute-audio",
    "--password-store=basic",
    "--use-mock-keychain",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-gpu",
    // Automation opens windows without a click; how many there may be is limited elsewhere.
    "--disable-popup-blocking",
    // Neither QUIC nor WebRTC goes through a proxy.
    "--disable-quic",
    "--disable-sync",
    // Without a touch screen of the machine's own, pages would learn nothing of fingers: `ontouchstart` and the like
    // would be no handlers.
    "--touch-events=enabled",
    "--dns-prefetch-disable",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--metrics-recording-only",
    "--force-device-scale-factor=1",
    // Reports are sent by the network itself, and pages that come back whole keep a way out of their own: neither asks a
    // run's permission.
    "--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,\
     AutofillServerCommunication,CertificateTransparencyComponentUpdater,InterestFeedContentSuggestions,\
     Reporting,DocumentReporting,NetworkErrorLogging,BackForwardCache,Prerender2",
    // The gate takes loopback too, and nobody but the gate asks for names.
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
];

/// Variables of the agent's environment that a browser gets.
const INHERITED: &[&str] =
    &["PATH", "LANG", "LANGUAGE", "TZ", "FONTCONFIG_PATH", "FONTCONFIG_FILE"];
/// The longest folder in which sockets can be made (unix(7) has 108 bytes for all).
const LONGEST_SCRATCH: usize = 60;
/// The descriptors at which Chromium expects its pipe.
const PIPE: [RawFd; 2] = [3, 4];
/// The first descriptor that is in nobody's way.
const OUT_OF_THE_WAY: RawFd = 10;

/// A browser's program.
#[derive(Debug)]
pub(super) struct Program {
    /// The process itself.
    pub(super) child: Child,
    /// The same, as the system counts.
    pub(super) process: Process,
    /// The pipe to it.
    pub(super) cdp: Cdp,
    /// What happens in it; ends with it.
    pub(super) events: mpsc::Receiver<Event>,
}

/// How a browser is started.
#[derive(Debug)]
pub(super) struct Launch<'a> {
    /// Which program.
    pub(super) program: &'a Path,
    /// Where it lives.
    pub(super) folder: &'a Folder,
    /// Its ways out: the one for requests, and the one for `WebSocket`s.
    pub(super) gate: [SocketAddr; 2],
    /// How large its window is.
    pub(super) viewport: Viewport,
    /// The agent's environment.
    pub(super) environment: &'a [(OsString, OsString)],
}

impl Launch<'_> {
    /// Starts it. Whoever drops the child without ending its tree leaves it running.
    pub(super) fn start(&self) -> io::Result<Program> {
        self.folder.unlock();
        let (ours, theirs) = Pipe::pair()?;
        let theirs = out_of_the_way(&theirs.into())?;
        let mut command = self.command();
        give(&mut command, &theirs);
        let mark = self.folder.mark();
        lead_session(&mut command, mark.stamp());
        let child = command.spawn()?;
        drop(theirs);
        let gone = || io::Error::other("it ended at once");
        let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).ok_or_else(gone)?;
        let process = Process { pid, born: tree::born(pid).ok_or_else(gone)? };
        if let Err(error) = self.folder.note(process) {
            // The mark finds it all the same.
            tracing::warn!(%error, "a browser's process cannot be written down");
        }
        ours.set_nonblocking(true)?;
        let (read, write) = UnixStream::from_std(ours)?.into_split();
        let (cdp, events) = Cdp::over(read, write);
        Ok(Program { child, process, cdp, events })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.program);
        command.args(FLAGS);
        command.arg(argument("--user-data-dir=", &self.folder.profile()));
        // What is named last is for all that is neither http nor https: for `WebSocket`s.
        let [requests, sockets] = self.gate;
        command.arg(format!(
            "--proxy-server=http=http://{requests};https=http://{requests};socks=http://{sockets}"
        ));
        command.arg(format!("--window-size={},{}", self.viewport.width, self.viewport.height));
        if nix::unistd::geteuid().is_root() {
            // Chromium refuses to start as root with its sandbox.
            command.arg("--no-sandbox");
        }
        command.arg("about:blank");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.env_clear();
        let inherited = |name: &OsString| {
            name.to_str().is_some_and(|name| INHERITED.contains(&name) || name.starts_with("LC_"))
        };
        command.envs(
            self.environment
                .iter()
                .filter(|(name, _)| inherited(name))
                .map(|(name, value)| (name, value)),
        );
        let scratch = self.folder.scratch();
        command.env("HOME", &scratch).current_dir(&scratch);
        if scratch.as_os_str().len() <= LONGEST_SCRATCH {
            command.env("TMPDIR", &scratch);
        }
        // There is no desktop to look for.
        command.env("DBUS_SESSION_BUS_ADDRESS", "disabled:");
        let mark = self.folder.mark();
        command.env(mark.name(), mark.value());
        command
    }
}

fn argument(name: &str, path: &Path) -> OsString {
    let mut argument = OsString::from(name);
    argument.push(path);
    argument
}

/// The same descriptor where no other one of a new process is.
fn out_of_the_way(descriptor: &OwnedFd) -> io::Result<OwnedFd> {
    let moved = fcntl(descriptor, FcntlArg::F_DUPFD_CLOEXEC(OUT_OF_THE_WAY))?;
    #[expect(unsafe_code, reason = "the number of a new descriptor becomes its owner only so")]
    // SAFETY: the call has just made this descriptor, and nobody else knows of it.
    Ok(unsafe { std::os::fd::FromRawFd::from_raw_fd(moved) })
}

#[expect(unsafe_code, reason = "a program's own descriptors can only be set between fork and exec")]
fn give(command: &mut Command, pipe: &OwnedFd) {
    let pipe = pipe.as_raw_fd();
    // SAFETY: the closure calls one async-signal-safe function and allocates nothing. The descriptor is open until
    // after the fork, since whoever calls this spawns while it holds it; and the numbers that are taken over are,
    // in the child, only copies of the agent's.
    unsafe {
        command.pre_exec(move || {
            for number in PIPE {
                if nix::libc::dup2(pipe, number) < 0 {
                    return Err(io::Error::last_os_error());
                }
            }
            Ok(())
        });
    }
}
