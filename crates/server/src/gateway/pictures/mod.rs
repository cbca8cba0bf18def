//! The relay of live pictures: one slot for each stream, in which the newest picture takes the place of the last.
//!
//! Nothing of this is under the core's lock. A producer puts a picture into the slot and tells the loops that have
//! viewers; each takes it from there once, and writes it to all of its viewers whose sockets have room. Whoever has
//! none takes whatever is newest then, so that nothing is queued for anybody, and a begun picture is finished.

mod framed;
mod gallery;
mod line;
mod news;
mod producing;
mod relay;
mod replaying;
mod stream;
mod taking;
mod transcoder;
mod viewing;
mod wishes;

pub(crate) use framed::Framed;
pub(crate) use gallery::Galleries;
pub(crate) use line::Queue;
pub use relay::Limits;
pub(crate) use relay::{Candidate, Relay};
pub(crate) use stream::{Audience, Stream};
pub(crate) use taking::Viewing;
pub(crate) use transcoder::Transcoder;

use std::{sync::Arc, time::Duration};

use crate::gateway::Shared;

/// How far apart it is told who came and went and how the browsers are, so that a crowd costs no more than its last
/// state. A recording is looked at as often.
const TEND_EVERY: Duration = Duration::from_millis(250);

/// Looks after streams until the server stops, whenever there is something to do.
pub(crate) async fn tend(shared: Arc<Shared>) {
    let mut shutdown = shared.shutdown.clone();
    let hub = &shared.hub;
    let tend = async {
        loop {
            let now = hub.clock.now().steady;
            describe_pages(&shared);
            let due = shared.relay.tend(now, |stream, index| hub.tell_stream(index, stream));
            let comes_due = async {
                match due {
                    Some(due) => hub.clock.sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = comes_due => {}
                () = shared.relay.stirred() => {}
                () = hub.browsers.notified() => {}
            }
            hub.clock.sleep_until(now + TEND_EVERY).await;
        }
    };
    // The source of a stream goes as fast as its fastest viewer wants.
    let wish = async {
        loop {
            let wishes = shared.relay.wishes.next().await;
            hub.with(|core, _| {
                for (session, per_second) in wishes {
                    core.want_pictures(&session, per_second);
                }
            });
        }
    };
    tokio::select! {
        () = tend => {}
        () = wish => {}
        _ = shutdown.wait_for(|stop| *stop) => {}
    }
}

/// Tells those who watch how the browsers are.
fn describe_pages(shared: &Shared) {
    let heard = shared.relay.heard();
    if heard.is_empty() {
        return;
    }
    let found = shared.hub.look(|core, _| {
        let browsers = heard.iter().map(|session| core.browser(session).cloned());
        browsers.collect::<Vec<_>>()
    });
    for (session, browser) in heard.iter().zip(found) {
        let tell = |stream: &_, index| shared.hub.tell_stream(index, stream);
        shared.relay.describe(session, browser.as_ref(), tell);
    }
}

/// A connection's part in pictures.
#[derive(Debug, Default)]
pub(crate) enum Part {
    /// None.
    #[default]
    None,
    /// It brings a stream's pictures.
    Producing(Arc<Stream>),
    /// It sees them.
    Viewing(Box<Viewing>),
}
