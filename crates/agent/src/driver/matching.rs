//! Which of the things on a page is meant by a role and a name.
//!
//! Pure. Of several ways to read a name the strictest that finds something counts, and what is meant by none of them or
//! by several things is said so: nothing is guessed.

use super::{Target, outline::Item};

/// How many of several that are alike are told.
const MOST_TOLD: usize = 8;

/// Why nothing is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoMatch {
    /// Nothing is like that; in words what there is instead.
    None(String),
    /// Several are.
    Several(String),
}

/// Roles that are one and the same to whoever writes.
const SAME: &[&[&str]] = &[
    &["textbox", "searchbox", "textarea", "textfield", "input"],
    &["combobox", "listbox", "select", "popupbutton"],
    &["button", "disclosuretriangle", "clickable", "generic"],
    &["image", "img"],
    &["text", "statictext"],
    &["spinbutton", "number"],
    &["cell", "gridcell"],
];
/// Roles that something can be done to: they are meant before those that only say something.
const CONTROLS: &[&str] = &[
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
    "treeitem",
    "Date",
    "DateTime",
    "InputTime",
    "ColorWell",
    "DisclosureTriangle",
    "clickable",
    "PopUpButton",
];
/// Roles that text is typed into.
const FIELDS: &[&str] = &[
    "textbox",
    "searchbox",
    "combobox",
    "spinbutton",
    "Date",
    "DateTime",
    "InputTime",
    "ColorWell",
    "slider",
];

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To type.
    Typing,
    /// Something else.
    Other,
}

/// Whether two roles are the same to whoever writes.
pub(super) fn is_same_role(one: &str, other: &str) -> bool {
    let (one, other) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
    let both = |group: &&[&str]| group.contains(&one.as_str()) && group.contains(&other.as_str());
    one == other || SAME.iter().any(both)
}

/// Whether two names differ in case, spaces and bracketed numbers alone: those count something, and change. Other numbers
/// tell things apart.
pub(super) fn is_like(one: &str, other: &str) -> bool {
    plain(one) == plain(other)
}

fn plain(name: &str) -> String {
    let mut plain = String::new();
    let mut is_count = false;
    for letter in name.to_lowercase().chars().filter(|letter| !letter.is_whitespace()) {
        if is_count && letter.is_numeric() {
            continue;
        }
        is_count = letter == '(' || letter == '[';
        plain.push(letter);
    }
    plain
}

/// How names are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// As they are.
    Whole,
    /// A part of a name is enough, if no name is it as a whole.
    InPart,
}

/// The place of what is meant.
pub(super) fn choose(
    items: &[Item],
    target: &Target,
    (purpose, reading): (Purpose, Reading),
) -> Result<usize, NoMatch> {
    let of_role: Vec<_> = items
        .iter()
        .enumerate()
        .filter(|(_, item)| item.node.is_some())
        .filter(|(_, item)| match &target.role {
            Some(role) => is_same_role(&item.role, role),
            None => purpose == Purpose::Other || FIELDS.contains(&item.role.as_str()),
        })
        .collect();
    let found = match &target.name {
        Some(name) => named(&of_role, name, reading),
        None => of_role.clone(),
    };
    let found = innermost(&controls_first(found, target.role.is_some()), items);
    match (found.as_slice(), target.nth) {
        ([], _) => Err(NoMatch::None(there_is(&of_role, items, target))),
        (found, Some(nth)) => found.get(nth).map(|(at, _)| *at).ok_or_else(|| {
            NoMatch::None(format!("there are only {} of {}", found.len(), described(target)))
        }),
        ([(at, _)], None) => Ok(*at),
        (found, None) => Err(NoMatch::Several(told(found, items))),
    }
}

type Found<'a> = Vec<(usize, &'a Item)>;

