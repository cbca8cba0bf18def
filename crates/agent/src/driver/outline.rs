//! A page as a list of what matters on it, and as text for whoever decides.
//!
//! Pure.

use std::collections::HashMap;

use super::accessibility::{AxNode, AxTree, Form, Forms};

/// The longest outline, in bytes. What is in view goes first.
const LONGEST_OUTLINE: usize = 32 << 10;
/// The longest name or text in it, in bytes.
const LONGEST_NAME: usize = 200;
/// The deepest indentation.
const DEEPEST: usize = 12;
/// How deep a page is looked into.
const DEEPEST_NODE: usize = 400;

/// One thing on a page.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Item {
    /// In which frame, by its place among the frames.
    pub(super) frame: usize,
    /// What Chromium calls the node; nothing if there is none.
    pub(super) node: Option<i64>,
    pub(super) depth: usize,
    pub(super) role: String,
    pub(super) name: String,
    /// What else it may be called: its placeholder.
    pub(super) other_name: String,
    pub(super) value: String,
    pub(super) states: Vec<String>,
    pub(super) is_in_view: bool,
}

/// A frame that is put into an outline.
#[derive(Debug)]
pub(super) struct Leaf<'a> {
    pub(super) id: &'a str,
    pub(super) tree: &'a AxTree,
    /// What of it is in view, in its own coordinates: left, top, right, bottom.
    pub(super) view: [f64; 4],
    /// Frames inside of it, by the node that they are in.
    pub(super) inside: HashMap<i64, usize>,
}

/// Nodes that may be written down whatever they are called.
const ALWAYS: &[&str] = &[
    "button",
    "link",
    "textbox",
    "searchbox",
    "combobox",
    "listbox",
    "checkbox",
    "radio",
    "switch",
    "slider",
    "spinbutton",
    "tab",
    "menuitem",
    "menuitemcheckbox",
    "menuitemradio",
    "option",
    "heading",
    "row",
    "listitem",
    "treeitem",
    "dialog",
    "alertdialog",
    "alert",
    "navigation",
    "main",
    "form",
    "tablist",
    "menu",
    "menubar",
    "table",
    "grid",
    "tree",
    "toolbar",
    "article",
    "Date",
    "DateTime",
    "InputTime",
    "ColorWell",
    "DisclosureTriangle",
    "Canvas",
    "PopUpButton",
    "Iframe",
    "tabpanel",
];
/// Nodes that say nothing by themselves.
const NEVER: &[&str] = &["InlineTextBox", "LineBreak", "ListMarker", "MenuListPopup"];
/// Nodes of which only what is inside matters.
const THROUGH: &[&str] = &[
    "",
    "none",
    "presentation",
    "generic",
    "paragraph",
    "LabelText",
    "RootWebArea",
    "rootWebArea",
    "WebArea",
    "Section",
    "GenericContainer",
    "strong",
    "emphasis",
    "list",
    "LayoutTable",
    "LayoutTableRow",
    "LayoutTableCell",
    "rowgroup",
    "Ruby",
    "Legend",
    "superscript",
    "subscript",
    "StaticText",
];

/// All that matters on a page, in the order in which it is read.
pub(super) fn items(
    frames: &[Leaf<'_>],
    forms: &[Forms],
    hidden: &dyn Fn(usize, i64) -> bool,
) -> Vec<Item> {
    let mut reading = Reading { frames, forms, hidden, items: Vec::new() };
    reading.read_frame(0, 0);
    reading.items
}

struct Reading<'a> {
    frames: &'a [Leaf<'a>],
    forms: &'a [Forms],
    hidden: &'a dyn Fn(usize, i64) -> bool,
    items: Vec<Item>,
}

/// A tree, by name.
type Index<'a> = HashMap<&'a str, &'a AxNode>;

