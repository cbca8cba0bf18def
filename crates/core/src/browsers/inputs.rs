//! What a person did and the agent has not taken yet: bounded, and a click never waits behind a flood of moves.

use std::collections::VecDeque;

use super::{Input, MouseEvent, TouchEvent};

/// How many inputs may be on their way to the agent, or before its browser.
const WINDOW: usize = 64;
/// How many may wait for that, and how many bytes in all. Overflow rule: the oldest moves make room; without any,
/// further inputs are refused.
const MOST_WAITING: usize = 1_000;
const MOST_BYTES: usize = 1 << 20;

/// As many inputs wait as may, and none of them can be done without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

/// One holder's inputs, in order.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    waiting: VecDeque<Input>,
    /// Of those that wait.
    bytes: usize,
    on_their_way: usize,
}

impl Inputs {
    /// Takes an input in. Of moves in a row only the newest is kept: where it ends is what counts.
    pub(crate) fn push(&mut self, input: Input) -> Result<(), Full> {
        match self.waiting.back_mut() {
            // As large as it was: it is about the same fingers.
            Some(last) if follows(last, &input) => {
                *last = input;
                return Ok(());
            }
            _ => {}
        }
        let bytes = size(&input);
        while self.waiting.len() >= MOST_WAITING || self.bytes + bytes > MOST_BYTES {
            let place = self.waiting.iter().position(is_move).ok_or(Full)?;
            self.bytes -= self.waiting.remove(place).as_ref().map_or(0, size);
        }
        self.bytes += bytes;
        self.waiting.push_back(input);
        Ok(())
    }

    /// What may be sent now.
    pub(crate) fn take(&mut self) -> Vec<Input> {
        let room = WINDOW.saturating_sub(self.on_their_way).min(self.waiting.len());
        self.on_their_way += room;
        let taken: Vec<_> = self.waiting.drain(..room).collect();
        self.bytes -= taken.iter().map(size).sum::<usize>();
        taken
    }

    /// The agent has done so many of them.
    pub(crate) fn took(&mut self, count: usize) {
        self.on_their_way = self.on_their_way.saturating_sub(count);
    }

