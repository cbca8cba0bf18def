//! Crowds at the doors of pictures: bounded, whatever they want.

use pilothouse_testkit::{
    program::Server,
    viewer::{Received, Upgrade},
};

use super::{frame, next, producer_with, shown, viewer};

#[test]
fn ten_thousand_producers_without_a_token_take_no_memory_and_disturb_nobody() {
    // Those that are in place answer no pings, and stay in place however long the others take.
    let settings = [("timing.ping_interval", "10m"), ("timing.heartbeat_timeout", "1h")];
    let server = Server::start(&settings);
    let mut watched = viewer(&server, "s-0", "");
    let mut worker = producer_with(&server, "s-0", &server.operator());
    worker.send(&frame(1));
    assert_eq!(next(&mut watched), shown("s-0", &frame(1)));
    let before = server.reset_peak();
    let mut refused = 0;
    let mut in_place = Vec::new();
    for number in 1..=10_000 {
        let target = format!("/ws/stream/crowd-{number}");
        let mut one = Upgrade::to(target).send(server.address()).unwrap();
        // The first five are taken; each of them keeps a message open that it never finishes.
        if in_place.len() < 5 {
            let mut begun = vec![0x82, 0xff];
            begun.extend_from_slice(&(2_u64 << 20).to_be_bytes());
            begun.extend_from_slice(&[0; 4]);
            begun.extend_from_slice(&vec![0; 1 << 20]);
            one.send_bytes(&begun);
            in_place.push(one);
        } else {
            assert!(matches!(one.receive(), Received::Closed(1013, _)), "{number}");
            refused += 1;
        }
    }
    let grown = server.peak_kib() - before;
    eprintln!(
        "{before} KiB before, at most {grown} more for 10,000, and {} after them",
        server.resident_kib()
    );
    assert!(grown < 60 << 10, "{grown} KiB for {refused} that were refused");
    worker.send(&frame(2));
    assert_eq!(next(&mut watched), shown("s-0", &frame(2)));
    assert!(server.metrics()["pilothouse_picture_streams"] <= 6);
}
