//! Runs that do what a list says: as somebody wrote it, or as an earlier run did it.
//!
//! What an earlier run did names each element in two ways, so that the driver finds by its role and name what its
//! selector does not lead to any more. Nobody is asked for that.

use std::collections::VecDeque;

use super::{
    decider::{Decider, DeciderError, Decision, Doing, Happened, Seen},
    deed::Deed,
};
use crate::driver::Action;

/// Decides by a list of actions.
pub(super) struct Script {
    left: VecDeque<Deed>,
    /// How many actions of the list were decided.
    number: usize,
    found: Vec<String>,
}

impl Script {
    /// A list from its beginning.
    pub(super) fn new(deeds: Vec<Deed>) -> Self {
        Self { left: deeds.into(), number: 0, found: Vec::new() }
    }

    fn next(&mut self, last: Option<&Happened>) -> Result<Decision, DeciderError> {
        if let Some(Happened { deed, result, .. }) = last {
            match result {
                Ok(gain) if matches!(deed.action, Action::Extract { .. }) => {
                    self.found.extend(gain.text.clone());
                }
                Ok(_) => {}
                Err(setback) => {
                    let (number, words) = (self.number, deed.in_words());
                    return Err(DeciderError(format!("action {number} ({words}): {setback}")));
                }
            }
        }
        let Some(mut deed) = self.left.pop_front() else {
            return Ok(Decision::Over { answer: self.answer(None) });
        };
        self.number += 1;
        if let Action::Done { answer } = &mut deed.action {
            // What was read on the way is a part of it.
            *answer = self.answer(answer.take());
        }
        Ok(Decision::Do(deed))
    }

    fn answer(&self, last: Option<String>) -> Option<String> {
        let texts: Vec<_> = self.found.iter().cloned().chain(last).collect();
        (!texts.is_empty()).then(|| texts.join("\n"))
    }
}

impl Decider for Script {
    fn decide<'a>(&'a mut self, seen: Seen<'a>) -> Doing<'a, Result<Decision, DeciderError>> {
        let decided = self.next(seen.last);
        Box::pin(std::future::ready(decided))
    }

    fn looks(&self, _last: Option<&Happened>) -> bool {
        false
    }

    fn is_scripted(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{
        super::{decider::Gain, deed::deed},
        *,
    };

    fn happened(deed: &Deed, result: Result<Gain, String>) -> Happened {
        Happened { step: 1, deed: deed.clone(), result }
    }

    fn script(deeds: &[Value]) -> Script {
        Script::new(deeds.iter().map(deed).collect())
    }

    #[test]
    fn a_list_is_done_in_order_and_what_was_read_is_the_answer() {
        let list =
            [json!({"type": "extract"}), json!({"type": "back"}), json!({"type": "extract"})];
        let mut script = script(&list);
        let mut last = None;
        for (step, expected) in (1..).zip(&list) {
            let Ok(Decision::Do(deed)) = script.next(last.as_ref()) else { panic!("{step}") };
            assert_eq!(&deed.written(), expected);
            let text = (deed.action != Action::Back).then(|| format!("text {step}"));
            last = Some(happened(&deed, Ok(Gain { text, notes: Vec::new() })));
        }
        let answer = Some("text 1\ntext 3".to_owned());
        assert_eq!(script.next(last.as_ref()), Ok(Decision::Over { answer }));
    }

    #[test]
    fn what_was_read_stands_before_the_answer_that_a_script_gives_itself() {
        let mut script =
            script(&[json!({"type": "extract"}), json!({"type": "done", "answer": "b"})]);
        let Ok(Decision::Do(deed)) = script.next(None) else { panic!() };
        let gain = Gain { text: Some("a".to_owned()), notes: Vec::new() };
        let next = script.next(Some(&happened(&deed, Ok(gain))));
        assert_eq!(next, Ok(Decision::Do(Deed::done(Some("a\nb".to_owned())))));
    }

    #[test]
    fn what_fails_ends_the_run_with_its_place_and_reason() {
        let mut script = script(&[json!({"type": "back"}), json!({"type": "click", "name": "A"})]);
        let Ok(Decision::Do(deed)) = script.next(None) else { panic!() };
        let fine = happened(&deed, Ok(Gain::default()));
        let Ok(Decision::Do(deed)) = script.next(Some(&fine)) else { panic!() };
        let error = script.next(Some(&happened(&deed, Err("nothing matches".to_owned()))));
        let words = "action 2 (click \"A\"): nothing matches";
        assert_eq!(error, Err(DeciderError(words.to_owned())));
    }
}
