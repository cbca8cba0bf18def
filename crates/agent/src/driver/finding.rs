//! Finds what a target means: by reference, by selector, by role and name; in all frames and shadows.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Driver, DriverError, Target,
    accessibility::AxTree,
    look::{Key, Look, key},
    matching::{self, NoMatch, Purpose, Reading, described, is_like, is_same_role},
    page::{Frame, Handle, Page},
    patience::Patience,
};

/// How long something that is not there is waited for.
const COMES_WITHIN: Duration = Duration::from_secs(6);
/// A part of a name is enough after so long: what has the whole name may still come.
const WHOLE_WITHIN: Duration = Duration::from_millis(1_500);
/// How often it is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(150);
/// How many of the elements that a selector means are looked at.
const MOST_FOUND: usize = 50;

/// An element of a page.
#[derive(Debug, Clone)]
pub(super) struct Element {
    pub(super) frame: Frame,
    /// The frames that it is in, from the outermost on; its own is the last one.
    pub(super) chain: Vec<Frame>,
    pub(super) node: i64,
    pub(super) handle: Handle,
    pub(super) role: String,
    pub(super) name: String,
    /// Its selector led elsewhere or nowhere; role and name led to it.
    pub(super) is_healed: bool,
}

impl Element {
    /// What it is remembered by.
    pub(super) fn key(&self) -> Key {
        key(&self.frame, self.node)
    }

    /// What it is, in words.
    pub(super) fn words(&self) -> String {
        if self.name.is_empty() {
            self.role.clone()
        } else {
            format!("{} \"{}\"", self.role, self.name)
        }
    }
}

#[derive(Deserialize)]
struct Described {
    node: Node,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    backend_node_id: i64,
    #[serde(default)]
    shadow_roots: Vec<Self>,
}

impl Driver {
    /// Finds an element, and waits a while until it comes.
    pub(super) async fn find(
        &mut self,
        page: &Page,
        target: &Target,
        purpose: Purpose,
        patience: Patience,
    ) -> Result<Element, DriverError> {
        let coming = patience.at_most(COMES_WITHIN);
        let whole = patience.at_most(WHOLE_WITHIN);
        let mut before = None;
        loop {
            let reading = if whole.is_over() { Reading::InPart } else { Reading::Whole };
            let how = (purpose, reading);
            let why = match self.find_now(page, target, how, patience).await {
                Err(why @ (DriverError::NotFound(_) | DriverError::Failed(_))) => why,
                // What the last whole look said counts more than that there was no time for another one.
                Err(slow @ DriverError::TimedOut(_)) => return Err(before.unwrap_or(slow)),
                answer => return answer,
            };
            if coming.is_over() || target.ref_.is_some() && matches!(why, DriverError::NotFound(_))
            {
                return Err(why);
            }
            before = Some(why);
            coming.pause(LOOK_EVERY).await;
        }
    }

    async fn find_now(
        &mut self,
        page: &Page,
        target: &Target,
        how: (Purpose, Reading),
        patience: Patience,
    ) -> Result<Element, DriverError> {
        if let Some(ref_) = &target.ref_ {
            return self.find_by_ref(page, ref_, patience).await;
        }
        let Some(selector) = &target.selector else {
            return self.find_by_name(page, target, how, patience).await;
        };
        let by_selector = self.find_by_selector(page, selector, target, patience).await;
        let is_lost = matches!(by_selector, Err(DriverError::NotFound(_)));
        if !is_lost || target.name.is_none() {
            return by_selector;
        }
        let by_name = self.find_by_name(page, target, how, patience).await;
        let by_name = match by_name {
            // Which of several alike it was is not known if the page has fewer of them now.
            Err(DriverError::NotFound(_)) if target.nth.is_some() => {
                let alone = Target { nth: None, frame: None, ..target.clone() };
                self.find_by_name(page, &alone, how, patience).await
            }
            found => found,
        };
        by_name.map(|element| Element { is_healed: true, ..element })
    }

    async fn find_by_ref(
        &mut self,
        page: &Page,
        ref_: &str,
        patience: Patience,
    ) -> Result<Element, DriverError> {
        let gone =
            || DriverError::NotFound(format!("[{ref_}] is not on the page any more; look again"));
        let Key { frame, loader, node } = self.refs.get(ref_).cloned().ok_or_else(gone)?;
        let frames = self.frames(page, patience).await?;
        let frame = frames.iter().find(|it| it.id == frame && it.loader == loader);
        let frame = frame.ok_or_else(gone)?;
        match self.element(page, &frames, frame, node, patience).await {
            Err(DriverError::Failed(_)) => Err(gone()),
            answer => answer,
        }
    }

