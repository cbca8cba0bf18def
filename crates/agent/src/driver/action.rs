//! What can be done in a browser, in the words that steps, scripts and the tools of models share.
//!
//! Pure: it is read, checked and written here, and done elsewhere. The older words of scripts are in [`super::words`].

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::words;

/// The longest text that is typed, in bytes.
const LONGEST_TEXT: usize = 64 << 10;
/// The longest address, selector or name, in bytes.
const LONGEST_WORD: usize = 8 << 10;
/// The longest that an action may wait by itself, in milliseconds.
const LONGEST_WAIT: u64 = 600_000;
/// How many files may be chosen at once.
const MOST_FILES: usize = 32;

/// Which element is meant. Of several words, the first that is given counts: reference, selector, role and name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Target {
    /// Its reference in the newest outline, such as `e12`.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    pub(crate) ref_: Option<String>,
    /// A CSS selector; ` >>> ` goes into the shadow of what is left of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) selector: Option<String>,
    /// Its role, as assistive programs are told: `button`, `link`, `textbox`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<String>,
    /// Its name, as assistive programs are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// Which one of those that are alike, counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) nth: Option<usize>,
    /// The frame it is in: selectors of frames from the outermost on, with ` >> ` between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) frame: Option<String>,
}

impl Target {
    /// Whether it says nothing.
    pub(crate) fn is_empty(&self) -> bool {
        let Self { ref_, selector, role, name, nth: _, frame: _ } = self;
        [ref_, selector, role, name].iter().all(|word| word.is_none())
    }

    fn check(&self) -> Result<(), InvalidAction> {
        let Self { ref_, selector, role, name, nth: _, frame } = self;
        let words = [ref_, selector, role, name, frame];
        for word in words.into_iter().flatten() {
            short("the target", word, LONGEST_WORD)?;
            if word.trim().is_empty() {
                return Err(InvalidAction::new("a word of the target is empty; leave it out"));
            }
        }
        Ok(())
    }

    fn check_given(&self, action: &str) -> Result<(), InvalidAction> {
        if self.is_empty() {
            let reason = format!("{action} needs a target: ref, selector, or role and name");
            return Err(InvalidAction(reason));
        }
        self.check()
    }
}

/// Whither something is scrolled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Direction {
    /// Towards the beginning.
    Up,
    /// Towards the end.
    #[default]
    Down,
    /// Towards the left side.
    Left,
    /// Towards the right side.
    Right,
}