/// Where one is in a tree.
#[derive(Clone, Copy)]
struct Place<'a> {
    frame: usize,
    depth: usize,
    deep: usize,
    /// What was written down last above.
    above: &'a str,
    is_in_view: bool,
}

impl Reading<'_> {
    fn read_frame(&mut self, frame: usize, depth: usize) {
        let Some(leaf) = self.frames.get(frame) else { return };
        let index: Index<'_> =
            leaf.tree.nodes.iter().map(|node| (node.node_id.as_str(), node)).collect();
        let Some(root) = leaf.tree.nodes.first() else { return };
        let place = Place { frame, depth, deep: 0, above: "", is_in_view: true };
        self.read(root, &index, place);
    }

    fn read(&mut self, node: &AxNode, index: &Index<'_>, place: Place<'_>) {
        let role = node.role();
        if NEVER.contains(&role) || place.deep > DEEPEST_NODE {
            return;
        }
        let form = self.form(place.frame, node.backend);
        let is_in_view = self.is_in_view(place, form.as_ref());
        let name = if node.ignored { String::new() } else { node.name() };
        if role == "StaticText" && !node.ignored {
            if !name.is_empty() && !place.above.contains(&name) {
                self.put(node, place, is_in_view, ("text", name), form.as_ref());
            }
            return;
        }
        let is_field = ["textbox", "searchbox", "combobox", "spinbutton"].contains(&role);
        let is_plain = node.ignored || THROUGH.contains(&role);
        let hand = is_plain && role != "RootWebArea" && self.reacts(place.frame, form.as_ref());
        let named = |role: &'static str| (role, said(node, index));
        let written = if hand && !contains_control(node, index, 0) {
            Some(named("clickable")).filter(|(_, name)| !name.is_empty() || form.is_some())
        } else if !is_plain && (ALWAYS.contains(&role) || !name.is_empty() || node.is("focusable"))
        {
            Some((role, name))
        } else {
            None
        };
        let mut below = Place { deep: place.deep + 1, is_in_view, ..place };
        let above;
        if let Some((role, name)) = written {
            above = name.clone();
            self.put(node, place, is_in_view, (role, name), form.as_ref());
            below = Place { depth: place.depth + 1, above: &above, ..below };
        }
        if is_field && node.role() != "combobox"
            || (self.hidden)(place.frame, node.backend.unwrap_or(-1))
        {
            // What is in it is its value.
            return;
        }
        let inner = self.frames[place.frame].inside.get(&node.backend.unwrap_or(-1)).copied();
        if let Some(inner) = inner.filter(|inner| *inner > place.frame) {
            return self.read_frame(inner, below.depth);
        }
        for child in &node.child_ids {
            if let Some(child) = index.get(child.as_str()) {
                self.read(child, index, below);
            }
        }
    }

    fn form(&self, frame: usize, node: Option<i64>) -> Option<Form> {
        let key = (self.frames[frame].id.to_owned(), node?);
        self.forms.iter().find_map(|forms| forms.get(&key)).cloned()
    }

    /// It reacts to the mouse, and what it is in does not.
    fn reacts(&self, frame: usize, form: Option<&Form>) -> bool {
        let Some(form) = form.filter(|form| form.is_clickable) else { return false };
        let outer = self.form(frame, form.parent);
        !["html", "body", "label", "#document"].contains(&form.tag.as_str())
            && !outer.is_some_and(|outer| {
                outer.is_clickable && outer.tag != "body" && outer.tag != "html"
            })
    }

    fn is_in_view(&self, place: Place<'_>, form: Option<&Form>) -> bool {
        let Some([x, y, width, height]) = form.and_then(|form| form.bounds) else {
            return place.is_in_view;
        };
        let [left, top, right, bottom] = self.frames[place.frame].view;
        x < right && y < bottom && x + width > left && y + height > top
    }

    fn put(
        &mut self,
        node: &AxNode,
        place: Place<'_>,
        is_in_view: bool,
        (role, name): (&str, String),
        form: Option<&Form>,
    ) {
        let is_hidden = form.is_some_and(|form| form.is_password)
            || node.backend.is_some_and(|node| (self.hidden)(place.frame, node));
        let mut value = node.value();
        if is_hidden {
            value = if value.is_empty() { value } else { "••••".to_owned() };
        } else if value == name {
            value.clear();
        }
        self.items.push(Item {
            frame: place.frame,
            node: node.backend,
            depth: place.depth,
            role: role.to_owned(),
            name,
            other_name: form.map(|form| form.placeholder.clone()).unwrap_or_default(),
            value,
            states: node.states(),
            is_in_view,
        });
    }
}

