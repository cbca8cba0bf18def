//! Spools against a plain list of everything that was ever pushed.

use proptest::prelude::*;

use super::*;

const LIMITS: SpoolLimits = SpoolLimits { memory: 300, total: 2_000, file: 400, chunk: 40 };

/// The first lost byte and the one after the last.
type Holes = Vec<(u64, u64)>;

/// Reads everything from a cursor on: `(position, bytes)` of each record, and the holes.
fn read(spool: &Spool, mut cursor: Cursor) -> (Vec<(u64, Bytes)>, Holes) {
    let (mut records, mut holes) = (Vec::new(), Vec::new());
    while let Some(next) = spool.after(cursor) {
        match next {
            Next::Record { bytes, .. } => {
                records.push((cursor.position, bytes.clone()));
                cursor.position += bytes.len() as u64;
                cursor.sequence += 1;
            }
            Next::Hole { to } => {
                holes.push((cursor.position, to.position));
                cursor = to;
            }
        }
    }
    assert_eq!(cursor.position, spool.next().position);
    (records, holes)
}

/// As a command does: read, then cut.
fn write(spool: &mut Spool, channel: Channel, bytes: &Bytes) {
    spool.take_in(channel, bytes).unwrap();
    spool.push(&[Piece { channel, bytes: bytes.clone() }]).unwrap();
}

/// The newest file of a spool.
fn newest(folder: &Path) -> std::path::PathBuf {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).max().unwrap()
}

fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

#[test]
fn what_does_not_fit_in_memory_is_read_back_from_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::new(&folder.path().join("s"), LIMITS);
    for number in 0..10u8 {
        write(&mut spool, Channel::Stdout, &Bytes::from(vec![number; 50]));
    }
    assert!(files(&folder.path().join("s")) > 0);
    let (records, holes) = read(&spool, Cursor::START);
    assert_eq!(holes, []);
    let expect: Vec<_> = (0..10u8).map(|n| (u64::from(n) * 50, Bytes::from(vec![n; 50]))).collect();
    assert_eq!(records, expect);
}

#[test]
fn the_oldest_go_when_the_spool_is_full_and_leave_a_hole() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::new(&folder.path().join("s"), LIMITS);
    for number in 0..100u8 {
        write(&mut spool, Channel::Stderr, &Bytes::from(vec![number; 50]));
    }
    let (records, holes) = read(&spool, Cursor::START);
    assert_eq!(holes, [(0, spool.first().position)]);
    assert_eq!(records.last().unwrap().1[0], 99);
    assert!(spool.kept <= LIMITS.total);
    assert!(files(&folder.path().join("s")) < 10);
}

#[test]
fn without_a_disk_half_of_the_memory_is_a_crowd() {
    let folder = tempfile::NamedTempFile::new().unwrap();
    let mut spool = Spool::new(&folder.path().join("s"), LIMITS);
    let bytes = Bytes::from_static(&[7; 50]);
    for is_crowded in [false, true] {
        assert!(spool.take_in(Channel::Stdout, &bytes).is_err());
        assert!(spool.push(&[Piece { channel: Channel::Stdout, bytes: bytes.clone() }]).is_err());
        assert_eq!(spool.is_crowded(), is_crowded);
    }
    assert_eq!(read(&spool, Cursor::START).0.len(), 2);
    spool.acknowledge(spool.next());
    assert!(!spool.is_crowded());
}

#[test]
fn acknowledged_files_are_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::new(&folder.path().join("s"), LIMITS);
    for _ in 0..15 {
        write(&mut spool, Channel::Stdout, &Bytes::from_static(&[7; 50]));
    }
    spool.acknowledge(spool.next());
    assert_eq!((spool.kept, files(&folder.path().join("s"))), (0, 1));
    write(&mut spool, Channel::Stdout, &Bytes::from_static(b"x"));
    assert_eq!(read(&spool, Cursor { position: 750, sequence: 16 }).0.len(), 1);
}

