//! What people see of a browser and do in it, from end to end, and how long that takes.

use std::{
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use pilothouse_testkit::{
    node::NodeProgram,
    proxy::Proxy,
    viewer::{Upgrade, Viewer},
};
use serde_json::{Value, json};

use super::{Front, expect_title, picture, site};

fn mouse(event: &str, x: u32, y: u32, seq: &Value) -> Value {
    let button = if event == "mouseMoved" { "none" } else { "left" };
    json!({
        "type": "input_mouse", "eventType": event, "x": x, "y": y, "button": button, "clickCount": 1,
        "seq": seq,
    })
}

fn clicks(viewer: &mut Viewer, x: u32, y: u32, seq: &Value) {
    for event in ["mousePressed", "mouseReleased"] {
        viewer.send(&mouse(event, x, y, seq));
    }
}

#[test]
fn a_click_behind_3000_moves_hits_its_target_of_four_pixels_soon() {
    let front = Front::start();
    front.open("target");
    let mut ann = front.steers();
    // What is shown may be older than the size that it is shown in.
    let is_whole = |it: &Value| it["metadata"]["deviceWidth"] == json!(1280.0);
    let seq = ann.expect_that(|it| it["type"] == "frame" && is_whole(it))["seq"].clone();
    let began = Instant::now();
    clicks(&mut ann, 301, 202, &seq);
    expect_title(&mut ann, "hit 1");
    let alone = began.elapsed();
    clicks(&mut ann, 307, 202, &seq);
    expect_title(&mut ann, "missed 1");
    let began = Instant::now();
    for x in 0..3_000 {
        ann.send(&mouse("mouseMoved", x % 1_000, 500, &seq));
    }
    clicks(&mut ann, 302, 201, &seq);
    expect_title(&mut ann, "hit 2");
    let behind = began.elapsed();
    eprintln!("a click was seen after {alone:?}, and one behind 3,000 moves after {behind:?}");
    assert!(behind < Duration::from_secs(15), "{behind:?}");
}

/// How many pictures a second each of these gets for so long.
fn rates(viewers: Vec<Viewer>, lasting: Duration) -> Vec<f64> {
    let readers = viewers.into_iter().map(|mut viewer| {
        thread::spawn(move || {
            picture(&mut viewer);
            let began = Instant::now();
            let mut count = 0;
            while began.elapsed() < lasting {
                picture(&mut viewer);
                count += 1;
            }
            f64::from(count) / began.elapsed().as_secs_f64()
        })
    });
    let readers: Vec<_> = readers.collect();
    readers.into_iter().map(|reader| reader.join().unwrap()).collect()
}

/// A real Chromium is watched by ten: eight on good lines, one that reads nothing, and the seed's viewer in a real
/// browser behind 1 Mbit/s. The figures are printed; what is asserted holds on a busy machine, too.
#[test]
fn ten_watch_a_real_browser_and_a_narrow_line_is_only_its_own_trouble() {
    let site = site::open();
    let origin = format!("http://{site}");
    let front = Front::start_at(site, &[("origins.allowed", &origin)], &[]);
    front.open("busy");
    let target = format!("/ws/view/{}?token={}", front.session, front.server.operator());
    let lasting = Duration::from_secs(5);
    let plain = || Upgrade::to(&*target).send(front.server.address()).unwrap();
    let alone = rates(vec![plain()], lasting)[0];
    let frozen = Upgrade::to(&*target);
    let _frozen = frozen.send_on(TcpStream::connect(front.server.address()).unwrap(), b"").unwrap();
    let line = Proxy::before(front.server.address());
    line.throttle(Some(125_000));
    let url = format!("ws://{}{target}", line.address());
    let mut narrow = NodeProgram::start("seed_viewer.mjs", &[&origin, &url]);
    narrow.expect("drawn");
    let is_over = Arc::new(AtomicBool::new(false));
    let drawn = Arc::new(AtomicUsize::new(0));
    let (ends, counts) = (is_over.clone(), drawn.clone());
    let painter = thread::spawn(move || {
        let (mut ages, mut sizes) = (Vec::new(), Vec::new());
        while !ends.load(Ordering::Relaxed) {
            let drawn = narrow.expect("drawn");
            ages.push(drawn["age"].as_f64().unwrap());
            sizes.push(drawn["size"].as_u64().unwrap());
            counts.fetch_add(1, Ordering::Relaxed);
        }
        assert!(narrow.finish());
        (ages, sizes)
    });
    let others = rates((0..8).map(|_| plain()).collect(), lasting);
    let before = drawn.load(Ordering::Relaxed);
    is_over.store(true, Ordering::Relaxed);
    let (mut ages, sizes) = painter.join().unwrap();
    ages.sort_by(f64::total_cmp);
    let percentile = |share: usize| ages[(ages.len() - 1) * share / 100];
    let (p50, p95) = (percentile(50), percentile(95));
    let size = sizes.iter().sum::<u64>() / sizes.len() as u64;
    let least = others.iter().copied().fold(f64::INFINITY, f64::min);
    eprintln!(
        "alone one viewer saw {alone:.1} pictures a second, of eight beside a slow and a frozen one the worst \
         {least:.1}; behind 1 Mbit/s {before} of {size} bytes were painted, {p50:.0} ms (p50) and {p95:.0} ms (p95) after Chromium had them"
    );
    assert!(least > alone / 3.0, "{others:?} and {alone} alone");
    assert!(p95 < 10_000.0, "{ages:?}");
}