fn named<'a>(items: &[(usize, &'a Item)], name: &str, reading: Reading) -> Found<'a> {
    let wanted = super::accessibility::one_line(name);
    let small = wanted.to_lowercase();
    let ways: [&dyn Fn(&str) -> bool; 4] = [
        &|name| name == wanted,
        &|name| name.to_lowercase() == small,
        &|name| is_like(name, &wanted),
        &|name| reading == Reading::InPart && name.to_lowercase().contains(&small),
    ];
    for way in ways {
        for other in [false, true] {
            let name = |item: &'a Item| if other { &item.other_name } else { &item.name };
            let found: Found<'_> = items
                .iter()
                .filter(|(_, item)| !name(item).is_empty() && way(name(item)))
                .copied()
                .collect();
            if !found.is_empty() {
                return found;
            }
        }
    }
    Vec::new()
}

/// If something can be done to one of them, those that only say something are not meant.
fn controls_first(found: Found<'_>, has_role: bool) -> Found<'_> {
    let is_control = |item: &Item| CONTROLS.contains(&item.role.as_str());
    if has_role || !found.iter().any(|(_, item)| is_control(item)) {
        return found;
    }
    found.into_iter().filter(|(_, item)| is_control(item)).collect()
}

/// Of things inside of each other that are called the same, the innermost.
fn innermost<'a>(found: &[(usize, &'a Item)], items: &[Item]) -> Found<'a> {
    let is_outer = |(at, item): &(usize, &Item)| {
        found.iter().any(|(other, inner)| {
            other > at
                && inner.name == item.name
                && items[at + 1..=*other].iter().all(|between| between.depth > item.depth)
        })
    };
    found.iter().filter(|it| !is_outer(it)).copied().collect()
}

/// How a target reads.
pub(super) fn described(target: &Target) -> String {
    let Target { ref_, selector, role, name, nth, frame } = target;
    let mut words = Vec::new();
    if let Some(role) = role {
        words.push(role.clone());
    }
    if let Some(name) = name {
        words.push(format!("\"{name}\""));
    }
    if let Some(selector) = selector {
        words.push(format!("`{selector}`"));
    }
    if let Some(ref_) = ref_ {
        words.push(format!("[{ref_}]"));
    }
    if let Some(nth) = nth {
        words.push(format!("number {nth}"));
    }
    if let Some(frame) = frame {
        words.push(format!("in frame `{frame}`"));
    }
    words.join(" ")
}

fn there_is(of_role: &[(usize, &Item)], items: &[Item], target: &Target) -> String {
    let what = described(target);
    match (of_role, &target.role) {
        ([], Some(role)) => format!("{what}; the page has no {role}"),
        (alike, Some(role)) => format!("{what}; of {role} there are {}", told(alike, items)),
        _ => what,
    }
}

/// What there is, with what it is in: two buttons of one name are told apart by their rows.
fn told(found: &[(usize, &Item)], items: &[Item]) -> String {
    let mut words: Vec<_> = found
        .iter()
        .take(MOST_TOLD)
        .enumerate()
        .map(|(nth, (at, item))| {
            let mut words = format!("nth {nth}: {} \"{}\"", item.role, item.name);
            let section = section(items, *at);
            if !section.is_empty() {
                words.extend([" in \"", &section, "\""]);
            }
            words
        })
        .collect();
    if found.len() > MOST_TOLD {
        words.push(format!("and {} more", found.len() - MOST_TOLD));
    }
    words.join("; ")
}

