//! A worker's terminal as its viewer has it: what it prints, once and in order, and a way to type into it.
//!
//! The connection comes back by itself and goes on with the byte where it stopped. Where that cannot be, the
//! viewer is told to begin anew with what the server has.

mod attachment;
#[cfg(test)]
mod attachment_tests;
mod messages;
mod place;
mod screen;
#[cfg(test)]
mod tests;

pub(crate) use attachment::start;
pub use pilothouse_protocols::sessions_and_workers::messages::AgentActivityState;
pub use screen::Screen;
use tokio::sync::mpsc;

use crate::{Error, Reconnecting};

/// What [`Terminal::next`] delivers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TerminalEvent {
    /// The worker printed this; it follows what came before without a hole.
    Output(String),
    /// Forget what came before: the terminal looks as this leaves an empty one. Comes first, and where output
    /// is missing or the worker was started anew.
    Begin(String),
    /// What the command line agent in it does.
    Activity(AgentActivityState),
    /// Something that was sent could not be done.
    Refused {
        /// The protocol's word for it, if it has one.
        code: Option<String>,
        /// For people.
        message: String,
    },
    /// The connection is lost, and the next attempt waits.
    Reconnecting(Reconnecting),
    /// The connection is back. What is typed counts again.
    Connected,
    /// The worker's process has ended; what it printed came before.
    Exit(TerminalExit),
}

/// How a worker's process ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalExit {
    /// Its exit code; 128 + n for death by signal n.
    pub code: i32,
    /// The signal's name, if one ended it.
    pub signal: Option<String>,
}

/// What the task is to do.
#[derive(Debug)]
pub(crate) enum Order {
    Type(String),
    Resize { columns: u16, rows: u16 },
}

/// An attached terminal. Dropping it detaches; the worker goes on.
///
/// Whoever does not call [`Self::next`] makes the server wait, not this process grow.
#[derive(Debug)]
pub struct Terminal {
    keyboard: Keyboard,
    events: mpsc::Receiver<Result<TerminalEvent, Error>>,
}

/// The way to type into a terminal, for another task than the one that reads it: a task that waited here for
/// its own events to be read would wait for ever.
#[derive(Debug, Clone)]
pub struct Keyboard(mpsc::Sender<Order>);

impl Terminal {
    /// The next event, in order. Cancel-safe: nothing is lost when the future is dropped.
    ///
    /// # Errors
    ///
    /// It is over, for good: the worker is not there, the token does not count any more, or the time to come
    /// back is over. After an error nothing comes any more.
    pub async fn next(&mut self) -> Result<TerminalEvent, Error> {
        self.events.recv().await.unwrap_or_else(|| Err(Error::lost("it has ended")))
    }

    /// The way to type into it.
    pub fn keyboard(&self) -> Keyboard {
        self.keyboard.clone()
    }
}

impl Keyboard {
    /// Types into the terminal. What is typed while there is no connection is thrown away, since nobody sees
    /// what it would do.
    ///
    /// # Errors
    ///
    /// [`Error::Lost`] if it is over.
    pub async fn input(&self, text: &str) -> Result<(), Error> {
        self.order(Order::Type(text.to_owned())).await
    }

    /// Tells how large the viewer's own terminal is; kept, and told again after coming back.
    ///
    /// # Errors
    ///
    /// [`Error::Lost`] if it is over.
    pub async fn resize(&self, columns: u16, rows: u16) -> Result<(), Error> {
        self.order(Order::Resize { columns, rows }).await
    }

    async fn order(&self, order: Order) -> Result<(), Error> {
        self.0.send(order).await.map_err(|_| Error::lost("it has ended"))
    }
}
