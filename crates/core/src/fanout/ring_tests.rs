//! Tests of the ring.

use proptest::prelude::*;

use super::*;

fn put(ring: &mut Ring, text: &[u8]) {
    ring.push(|out| out.extend_from_slice(text));
}

fn all(batch: &Batch) -> Vec<u8> {
    batch.slices.concat()
}

#[test]
fn a_cursor_reads_on_where_it_was() {
    let mut ring = Ring::new(1, 1024);
    put(&mut ring, b"one");
    let first = ring.read(1).unwrap();
    assert_eq!((all(&first), first.next), (b"one".to_vec(), 2));
    put(&mut ring, b"two");
    put(&mut ring, b"");
    put(&mut ring, b"four");
    let rest = ring.read(first.next).unwrap();
    assert_eq!((all(&rest), rest.next), (b"twofour".to_vec(), 5));
    assert!(ring.read(5).unwrap().is_empty());
}

#[test]
fn a_full_ring_forgets_whole_events_and_says_so() {
    let mut ring = Ring::new(1, 10);
    for _ in 0..4 {
        put(&mut ring, b"abcde");
    }
    assert_eq!(ring.first(), 3);
    assert!(ring.read(2).is_none());
    assert_eq!(all(&ring.read(3).unwrap()), b"abcdeabcde");
}

#[test]
fn an_event_larger_than_the_ring_is_still_kept_until_the_next() {
    let mut ring = Ring::new(1, 10);
    put(&mut ring, &[7; 100]);
    assert_eq!(ring.read(1).unwrap().len(), 100);
}

#[test]
fn picking_leaves_the_others_out() {
    let mut ring = Ring::new(1, 1000);
    for text in [b"a", b"b", b"c", b"d"] {
        put(&mut ring, text);
    }
    assert_eq!(ring.pick(2, |number| number != 3).concat(), b"bd");
}

proptest! {
    #[test]
    fn stopping_anywhere_loses_and_repeats_nothing(
        events in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 1..30),
        read_after in 0usize..30,
        cut in 0.0f64..1.0,
    ) {
        let mut ring = Ring::new(1, 1 << 20);
        for (place, event) in events.iter().enumerate() {
            put(&mut ring, event);
            if place == read_after {
                ring.read(1).unwrap();
            }
        }
        let batch = ring.read(1).unwrap();
        let whole = events.concat();
        prop_assert_eq!(all(&batch), whole.clone());
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss,
            reason = "a random place inside a small buffer")]
        let written = (whole.len() as f64 * cut) as usize;
        let (next, rest) = batch.stopped_after(written);
        let mut sent = whole[..written].to_vec();
        sent.extend_from_slice(&rest);
        sent.extend(all(&ring.read(next).unwrap()));
        prop_assert_eq!(sent, whole);
    }

    #[test]
    fn the_newest_bytes_are_as_many_as_fit(
        sizes in proptest::collection::vec(0usize..50, 1..50), max in 0usize..500,
    ) {
        let mut ring = Ring::new(1, 1 << 20);
        for size in &sizes {
            put(&mut ring, &vec![1; *size]);
        }
        let from = ring.newest(max);
        let len = ring.read(from).unwrap().len();
        prop_assert!(len <= max);
        if from > 1 {
            prop_assert!(ring.read(from - 1).unwrap().len() > max || sizes[usize::try_from(from).unwrap() - 2] == 0);
        }
    }
}

#[test]
fn events_without_words_are_bounded_too() {
    let mut ring = Ring::new(1, 1 << 20);
    for _ in 0..MOST_EVENTS + 10 {
        ring.push(|_| ());
    }
    assert_eq!((ring.first(), ring.next()), (11, MOST_EVENTS as u64 + 11));
    assert!(ring.read(10).is_none());
    assert!(ring.read(11).unwrap().is_empty());
}
