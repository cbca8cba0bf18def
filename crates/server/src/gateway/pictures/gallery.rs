//! The viewers of pictures on one loop, and the turn in which all of them are served.

use std::{collections::HashMap, rc::Rc, sync::Arc};

use pilothouse_core::ids::SessionId;

use super::Stream;
use crate::gateway::{
    connection::Connection,
    event_loop::{EventLoop, contain},
};

/// The viewers of each stream.
#[derive(Default)]
pub(crate) struct Galleries(HashMap<SessionId, Vec<Rc<Connection>>>);

impl Galleries {
    pub(super) fn join(&mut self, stream: &SessionId, connection: &Rc<Connection>) {
        self.0.entry(stream.clone()).or_default().push(connection.clone());
    }

    pub(super) fn leave(&mut self, stream: &SessionId, connection: &Connection) {
        let Some(viewers) = self.0.get_mut(stream) else { return };
        viewers.retain(|viewer| viewer.id != connection.id);
        if viewers.is_empty() {
            self.0.remove(stream);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

impl EventLoop {
    /// Writes the newest picture of each stream that changed to every viewer of this loop.
    pub(crate) fn flush_pictures(self: &Rc<Self>) {
        for stream in self.inbox.take_streams() {
            stream.is_looked_at(self.index);
            self.flush_stream(&stream);
        }
    }

    fn flush_stream(self: &Rc<Self>, stream: &Arc<Stream>) {
        let viewers = self.galleries.borrow().0.get(&stream.id).cloned();
        let Some(viewers) = viewers else { return };
        // That pictures come is said before the first of them.
        if let Some(news) = stream.news() {
            for viewer in &viewers {
                contain(viewer, || viewer.hear_news(self, &news));
            }
        }
        let Some(newest) = stream.newest() else { return };
        for viewer in &viewers {
            contain(viewer, || {
                if viewer.offer_picture(self, &newest).is_err() {
                    viewer.end();
                }
            });
        }
    }
}
