//! Spools against a plain list of everything that was ever pushed.

use proptest::prelude::*;

use super::*;

const LIMITS: SpoolLimits = SpoolLimits { memory: 300, total: 2_000, segment: 400 };

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
    assert_eq!(cursor, spool.next());
    (records, holes)
}

fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

#[test]
fn what_does_not_fit_in_memory_is_read_back_from_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::new(&folder.path().join("s"), LIMITS);
    for number in 0..10u8 {
        spool.push(Channel::Stdout, &Bytes::from(vec![number; 50])).unwrap();
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
        spool.push(Channel::Stderr, &Bytes::from(vec![number; 50])).unwrap();
    }
    let (records, holes) = read(&spool, Cursor::START);
    assert_eq!(holes, [(0, spool.first().position)]);
    assert_eq!(records.last().unwrap().1[0], 99);
    assert!(spool.kept() <= LIMITS.total);
    assert!(files(&folder.path().join("s")) < 10);
}

#[test]
fn acknowledged_files_are_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::new(&folder.path().join("s"), LIMITS);
    for _ in 0..15 {
        spool.push(Channel::Stdout, &Bytes::from_static(&[7; 50])).unwrap();
    }
    spool.acknowledge(spool.next());
    assert_eq!((spool.kept(), files(&folder.path().join("s"))), (0, 0));
    spool.push(Channel::Stdout, &Bytes::from_static(b"x")).unwrap();
    assert_eq!(read(&spool, Cursor { position: 750, sequence: 16 }).0.len(), 1);
}

#[test]
fn the_next_life_finds_what_was_flushed_and_ignores_a_torn_record() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let mut spool = Spool::new(&path, LIMITS);
    for number in 0..10u8 {
        spool.push(Channel::Stdout, &Bytes::from(vec![number; 50])).unwrap();
    }
    let before = read(&spool, Cursor::START);
    spool.flush().unwrap();
    assert_eq!(read(&spool, Cursor::START), before);
    drop(spool);
    assert_eq!(read(&Spool::open(&path, LIMITS).unwrap(), Cursor::START), before);

    let last = std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()).max().unwrap();
    let length = std::fs::metadata(&last).unwrap().len();
    std::fs::OpenOptions::new().write(true).open(&last).unwrap().set_len(length - 1).unwrap();
    let torn = Spool::open(&path, LIMITS).unwrap();
    assert_eq!(torn.next().position, 450);
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
        steps in prop::collection::vec((0u8..4, 1usize..120), 1..60)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(&folder.path().join("s"), LIMITS);
        let mut written = Vec::new();
        for (step, size) in steps {
            if step == 0 {
                let acknowledged = spool.first().position + size as u64;
                let border = read(&spool, spool.first()).0.into_iter()
                    .enumerate().map(|(i, (position, bytes))| Cursor {
                        position: position + bytes.len() as u64,
                        sequence: spool.first().sequence + i as u64 + 1,
                    }).find(|end| end.position >= acknowledged);
                if let Some(border) = border {
                    spool.acknowledge(border);
                }
            } else {
                let bytes: Bytes = (0..size).map(|i| (written.len() + i).to_le_bytes()[0]).collect();
                written.extend_from_slice(&bytes);
                spool.push(Channel::Stdout, &bytes).unwrap();
            }
        }
        let (records, holes) = read(&spool, Cursor::START);
        prop_assert_eq!(spool.next().position, written.len() as u64);
        prop_assert!(holes.len() <= 1);
        for (position, bytes) in records {
            let start = usize::try_from(position).unwrap();
            prop_assert_eq!(&bytes[..], &written[start..start + bytes.len()]);
        }
    }
}
