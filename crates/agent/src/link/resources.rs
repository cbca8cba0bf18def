//! Tells the server now and then what the machine has left, if it wants to know.

use std::time::Duration;

use pilothouse_protocols::agent_link::resources::Resources;
use tokio::time::sleep;

use super::{
    Link,
    session::{Never, Shared},
};

/// How long after the beginning of a link the first report comes: two looks make a share of the processors.
const FIRST_AFTER: Duration = Duration::from_secs(1);

/// The shortest pause, whatever the server asks for: a look reads a few files for each process of the machine.
const SHORTEST: Duration = Duration::from_millis(200);

impl Shared {
    /// Goes on as long as the link; never says anything to a server that does not ask.
    pub(super) async fn tell_resources(&self, link: &Link, every: Option<Duration>) -> Never {
        // A witness has none of its own to tell.
        let every = every.filter(|_| !link.is_witness);
        let Some(every) = every.map(|every| every.max(SHORTEST)) else {
            return std::future::pending().await;
        };
        let _ = read(link).await;
        let mut pause = every.min(FIRST_AFTER);
        loop {
            sleep(pause).await;
            pause = every;
            if let Some(resources) = read(link).await {
                *self.resources.lock() = Some(Box::new(resources));
                self.wake.notify_one();
            }
        }
    }
}

/// Reads beside the link: a machine with many processes takes its time.
async fn read(link: &Link) -> Option<Resources> {
    let meter = link.meter.clone();
    let (folder, live) = (link.config.data_dir.clone(), link.books.outbox().live());
    tokio::task::spawn_blocking(move || meter.lock().read(&folder, &live)).await.ok()
}