#[test]
fn the_next_life_finds_all_that_was_read_even_what_was_not_cut() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let mut spool = Spool::new(&path, LIMITS);
    for number in 0..10u8 {
        write(&mut spool, Channel::Stdout, &Bytes::from(vec![number; 50]));
    }
    spool.acknowledge(Cursor { position: 100, sequence: 3 });
    let (before, _) = read(&spool, spool.first());
    spool.take_in(Channel::Stdout, b"out ").unwrap();
    spool.take_in(Channel::Stderr, b"err").unwrap();
    spool.take_in(Channel::Stdout, b"more").unwrap();
    drop(spool);
    for _ in 0..2 {
        let next = Spool::open(&path, LIMITS).unwrap();
        let (records, holes) = read(&next, Cursor { position: 100, sequence: 3 });
        assert_eq!((&records[..8], holes), (&before[..], Vec::new()));
        let rest: Vec<_> = records[8..].iter().map(|(_, bytes)| bytes.as_ref()).collect();
        assert_eq!(rest, [&b"out "[..], b"err", b"more"]);
        assert_eq!(next.next(), Cursor { position: 511, sequence: 14 });
    }
}

#[test]
fn a_write_that_was_torn_keeps_what_is_there_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let mut spool = Spool::new(&path, LIMITS);
    write(&mut spool, Channel::Stdout, &Bytes::from_static(b"whole"));
    spool.take_in(Channel::Stdout, b"abcdef").unwrap();
    drop(spool);
    let last = newest(&path);
    let length = std::fs::metadata(&last).unwrap().len();
    std::fs::OpenOptions::new().write(true).open(&last).unwrap().set_len(length - 2).unwrap();
    let next = Spool::open(&path, LIMITS).unwrap();
    let (records, holes) = read(&next, Cursor::START);
    let texts: Vec<_> = records.iter().map(|(_, bytes)| bytes.as_ref()).collect();
    assert_eq!((texts, holes), (vec![&b"whole"[..], b"abcd"], Vec::new()));
}

#[test]
fn a_disk_that_takes_nothing_costs_nothing_while_there_is_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    // A file where the folder should be: nothing can be made in it.
    std::fs::write(&path, "").unwrap();
    let mut spool = Spool::new(&path, LIMITS);
    let bytes = Bytes::from_static(b"0123456789");
    assert!(spool.take_in(Channel::Stdout, &bytes).is_err());
    assert!(spool.push(&[Piece { channel: Channel::Stdout, bytes: bytes.clone() }]).is_err());
    assert_eq!(read(&spool, Cursor::START), (vec![(0, bytes.clone())], Vec::new()));
    std::fs::remove_file(&path).unwrap();
    write(&mut spool, Channel::Stdout, &Bytes::from_static(b"again"));
    assert_eq!(read(&spool, Cursor::START).0.len(), 2);
    drop(spool);
    // The next life has what the disk took, and knows that something is missing before it.
    let next = Spool::open(&path, LIMITS).unwrap();
    let (records, holes) = read(&next, Cursor::START);
    assert_eq!((records[0].1.as_ref(), holes), (&b"again"[..], vec![(0, 10)]));
}

#[test]
fn a_file_of_which_nothing_is_wanted_is_emptied() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let limits = SpoolLimits { memory: 1 << 20, total: 1 << 20, file: 1 << 20, chunk: 1 << 16 };
    let mut spool = Spool::new(&path, limits);
    for _ in 0..100 {
        write(&mut spool, Channel::Stdout, &Bytes::from(vec![1; 10_000]));
        spool.acknowledge(spool.next());
    }
    assert!(std::fs::metadata(newest(&path)).unwrap().len() < 80_000);
    let next = spool.next();
    drop(spool);
    assert_eq!(Spool::open(&path, limits).unwrap().next(), next);
}

