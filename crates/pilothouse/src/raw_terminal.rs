//! A person's own terminal in raw mode, given back however the program ends.

use std::{
    io::{self, Write},
    panic,
    sync::{Mutex, Once, PoisonError},
};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};

/// What has to be given back, for whoever notices the end first.
static TAKEN: Mutex<Option<Taken>> = Mutex::new(None);

struct Taken {
    before: Termios,
    /// What to write so that no mode of the worker's is left.
    farewell: String,
}

/// The terminal in raw mode. Dropping it, and a panic, give it back.
pub(crate) struct RawTerminal(());

impl RawTerminal {
    /// Makes the terminal at stdin raw.
    pub(crate) fn take() -> io::Result<Self> {
        static HOOK: Once = Once::new();
        let before = tcgetattr(io::stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Taken { before, farewell: String::new() });
        HOOK.call_once(|| {
            let report = panic::take_hook();
            panic::set_hook(Box::new(move |panic| {
                give_back();
                report(panic);
            }));
        });
        let terminal = Self(());
        tcsetattr(io::stdin(), OptionalActions::Now, &raw)?;
        Ok(terminal)
    }

    /// Says what has to be written in the end; to be told whenever it changes.
    #[expect(clippy::unused_self, reason = "only who has the terminal may say so")]
    pub(crate) fn on_leaving(&self, farewell: String) {
        if let Some(taken) = TAKEN.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            taken.farewell = farewell;
        }
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        give_back();
    }
}

fn give_back() {
    let Some(taken) = TAKEN.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
    let mut stdout = io::stdout();
    // Whether the terminal is still there does not matter any more.
    let _ = stdout.write_all(taken.farewell.as_bytes()).and_then(|()| stdout.flush());
    let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &taken.before);
}

/// Columns and rows of the terminal at stdout or stdin, if one of them is one that tells.
pub(crate) fn size() -> Option<(u16, u16)> {
    let size = tcgetwinsize(io::stdout()).or_else(|_| tcgetwinsize(io::stdin())).ok()?;
    (size.ws_col > 0 && size.ws_row > 0).then_some((size.ws_col, size.ws_row))
}
