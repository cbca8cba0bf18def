//! What people see.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_stands_still_is_seen_and_told_of() {
    let mut bench = Bench::new();
    bench.open("still").await;
    bench.watch(30);
    let browser = bench.until_title("still").await;
    assert_eq!(
        (browser.state, browser.url.as_str()),
        (BrowserState::Open, bench.url("still").as_str())
    );
    assert_eq!((browser.viewport.width, browser.viewport.height), (1280, 720));
    assert_eq!(browser.tabs.len(), 1);
    let picture = bench.relay.next();
    assert_eq!((&picture["type"], &picture["sessionId"]), (&"frame".into(), &"s-1".into()));
    assert!(jpeg(&picture).starts_with(&[0xff, 0xd8, 0xff]));
    assert!(picture["timestamp"].as_f64().unwrap() > 1_600_000_000.0);
    let metadata = &picture["metadata"];
    assert_eq!(
        (metadata["deviceWidth"].as_f64(), metadata["deviceHeight"].as_f64()),
        (Some(1280.0), Some(720.0))
    );
    bench.close().await;
    assert!(bench.browsers.held().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_state_of_a_page_is_seen_also_when_pictures_are_taken_late() {
    let mut bench = Bench::new();
    bench.open("still").await;
    bench.until_title("still").await;
    bench.watch(30);
    bench.relay.next();
    // From here on nothing is taken: whatever Chromium paints beyond two pictures is thrown away.
    bench.relay.takes.store(false, std::sync::atomic::Ordering::Relaxed);
    let url = bench.url("busy");
    bench.go(&url).await.unwrap();
    bench.until_title("busy").await;
    bench.relay.drain();
    bench.go(&bench.url("other")).await.unwrap();
    bench.until_title("other").await;
    bench.relay.takes.store(true, std::sync::atomic::Ordering::Relaxed);
    // A viewer that comes anew makes the relay's end a new one; here the wish alone changes.
    bench.watch(0);
    bench.watch(30);
    let mut shots = Vec::new();
    let found = tokio::task::spawn_blocking(move || {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            shots.push(jpeg(&bench.relay.next()).len());
            // A teal page is much smaller as a JPEG than one with a canvas that moves.
            if shots.last().is_some_and(|bytes| *bytes < 9_000) {
                return true;
            }
        }
        panic!("only {shots:?}")
    });
    assert!(found.await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_come_as_fast_as_anybody_wants_them_and_next_to_none_unwatched() {
    let mut bench = Bench::new();
    bench.open("busy").await;
    bench.until_title("busy").await;
    let count = |bench: &Bench, seconds: u64| {
        bench.relay.drain();
        let until = Instant::now() + Duration::from_secs(seconds);
        let mut count = 0;
        while bench
            .relay
            .pictures
            .recv_timeout(until.saturating_duration_since(Instant::now()))
            .is_ok()
        {
            count += 1;
        }
        count
    };
    bench.watch(5);
    bench.relay.next();
    let slow = tokio::task::block_in_place(|| count(&bench, 4));
    bench.watch(0);
    tokio::task::block_in_place(|| count(&bench, 1));
    let none = tokio::task::block_in_place(|| count(&bench, 4));
    assert!((8..=28).contains(&slow), "5 a second for 4 seconds were {slow}");
    assert!(none <= 1, "nobody watched for 4 seconds, and {none} came");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_size_is_another_layout() {
    let mut bench = Bench::new();
    bench.open("still").await;
    bench.watch(30);
    let first = bench.relay.next();
    let resize = Ask::ResizeBrowser { session: "s-1".into(), width: 640, height: 9 };
    bench.ask(resize).await.unwrap();
    let browser = bench.until(|browser| browser.viewport.width == 640).await;
    assert_eq!(browser.viewport.height, 100);
    loop {
        let picture = bench.relay.next();
        let metadata = &picture["metadata"];
        if metadata["deviceWidth"] == 640.0 {
            assert!(metadata["layout"].as_u64() > first["metadata"]["layout"].as_u64());
            break;
        }
    }
}