    async fn find_by_name(
        &mut self,
        page: &Page,
        target: &Target,
        how: (Purpose, Reading),
        patience: Patience,
    ) -> Result<Element, DriverError> {
        let Look { frames, items } = self.look(page, patience).await?;
        let wanted = match &target.frame {
            Some(words) => match self.find_frame(page, &frames, words, patience).await {
                Ok(frame) => Some(frame),
                // A frame that moved is no reason: the name may be found all the same.
                Err(DriverError::NotFound(_)) => None,
                Err(error) => return Err(error),
            },
            None => None,
        };
        let items: Vec<_> =
            items.into_iter().filter(|it| wanted.is_none_or(|frame| it.frame == frame)).collect();
        let chosen = matching::choose(&items, target, how).map_err(|why| match why {
            NoMatch::None(why) => DriverError::NotFound(why),
            NoMatch::Several(which) => DriverError::Ambiguous(format!(
                "{}: {which}; say which by nth, or by its reference",
                described(target)
            )),
        })?;
        let item = &items[chosen];
        let gone = || DriverError::NotFound(described(target));
        let node = item.node.ok_or_else(gone)?;
        let element = self.element(page, &frames, &frames[item.frame], node, patience).await;
        element.map(|element| Element {
            role: item.role.clone(),
            name: item.name.clone(),
            ..element
        })
    }

    async fn find_by_selector(
        &mut self,
        page: &Page,
        selector: &str,
        target: &Target,
        patience: Patience,
    ) -> Result<Element, DriverError> {
        let frames = self.frames(page, patience).await?;
        let places = match &target.frame {
            Some(words) => vec![self.find_frame(page, &frames, words, patience).await?],
            None => (0..frames.len()).collect(),
        };
        let mut found = Vec::new();
        for place in places {
            let frame = &frames[place];
            for handle in self.select(page, frame, selector, patience).await? {
                let Ok(node) = self.node(page, &handle, patience).await else { continue };
                found.push((place, node, handle));
            }
        }
        let mut fitting = Vec::new();
        let count = found.len();
        for (place, node, handle) in found {
            let (role, name) = self.described(page, &handle, patience).await?;
            let has_role = target.role.as_ref().is_none_or(|it| is_same_role(it, &role));
            let has_name = target.name.as_ref().is_none_or(|it| is_like(it, &name));
            if has_role && has_name {
                let frame = frames[place].clone();
                let chain = chain(&frames, &frame);
                fitting.push(Element { frame, chain, node, handle, role, name, is_healed: false });
            }
        }
        let nth = if fitting.len() == 1 { 0 } else { target.nth.unwrap_or(0) };
        let is_sure = fitting.len() <= 1 || target.nth.is_some();
        match fitting.into_iter().nth(nth) {
            Some(element) if is_sure => Ok(element),
            Some(_) => Err(DriverError::Ambiguous(format!("`{selector}` means {count} elements"))),
            None => Err(DriverError::NotFound(described(target))),
        }
    }

    /// What a selector means in one frame. ` >>> ` goes into a shadow, closed ones too.
    async fn select(
        &self,
        page: &Page,
        frame: &Frame,
        selector: &str,
        patience: Patience,
    ) -> Result<Vec<Handle>, DriverError> {
        let mut roots = vec![self.document(page, frame, patience).await?];
        let mut parts = selector.split(">>>").map(str::trim).peekable();
        while let Some(part) = parts.next() {
            let mut found = Vec::new();
            for root in &roots {
                found.extend(self.select_in(page, root, part, patience).await?);
            }
            if parts.peek().is_none() {
                return Ok(found);
            }
            roots.clear();
            for host in &found {
                let shadow = self.shadow(page, frame, host, patience).await?;
                roots.extend(shadow);
            }
        }
        Ok(Vec::new())
    }

    async fn select_in(
        &self,
        page: &Page,
        root: &Handle,
        selector: &str,
        patience: Patience,
    ) -> Result<Vec<Handle>, DriverError> {
        let arguments = [json!({"value": selector})];
        let script = (include_str!("scripts/find.js"), false);
        let list = match self.call_for(page, root, script, &arguments, patience).await {
            Err(DriverError::Failed(why)) if why.contains("not a valid selector") => {
                return Err(DriverError::Refused(format!("`{selector}` is no CSS selector")));
            }
            list => list?,
        };
        let Some(object) = list.object_id else { return Ok(Vec::new()) };
        let list = Handle { object, ..root.clone() };
        let mut found = Vec::new();
        for at in 0..MOST_FOUND {
            let script = ("function (at) { return this[at] ?? null }", false);
            let one = self.call_for(page, &list, script, &[json!({"value": at})], patience).await?;
            let Some(object) = one.object_id else { break };
            found.push(Handle { object, ..root.clone() });
        }
        Ok(found)
    }

