//! Tests of the topics.

use bytes::{Bytes, BytesMut};

use super::*;
use crate::{
    event::Published,
    fanout::{Message, MessageKind, Messages, Resync},
    streams::{Channel, Record, Source, StreamKey},
    view::View,
};

/// Says nothing but that something happened.
#[derive(Debug)]
struct Dots;

impl Language for Dots {
    fn name(&self) -> &'static str {
        "dots"
    }
    fn event(&self, _: &Published, out: &mut Messages) {
        out.push(MessageKind::Text, |bytes| bytes.push(b'.'));
    }
    fn snapshot(&self, _: &View, _: Timestamp, _: &mut Messages) {}
    fn resync(&self, _: &View, _: &Resync, _: Timestamp, _: &mut Messages) {}
    fn resync_ends(&self, _: &View, _: &Resync, _: Timestamp, _: &mut Messages) {}
}

struct NoFraming;

impl Framing for NoFraming {
    fn frame(&mut self, message: Message<'_>, out: &mut BytesMut) -> bool {
        out.extend_from_slice(message.payload);
        false
    }
}

const AT: Timestamp = Timestamp(0);

fn watch(topics: &mut Topics, worker: &WorkerId) -> Watched {
    let key = TopicKey::Worker(worker.clone());
    topics.watch(&key, &Dots, (0, &|| Box::new(NoFraming)), AT)
}

fn print(topics: &mut Topics, worker: &WorkerId) {
    let record = Record {
        stream: StreamKey { source: Source::Worker(worker.clone()), epoch: 1 },
        channel: Channel::Terminal,
        position: 0,
        sequence: 1,
        bytes: Bytes::from_static(b"x"),
    };
    let agent = "a".parse().unwrap();
    topics.publish(
        Event::Output(streams::Event::Written {
            agent,
            record,
            begun: crate::streams::Begun::default(),
        }),
        AT,
    );
}

#[test]
fn only_watched_workers_change_and_each_is_named_once_with_its_first_event() {
    let mut topics = Topics::new(1000, 100);
    let (one, other): (WorkerId, WorkerId) = ("one".parse().unwrap(), "other".parse().unwrap());
    print(&mut topics, &one);
    assert!(topics.take_changed().is_empty());
    watch(&mut topics, &one);
    let second = watch(&mut topics, &other);
    for worker in [&one, &one, &other, &one] {
        print(&mut topics, worker);
    }
    assert_eq!(topics.take_changed(), [(one.clone(), 1), (other.clone(), 1)]);
    print(&mut topics, &one);
    assert_eq!(topics.take_changed(), [(one.clone(), 4)]);
    assert_eq!(topics.next(&TopicKey::Fleet), 1, "a terminal's output is not for dashboards");
    topics.unwatch(&TopicKey::Worker(other.clone()), second.shape);
    print(&mut topics, &other);
    assert!(topics.take_changed().is_empty());
    assert_eq!(topics.watched_workers(), 1);
    // What the gone topic cost is not forgotten.
    let counts = topics.counts();
    assert_eq!((counts[0].1.encodes, counts[0].1.viewers), (5, 1));
}

#[test]
fn who_falls_off_a_workers_ring_begins_anew() {
    let mut topics = Topics::new(3, 3);
    let worker: WorkerId = "one".parse().unwrap();
    let key = TopicKey::Worker(worker.clone());
    let Watched { shape, cursor, snapshot } = watch(&mut topics, &worker);
    assert!(snapshot.is_empty());
    for _ in 0..4 {
        print(&mut topics, &worker);
    }
    assert!(matches!(topics.read(&key, shape, cursor, AT), Progress::FellOff));
    let Progress::Events(batch) = topics.read(&key, shape, cursor + 1, AT) else { panic!("kept") };
    assert_eq!(batch.slices.concat(), b"...");
}
