//! What a viewer is shown over reconnections, and what its own terminal gets.

use pilothouse_protocols::sessions_and_workers::messages::{History, Output};

use super::{place::Place, *};

fn history(data: &str, from: u64, to: u64, epoch: u32) -> History {
    let (start_offset, offset, epoch) = (Some(from), Some(to), Some(epoch));
    History { data: data.into(), start_offset, offset, epoch, replaces: None }
}

fn output(data: &str, offset: u64, epoch: u32) -> Output {
    Output { data: data.into(), offset: Some(offset), epoch: Some(epoch) }
}

#[test]
fn a_viewer_goes_on_where_it_stopped() {
    let mut place = Place::default();
    assert_eq!(place.query(), "?fromOffset=0");
    let begin = place.history(history("screen", 10, 20, 3));
    assert_eq!(begin, Some(TerminalEvent::Begin("screen".into())));
    assert_eq!(place.output(output("ab", 22, 3)), Some(TerminalEvent::Output("ab".into())));
    assert_eq!(place.query(), "?fromOffset=22&epoch=3");
    let missed = place.history(history("cd", 22, 24, 3));
    assert_eq!(missed, Some(TerminalEvent::Output("cd".into())));
    assert_eq!(place.history(history("", 24, 24, 3)), None);
    let told = History { replaces: Some(false), ..history("e", 24, 25, 3) };
    assert_eq!(place.history(told), Some(TerminalEvent::Output("e".into())));
    assert_eq!(place.output(output("cd", 25, 3)), None, "nothing is shown twice");
    assert_eq!(place.output(output("old", 99, 2)), None, "nor is anything of a life before");
}

#[test]
fn a_viewer_begins_anew_where_it_cannot_go_on() {
    let cases = [
        (history("new screen", 0, 5, 4), "another life"),
        (history("later", 50, 60, 3), "a hole"),
        (history("earlier", 5, 60, 3), "more than was missing"),
        (History { epoch: None, offset: None, ..history("plain", 20, 25, 3) }, "unnumbered"),
        (History { replaces: Some(true), ..history("screen", 20, 20, 3) }, "said so"),
    ];
    for (came, why) in cases {
        let mut place = Place::default();
        place.history(history("screen", 10, 20, 3));
        assert_eq!(place.history(came.clone()), Some(TerminalEvent::Begin(came.data)), "{why}");
    }
    let mut place = Place::default();
    assert_eq!(place.output(output("a", 1, 1)), Some(TerminalEvent::Begin("a".into())));
    assert_eq!(place.output(output("b", 1, 2)), Some(TerminalEvent::Begin("b".into())));
}

#[test]
fn servers_that_number_nothing_are_understood() {
    let mut place = Place::default();
    let plain = |data: &str| Output { data: data.into(), offset: None, epoch: None };
    assert_eq!(place.output(plain("a")), Some(TerminalEvent::Begin("a".into())));
    assert_eq!(place.output(plain("a")), Some(TerminalEvent::Output("a".into())));
}

#[test]
fn a_persons_terminal_is_not_asked_what_the_agent_has_answered() {
    let queries = [
        "\x1b[c",
        "\x1b[>c",
        "\x1b[0c",
        "\x1b[=c",
        "\x1b[6n",
        "\x1b[5n",
        "\x1b[?6n",
        "\x1b[>q",
        "\x1b[>0q",
        "\x1b[?2026$p",
        "\x1b[?u",
        "\x1b]10;?\x07",
        "\x1b]11;?\x1b\\",
        "\x1b]4;1;?\x07",
        "\x1bP+q544e\x1b\\",
        "\x1bP$qm\x1b\\",
        "\x1b[18t",
        "\x1bZ",
    ];
    for query in queries {
        let mut screen = Screen::default();
        assert_eq!(screen.show(&format!("a{query}b")), "ab", "{query:?}");
        let (one, other) = query.split_at(1);
        assert_eq!(
            screen.show(one) + &screen.show(&format!("{other}c")),
            "c",
            "{query:?} in pieces"
        );
    }
    for shown in [
        "\x1b[31mred\x1b[m",
        "\x1b[2 q",
        "\x1b[?25l",
        "\x1b(B",
        "\x1b7",
        "\x1b[22;0t",
        "\x1b[>4;2m",
        "\x1b]8;;http://a/?\x1b\\",
        "ä\x1b[\u{e4}",
        "\x1b[>1u",
        "\x1b[1\nA",
    ] {
        let mut screen = Screen::default();
        assert_eq!(screen.show(shown), shown, "{shown:?}");
    }
}

#[test]
fn a_persons_terminal_is_given_back_as_it_was() {
    let mut screen = Screen::default();
    assert_eq!(screen.farewell(), "\x1b[m\x1b[!p");
    screen.show("\x1b[?1049h\x1b[?1000;1006h\x1b[?25l\x1b[?2004h\x1b[?2004l\x1b[>1u");
    let left = screen.farewell();
    for undone in ["\x1b[?1049l", "\x1b[?1000l", "\x1b[?1006l", "\x1b[?25h", "\x1b[<1u"] {
        assert!(left.contains(undone), "{undone:?} in {left:?}");
    }
    assert!(!left.contains("2004"), "{left:?}");
    assert!(screen.clear().contains("1049l"));
    assert!(!screen.farewell().contains('?'), "once is enough");
}

#[test]
fn title_colours_and_cursor_are_the_owners_again() {
    let mut screen = Screen::default();
    assert_eq!(screen.show("\x1b]0;one?\x07"), "\x1b[22;0t\x1b]0;one?\x07");
    assert_eq!(screen.show("\x1b]2;two\x1b\\"), "\x1b]2;two\x1b\\", "it is put away once");
    screen.show("\x1b[22;2t\x1b]2;three\x07");
    assert!(screen.farewell().contains("\x1b[23;0t\x1b[23;0t"));
    screen.show("\x1b[23;2t");
    assert_eq!(screen.farewell().matches("\x1b[23;0t").count(), 1);
    assert_eq!(screen.show("\x1b[23;0t"), "", "the owner's title is nobody else's to take out");
    screen.show("\x1b]11;#fff\x07\x1b[3 q\x1b[>4;2m\x1b[=5u\x1b[?7l\x1b[?25l\x1b[?25h");
    let left = screen.farewell();
    for undone in ["\x1b]111\x07", "\x1b[0 q", "\x1b[>4m", "\x1b[=0u", "\x1b[?7h"] {
        assert!(left.contains(undone), "{undone:?} in {left:?}");
    }
    assert!(!left.contains("?25"), "{left:?}");
}

#[test]
fn a_full_reset_leaves_what_was_scrolled_away() {
    let mut screen = Screen::default();
    screen.show("\x1b[?1049h\x1b]0;a\x07");
    let shown = screen.show("x\x1bcy");
    assert!(!shown.contains("\x1bc") && shown.ends_with("\x1b[H\x1b[2Jy"), "{shown:?}");
    assert!(shown.contains("\x1b[?1049l") && shown.contains("\x1b[23;0t"), "{shown:?}");
    assert_eq!(screen.farewell(), Screen::default().farewell());
}

#[test]
fn an_endless_sequence_is_not_kept_for_ever() {
    let mut screen = Screen::default();
    let endless = format!("\x1b]0;{}", "x".repeat(10_000));
    assert_eq!(screen.show(&endless), endless);
    assert_eq!(screen.show("y"), "y");
}
