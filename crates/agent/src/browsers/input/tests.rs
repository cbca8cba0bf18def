//! Tables of what people do, and which calls come of it.

use pilothouse_protocols::agent_link::browsers::BrowserInput;
use proptest::prelude::*;

use super::*;

const PLAIN: Sight = Sight { layout: 1, width: 800.0, height: 600.0, scale: 1.0, offset_top: 0.0 };

fn input(json: &str) -> BrowserInput {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

fn mouse(event: &str, x: f64, y: f64) -> BrowserInput {
    let button = if event == "mouseMoved" || event == "mouseWheel" { "none" } else { "left" };
    input(&format!(
        r#"{{"type":"input_mouse","eventType":"{event}","x":{x},"y":{y},"button":"{button}","clickCount":1}}"#
    ))
}

fn key(event: &str, key: &str, code: &str, text: &str, modifiers: u32) -> BrowserInput {
    input(&format!(
        r#"{{"type":"input_keyboard","eventType":"{event}","key":"{key}","code":"{code}","text":"{text}","modifiers":{modifiers}}}"#
    ))
}

/// Each call in a few words.
fn words(calls: &[Call]) -> String {
    let words = calls.iter().map(|call| {
        let of = |name: &str| match &call.parameters[name] {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        match call.method {
            "Input.dispatchMouseEvent" => {
                format!("{} {},{} {}/{}", of("type"), of("x"), of("y"), of("button"), of("buttons"))
            }
            "Input.dispatchKeyEvent" => {
                let text =
                    call.parameters.get("text").map_or(String::new(), |text| format!(" {text}"));
                let command =
                    call.parameters.get("commands").map_or(String::new(), |it| format!(" {it}"));
                let number = call.parameters.get("windowsVirtualKeyCode");
                let number = number.map_or(String::new(), |number| format!(" {number}"));
                format!("{}{number}{text}{command}", of("type"))
            }
            "Input.dispatchTouchEvent" => {
                let fingers = call.parameters["touchPoints"].as_array().unwrap().iter();
                let fingers = fingers.map(|at| format!(" {}:{},{}", at["id"], at["x"], at["y"]));
                format!("{}{}", of("type"), fingers.collect::<String>())
            }
            _ => format!("insert {}", of("text")),
        }
    });
    words.collect::<Vec<_>>().join("; ")
}

fn does(hand: &mut Hand, input: &BrowserInput, seen: Option<&Sight>, now: &Sight) -> String {
    let mut calls = Vec::new();
    hand.does(input, seen, now, &mut calls);
    words(&calls)
}

#[test]
fn a_place_of_the_picture_is_a_place_of_the_page() {
    let zoomed = Sight { scale: 2.0, ..PLAIN };
    let below_a_bar = Sight { offset_top: 50.0, ..PLAIN };
    let table = [
        (PLAIN, (100.0, 50.0), "mousePressed 100.0,50.0 left/1"),
        (PLAIN, (0.0, 0.0), "mousePressed 0.0,0.0 left/1"),
        (PLAIN, (800.0, 600.0), "mousePressed 799.0,599.0 left/1"),
        (PLAIN, (801.0, 10.0), ""),
        (PLAIN, (10.0, -1.0), ""),
        // Chromium counts in pixels of the page, which are larger then.
        (zoomed, (100.0, 50.0), "mousePressed 50.0,25.0 left/1"),
        (below_a_bar, (100.0, 70.0), "mousePressed 100.0,20.0 left/1"),
    ];
    for (sight, (x, y), expected) in table {
        let pressed =
            does(&mut Hand::default(), &mouse("mousePressed", x, y), Some(&sight), &sight);
        assert_eq!(pressed, expected, "{x},{y} in {sight:?}");
    }
}

#[test]
fn what_was_aimed_at_another_layout_does_nothing_but_let_go() {
    let larger = Sight { layout: 2, width: 1000.0, ..PLAIN };
    let zoomed = Sight { scale: 1.5, ..PLAIN };
    for now in [larger, zoomed] {
        let mut hand = Hand::default();
        for event in ["mousePressed", "mouseMoved", "mouseWheel", "mouseReleased"] {
            assert_eq!(
                does(&mut hand, &mouse(event, 10.0, 10.0), Some(&PLAIN), &now),
                "",
                "{event}"
            );
            assert_eq!(does(&mut hand, &mouse(event, 10.0, 10.0), None, &now), "", "{event}");
        }
        does(&mut hand, &mouse("mousePressed", 10.0, 20.0), Some(&now), &now);
        let released = does(&mut hand, &mouse("mouseReleased", 500.0, 500.0), Some(&PLAIN), &now);
        assert!(released.starts_with("mouseReleased"), "{released}");
        assert!(!released.contains("500"), "where it was pressed: {released}");
    }
}

#[test]
fn a_drag_goes_on_to_the_edge_and_no_further() {
    let mut hand = Hand::default();
    let mut step = |event, x, y| does(&mut hand, &mouse(event, x, y), Some(&PLAIN), &PLAIN);
    assert_eq!(step("mouseMoved", 5.0, 5.0), "mouseMoved 5.0,5.0 none/0");
    assert_eq!(step("mousePressed", 5.0, 5.0), "mousePressed 5.0,5.0 left/1");
    assert_eq!(step("mouseMoved", 50.0, 5.0), "mouseMoved 50.0,5.0 left/1");
    assert_eq!(step("mouseMoved", 5000.0, -7.0), "mouseMoved 799.0,0.0 left/1");
    assert_eq!(step("mouseReleased", 5000.0, -7.0), "mouseReleased 799.0,0.0 left/0");
    assert_eq!(step("mouseReleased", 5.0, 5.0), "", "nothing is pressed");
    assert_eq!(step("mouseMoved", 5000.0, 0.0), "");
}

#[test]
fn wheels_turn_within_reason() {
    let wheel = |delta: &str| {
        input(&format!(
            r#"{{"type":"input_mouse","eventType":"mouseWheel","x":1,"y":2,"deltaX":-3,"deltaY":{delta}}}"#
        ))
    };
    for (delta, expected) in [("120", 120.0), ("1e300", 10_000.0), ("-1e300", -10_000.0)] {
        let mut calls = Vec::new();
        Hand::default().does(&wheel(delta), Some(&PLAIN), &PLAIN, &mut calls);
        assert_eq!(calls[0].parameters["deltaY"], expected);
        assert_eq!(calls[0].parameters["deltaX"], -3.0);
    }
}

#[test]
fn keys_type_and_shortcuts_do_not() {
    let table = [
        (key("keyDown", "a", "KeyA", "a", 0), r#"keyDown 65 "a""#),
        (key("keyDown", "A", "KeyA", "A", 8), r#"keyDown 65 "A""#),
        (key("keyDown", "é", "Digit2", "é", 0), r#"keyDown 50 "é""#),
        (key("keyDown", ";", "Semicolon", ";", 0), r#"keyDown 186 ";""#),
        (key("keyDown", "a", "KeyQ", "a", 0), r#"keyDown 65 "a""#),
        (key("keyDown", "Enter", "Enter", "", 0), r#"keyDown 13 "\r""#),
        (key("keyDown", "Tab", "Tab", "", 0), "rawKeyDown 9"),
        (key("keyDown", "Backspace", "Backspace", "", 0), "rawKeyDown 8"),
        (key("keyDown", "F5", "F5", "", 0), "rawKeyDown 116"),
        (key("keyDown", "ArrowLeft", "ArrowLeft", "", 0), "rawKeyDown 37"),
        (key("keyDown", "7", "Numpad7", "7", 0), r#"keyDown 103 "7""#),
        (key("keyDown", "a", "KeyA", "a", 2), r#"rawKeyDown 65 ["selectAll"]"#),
        (key("keyDown", "a", "KeyA", "", 4), r#"rawKeyDown 65 ["selectAll"]"#),
        (key("keyDown", "Z", "KeyZ", "", 10), r#"rawKeyDown 90 ["redo"]"#),
        (key("keyDown", "k", "KeyK", "k", 2), "rawKeyDown 75"),
        (key("keyDown", "@", "KeyQ", "@", 3), r#"keyDown 81 "@""#),
        (key("keyDown", "å", "KeyA", "å", 1), r#"keyDown 65 "å""#),
        (key("keyDown", "f", "KeyF", "f", 1), "rawKeyDown 70"),
        (key("char", "", "", "ß", 0), r#"char "ß""#),
        (key("char", "", "", "日本", 0), "insert 日本"),
        (key("keyUp", "a", "KeyA", "", 0), "keyUp 65"),
    ];
    for (input, expected) in table {
        assert_eq!(does(&mut Hand::default(), &input, None, &PLAIN), expected, "{input:?}");
    }
}

#[test]
fn a_key_that_does_not_say_what_it_types_types_it_once() {
    let down = key("keyDown", "x", "KeyX", "", 0);
    let up = key("keyUp", "x", "KeyX", "", 0);
    let mut hand = Hand::default();
    assert_eq!(does(&mut hand, &down, None, &PLAIN), "rawKeyDown 88");
    assert_eq!(does(&mut hand, &up, None, &PLAIN), "insert x; keyUp 88");
    assert_eq!(does(&mut hand, &down, None, &PLAIN), "rawKeyDown 88");
    assert_eq!(does(&mut hand, &key("char", "", "", "x", 0), None, &PLAIN), r#"char "x""#);
    assert_eq!(does(&mut hand, &up, None, &PLAIN), "keyUp 88");
}

#[test]
fn fingers_come_and_go_one_by_one() {
    let touch = |event: &str, points: &str| {
        input(&format!(
            r#"{{"type":"input_touch","eventType":"{event}","touchPoints":[{points}]}}"#
        ))
    };
    let (one, two) = (r#"{"x":1,"y":2,"id":0}"#, r#"{"x":1,"y":2,"id":0},{"x":30,"y":40,"id":1}"#);
    let table = [
        ("touchMove", one, ""),
        ("touchEnd", "", ""),
        ("touchStart", one, "touchStart 0:1.0,2.0"),
        ("touchStart", two, "touchStart 0:1.0,2.0 1:30.0,40.0"),
        ("touchEnd", one, "touchMove 0:1.0,2.0"),
        ("touchEnd", "", "touchEnd"),
        ("touchStart", one, "touchStart 0:1.0,2.0"),
        ("touchCancel", "", "touchCancel"),
    ];
    let mut hand = Hand::default();
    for (event, points, expected) in table {
        assert_eq!(
            does(&mut hand, &touch(event, points), Some(&PLAIN), &PLAIN),
            expected,
            "{event}"
        );
    }
    does(&mut hand, &touch("touchStart", one), Some(&PLAIN), &PLAIN);
    let larger = Sight { layout: 2, ..PLAIN };
    assert_eq!(does(&mut hand, &touch("touchMove", one), Some(&PLAIN), &larger), "");
    assert_eq!(does(&mut hand, &touch("touchEnd", one), Some(&PLAIN), &larger), "touchEnd");
}

#[test]
fn at_the_end_everything_is_let_go_of_once() {
    let mut hand = Hand::default();
    does(&mut hand, &mouse("mousePressed", 7.0, 8.0), Some(&PLAIN), &PLAIN);
    does(&mut hand, &key("keyDown", "Shift", "ShiftLeft", "", 8), None, &PLAIN);
    let mut calls = Vec::new();
    hand.let_go(&mut calls);
    assert_eq!(words(&calls), "keyUp 16; mouseReleased 7.0,8.0 left/0");
    calls.clear();
    hand.let_go(&mut calls);
    assert_eq!(words(&calls), "");
}

#[test]
fn paste_inserts_and_copy_is_a_wish() {
    let mut hand = Hand::default();
    let paste = input(r#"{"type":"input_clipboard","text":"one\ntwo"}"#);
    assert_eq!(does(&mut hand, &paste, None, &PLAIN), "insert one\ntwo");
    let mut calls = Vec::new();
    let wish = hand.does(&input(r#"{"type":"input_copy"}"#), None, &PLAIN, &mut calls);
    assert_eq!((wish, calls.len()), (Some(Wish::Copy), 0));
    assert_eq!(does(&mut hand, &input(r#"{"type":"input_dance"}"#), None, &PLAIN), "");
}

#[test]
fn of_moves_in_a_row_only_the_newest_is_made() {
    let mut queue = Queue::default();
    queue.push((0..3000).map(|x| mouse("mouseMoved", f64::from(x), 0.0)).collect());
    queue.push(vec![mouse("mousePressed", 1.0, 1.0), mouse("mouseMoved", 2.0, 2.0)]);
    assert!(queue.begins_with_move());
    let (input, count) = queue.pop().unwrap();
    assert_eq!((input, count), (mouse("mouseMoved", 2999.0, 0.0), 3000));
    assert_eq!(queue.pop(), Some((mouse("mousePressed", 1.0, 1.0), 1)));
    assert_eq!(queue.pop(), Some((mouse("mouseMoved", 2.0, 2.0), 1)));
    assert!(queue.is_empty());
    let keys = || (0..2000).map(|_| key("keyDown", "a", "KeyA", "a", 0)).collect();
    assert_eq!(queue.push(keys()), 2000 - 1024);
}

#[test]
fn inputs_go_out_in_order_and_one_move_at_a_time() {
    let picture = |seq: Option<u64>| (seq.is_none_or(|seq| seq == 7)).then_some(PLAIN);
    let mut steering = Steering::default();
    assert_eq!(steering.take(3, vec![mouse("mousePressed", 1.0, 1.0)]), 1, "nobody steers yet");
    assert_eq!(steering.begin(3, true), []);
    assert_eq!(steering.take(2, vec![mouse("mousePressed", 1.0, 1.0)]), 1, "of an earlier turn");
    let flood =
        |count: u32| (0..count).map(|x| mouse("mouseMoved", f64::from(x), 0.0)).collect::<Vec<_>>();
    assert_eq!(steering.take(3, flood(100)), 0);
    let first = steering.step(picture, &PLAIN).unwrap();
    assert_eq!(
        (words(&first.calls).as_str(), first.under_way.count),
        ("mouseMoved 99.0,0.0 none/0", 100)
    );
    steering.take(3, flood(700));
    assert_eq!(steering.step(picture, &PLAIN), None, "the page has not taken the move before");
    steering.take(3, vec![mouse("mousePressed", 5.0, 5.0), mouse("mouseReleased", 5.0, 5.0)]);
    assert_eq!(steering.step(picture, &PLAIN), None);
    steering.did(first.under_way);
    let rest: Vec<_> = std::iter::from_fn(|| steering.step(picture, &PLAIN)).collect();
    let rest: Vec<_> = rest.iter().map(|step| words(&step.calls)).collect();
    let expected = [
        "mouseMoved 699.0,0.0 none/0",
        "mousePressed 5.0,5.0 left/1",
        "mouseReleased 5.0,5.0 left/0",
    ];
    assert_eq!(rest, expected);
}

#[test]
fn a_turn_that_ends_lets_go_and_forgets_what_waits() {
    let picture = |_| Some(PLAIN);
    let mut steering = Steering::default();
    steering.begin(1, true);
    steering.take(1, vec![mouse("mousePressed", 5.0, 5.0), mouse("mouseMoved", 6.0, 5.0)]);
    assert!(steering.step(picture, &PLAIN).is_some());
    assert_eq!(words(&steering.begin(2, false)), "mouseReleased 5.0,5.0 left/0");
    assert_eq!(steering.step(picture, &PLAIN), None);
    assert_eq!(steering.take(2, vec![mouse("mouseMoved", 6.0, 5.0)]), 1, "nobody steers");
}

#[test]
fn what_is_selected_is_read_between_the_inputs_before_and_behind() {
    let mut steering = Steering::default();
    steering.begin(1, true);
    let press = || key("keyDown", "a", "KeyA", "a", 0);
    steering.take(1, vec![press(), input(r#"{"type":"input_copy"}"#), press()]);
    let before = steering.step(|_| None, &PLAIN).unwrap();
    assert_eq!(steering.step(|_| None, &PLAIN), None);
    steering.did(before.under_way);
    let copy = steering.step(|_| None, &PLAIN).unwrap();
    assert_eq!((copy.wish, copy.calls.len()), (Some(Wish::Copy), 0));
    assert_eq!(steering.step(|_| None, &PLAIN), None);
    steering.did(copy.under_way);
    assert!(steering.step(|_| None, &PLAIN).is_some());
}

#[test]
fn so_many_inputs_are_under_way_and_no_more() {
    let mut steering = Steering::default();
    steering.begin(1, true);
    steering.take(1, (0..40).map(|_| key("keyDown", "a", "KeyA", "a", 0)).collect());
    let made: Vec<_> = std::iter::from_fn(|| steering.step(|_| None, &PLAIN)).collect();
    assert_eq!(made.len(), 16);
    steering.did(made[0].under_way);
    assert!(steering.step(|_| None, &PLAIN).is_some());
    assert!(steering.step(|_| None, &PLAIN).is_none());
}

fn anything() -> impl Strategy<Value = BrowserInput> {
    let place = || prop_oneof![-50.0..900.0f64, Just(f64::NAN), Just(f64::INFINITY)];
    let events = ["mousePressed", "mouseReleased", "mouseMoved", "mouseWheel"];
    let fingers = ["touchStart", "touchMove", "touchEnd", "touchCancel"];
    let strokes = ["keyDown", "keyUp", "char"];
    prop_oneof![
        (0..4usize, place(), place()).prop_map(move |(event, x, y)| {
            let mut input = mouse(events[event], 0.0, 0.0);
            if let BrowserInput::InputMouse { x: at_x, y: at_y, .. } = &mut input {
                (*at_x, *at_y) = (x, y);
            }
            input
        }),
        (0..4usize, 0..3usize).prop_map(move |(event, count)| {
            let points: Vec<_> =
                (0..count).map(|id| format!(r#"{{"x":1,"y":2,"id":{id}}}"#)).collect();
            input(&format!(
                r#"{{"type":"input_touch","eventType":"{}","touchPoints":[{}]}}"#,
                fingers[event],
                points.join(",")
            ))
        }),
        (0..3usize, "[a-z]", "[ab]?", 0u32..16).prop_map(move |(event, name, text, modifiers)| {
            key(strokes[event], &name, &format!("Key{}", name.to_uppercase()), &text, modifiers)
        }),
    ]
}

proptest! {
    #[test]
    fn whatever_was_done_nothing_stays_pressed(
        inputs in proptest::collection::vec((anything(), 0u64..3, 0u64..3), 0..60),
    ) {
        let mut hand = Hand::default();
        let mut calls = Vec::new();
        for (input, seen, now) in &inputs {
            let sight = |layout| Sight { layout, ..PLAIN };
            hand.does(input, Some(&sight(*seen)), &sight(*now), &mut calls);
        }
        hand.let_go(&mut calls);
        let (mut buttons, mut fingers, mut keys) = (0i32, false, std::collections::BTreeSet::new());
        for call in &calls {
            let parameters = &call.parameters;
            let code = parameters["code"].to_string();
            match parameters["type"].as_str().unwrap_or_default() {
                "mousePressed" => buttons = 1,
                "mouseReleased" => buttons = 0,
                "touchStart" => fingers = true,
                "touchEnd" | "touchCancel" => fingers = false,
                "keyDown" | "rawKeyDown" => drop(keys.insert(code)),
                "keyUp" => drop(keys.remove(&code)),
                _ => {}
            }
            for side in ["x", "y"] {
                let place = parameters.get(side).and_then(serde_json::Value::as_f64);
                prop_assert!(place.is_none_or(|place| (0.0..=800.0).contains(&place)), "{call:?}");
            }
        }
        prop_assert_eq!((buttons, fingers, keys.len()), (0, false, 0));
    }
}
