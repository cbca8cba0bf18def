//! What people do, in a real Chromium: what they aim at is hit, and what is somewhere else by now is not.

use pilothouse_protocols::agent_link::browsers::BrowserInput;
use serde_json::json;

use super::*;

/// A browser that somebody steers in turn 5, and the newest picture.
pub(super) struct Steered {
    pub(super) bench: Bench,
    pub(super) picture: Value,
}

impl Steered {
    pub(super) async fn open(page: &str) -> Self {
        Self::open_in(Bench::new(), page).await
    }

    pub(super) async fn open_in(mut bench: Bench, page: &str) -> Self {
        bench.open(page).await;
        bench.watch(30);
        bench.until_title("ready").await;
        let picture = bench.relay.next();
        bench.browsers.take(&FromServer::BrowserHeld {
            session: "s-1".into(),
            epoch: 5,
            held: true,
        });
        Self { bench, picture }
    }

    fn does_in(&self, epoch: u64, inputs: &[Value]) {
        let inputs = inputs.iter().map(|input| {
            let input: BrowserInput = serde_json::from_value(input.clone()).unwrap();
            input
        });
        let (session, inputs) = ("s-1".into(), inputs.collect());
        self.bench.browsers.take(&FromServer::BrowserInput { session, epoch, inputs });
    }

    pub(super) fn does(&self, inputs: &[Value]) {
        self.does_in(5, inputs);
    }

    /// Presses and releases, as aimed at that picture.
    pub(super) fn clicks(&self, x: f64, y: f64, seq: &Value) {
        self.does(&click(x, y, seq));
    }

    /// The newest picture once one shows what is wanted.
    pub(super) fn see(&mut self, wanted: impl Fn(&Value) -> bool) {
        while !wanted(&self.picture["metadata"]) {
            self.picture = self.bench.relay.next();
        }
    }

    pub(super) async fn says(&mut self, title: &str) {
        self.bench.until_title(title).await;
    }

    async fn copied(&mut self) -> (u64, String) {
        let found = timeout(PATIENCE, async {
            loop {
                for news in self.bench.browsers.take_news() {
                    if let FromAgent::BrowserClipboard { epoch, text, .. } = news {
                        return (epoch, text);
                    }
                }
                self.bench.browsers.changed().await;
            }
        });
        found.await.expect("something is copied")
    }
}

fn mouse(event: &str, x: f64, y: f64, seq: &Value) -> Value {
    let button = if event == "mousePressed" || event == "mouseReleased" { "left" } else { "none" };
    let mut input = json!({
        "type": "input_mouse", "eventType": event, "x": x, "y": y, "button": button, "clickCount": 1,
    });
    if !seq.is_null() {
        input["seq"] = seq.clone();
    }
    input
}

fn click(x: f64, y: f64, seq: &Value) -> [Value; 2] {
    [mouse("mousePressed", x, y, seq), mouse("mouseReleased", x, y, seq)]
}

pub(super) fn keys(text: &str) -> Vec<Value> {
    let strokes = text.chars().flat_map(|letter| {
        let code = format!("Key{}", letter.to_ascii_uppercase());
        let key = |event: &str, text: &str| {
            json!({"type": "input_keyboard", "eventType": event, "key": letter.to_string(), "code": code, "text": text})
        };
        [key("keyDown", &letter.to_string()), key("keyUp", "")]
    });
    strokes.collect()
}

