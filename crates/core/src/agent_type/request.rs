//! What can be asked about agent types.

use std::fmt::Write;

use super::CheckedPatterns;
use crate::ids::AgentTypeId;

/// What can be asked about agent types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Add one. Answered with its id.
    Add(Definition),
    /// Change one. Workers that run go on as they were started.
    Change(Change),
    /// Forget one that no live worker uses.
    Remove(AgentTypeId),
}

/// An agent type to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// What sessions are to name it by; made out of its name if absent.
    pub id: Option<AgentTypeId>,
    /// What people call it.
    pub name: String,
    /// A sentence for people.
    pub description: Option<String>,
    /// The command line that begins a conversation.
    pub command_template: String,
    /// The command line that goes on with the last conversation of the folder.
    pub continue_template: Option<String>,
    /// The command line that answers once and ends.
    pub headless_template: Option<String>,
    /// What its screen shows when it waits for a person.
    pub asking_patterns: CheckedPatterns,
}

/// What of an agent type is to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which one.
    pub agent_type: AgentTypeId,
    /// What people call it, if that changes.
    pub name: Option<String>,
    /// A sentence for people.
    pub description: Edit<String>,
    /// The command line that begins a conversation, if that changes.
    pub command_template: Option<String>,
    /// The command line that goes on with the last conversation of the folder.
    pub continue_template: Edit<String>,
    /// The command line that answers once and ends.
    pub headless_template: Edit<String>,
    /// What its screen shows when it waits for a person, if that changes.
    pub asking_patterns: Option<CheckedPatterns>,
}

/// What becomes of something that may be absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Edit<T> {
    /// It stays.
    #[default]
    Keep,
    /// It is taken away.
    Clear,
    /// It becomes this.
    Put(T),
}

impl<T> Edit<T> {
    /// What there is afterwards.
    pub fn applied(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Keep => before,
            Self::Clear => None,
            Self::Put(after) => Some(after),
        }
    }
}

/// The longest summary, in characters.
const LONGEST_SUMMARY: usize = 4096;

impl Definition {
    /// What is asked for, for the audit.
    pub(crate) fn summary(&self) -> String {
        let texts = [
            ("name", Some(&self.name)),
            ("commandTemplate", Some(&self.command_template)),
            ("continueTemplate", self.continue_template.as_ref()),
            ("headlessTemplate", self.headless_template.as_ref()),
        ];
        summary(texts.into_iter().filter_map(|(field, text)| Some((field, text?.as_str()))))
    }
}

impl Change {
    /// Whether everything stays as it is.
    pub fn is_empty(&self) -> bool {
        let edits = [&self.description, &self.continue_template, &self.headless_template];
        let texts = [&self.name, &self.command_template];
        edits.iter().all(|edit| **edit == Edit::Keep)
            && texts.iter().all(|text| text.is_none())
            && self.asking_patterns.is_none()
    }

    /// What is asked for, for the audit. What is not said stays.
    pub(crate) fn summary(&self) -> String {
        let patterns = self.asking_patterns.as_ref().map(|checked| checked.as_slice().len());
        let patterns = patterns.map(|count| count.to_string());
        let texts = [
            ("name", self.name.as_deref()),
            ("commandTemplate", self.command_template.as_deref()),
            ("continueTemplate", edited(&self.continue_template)),
            ("headlessTemplate", edited(&self.headless_template)),
            ("description", edited(&self.description)),
            ("askingPatterns", patterns.as_deref()),
        ];
        summary(texts.into_iter().filter_map(|(field, text)| Some((field, text?))))
    }
}

fn edited(edit: &Edit<String>) -> Option<&str> {
    match edit {
        Edit::Keep => None,
        Edit::Clear => Some(""),
        Edit::Put(text) => Some(text),
    }
}

fn summary<'a>(texts: impl Iterator<Item = (&'static str, &'a str)>) -> String {
    let mut words = String::new();
    for (field, text) in texts {
        let break_before = if words.is_empty() { "" } else { "; " };
        // A refused request may hold any amount of text.
        let text: String = text.chars().take(LONGEST_SUMMARY / 4).collect();
        write!(words, "{break_before}{field}: {text}").expect("a String takes everything");
    }
    words
}
