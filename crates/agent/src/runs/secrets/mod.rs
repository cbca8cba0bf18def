//! Secrets of runs: known by name everywhere, and by value only here and in the page they are typed into.
//!
//! A text may hold `{{secret:name}}`. The value takes its place at the last moment before the browser is told, and
//! [`Secrets::hide`] puts the name back into everything that leaves the agent or goes to a model.

mod file;
mod forms;

use std::sync::{Arc, OnceLock};

use regex::Regex;
use serde_json::Value;

use file::Bound;
pub(super) use file::read;

use crate::driver::{Action, Permit};

/// All secrets of an agent, as they were when a run began.
#[derive(Default)]
pub(super) struct Secrets {
    known: Vec<Secret>,
    /// What is hidden, the longest first: a form of a value, and what stands for it.
    hidden: Vec<(String, String)>,
}

/// One value.
pub(super) struct Secret {
    name: String,
    bound: Bound,
    value: String,
}

/// Values are not for logs.
impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").field("known", &self.known.len()).finish_non_exhaustive()
    }
}

/// An action with values in it.
pub(super) struct Filled {
    /// What the browser is told.
    pub(super) action: Action,
    bounds: Vec<Bound>,
}

impl Filled {
    /// Whose frames it may be typed into.
    pub(super) fn permit(&self) -> Permit {
        let bounds = self.bounds.clone();
        Permit(Arc::new(move |url| {
            let host = host(url).unwrap_or_default();
            bounds.iter().all(|bound| bound.allows(host))
        }))
    }
}

/// Why a deed with secrets is not done. Names no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum RefusedSecret {
    /// There is none of that name.
    #[error("the agent knows no secret `{0}`; add it to its secrets file")]
    Unknown(String),
    /// It is for other sites.
    #[error("the secret `{name}` is not for {host}")]
    Elsewhere {
        /// Which.
        name: String,
        /// Where it was to go.
        host: String,
    },
    /// It would be seen, or end up elsewhere.
    #[error("a secret can only be typed into a field, or be a part of an address")]
    Misplaced,
    /// An address is seen by many.
    #[error(
        "the secret `{0}` can only be a part of an address if the secrets file says for which host it is"
    )]
    Unbound(String),
}

impl Secrets {
    pub(super) fn new(known: Vec<Secret>) -> Self {
        let forms = known.iter().flat_map(|secret| {
            let placeholder = placeholder(&secret.name);
            let forms = forms::of(&secret.value).into_iter();
            forms.map(move |form| (form, placeholder.clone()))
        });
        let mut hidden: Vec<_> = forms.collect();
        hidden.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        hidden.dedup_by(|(a, _), (b, _)| a == b);
        Self { known, hidden }
    }

    /// What can be typed: names, and for which host each is.
    pub(super) fn names(&self) -> Vec<(&str, Option<&str>)> {
        let mut names: Vec<_> =
            self.known.iter().map(|secret| (&*secret.name, secret.bound.host())).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The text without any value.
    pub(super) fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (form, placeholder) in &self.hidden {
            if text.contains(form.as_str()) {
                text = text.replace(form.as_str(), placeholder);
            }
        }
        text
    }

    /// The same for every text in it, and for the names of its fields.
    pub(super) fn hide_in(&self, value: &Value) -> Value {
        if self.hidden.is_empty() {
            return value.clone();
        }
        match value {
            Value::String(text) => Value::String(self.hide(text)),
            Value::Array(items) => items.iter().map(|item| self.hide_in(item)).collect(),
            Value::Object(fields) => {
                let hidden =
                    fields.iter().map(|(name, value)| (self.hide(name), self.hide_in(value)));
                Value::Object(hidden.collect())
            }
            Value::Number(number) => {
                let text = number.to_string();
                let hidden = self.hide(&text);
                if hidden == text { value.clone() } else { Value::String(hidden) }
            }
            Value::Null | Value::Bool(_) => value.clone(),
        }
    }