/// What is said first around a thing, besides what it says itself; or last before it.
fn section(items: &[Item], at: usize) -> String {
    let item = &items[at];
    let says = |it: &&Item| !it.name.is_empty() && it.name != item.name;
    let mut depth = item.depth;
    let mut section = None;
    for (before, around) in items[..at].iter().enumerate().rev() {
        if around.depth < depth && section.is_none() {
            depth = around.depth;
            let inside = items[before + 1..].iter().take_while(|it| it.depth > around.depth);
            section = std::iter::once(around).chain(inside).find(says);
        }
    }
    let is_title =
        |it: &&Item| ["heading", "text", "cell", "rowheader"].contains(&it.role.as_str());
    let before = || items[..at].iter().rev().filter(is_title).find(says);
    section.or_else(before).map(|it| it.name.chars().take(60).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(depth: usize, role: &str, name: &str) -> Item {
        Item {
            node: Some(1),
            depth,
            role: role.to_owned(),
            name: name.to_owned(),
            ..Item::default()
        }
    }

    fn shop() -> Vec<Item> {
        let mut search = item(0, "searchbox", "");
        search.other_name = "What do you look for?".to_owned();
        vec![
            item(0, "heading", "Shop"),
            search,
            item(0, "link", "Add to cart now"),
            item(0, "row", ""),
            item(1, "cell", "Lamp"),
            item(1, "button", "Add to cart"),
            item(0, "row", ""),
            item(1, "cell", "Chair"),
            item(1, "button", "Add to cart"),
            item(0, "button", "Cart (2)"),
            item(0, "text", "Send"),
            item(0, "button", "SEND"),
            item(0, "listitem", "Help"),
            item(1, "link", "Help"),
        ]
    }

    fn chosen(
        role: Option<&str>,
        name: Option<&str>,
        nth: Option<usize>,
    ) -> Result<usize, NoMatch> {
        let target = Target {
            role: role.map(str::to_owned),
            name: name.map(str::to_owned),
            nth,
            ..Target::default()
        };
        choose(&shop(), &target, (Purpose::Other, Reading::InPart))
    }

    #[test]
    fn the_strictest_reading_that_finds_something_counts() {
        for (role, name, nth, place) in [
            (Some("heading"), Some("Shop"), None, 0),
            (Some("textbox"), Some("What do you look for?"), None, 1),
            (Some("searchbox"), None, None, 1),
            (Some("button"), Some("add  to cart"), Some(1), 8),
            (Some("button"), Some("Cart (3)"), None, 9),
            (Some("button"), Some("send"), None, 11),
            (None, Some("Send"), None, 10),
            (None, Some("send"), None, 11),
            (None, Some("Help"), None, 13),
            (Some("link"), Some("to cart"), None, 2),
            (None, Some("Lamp"), None, 4),
        ] {
            assert_eq!(chosen(role, name, nth), Ok(place), "{role:?} {name:?}");
        }
    }

    #[test]
    fn what_is_not_there_or_there_twice_is_told_and_never_guessed() {
        let several = chosen(Some("button"), Some("Add to cart"), None).unwrap_err();
        let told =
            "nth 0: button \"Add to cart\" in \"Lamp\"; nth 1: button \"Add to cart\" in \"Chair\"";
        assert_eq!(several, NoMatch::Several(told.to_owned()));
        for (role, name, nth, says) in [
            (Some("button"), Some("Delete"), None, "of button there are nth 0"),
            (Some("slider"), None, None, "no slider"),
            (Some("button"), Some("Add to cart"), Some(2), "only 2"),
            (None, Some("nothing"), None, "\"nothing\""),
        ] {
            let NoMatch::None(why) = chosen(role, name, nth).unwrap_err() else {
                panic!("{name:?}")
            };
            assert!(why.contains(says), "{why}");
        }
    }

    #[test]
    fn only_fields_are_typed_into_when_no_role_is_given() {
        let items =
            [item(0, "button", "Name"), item(0, "textbox", "Name"), item(0, "link", "Other")];
        let target = |name: &str| Target { name: Some(name.to_owned()), ..Target::default() };
        let typing = (Purpose::Typing, Reading::InPart);
        assert_eq!(choose(&items, &target("Name"), typing), Ok(1));
        assert!(choose(&items, &target("Other"), typing).is_err());
        assert!(choose(&items, &target("Name"), (Purpose::Other, Reading::InPart)).is_err());
        let part = target("Oth");
        assert!(choose(&items, &part, (Purpose::Other, Reading::Whole)).is_err());
        assert_eq!(choose(&items, &part, (Purpose::Other, Reading::InPart)), Ok(2));
    }

    #[test]
    fn names_may_differ_in_case_spaces_and_counts() {
        assert!(is_like("Cart (2)", "cart (14)") && is_like("a  b", "A b"));
        assert!(!is_like("Cart", "Card") && !is_like("Cart (2)", "Cart"));
        assert!(!is_like("Choose 7", "Choose 5") && !is_like("Page 1 (2)", "Page 2 (2)"));
    }
}