    /// Somebody else steers now, or the agent is another one: nothing of before counts.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// What an input takes in memory.
fn size(input: &Input) -> usize {
    let apart = match input {
        Input::Mouse(_) | Input::Copy => 0,
        Input::Keyboard(key) => key.key.len() + key.code.len() + key.text.len(),
        Input::Touch(touch) => size_of_val(&*touch.points),
        Input::Paste(text) => text.len(),
    };
    size_of::<Input>() + apart
}

fn is_move(input: &Input) -> bool {
    match input {
        Input::Mouse(mouse) => mouse.event == MouseEvent::Moved,
        Input::Touch(touch) => touch.event == TouchEvent::Move,
        Input::Keyboard(_) | Input::Paste(_) | Input::Copy => false,
    }
}

/// Whether `next` makes `last` superfluous: the same pointer moves on.
fn follows(last: &Input, next: &Input) -> bool {
    match (last, next) {
        (Input::Mouse(last), Input::Mouse(next)) => {
            last.event == MouseEvent::Moved
                && next.event == MouseEvent::Moved
                && last.button == next.button
                && last.modifiers == next.modifiers
        }
        (Input::Touch(last), Input::Touch(next)) => {
            let fingers = |touch: &super::Touch| {
                touch.points.iter().map(|point| point.id).collect::<Vec<_>>()
            };
            last.event == TouchEvent::Move
                && next.event == TouchEvent::Move
                && fingers(last) == fingers(next)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::browsers::{Button, Mouse};

    fn mouse(event: MouseEvent, x: u32) -> Input {
        Input::Mouse(Mouse {
            event,
            x: f64::from(x),
            y: 0.0,
            button: Button::None,
            click_count: 0,
            delta_x: 0.0,
            delta_y: 0.0,
            modifiers: 0,
            seq: None,
        })
    }

    fn word(input: &Input) -> String {
        match input {
            Input::Mouse(mouse) if mouse.event == MouseEvent::Moved => format!("m{}", mouse.x),
            Input::Mouse(mouse) => format!("c{}", mouse.x),
            other => format!("{other:?}"),
        }
    }

    fn words(inputs: &[Input]) -> String {
        inputs.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_click_behind_a_flood_of_moves_comes_right_after_the_last_of_them() {
        let mut inputs = Inputs::default();
        let mut sent = Vec::new();
        for x in 0..3_000 {
            inputs.push(mouse(MouseEvent::Moved, x)).unwrap();
            sent.extend(inputs.take());
        }
        assert_eq!(sent.len(), WINDOW);
        inputs.push(mouse(MouseEvent::Pressed, 3_000)).unwrap();
        inputs.push(mouse(MouseEvent::Moved, 3_001)).unwrap();
        inputs.push(mouse(MouseEvent::Moved, 3_002)).unwrap();
        assert_eq!(words(&inputs.take()), "");
        inputs.took(2);
        assert_eq!(words(&inputs.take()), "m2999 c3000");
        inputs.took(WINDOW);
        assert_eq!(words(&inputs.take()), "m3002");
    }

    #[test]
    fn too_much_costs_moves_first_and_then_is_refused() {
        let mut inputs = Inputs { on_their_way: WINDOW, ..Inputs::default() };
        inputs.push(mouse(MouseEvent::Moved, 1)).unwrap();
        for x in 2..=u32::try_from(MOST_WAITING).unwrap() {
            inputs.push(mouse(MouseEvent::Pressed, x)).unwrap();
        }
        inputs.push(mouse(MouseEvent::Released, 9_999)).unwrap();
        assert_eq!(inputs.push(mouse(MouseEvent::Pressed, 7)), Err(Full));
        inputs.took(WINDOW);
        assert_eq!(word(&inputs.take()[0]), "c2", "the move made room");
        inputs.clear();
        assert_eq!(words(&inputs.take()), "");
    }

    #[test]
    fn many_bytes_are_too_much_as_well_as_many_inputs() {
        let mut inputs = Inputs { on_their_way: WINDOW, ..Inputs::default() };
        let text = || Input::Paste("a".repeat(MOST_BYTES / 4).into());
        inputs.push(mouse(MouseEvent::Moved, 1)).unwrap();
        for _ in 0..3 {
            inputs.push(text()).unwrap();
        }
        assert_eq!(inputs.push(text()), Err(Full), "a fourth and what they are kept in");
        assert!(inputs.waiting.iter().all(|input| !is_move(input)), "the move made room");
        inputs.push(mouse(MouseEvent::Pressed, 2)).unwrap();
        inputs.took(WINDOW);
        assert_eq!((inputs.take().len(), inputs.bytes), (4, 0));
        inputs.push(text()).unwrap();
    }

    proptest! {
        #[test]
        fn nothing_but_moves_is_lost_and_the_order_is_kept(
            steps in proptest::collection::vec((0u8..4, 0usize..40), 1..300),
        ) {
            let mut inputs = Inputs::default();
            let (mut clicks, mut sent) = (Vec::new(), Vec::new());
            for (place, (what, count)) in steps.into_iter().enumerate() {
                let place = u32::try_from(place).unwrap();
                match what {
                    0 | 1 => inputs.push(mouse(MouseEvent::Moved, place)).unwrap(),
                    2 => {
                        let click = mouse(MouseEvent::Pressed, place);
                        clicks.push(word(&click));
                        inputs.push(click).unwrap();
                    }
                    _ => {
                        sent.extend(inputs.take());
                        inputs.took(count);
                    }
                }
                prop_assert!(inputs.on_their_way <= WINDOW);
            }
            while !inputs.waiting.is_empty() {
                inputs.took(WINDOW);
                sent.extend(inputs.take());
            }
            let places = |input: &Input| match input {
                Input::Mouse(mouse) => mouse.x,
                _ => 0.0,
            };
            prop_assert!(sent.is_sorted_by_key(places));
            let arrived: Vec<_> = sent.iter().map(word).filter(|word| word.starts_with('c')).collect();
            prop_assert_eq!(arrived, clicks);
        }
    }
}
