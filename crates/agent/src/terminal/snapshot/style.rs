//! What text looks like, written as sequences; only changes are written.

use std::{fmt::Write as _, io::Write as _, sync::Arc};

use crate::terminal::{
    attributes::{NO_UNDERLINE_COLOUR, mode},
    cell::{
        BLINK, BOLD, COLOUR, Cell, DIM, DIRECT, EXTENDED, INVERSE, INVISIBLE, ITALIC, NAMED,
        NUMBERED, OVERLINE, PROTECTED, STRIKETHROUGH, Style, UNDERLINE,
    },
    extras::{Extras, Link},
};

/// The text of a snapshot, and what the terminal that reads it has been told so far.
pub(in crate::terminal) struct Writer<'a> {
    pub(super) out: Vec<u8>,
    extras: &'a Extras,
    style: Style,
    link: Option<Arc<Link>>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(extras: &'a Extras) -> Self {
        Self { out: Vec::new(), extras, style: Style::default(), link: None }
    }

    pub(super) fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// What a cell contains; `None` if nothing.
    pub(super) fn cell_text(&self, cell: Cell) -> Option<String> {
        match cell.combined() {
            Some(text) => Some(self.extras.text(text).to_owned()),
            None => cell.single().map(String::from),
        }
    }

    /// What is written next looks like a cell with this style.
    pub(super) fn cell_style(&mut self, style: Style) {
        self.style(visible(style));
    }

    pub(super) fn style(&mut self, style: Style) {
        if style != self.style {
            self.style_again(style);
        }
    }

    /// Writes the style although nothing may have changed.
    pub(super) fn style_again(&mut self, style: Style) {
        let is_linked = style.background & EXTENDED != 0;
        let link = self.extras.extended(style.extended).link.clone().filter(|_| is_linked);
        if link != self.link {
            self.write_link(link.as_deref(), style.extended);
            self.link = link;
        }
        let sequence = attributes(style, self.extras);
        self.text(if sequence == "\x1b[0m" { "\x1b[m" } else { &sequence });
        if (style.background ^ self.style.background) & PROTECTED != 0
            || style.background & PROTECTED != 0
        {
            let is_protected = u8::from(style.background & PROTECTED != 0);
            let _ = write!(self.out, "\x1b[{is_protected}\"q");
        }
        self.style = style;
    }

    /// What text looks like from here on, with what only later sequences will show.
    pub(super) fn pen(&mut self, pen: Style) {
        self.style_again(pen);
        let has_link = self.extras.extended(pen.extended).link.is_some();
        if has_link && pen.background & EXTENDED == 0 {
            // A restored cursor has hidden the link; the next underline shows it again.
            let link = self.extras.extended(pen.extended).link.clone();
            self.write_link(link.as_deref(), pen.extended);
        }
    }

    /// A link without an id gets one, so that its parts in several places stay one link.
    fn write_link(&mut self, link: Option<&Link>, number: u32) {
        let _ = match link {
            None => write!(self.out, "\x1b]8;;\x07"),
            Some(Link { id: Some(id), address }) => {
                write!(self.out, "\x1b]8;id={id};{address}\x07")
            }
            Some(Link { id: None, address }) => {
                write!(self.out, "\x1b]8;id=pilothouse-{number};{address}\x07")
            }
        };
    }
}

/// Whether two styles are told apart by nobody who looks at cells.
pub(super) fn looks_same(one: Style, other: Style) -> bool {
    visible(one) == visible(other)
}

/// Without what counts only where the mark is set.
fn visible(style: Style) -> Style {
    if style.background & EXTENDED == 0 { Style { extended: 0, ..style } } else { style }
}

/// The sequence that sets everything about a style except its link and its protection.
pub(in crate::terminal) fn attributes(style: Style, extras: &Extras) -> String {
    let mut text = "\x1b[0".to_owned();
    let (front, back) = (style.foreground, style.background);
    let switches = [
        (front & BOLD, ";1"),
        (back & DIM, ";2"),
        (back & ITALIC, ";3"),
        (front & BLINK, ";5"),
        (front & INVERSE, ";7"),
        (front & INVISIBLE, ";8"),
        (front & STRIKETHROUGH, ";9"),
        (back & OVERLINE, ";53"),
    ];
    for (_, number) in switches.iter().filter(|(is_on, _)| *is_on != 0) {
        text.push_str(number);
    }
    let extended = extras.extended(style.extended);
    let underline = if back & EXTENDED == 0 { 0 } else { extended.underline };
    match underline {
        0 if front & UNDERLINE == 0 => {}
        0 | 1 => text.push_str(";4"),
        underline => {
            let _ = write!(text, ";4:{underline}");
        }
    }
    match mode(front) {
        NAMED => push_named(&mut text, front & 0xFF, 30, 90),
        _ => push_colour(&mut text, front & COLOUR, 38),
    }
    match mode(back) {
        NAMED => push_named(&mut text, back & 0xFF, 40, 100),
        _ => push_colour(&mut text, back & COLOUR, 48),
    }
    if extended.colour == NO_UNDERLINE_COLOUR {
        text.push_str(";59");
    } else {
        push_colour(&mut text, extended.colour, 58);
    }
    text.push('m');
    text
}

fn push_named(text: &mut String, colour: u32, dark: u32, bright: u32) {
    let number = if colour < 8 { dark + colour } else { bright + colour - 8 };
    let _ = write!(text, ";{number}");
}

fn push_colour(text: &mut String, colour: u32, which: u32) {
    let [_, red, green, blue] = colour.to_be_bytes();
    let _ = match mode(colour) {
        NUMBERED => write!(text, ";{which};5;{blue}"),
        DIRECT => write!(text, ";{which};2;{red};{green};{blue}"),
        _ => Ok(()),
    };
}