    async fn shadow(
        &self,
        page: &Page,
        frame: &Frame,
        host: &Handle,
        patience: Patience,
    ) -> Result<Option<Handle>, DriverError> {
        let wanted = json!({"objectId": host.object, "depth": 1, "pierce": true});
        let host: Described =
            self.ask(page, &host.session, "DOM.describeNode", wanted, patience).await?;
        let Some(root) = host.node.shadow_roots.first() else { return Ok(None) };
        self.resolve(page, frame, root.backend_node_id, patience).await.map(Some)
    }

    /// The frame that is meant, by its place among all. Words are selectors with ` >> ` between them, or its name, or a
    /// part of its address.
    async fn find_frame(
        &self,
        page: &Page,
        frames: &[Frame],
        words: &str,
        patience: Patience,
    ) -> Result<usize, DriverError> {
        let owners = self.owners(page, frames, patience).await?;
        let mut at = 0;
        let missing = || DriverError::NotFound(format!("the frame `{words}`"));
        for part in words.split(" >> ") {
            let handles = self.select(page, &frames[at], part, patience).await.unwrap_or_default();
            let mut inner = None;
            for handle in handles {
                let node = self.node(page, &handle, patience).await?;
                let parent = &frames[at].id;
                inner = inner.or_else(|| {
                    (0..frames.len()).find(|place| {
                        owners[*place] == Some(node)
                            && frames[*place].parent.as_ref() == Some(parent)
                    })
                });
            }
            let called = || {
                let is_it = |frame: &Frame| frame.name == part || frame.url.contains(part);
                (1..frames.len()).find(|place| is_it(&frames[*place]))
            };
            at = inner.or_else(called).ok_or_else(missing)?;
        }
        Ok(at)
    }

    /// The element that a node is, or is in.
    pub(super) async fn element(
        &self,
        page: &Page,
        frames: &[Frame],
        frame: &Frame,
        node: i64,
        patience: Patience,
    ) -> Result<Element, DriverError> {
        let handle = self.resolve(page, frame, node, patience).await?;
        let script = (include_str!("scripts/element.js"), false);
        let element = self.call_for(page, &handle, script, &[], patience).await?;
        let gone = || DriverError::Failed("the element is gone".to_owned());
        let handle = Handle { object: element.object_id.ok_or_else(gone)?, ..handle };
        let node = self.node(page, &handle, patience).await?;
        let (role, name) = self.described(page, &handle, patience).await?;
        let chain = chain(frames, frame);
        Ok(Element { frame: frame.clone(), chain, node, handle, role, name, is_healed: false })
    }

    pub(super) async fn node(
        &self,
        page: &Page,
        handle: &Handle,
        patience: Patience,
    ) -> Result<i64, DriverError> {
        let wanted = json!({"objectId": handle.object, "depth": 0});
        let described: Described =
            self.ask(page, &handle.session, "DOM.describeNode", wanted, patience).await?;
        Ok(described.node.backend_node_id)
    }

    /// Role and name of an element.
    pub(super) async fn described(
        &self,
        page: &Page,
        handle: &Handle,
        patience: Patience,
    ) -> Result<(String, String), DriverError> {
        let wanted: Value = json!({"objectId": handle.object, "fetchRelatives": false});
        let tree: Result<AxTree, _> = self
            .ask(page, &handle.session, "Accessibility.getPartialAXTree", wanted, patience)
            .await;
        match tree {
            Ok(tree) => {
                let node = tree.nodes.first();
                let plain = |node: &&super::accessibility::AxNode| !node.ignored;
                let node = node.filter(plain);
                Ok(node.map(|node| (node.role().to_owned(), node.name())).unwrap_or_default())
            }
            Err(DriverError::Failed(_)) => Ok((String::new(), String::new())),
            Err(error) => Err(error),
        }
    }
}

/// A frame with all that it is in, the outermost first.
fn chain(frames: &[Frame], frame: &Frame) -> Vec<Frame> {
    let mut chain = vec![frame.clone()];
    while let Some(parent) = chain[0].parent.clone()
        && let Some(parent) = frames.iter().find(|it| it.id == parent)
        && chain.len() <= frames.len()
    {
        chain.insert(0, parent.clone());
    }
    chain
}
