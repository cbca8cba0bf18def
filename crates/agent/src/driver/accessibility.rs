//! What a page tells assistive programs, read from Chromium's answer and put beside where things are.
//!
//! Pure.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use serde_json::Value;

/// `Accessibility.getFullAXTree`.
#[derive(Debug, Deserialize)]
pub(super) struct AxTree {
    pub(super) nodes: Vec<AxNode>,
}

/// A node of it.
#[derive(Debug, Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct AxNode {
    pub(super) node_id: String,
    pub(super) ignored: bool,
    role: AxValue,
    name: AxValue,
    value: AxValue,
    properties: Vec<AxProperty>,
    pub(super) child_ids: Vec<String>,
    parent_id: Option<String>,
    #[serde(rename = "backendDOMNodeId")]
    pub(super) backend: Option<i64>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
struct AxValue {
    value: Value,
}

#[derive(Debug, Deserialize)]
struct AxProperty {
    name: String,
    value: AxValue,
}

impl AxNode {
    pub(super) fn role(&self) -> &str {
        self.role.value.as_str().unwrap_or_default()
    }

    /// What it is called; with one space where there are several.
    pub(super) fn name(&self) -> String {
        one_line(self.name.value.as_str().unwrap_or_default())
    }

    /// What is in it.
    pub(super) fn value(&self) -> String {
        match &self.value.value {
            Value::String(text) => one_line(text),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        }
    }

    fn property(&self, name: &str) -> Option<&Value> {
        self.properties.iter().find(|it| it.name == name).map(|it| &it.value.value)
    }

    pub(super) fn is(&self, property: &str) -> bool {
        match self.property(property) {
            Some(Value::Bool(is)) => *is,
            Some(Value::String(text)) => text == "true",
            _ => false,
        }
    }

    /// How it stands, in words.
    pub(super) fn states(&self) -> Vec<String> {
        let mut states = Vec::new();
        for name in ["disabled", "readonly", "required", "selected", "focused", "modal"] {
            if self.is(name) {
                states.push(name.to_owned());
            }
        }
        for name in ["checked", "pressed"] {
            match self.property(name).and_then(Value::as_str) {
                Some("true") => states.push(name.to_owned()),
                Some("mixed") => states.push(format!("half {name}")),
                Some("false") => states.push(format!("not {name}")),
                _ => {}
            }
        }
        match self.property("expanded") {
            Some(Value::Bool(true)) => states.push("expanded".to_owned()),
            Some(Value::Bool(false)) => states.push("collapsed".to_owned()),
            _ => {}
        }
        if self.property("invalid").and_then(Value::as_str).is_some_and(|it| it != "false") {
            states.push("invalid".to_owned());
        }
        if let Some(level) = self.property("level").and_then(Value::as_i64) {
            states.push(format!("level {level}"));
        }
        states
    }
}

pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `DOMSnapshot.captureSnapshot`.
#[derive(Debug, Deserialize)]
pub(super) struct Snapshot {
    documents: Vec<DocumentOf>,
    strings: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DocumentOf {
    #[serde(rename = "frameId")]
    frame: i64,
    #[serde(default)]
    scroll_offset_x: f64,
    #[serde(default)]
    scroll_offset_y: f64,
    nodes: Nodes,
    layout: Layout,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Nodes {
    #[serde(default)]
    backend_node_id: Vec<i64>,
    #[serde(default)]
    parent_index: Vec<i64>,
    #[serde(default)]
    node_name: Vec<i64>,
    #[serde(default)]
    attributes: Vec<Vec<i64>>,
    #[serde(default)]
    is_clickable: Rare,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
struct Rare {
    index: Vec<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Layout {
    node_index: Vec<usize>,
    bounds: Vec<[f64; 4]>,
    #[serde(default)]
    styles: Vec<Vec<i64>>,
}

/// What is known of one node besides what assistive programs are told.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Form {
    /// Where it is in the view of its frame: x, y, width, height.
    pub(super) bounds: Option<[f64; 4]>,
    pub(super) tag: String,
    /// It reacts to the mouse, or shows a hand under it.
    pub(super) is_clickable: bool,
    pub(super) is_password: bool,
    pub(super) placeholder: String,
    pub(super) parent: Option<i64>,
}

/// All nodes of all documents of one process, by frame and Chromium's number.
pub(super) type Forms = HashMap<(String, i64), Form>;

impl Snapshot {
    /// What is known of each node.
    pub(super) fn forms(&self) -> Forms {
        let mut forms = Forms::new();
        for document in &self.documents {
            let frame = self.string(document.frame).to_owned();
            for (node, form) in self.of(document) {
                forms.insert((frame.clone(), node), form);
            }
        }
        forms
    }

    fn string(&self, index: i64) -> &str {
        usize::try_from(index).ok().and_then(|index| self.strings.get(index)).map_or("", |it| it)
    }

    fn of(&self, document: &DocumentOf) -> HashMap<i64, Form> {
        let DocumentOf { scroll_offset_x, scroll_offset_y, nodes, layout, .. } = document;
        let clickable: HashSet<usize> = nodes.is_clickable.index.iter().copied().collect();
        let mut places = HashMap::new();
        for (at, (node, [x, y, width, height])) in
            layout.node_index.iter().zip(&layout.bounds).enumerate()
        {
            let hand = layout.styles.get(at).and_then(|styles| styles.first());
            let hand = hand.is_some_and(|style| self.string(*style) == "pointer");
            let bounds = [x - scroll_offset_x, y - scroll_offset_y, *width, *height];
            places.entry(*node).or_insert((bounds, hand));
        }
        let backend = |index: i64| {
            usize::try_from(index).ok().and_then(|index| nodes.backend_node_id.get(index)).copied()
        };
        let all = nodes.backend_node_id.iter().enumerate().map(|(index, node)| {
            let attribute = |name: &str| self.attribute(nodes, index, name).unwrap_or_default();
            let tag = nodes.node_name.get(index).map_or("", |name| self.string(*name));
            let (bounds, hand) = places.get(&index).copied().unzip();
            let form = Form {
                bounds,
                tag: tag.to_ascii_lowercase(),
                is_clickable: clickable.contains(&index) || hand.unwrap_or_default(),
                is_password: tag == "INPUT" && attribute("type").eq_ignore_ascii_case("password"),
                placeholder: one_line(attribute("placeholder")),
                parent: nodes.parent_index.get(index).copied().and_then(backend),
            };
            (*node, form)
        });
        all.collect()
    }

    fn attribute(&self, nodes: &Nodes, index: usize, name: &str) -> Option<&str> {
        let pairs = nodes.attributes.get(index)?.chunks_exact(2);
        let mut found = pairs.filter(|pair| self.string(pair[0]) == name);
        found.next().map(|pair| self.string(pair[1]))
    }
}