/// Whether something inside can be meant by itself.
fn contains_control(node: &AxNode, index: &Index<'_>, deep: usize) -> bool {
    deep < 40
        && node.child_ids.iter().filter_map(|child| index.get(child.as_str())).any(|child| {
            let is_control =
                !child.ignored && ALWAYS.contains(&child.role()) && child.is("focusable");
            is_control || contains_control(child, index, deep + 1)
        })
}

/// What is said inside of a node.
fn said(node: &AxNode, index: &Index<'_>) -> String {
    let mut said = Vec::new();
    gather(node, index, &mut said, 0);
    said.join(" ")
}

fn gather(node: &AxNode, index: &Index<'_>, said: &mut Vec<String>, deep: usize) {
    if deep > 40 || said.len() > 12 {
        return;
    }
    let name = node.name();
    let is_leaf = ["StaticText", "image", "img"].contains(&node.role());
    if is_leaf && !node.ignored && !name.is_empty() {
        said.push(name);
        return;
    }
    for child in node.child_ids.iter().filter_map(|child| index.get(child.as_str())) {
        gather(child, index, said, deep + 1);
    }
}

/// Writes an outline. `refer` gives each thing that something can be done to its reference.
pub(super) fn write(items: &[Item], mut refer: impl FnMut(&Item) -> Option<String>) -> String {
    let size =
        |item: &Item| item.name.len().min(LONGEST_NAME) + item.value.len().min(LONGEST_NAME) + 40;
    let mut room = LONGEST_OUTLINE;
    let mut kept = vec![false; items.len()];
    for wants_view in [true, false] {
        for (item, kept) in items.iter().zip(&mut kept) {
            let size = size(item) + item.depth.min(DEEPEST) * 2;
            if item.is_in_view == wants_view && size <= room {
                room -= size;
                *kept = true;
            }
        }
    }
    let mut outline = String::new();
    for (item, _) in items.iter().zip(&kept).filter(|(_, kept)| **kept) {
        outline += &"  ".repeat(item.depth.min(DEEPEST));
        let ref_ = (item.role != "text").then(|| refer(item)).flatten();
        if let Some(ref_) = ref_ {
            outline.extend(["[", &ref_, "] "]);
        }
        outline += &line(item);
        outline.push('\n');
    }
    let left_out = kept.iter().filter(|kept| !**kept).count();
    if left_out > 0 {
        outline.extend([
            "(",
            &left_out.to_string(),
            " more are out of view: scroll, or extract text)\n",
        ]);
    }
    outline
}

fn line(item: &Item) -> String {
    let cut = |text: &str| {
        let end = text.floor_char_boundary(LONGEST_NAME);
        if end < text.len() { format!("{}…", &text[..end]) } else { text.to_owned() }
    };
    let mut line = item.role.clone();
    if !item.name.is_empty() {
        line.extend([" \"", &cut(&item.name), "\""]);
    }
    if !item.states.is_empty() {
        line.extend([" (", &item.states.join(", "), ")"]);
    }
    if !item.value.is_empty() {
        line.extend([" = \"", &cut(&item.value), "\""]);
    }
    if !item.other_name.is_empty() && item.other_name != item.name {
        line.extend([" placeholder \"", &cut(&item.other_name), "\""]);
    }
    line
}
