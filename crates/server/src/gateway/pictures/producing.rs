//! A connection that brings pictures, and what both kinds of connections do about them.

use std::{rc::Rc, sync::Arc};

use pilothouse_core::{Role, ids::SessionId, pictures::NotProducer};
use pilothouse_protocols::{
    Input,
    pictures::{NotShown, Picture, Showing, Shown, Trouble},
};

use super::{Candidate, Part, Stream, stream::Taken};
use crate::{
    gateway::{Shared, connection::Connection, event_loop::EventLoop},
    hub::Hub,
    telemetry::Ending,
};

impl Connection {
    /// Does what a conversation says about pictures.
    pub(in crate::gateway) fn show(self: &Rc<Self>, event_loop: &Rc<EventLoop>, showing: Showing) {
        match showing {
            Showing::Produce(stream) => self.produce(event_loop, &stream),
            Showing::Picture(picture) => self.publish(event_loop, picture),
            Showing::Trouble(trouble) => self.note_trouble(event_loop, trouble),
            Showing::View(viewing) => self.view(event_loop, viewing),
            Showing::Pace(pace) => self.change_pace(event_loop, pace),
            Showing::Status => self.ask_status(event_loop),
            Showing::Taken(sequence) => self.picture_taken(event_loop, sequence),
        }
    }

    fn produce(self: &Rc<Self>, event_loop: &Rc<EventLoop>, id: &SessionId) {
        let produced = self.take_stream(event_loop, id);
        match produced {
            Ok(stream) => self.state.borrow_mut().part = Part::Producing(stream),
            Err(refused) => self.handle(event_loop, Input::Shown(Shown::Refused(refused))),
        }
    }

    fn take_stream(&self, event_loop: &EventLoop, id: &SessionId) -> Result<Arc<Stream>, NotShown> {
        let shared = &event_loop.shared;
        let caller = self.state.borrow().caller.clone();
        if let Some(caller) = &caller {
            if caller.is_person() {
                shared.sockets.needs(self.id, Role::Operator);
            }
            let allowed = shared.hub.look(|core, _| core.may_produce(caller, id));
            allowed.map_err(|reason| match reason {
                NotProducer::Purpose => NotShown::Credential,
                NotProducer::Session => NotShown::Session,
            })?;
        }
        let candidate = Candidate {
            connection: self.id,
            has_token: caller.is_some(),
            address: &self.whence.address,
        };
        let (stream, displaced) = shared.relay.produce(id, &candidate, event_loop.now())?;
        if let Some(displaced) = displaced {
            shared.hub.tell_superseded(displaced);
        }
        stream.tell_loops(|index| shared.hub.tell_stream(index, &stream));
        Ok(stream)
    }

    fn publish(&self, event_loop: &EventLoop, picture: Picture) {
        let hub = &event_loop.shared.hub;
        let Some(stream) = self.produced() else { return };
        let pictures = &event_loop.tally.pictures;
        pictures.received.add(1);
        pictures.received_bytes.add(picture.content.len() as u64);
        let taken = stream.publish(self.id, picture, hub.clock.now(), |index| {
            hub.tell_stream(index, &stream);
        });
        match taken {
            Taken::Yes => {}
            Taken::First => tell_core(hub, &stream),
            Taken::No => pictures.late.add(1),
        }
        self.has_published.set(true);
    }

    fn note_trouble(&self, event_loop: &EventLoop, trouble: Trouble) {
        let pictures = &event_loop.tally.pictures;
        match trouble {
            Trouble::OtherType => pictures.other_types.add(1),
            Trouble::Malformed => pictures.malformed.add(1),
        }
        let Some(stream) = self.produced() else { return };
        stream.trouble(self.id, trouble, event_loop.now(), |index| {
            event_loop.shared.hub.tell_stream(index, &stream);
        });
    }

    fn produced(&self) -> Option<Arc<Stream>> {
        match &self.state.borrow().part {
            Part::Producing(stream) => Some(stream.clone()),
            Part::None | Part::Viewing(_) => None,
        }
    }

    /// Another producer took over.
    pub(in crate::gateway) fn supersede(self: &Rc<Self>, event_loop: &Rc<EventLoop>) {
        self.handle(event_loop, Input::Shown(Shown::Superseded));
        self.flush(event_loop);
        self.rearm(event_loop);
    }

    /// It neither brings nor sees pictures any more.
    pub(in crate::gateway) fn leave_pictures(&self, event_loop: &EventLoop, ending: Ending) {
        let part = std::mem::take(&mut self.state.borrow_mut().part);
        match part {
            Part::None => {}
            Part::Viewing(viewing) => self.stop_viewing(event_loop, &viewing),
            Part::Producing(stream) => {
                let Shared { hub, relay, .. } = &*event_loop.shared;
                let tell = |stream: &_, index| hub.tell_stream(index, stream);
                let ended = (self.id, why(ending));
                let has_ended = relay.leave(&stream, ended, event_loop.now(), tell);
                if has_ended {
                    tell_core(hub, &stream);
                }
            }
        }
    }
}

/// Tells the core whether pictures come. Two loops may be about to, so that each looks how it is only when it is its
/// turn, and what the core hears last is how it is.
fn tell_core(hub: &Hub, stream: &Stream) {
    let mut known = stream.core_knows.lock();
    let has_begun = stream.has_begun();
    if std::mem::replace(&mut *known, has_begun) == has_begun {
        return;
    }
    hub.with(|core, now| {
        if has_begun {
            core.stream_began(&stream.id, now);
        } else {
            core.stream_ended(&stream.id, now);
        }
    });
}

/// How a producer's connection ended, for those who watch.
fn why(ending: Ending) -> &'static str {
    match ending {
        Ending::Ours(1009) => "the producer sent more than a picture may be",
        Ending::Ours(4000) => "the producer was silent for too long",
        Ending::Ours(4001) => "the producer's token has expired",
        Ending::Ours(1001 | 1012) => "the server is stopping",
        Ending::Ours(_) => "the producer did not keep to the protocol",
        Ending::Theirs(Some(1000 | 1001)) => "the producer left",
        Ending::Theirs(_) | Ending::Cut => "the connection to the producer was lost",
    }
}