    /// The action as the browser is told it, on a page of that address. `None` if it needs no secret.
    pub(super) fn fill(
        &self,
        action: &Action,
        page: &str,
    ) -> Result<Option<Filled>, RefusedSecret> {
        // What only people are told keeps its names.
        let is_for_people = matches!(action, Action::Ask { .. } | Action::Done { .. });
        if is_for_people || !holds_placeholder(&action.written().to_string()) {
            return Ok(None);
        }
        let mut filled = action.clone();
        let mut bounds = Vec::new();
        match &mut filled {
            Action::Type { text, .. }
            | Action::TypeAndEnter { text, .. }
            | Action::Select { value: text, .. } => {
                *text = self.filled(text, page, false, &mut bounds)?;
            }
            Action::Navigate { url } | Action::OpenTab { url: Some(url) } => {
                let goal = url.clone();
                *url = self.filled(&goal, &goal, true, &mut bounds)?;
            }
            _ => {}
        }
        // It may stand elsewhere too, where it would be seen.
        if holds_placeholder(&filled.written().to_string()) {
            return Err(RefusedSecret::Misplaced);
        }
        Ok(Some(Filled { action: filled, bounds }))
    }

    fn filled(
        &self,
        text: &str,
        url: &str,
        is_address: bool,
        bounds: &mut Vec<Bound>,
    ) -> Result<String, RefusedSecret> {
        let host = host(url).unwrap_or_default();
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        for found in placeholders().captures_iter(text) {
            let (Some(whole), Some(name)) = (found.get(0), found.get(1)) else { continue };
            let Secret { value, bound, .. } = self.value(name.as_str(), host, is_address)?;
            bounds.push(bound.clone());
            let begin = text.len() - rest.len();
            filled.push_str(&text[begin..whole.start()]);
            if is_address {
                filled.push_str(&forms::percent(value));
            } else {
                filled.push_str(value);
            }
            rest = &text[whole.end()..];
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn value(&self, name: &str, host: &str, is_address: bool) -> Result<&Secret, RefusedSecret> {
        let mut named = self.known.iter().filter(|secret| secret.name == name).peekable();
        if named.peek().is_none() {
            return Err(RefusedSecret::Unknown(name.to_owned()));
        }
        let mut usual = None;
        for secret in named {
            match &secret.bound {
                Bound::Anywhere => usual = Some(secret),
                bound if bound.allows(host) => return Ok(secret),
                _ => {}
            }
        }
        match usual {
            Some(_) if is_address => Err(RefusedSecret::Unbound(name.to_owned())),
            Some(secret) => Ok(secret),
            None => {
                let host = if host.is_empty() { "this page" } else { host };
                Err(RefusedSecret::Elsewhere { name: name.to_owned(), host: host.to_owned() })
            }
        }
    }
}

/// What stands for a secret.
fn placeholder(name: &str) -> String {
    format!("{{{{secret:{name}}}}}")
}

fn placeholders() -> &'static Regex {
    static FOUND: OnceLock<Regex> = OnceLock::new();
    FOUND.get_or_init(|| {
        Regex::new(r"\{\{\s*secret:\s*([A-Za-z0-9_.-]+)\s*\}\}").expect("the pattern is sound")
    })
}

/// Whether a secret is meant to stand in a text.
pub(super) fn holds_placeholder(text: &str) -> bool {
    placeholders().is_match(text)
}

/// The host of an address, if it has one that can be told.
pub(super) fn host(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    if !matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https") {
        return None;
    }
    let authority = &rest[..rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len())];
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[') {
        Some(inside) => inside.split_once(']')?.0,
        None => host.split_once(':').map_or(host, |(host, _)| host),
    };
    (!host.is_empty() && !host.contains(['{', '}', '%'])).then_some(host)
}

#[cfg(test)]
mod tests;
