//! What people aim at on pages that are shown larger than they are.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use super::{
    steered::{Steered, keys},
    *,
};

/// Where a target of four pixels is in the picture, and how much larger than on the page.
struct Place {
    scale: f64,
    near: (f64, f64),
    far: (f64, f64),
    ratio: f64,
}

impl Steered {
    /// Asks the page, which tells in its title.
    async fn places(&mut self) -> Place {
        self.does(&keys("v"));
        let browser = self.bench.until(|browser| browser.title.starts_with("at ")).await;
        let told: Value = serde_json::from_str(&browser.title[3..]).unwrap();
        let number = |value: &Value| value.as_f64().unwrap();
        let place = |n: usize| (number(&told["places"][n][0]), number(&told["places"][n][1]));
        Place {
            scale: number(&told["scale"]),
            near: place(0),
            far: place(1),
            ratio: number(&told["ratio"]),
        }
    }

    /// Two fingers around that place go apart, by so many pixels each.
    fn pinches(&self, (x, y): (f64, f64), by: f64) {
        let seq = self.picture["seq"].clone();
        let touch = |event: &str, apart: f64| {
            let points = if event == "touchEnd" {
                json!([])
            } else {
                json!([{"x": x - apart, "y": y, "id": 1}, {"x": x + apart, "y": y, "id": 2}])
            };
            json!({"type": "input_touch", "eventType": event, "touchPoints": points, "seq": seq})
        };
        let moves = (1..=20).map(|step| touch("touchMove", 40.0 + by * f64::from(step) / 20.0));
        let start = [touch("touchStart", 40.0)];
        let all: Vec<_> = start.into_iter().chain(moves).chain([touch("touchEnd", 0.0)]).collect();
        self.does(&all);
    }

    /// The newest picture that shows the page that large.
    fn see_scaled(&mut self, scale: f64) -> Value {
        let factor = |metadata: &Value| metadata["pageScaleFactor"].as_f64().unwrap();
        self.see(|metadata| (factor(metadata) - scale).abs() < 0.001);
        self.picture["seq"].clone()
    }

    /// Pinches until the page says so in pictures and in its title alike.
    async fn is_pinched(&mut self, around: (f64, f64)) -> (Place, Value) {
        self.pinches(around, 80.0);
        self.see(|metadata| metadata["pageScaleFactor"].as_f64().unwrap() > 1.5);
        let place = self.places().await;
        let seq = self.see_scaled(place.scale);
        (place, seq)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_target_is_hit_on_a_pinched_page_and_not_where_it_was_before() {
    let mut steered = Steered::open("targets").await;
    let old = steered.picture["seq"].clone();
    let (place, seq) = steered.is_pinched((302.0, 202.0)).await;
    // Half as far from its middle as its edge is, and twice as far.
    let (x, y) = place.near;
    let (inside, outside) = (place.scale, place.scale * 4.0);
    steered.clicks(x + inside, y - inside, &seq);
    steered.says("hit 1").await;
    steered.clicks(x + outside, y, &seq);
    steered.says("missed 1").await;
    // What was aimed at a picture of the page before it was pinched is somewhere else now.
    steered.clicks(x, y, &old);
    steered.clicks(x, y + outside, &seq);
    steered.says("missed 2").await;
    steered.clicks(x, y, &seq);
    steered.says("hit 2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_target_is_hit_on_a_page_that_was_scrolled_pinched_and_given_another_size() {
    let mut steered = Steered::open("targets").await;
    let seq = steered.picture["seq"].clone();
    let wheel = json!({"type": "input_mouse", "eventType": "mouseWheel", "x": 600, "y": 300, "deltaY": 1000, "seq": seq});
    steered.does(&[wheel]);
    steered.says("scrolled to 1000").await;
    steered.see(|metadata| metadata["scrollOffsetY"].as_f64() == Some(1000.0));
    let (place, pinched) = steered.is_pinched((402.0, 502.0)).await;
    steered.clicks(place.far.0, place.far.1, &pinched);
    steered.says("far hit 1").await;
    let resize = Ask::ResizeBrowser { session: "s-1".into(), width: 900, height: 700 };
    steered.bench.ask(resize).await.unwrap();
    // Aimed while the new size was on its way, and after.
    steered.clicks(place.far.0, place.far.1, &pinched);
    steered.see(|metadata| metadata["deviceWidth"].as_f64() == Some(900.0));
    steered.clicks(place.far.0, place.far.1, &pinched);
    let place = steered.places().await;
    let seq = steered.see_scaled(place.scale);
    steered.clicks(place.far.0 + 4.0 * place.scale, place.far.1, &seq);
    steered.says("missed 1").await;
    steered.clicks(place.far.0, place.far.1, &seq);
    steered.says("far hit 2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_target_is_hit_in_a_browser_with_twice_the_pixels() {
    let programs = tempfile::tempdir().unwrap();
    let program = programs.path().join("chromium");
    let found = crate::browsers::find::find(None, &[]).unwrap();
    let script =
        format!("#!/bin/sh\nexec '{}' \"$@\" --force-device-scale-factor=2\n", found.display());
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let bench = Bench::with(|config| config.browser.program = Some(program));
    let mut steered = Steered::open_in(bench, "targets").await;
    let place = steered.places().await;
    let is_one = (place.ratio - 1.0).abs() < f64::EPSILON;
    assert!(is_one, "pages are as large as pictures of them, whatever the screen");
    let seq = steered.picture["seq"].clone();
    steered.clicks(302.0, 202.0, &seq);
    steered.says("hit 1").await;
    steered.clicks(306.0, 202.0, &seq);
    steered.says("missed 1").await;
    let (place, seq) = steered.is_pinched((302.0, 202.0)).await;
    steered.clicks(place.near.0, place.near.1, &seq);
    steered.says("hit 2").await;
}