#[test]
fn a_server_that_knows_more_moves_the_log_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::new(&folder.path().join("s"), LIMITS);
    spool.acknowledge(Cursor { position: 500, sequence: 9 });
    assert_eq!(spool.next(), Cursor { position: 500, sequence: 9 });
    assert_eq!(spool.after(spool.next()), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whoever_reads_on_gets_every_byte_or_is_told_of_the_hole(
        steps in prop::collection::vec((0u8..8, 1usize..120), 1..60)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let mut spool = Spool::new(&path, LIMITS);
        // What was read, and how much of it was cut; the rest waits.
        let (mut written, mut cut): (Vec<u8>, usize) = (Vec::new(), 0);
        for (step, size) in steps {
            match step {
                0 => {
                    let acknowledged = spool.first().position + size as u64;
                    let first = spool.first();
                    let mut border = first;
                    for (position, bytes) in read(&spool, first).0 {
                        border = Cursor {
                            position: position + bytes.len() as u64,
                            sequence: border.sequence + 1,
                        };
                        if border.position >= acknowledged {
                            spool.acknowledge(border);
                            break;
                        }
                    }
                }
                1 => {
                    drop(spool);
                    spool = Spool::open(&path, LIMITS).unwrap();
                    cut = written.len();
                }
                2..5 => {
                    let bytes: Bytes = (0..size).map(|i| b'a' + (written.len() + i).to_le_bytes()[0] % 26).collect();
                    written.extend_from_slice(&bytes);
                    spool.take_in(Channel::Stdout, &bytes).unwrap();
                }
                _ => {
                    let end = written.len().min(cut + size);
                    if end > cut {
                        let bytes = Bytes::copy_from_slice(&written[cut..end]);
                        spool.push(&[Piece { channel: Channel::Stdout, bytes }]).unwrap();
                        cut = end;
                    }
                }
            }
        }
        drop(spool);
        let spool = Spool::open(&path, LIMITS).unwrap();
        let (records, holes) = read(&spool, Cursor::START);
        prop_assert_eq!(spool.next().position, written.len() as u64);
        prop_assert!(holes.len() <= 1);
        prop_assert!(spool.kept <= LIMITS.total.max(LIMITS.chunk as u64));
        for (position, bytes) in records {
            let start = usize::try_from(position).unwrap();
            prop_assert_eq!(&bytes[..], &written[start..start + bytes.len()]);
        }
    }
}

#[test]
fn a_file_that_cannot_be_read_costs_only_what_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let mut spool = Spool::new(&path, LIMITS);
    for number in 0..20u8 {
        write(&mut spool, Channel::Stdout, &Bytes::from(vec![number; 50]));
    }
    let last = newest(&path);
    std::fs::remove_file(&last).unwrap();
    std::fs::create_dir(&last).unwrap();
    let mut next = Spool::open(&path, LIMITS).unwrap();
    let (records, _) = read(&next, Cursor::START);
    assert!(records.len() > 5, "{records:?}");
    let at = next.next().position;
    write(&mut next, Channel::Stdout, &Bytes::from_static(b"more"));
    assert_eq!(read(&Spool::open(&path, LIMITS).unwrap(), Cursor::START).0.pop().unwrap().0, at);
}

#[test]
fn numbers_that_the_server_has_counted_further_do_not_stop_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::new(&folder.path().join("s"), LIMITS);
    for text in [&b"abcd"[..], b"efgh"] {
        write(&mut spool, Channel::Stdout, &Bytes::copy_from_slice(text));
    }
    let (records, holes) = read(&spool, Cursor { position: 4, sequence: 9 });
    assert_eq!((records.len(), holes), (1, Vec::new()));
    let (records, holes) = read(&spool, Cursor { position: 2, sequence: 9 });
    assert_eq!((records.len(), holes), (1, vec![(2, 4)]));
}

proptest! {
    #[test]
    fn whatever_became_of_the_files_they_are_read_in_order_and_to_the_end(
        wounds in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let mut spool = Spool::new(&path, LIMITS);
        for number in 0..30u8 {
            write(&mut spool, Channel::Stdout, &Bytes::from(vec![number; 40]));
        }
        spool.take_in(Channel::Stderr, b"not cut yet").unwrap();
        let mut paths: Vec<_> =
            std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for (file, place, value) in &wounds {
            let mut content = std::fs::read(file.get(&paths)).unwrap();
            if !content.is_empty() {
                let place = place.index(content.len());
                content[place] = *value;
                if let Some(cut) = cut {
                    content.truncate(cut.index(content.len() + 1));
                }
                std::fs::write(file.get(&paths), content).unwrap();
            }
        }
        let mut next = Spool::open(&path, LIMITS).unwrap();
        let (records, holes) = read(&next, Cursor::START);
        prop_assert!(records.windows(2).all(|two| two[0].0 + two[0].1.len() as u64 <= two[1].0));
        prop_assert!(holes.iter().all(|(from, to)| from < to));
        let largest = 1 << 54;
        prop_assert!(next.next().position <= largest && next.next().sequence <= largest);
        let at = next.next();
        write(&mut next, Channel::Stdout, &Bytes::from_static(b"more"));
        prop_assert_eq!(read(&next, at).0, vec![(at.position, Bytes::from_static(b"more"))]);
    }
}
