//! One thing that a run does, and why.

use serde_json::Value;

use crate::driver::{Action, Target};

/// The longest words for one deed, in characters.
const LONGEST_WORDS: usize = 120;

/// Something that a run does.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Deed {
    /// What.
    pub(super) action: Action,
    /// Why, if somebody said so.
    pub(super) explanation: Option<String>,
}

impl Deed {
    /// The deed that is written so, or why it makes no sense.
    pub(super) fn read(written: &Value) -> Result<Self, String> {
        let (action, explanation) = Action::parse(written).map_err(|error| error.to_string())?;
        let explanation = explanation.map(|text| text.trim().to_owned());
        Ok(Self { action, explanation: explanation.filter(|text| !text.is_empty()) })
    }

    /// The deed that answers the task.
    pub(super) fn done(answer: Option<String>) -> Self {
        Self { action: Action::Done { answer }, explanation: None }
    }

    /// As it is told.
    pub(super) fn written(&self) -> Value {
        let mut written = self.action.written();
        if let (Some(explanation), Value::Object(fields)) = (&self.explanation, &mut written) {
            fields.insert("explanation".to_owned(), explanation.as_str().into());
        }
        written
    }

    /// In a few words for people: `click button "Buy"`.
    pub(super) fn in_words(&self) -> String {
        let on = |verb: &str, target: &Target| match named(target) {
            Some(target) => format!("{verb} {target}"),
            None => verb.to_owned(),
        };
        let words = match &self.action {
            Action::Navigate { url } => format!("go to {url}"),
            Action::Search { query } => format!("search \"{query}\""),
            Action::Click { target } => on("click", target),
            Action::Type { target, text } => on(&format!("type \"{text}\" into"), target),
            Action::TypeAndEnter { target, text } => {
                format!("{} and press Enter", on(&format!("type \"{text}\" into"), target))
            }
            Action::Select { target, value } => on(&format!("choose \"{value}\" in"), target),
            Action::Scroll { target, direction, .. } => {
                on(&format!("scroll {direction:?}").to_lowercase(), target)
            }
            Action::Back => "go back".to_owned(),
            Action::Wait { text: Some(text), .. } => format!("wait for \"{text}\""),
            Action::Wait { target, .. } => on("wait", target),
            Action::Extract { target, .. } => on("read", target),
            Action::Screenshot => "look".to_owned(),
            Action::Upload { target, files } => {
                on(&format!("upload {} to", files.join(", ")), target)
            }
            Action::OpenTab { url: Some(url) } => format!("open a tab with {url}"),
            Action::OpenTab { url: None } => "open a tab".to_owned(),
            Action::SwitchTab { tab } => format!("switch to tab {tab}"),
            Action::CloseTab { tab: Some(tab) } => format!("close tab {tab}"),
            Action::CloseTab { tab: None } => "close the tab".to_owned(),
            Action::Done { .. } => "done".to_owned(),
            Action::Ask { question } => format!("ask: {question}"),
        };
        shortened(&words, LONGEST_WORDS)
    }
}

fn named(target: &Target) -> Option<String> {
    match (&target.role, &target.name) {
        (Some(role), Some(name)) => Some(format!("{role} \"{name}\"")),
        (None, Some(name)) => Some(format!("\"{name}\"")),
        (role, None) => {
            let words = [&target.selector, role, &target.ref_];
            words.into_iter().flatten().next().cloned()
        }
    }
}

/// At most so many characters of a text, with a sign that there were more.
pub(super) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// At most so many bytes of a text, with a sign that there were more.
pub(super) fn cut(text: &str, most: usize) -> String {
    const MORE: &str = "…";
    if text.len() <= most {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(most.saturating_sub(MORE.len()));
    format!("{}{MORE}", &text[..end])
}

#[cfg(test)]
pub(super) fn deed(written: &Value) -> Deed {
    Deed::read(written).unwrap()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_deed_is_told_in_a_few_words() {
        for (written, words) in [
            (json!({"type": "click", "role": "button", "name": "Buy"}), "click button \"Buy\""),
            (json!({"type": "click", "selector": "#a"}), "click #a"),
            (json!({"type": "type", "selector": "#a", "text": "x"}), "type \"x\" into #a"),
            (json!({"type": "scroll"}), "scroll down"),
            (json!({"type": "back"}), "go back"),
        ] {
            assert_eq!(deed(&written).in_words(), words);
        }
        let long = deed(&json!({"type": "ask", "question": "ä".repeat(500)}));
        assert_eq!(long.in_words().chars().count(), LONGEST_WORDS + 1);
        assert_eq!((cut("äöü", 6), cut("äöüx", 6)), ("äöü".to_owned(), "ä…".to_owned()));
    }

    #[test]
    fn a_deed_is_told_with_its_reason() {
        let written = json!({"type": "back", "explanation": " too far "});
        assert_eq!(deed(&written).written(), json!({"type": "back", "explanation": "too far"}));
        let unexplained = json!({"type": "back", "explanation": " "});
        assert_eq!(deed(&unexplained).written(), json!({"type": "back"}));
    }
}
