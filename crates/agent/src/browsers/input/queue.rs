//! Inputs on their way to the page: in order, but of moves in a row only the newest.

use std::collections::VecDeque;

use pilothouse_protocols::agent_link::browsers::{BrowserInput, MouseEvent, TouchEvent};

/// How many inputs wait. Overflow rule: the newest are dropped; a server sends fewer before it was told that some
/// were taken.
const MOST_WAITING: usize = 1_024;

/// What waits, and how many inputs each of them stands for.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: VecDeque<(BrowserInput, usize)>,
}

impl Queue {
    /// Takes inputs in. Says how many of them nobody will hear of again.
    pub(crate) fn push(&mut self, inputs: Vec<BrowserInput>) -> usize {
        let mut dropped = 0;
        for input in inputs {
            let has_room = self.waiting.len() < MOST_WAITING;
            match self.waiting.back_mut() {
                Some((last, count)) if follows(last, &input) => {
                    *last = input;
                    *count += 1;
                }
                _ if has_room => self.waiting.push_back((input, 1)),
                _ => dropped += 1,
            }
        }
        dropped
    }

    /// The next one, and how many were sent for it.
    pub(crate) fn pop(&mut self) -> Option<(BrowserInput, usize)> {
        self.waiting.pop_front()
    }

    /// Whether the next one only moves something.
    pub(crate) fn begins_with_move(&self) -> bool {
        self.waiting.front().is_some_and(|(input, _)| is_move(input))
    }

    /// Whether the next one asks for what is selected.
    pub(crate) fn begins_with_copy(&self) -> bool {
        matches!(self.waiting.front(), Some((BrowserInput::InputCopy {}, _)))
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Nothing that waits counts any more.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }
}

pub(crate) fn is_move(input: &BrowserInput) -> bool {
    matches!(
        input,
        BrowserInput::InputMouse { event_type: MouseEvent::MouseMoved, .. }
            | BrowserInput::InputTouch { event_type: TouchEvent::TouchMove, .. }
    )
}

fn follows(last: &BrowserInput, next: &BrowserInput) -> bool {
    match (last, next) {
        (
            BrowserInput::InputMouse {
                event_type: MouseEvent::MouseMoved, modifiers: last, ..
            },
            BrowserInput::InputMouse {
                event_type: MouseEvent::MouseMoved, modifiers: next, ..
            },
        ) => last == next,
        (
            BrowserInput::InputTouch {
                event_type: TouchEvent::TouchMove, touch_points: last, ..
            },
            BrowserInput::InputTouch {
                event_type: TouchEvent::TouchMove, touch_points: next, ..
            },
        ) => last.iter().map(|point| point.id).eq(next.iter().map(|point| point.id)),
        _ => false,
    }
}