fn shortcut(letter: &str) -> [Value; 2] {
    let code = format!("Key{}", letter.to_uppercase());
    ["keyDown", "keyUp"].map(|event| {
        json!({"type": "input_keyboard", "eventType": event, "key": letter, "code": code, "modifiers": 2})
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_target_is_hit_plain_scrolled_and_zoomed() {
    let mut steered = Steered::open("targets").await;
    // The target is 4 pixels wide and high, and its middle is clicked.
    let seq = steered.picture["seq"].clone();
    steered.clicks(302.0, 202.0, &seq);
    steered.says("hit 1").await;
    steered.clicks(306.0, 202.0, &seq);
    steered.says("missed 1").await;

    let wheel = json!({"type": "input_mouse", "eventType": "mouseWheel", "x": 600, "y": 300, "deltaY": 1000, "seq": seq});
    steered.does(&[wheel]);
    steered.says("scrolled to 1000").await;
    steered.see(|metadata| metadata["scrollOffsetY"].as_f64() == Some(1000.0));
    let seq = steered.picture["seq"].clone();
    steered.clicks(402.0, 502.0, &seq);
    steered.says("far hit 1").await;

    // The page zooms itself to one and a half: what was at 300 is at 450 now.
    steered.does(&keys("z"));
    steered.says("zoomed").await;
    steered.clicks(453.0, 303.0, &seq);
    steered.says("hit 2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_aimed_before_the_size_changed_does_nothing() {
    let mut steered = Steered::open("targets").await;
    let old = steered.picture["seq"].clone();
    let resized = Ask::ResizeBrowser { session: "s-1".into(), width: 800, height: 600 };
    steered.bench.ask(resized).await.unwrap();
    steered.clicks(302.0, 202.0, &old);
    steered.see(|metadata| metadata["deviceWidth"].as_f64() == Some(800.0));
    steered.clicks(302.0, 202.0, &old);
    let new = steered.picture["seq"].clone();
    steered.clicks(306.0, 202.0, &new);
    // Had one of those before hit, it would have said so before.
    steered.says("missed 1").await;
    steered.clicks(302.0, 202.0, &new);
    steered.says("hit 1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_present_turn_counts_and_its_end_lets_go() {
    let mut steered = Steered::open("targets").await;
    let seq = steered.picture["seq"].clone();
    steered.does_in(4, &click(302.0, 202.0, &seq));
    steered.does_in(6, &click(302.0, 202.0, &seq));
    steered.clicks(306.0, 202.0, &seq);
    steered.says("missed 1").await;
    steered.does(&[mouse("mousePressed", 302.0, 202.0, &seq)]);
    steered.says("down").await;
    let held = FromServer::BrowserHeld { session: "s-1".into(), epoch: 6, held: false };
    steered.bench.browsers.take(&held);
    steered.says("hit 1").await;
    steered.does_in(6, &click(306.0, 202.0, &seq));
    let held = FromServer::BrowserHeld { session: "s-1".into(), epoch: 7, held: true };
    steered.bench.browsers.take(&held);
    steered.does_in(7, &click(302.0, 202.0, &seq));
    steered.says("hit 2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_is_typed_replaced_pasted_and_copied() {
    let mut steered = Steered::open("typing").await;
    let seq = steered.picture["seq"].clone();
    steered.clicks(50.0, 20.0, &seq);
    steered.does(&keys("hello"));
    steered.says("hello").await;
    steered.does(&shortcut("a"));
    steered.does(&[json!({"type": "input_copy"})]);
    assert_eq!(steered.copied().await, (5, "hello".to_owned()));
    steered.does(&keys("x"));
    steered.says("x").await;
    steered.does(&[json!({"type": "input_clipboard", "text": " ünd 日本"})]);
    steered.says("x ünd 日本").await;
    let enter =
        json!({"type": "input_keyboard", "eventType": "keyDown", "key": "Enter", "code": "Enter"});
    steered.does(&[enter]);
    steered.says("sent").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn things_are_dragged_touched_and_clicked_behind_a_flood_of_moves() {
    let mut steered = Steered::open("dragging").await;
    let seq = steered.picture["seq"].clone();
    steered.does(&[
        mouse("mouseMoved", 20.0, 20.0, &seq),
        mouse("mousePressed", 20.0, 20.0, &seq),
        mouse("mouseMoved", 120.0, 60.0, &seq),
        mouse("mouseReleased", 120.0, 60.0, &seq),
    ]);
    steered.says("dragged by 100,40").await;
    let touch = |event: &str, points: Value| json!({"type": "input_touch", "eventType": event, "touchPoints": points, "seq": seq});
    steered.does(&[
        touch("touchStart", json!([{"x": 400, "y": 300, "id": 1}])),
        touch("touchMove", json!([{"x": 420, "y": 330, "id": 1}])),
        touch("touchEnd", json!([])),
    ]);
    steered.says("touched 400,300 to 420,330").await;
    let moves: Vec<_> =
        (0..3_000).map(|x| mouse("mouseMoved", f64::from(x % 1_000), 500.0, &seq)).collect();
    for some in moves.chunks(60) {
        steered.does(some);
    }
    steered.clicks(700.0, 500.0, &seq);
    steered.says("clicked 700,500").await;
}