/// One thing that is done in a browser, or asked of whoever runs it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(crate) enum Action {
    /// Shows an address.
    Navigate {
        /// Which.
        url: String,
    },
    /// Looks something up with the search engine.
    Search {
        /// What.
        query: String,
    },
    /// Clicks an element.
    Click {
        /// Which.
        #[serde(flatten)]
        target: Target,
    },
    /// Replaces what a field contains.
    Type {
        /// Which.
        #[serde(flatten)]
        target: Target,
        /// By what.
        text: String,
    },
    /// Replaces what a field contains, and presses Enter.
    TypeAndEnter {
        /// Which.
        #[serde(flatten)]
        target: Target,
        /// By what.
        text: String,
    },
    /// Chooses an option.
    Select {
        /// Of which list.
        #[serde(flatten)]
        target: Target,
        /// Its value, or what it says.
        value: String,
    },
    /// Scrolls the page or an element.
    Scroll {
        /// Which; the page if absent.
        #[serde(flatten)]
        target: Target,
        /// Whither.
        #[serde(default)]
        direction: Direction,
        /// How far, in CSS pixels; most of what is seen if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<f64>,
    },
    /// Goes back to the page before.
    Back,
    /// Waits: so long, for an element, for a text, or until the page is calm.
    Wait {
        /// For which element.
        #[serde(flatten)]
        target: Target,
        /// So many milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ms: Option<u64>,
        /// Until the page says this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// Reads text.
    Extract {
        /// Of which element; of the page if absent.
        #[serde(flatten)]
        target: Target,
        /// What it is for, in words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        what: Option<String>,
    },
    /// Takes a picture.
    Screenshot,
    /// Chooses files in a field for files.
    Upload {
        /// Which field.
        #[serde(flatten)]
        target: Target,
        /// Their names in the folder of the run.
        files: Vec<String>,
    },
    /// Opens a tab and shows it.
    OpenTab {
        /// What is shown in it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
    /// Shows another tab.
    SwitchTab {
        /// Its place counted from 1, its name, or a part of its title or address.
        tab: String,
    },
    /// Closes a tab.
    CloseTab {
        /// As in `switchTab`; the one in front if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tab: Option<String>,
    },
    /// The task is done.
    Done {
        /// What came out of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer: Option<String>,
    },
    /// A person has to be asked.
    Ask {
        /// What.
        question: String,
    },
}

/// Why something is no action, in words for whoever wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct InvalidAction(String);

impl InvalidAction {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl Action {
    /// Reads an action and its explanation, in these or the older words of scripts.
    pub(crate) fn parse(written: &Value) -> Result<(Self, Option<String>), InvalidAction> {
        let explanation = written.get("explanation").and_then(Value::as_str).map(str::to_owned);
        let plain = words::in_present_words(written)?;
        let action: Self = serde_json::from_value(plain)
            .map_err(|error| InvalidAction(format!("this is no action: {error}")))?;
        action.check()?;
        Ok((action, explanation))
    }

    /// As it is written in steps.
    pub(crate) fn written(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// What it does something to.
    pub(crate) fn target(&self) -> Option<&Target> {
        match self {
            Self::Click { target }
            | Self::Type { target, .. }
            | Self::TypeAndEnter { target, .. }
            | Self::Select { target, .. }
            | Self::Scroll { target, .. }
            | Self::Wait { target, .. }
            | Self::Extract { target, .. }
            | Self::Upload { target, .. } => Some(target).filter(|target| !target.is_empty()),
            Self::Navigate { .. }
            | Self::Search { .. }
            | Self::Back
            | Self::Screenshot
            | Self::OpenTab { .. }
            | Self::SwitchTab { .. }
            | Self::CloseTab { .. }
            | Self::Done { .. }
            | Self::Ask { .. } => None,
        }
    }

    /// The same with its target replaced.
    pub(super) fn aimed_at(&self, other: Target) -> Self {
        let mut action = self.clone();
        match &mut action {
            Self::Click { target }
            | Self::Type { target, .. }
            | Self::TypeAndEnter { target, .. }
            | Self::Select { target, .. }
            | Self::Scroll { target, .. }
            | Self::Wait { target, .. }
            | Self::Extract { target, .. }
            | Self::Upload { target, .. } => *target = other,
            _ => {}
        }
        action
    }

    /// Whether it may change what a page shows or what lies behind it.
    pub(crate) fn changes_page(&self) -> bool {
        !matches!(
            self,
            Self::Extract { .. }
                | Self::Screenshot
                | Self::Wait { .. }
                | Self::Done { .. }
                | Self::Ask { .. }
        )
    }

    /// Whether it can be done at all.
    pub(crate) fn check(&self) -> Result<(), InvalidAction> {
        match self {
            Self::Navigate { url } => given("navigate", "url", url),
            Self::Search { query } => given("search", "query", query),
            Self::Click { target } => target.check_given("click"),
            Self::Type { target, text } => {
                target.check_given("type").and(short("text", text, LONGEST_TEXT))
            }
            Self::TypeAndEnter { target, text } => {
                target.check_given("typeAndEnter").and(short("text", text, LONGEST_TEXT))
            }
            Self::Select { target, value } => {
                target.check_given("select").and(given("select", "value", value))
            }
            Self::Scroll { target, amount, .. } => {
                if amount.is_some_and(|amount| !amount.is_finite() || amount < 0.0) {
                    return Err(InvalidAction::new("scroll needs an amount of 0 or more"));
                }
                target.check()
            }
            Self::Wait { target, ms, text } => {
                if ms.is_some_and(|ms| ms > LONGEST_WAIT) {
                    return Err(InvalidAction(format!("wait takes at most {LONGEST_WAIT} ms")));
                }
                target.check().and(short("text", text.as_deref().unwrap_or(""), LONGEST_WORD))
            }
            Self::Extract { target, .. } => target.check(),
            Self::Upload { target, files } => {
                if files.is_empty() || files.len() > MOST_FILES {
                    return Err(InvalidAction(format!("upload takes 1 to {MOST_FILES} files")));
                }
                target.check_given("upload")
            }
            Self::SwitchTab { tab } => given("switchTab", "tab", tab),
            Self::Ask { question } => given("ask", "question", question),
            Self::OpenTab { .. }
            | Self::CloseTab { .. }
            | Self::Back
            | Self::Screenshot
            | Self::Done { .. } => Ok(()),
        }
    }
}

fn given(action: &str, field: &str, value: &str) -> Result<(), InvalidAction> {
    if value.trim().is_empty() {
        return Err(InvalidAction(format!("{action} needs `{field}`")));
    }
    short(field, value, LONGEST_WORD)
}

fn short(what: &str, value: &str, most: usize) -> Result<(), InvalidAction> {
    if value.len() > most || value.contains('\0') {
        return Err(InvalidAction(format!("{what} is longer than {most} bytes, or has a NUL")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn present_words_are_read_and_written_as_they_are() {
        for written in [
            json!({"type": "navigate", "url": "https://example.org"}),
            json!({"type": "search", "query": "lamps"}),
            json!({"type": "click", "ref": "e12"}),
            json!({"type": "click", "selector": "#a >>> b", "role": "button", "name": "Buy", "nth": 1, "frame": "#pay"}),
            json!({"type": "type", "selector": "#q", "text": ""}),
            json!({"type": "typeAndEnter", "name": "Search", "text": "lamps"}),
            json!({"type": "select", "role": "combobox", "name": "Size", "value": "XL"}),
            json!({"type": "scroll", "direction": "up", "amount": 300.0}),
            json!({"type": "back"}),
            json!({"type": "wait", "text": "Thank you"}),
            json!({"type": "extract", "selector": "h1", "what": "the title"}),
            json!({"type": "screenshot"}),
            json!({"type": "upload", "selector": "#f", "files": ["a.txt"]}),
            json!({"type": "openTab"}),
            json!({"type": "switchTab", "tab": "2"}),
            json!({"type": "closeTab"}),
            json!({"type": "done", "answer": "42"}),
            json!({"type": "ask", "question": "Which one?"}),
        ] {
            let (action, explanation) = Action::parse(&written).unwrap();
            assert_eq!((action.written(), explanation), (written, None));
        }
        let explained = json!({"type": "back", "explanation": "too far"});
        assert_eq!(Action::parse(&explained).unwrap(), (Action::Back, Some("too far".to_owned())));
        let scroll = Action::parse(&json!({"type": "scroll"})).unwrap().0;
        assert_eq!(scroll.written(), json!({"type": "scroll", "direction": "down"}));
    }

    #[test]
    fn what_cannot_be_done_is_refused_with_what_is_missing() {
        for (written, why) in [
            (json!({"type": "click"}), "needs a target"),
            (json!({"type": "click", "nth": 1}), "needs a target"),
            (json!({"type": "click", "name": " "}), "is empty"),
            (json!({"type": "type", "ref": "e1"}), "text"),
            (json!({"type": "navigate", "url": ""}), "`url`"),
            (json!({"type": "wait", "ms": 9_999_999}), "at most"),
            (json!({"type": "scroll", "amount": -1.0}), "amount"),
            (json!({"type": "scroll", "direction": "sideways"}), "sideways"),
            (json!({"type": "upload", "ref": "e1", "files": []}), "files"),
            (json!({"type": "fly"}), "fly"),
            (json!({"type": 7}), "type"),
            (json!({}), "type"),
            (json!([1]), "object"),
            (json!("click"), "object"),
            (json!({"type": "type", "ref": "e1", "text": "a\0"}), "NUL"),
        ] {
            let reason = Action::parse(&written).unwrap_err().to_string();
            assert!(reason.contains(why), "{written}: {reason}");
        }
    }
}
