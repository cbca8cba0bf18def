//! A terminal as a person has it, with a program in it: keys go in, the screen comes out, its size changes.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    process::{Child, Command, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::Instant,
};

use rustix::{
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize},
};

use crate::program::PATIENCE;

/// Everything that was written to the terminal so far, and whoever waits for more.
#[derive(Default)]
struct Written {
    text: Mutex<String>,
    more: Condvar,
}

/// A terminal with a program in it. The program is killed when this is dropped.
pub struct PersonsTerminal {
    keys: File,
    /// Kept open, so that the terminal outlives the program.
    line: File,
    child: Child,
    written: Arc<Written>,
}

impl PersonsTerminal {
    /// Runs the command in a terminal of that size, as its own session.
    pub fn run(command: &Command, columns: u16, rows: u16) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("there are terminals");
        grantpt(&master).expect("it can be granted");
        unlockpt(&master).expect("it can be unlocked");
        let name = ptsname(&master, Vec::new()).expect("it has a name").into_string();
        let name = name.expect("names of terminals are text");
        let open = || OpenOptions::new().read(true).write(true).open(&name);
        let line = open().expect("its other end can be opened");
        set_size(&line, columns, rows);
        let end = || Stdio::from(line.try_clone().expect("descriptors can be cloned"));
        // The shell's own tool makes it the session's terminal, so that a change of its size is told.
        let child = Command::new("setsid")
            .args(["--ctty", "--wait"])
            .arg(command.get_program())
            .args(command.get_args())
            .envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))))
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .expect("setsid is installed");
        let keys = File::from(master);
        let written = Arc::new(Written::default());
        let (mut screen, shared) = (keys.try_clone().expect("as before"), Arc::clone(&written));
        thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(read @ 1..) = screen.read(&mut piece) {
                let text = String::from_utf8_lossy(&piece[..read]).into_owned();
                shared.text.lock().expect("no panic holds it").push_str(&text);
                shared.more.notify_all();
            }
        });
        Self { keys, line, child, written }
    }

    /// Presses keys.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("the terminal takes keys");
    }

    /// Gives the terminal another size, of which the program is told.
    pub fn resize(&self, columns: u16, rows: u16) {
        set_size(&self.line, columns, rows);
    }

    /// Everything that was written so far.
    pub fn text(&self) -> String {
        self.written.text.lock().expect("no panic holds it").clone()
    }

    /// Waits until what was written is as it should be; returns it.
    pub fn wait_for(&self, what: &str, is_there: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut text = self.written.text.lock().expect("no panic holds it");
        while !is_there(&text) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "no {what} in {text:?}");
            text = self.written.more.wait_timeout(text, left).expect("as before").0;
        }
        text.clone()
    }

    /// Waits for a text.
    pub fn wait_for_text(&self, text: &str) -> String {
        self.wait_for(text, |written| written.contains(text))
    }

    /// Whether the terminal edits lines and echoes, as it does for a shell.
    pub fn is_cooked(&self) -> bool {
        let modes = tcgetattr(&self.line).expect("it is a terminal").local_modes;
        modes.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG)
    }

    /// The number of the program's own process.
    pub fn program(&self) -> u32 {
        // `setsid --wait` forks only if it leads a process group, which a child of ours does not.
        self.child.id()
    }

    /// Waits for the program's end; its exit code.
    pub fn exit_code(&mut self) -> Option<i32> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("it is a child of ours") {
                return status.code();
            }
            assert!(Instant::now() < deadline, "it goes on: {:?}", self.text());
            thread::sleep(std::time::Duration::from_millis(5));
        }
    }
}

impl Drop for PersonsTerminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn set_size(line: &File, columns: u16, rows: u16) {
    let size = Winsize { ws_col: columns, ws_row: rows, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(line, size).expect("a terminal takes any size");
}
