//! Looks at a page: all of its frames, what is in them, and where.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use serde_json::json;

use super::{
    Driver, DriverError, Observation,
    accessibility::{AxTree, Forms, Snapshot},
    outline::{self, Item, Leaf},
    page::{Frame, Page},
    patience::Patience,
};

/// How many references are remembered. Overflow rule: those of documents that are gone go first, then all.
const MOST_REFS: usize = 20_000;

/// Which node of which document.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) frame: String,
    pub(super) loader: String,
    pub(super) node: i64,
}

/// What nodes are called in outlines. The same node keeps its reference.
#[derive(Debug, Default)]
pub(super) struct Refs {
    last: u64,
    numbers: HashMap<Key, u64>,
    keys: HashMap<u64, Key>,
}

impl Refs {
    fn of(&mut self, key: Key) -> String {
        let number = *self.numbers.entry(key.clone()).or_insert_with(|| {
            self.last += 1;
            self.keys.insert(self.last, key);
            self.last
        });
        format!("e{number}")
    }

    /// The node that has this reference.
    pub(super) fn get(&self, ref_: &str) -> Option<&Key> {
        self.keys.get(&ref_.trim().trim_start_matches('e').parse().ok()?)
    }

    fn keep(&mut self, loaders: &HashSet<&str>) {
        if self.numbers.len() > MOST_REFS {
            self.numbers.retain(|key, _| loaders.contains(key.loader.as_str()));
        }
        if self.numbers.len() > MOST_REFS {
            self.numbers.clear();
        }
        let numbers: HashSet<u64> = self.numbers.values().copied().collect();
        self.keys.retain(|number, _| numbers.contains(number));
    }
}

/// A page as it was when it was looked at.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) frames: Vec<Frame>,
    pub(super) items: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Owner {
    backend_node_id: i64,
}

impl Driver {
    /// Looks at a page.
    pub(super) async fn look(
        &mut self,
        page: &Page,
        patience: Patience,
    ) -> Result<Look, DriverError> {
        let frames = self.frames(page, patience).await?;
        let forms = self.forms(page, &frames, patience).await?;
        let mut trees = Vec::new();
        for frame in &frames {
            let wanted = json!({"frameId": frame.id});
            let tree: Result<AxTree, _> = self
                .ask(page, &frame.session, "Accessibility.getFullAXTree", wanted, patience)
                .await;
            trees.push(match tree {
                Ok(tree) => tree,
                // The frame is gone by now, or shows another page.
                Err(DriverError::Failed(_)) => AxTree { nodes: Vec::new() },
                Err(error) => return Err(error),
            });
        }
        let owners = self.owners(page, &frames, patience).await?;
        let viewport = self.driven.now().viewport;
        let whole = [0.0, 0.0, f64::from(viewport.width), f64::from(viewport.height)];
        let leaves = leaves(&frames, &trees, &owners, &forms, whole);
        let hidden = |frame: usize, node: i64| self.hidden.contains(&key(&frames[frame], node));
        let items = outline::items(&leaves, &forms, &hidden);
        Ok(Look { frames, items })
    }

    /// What is known of all nodes besides what assistive programs are told. Fields for passwords are remembered: they
    /// stay hidden when a page shows them.
    pub(super) async fn forms(
        &mut self,
        page: &Page,
        frames: &[Frame],
        patience: Patience,
    ) -> Result<Vec<Forms>, DriverError> {
        let mut all = Vec::new();
        for root in frames.iter().filter(|frame| frame.is_root_of_session(frames)) {
            let wanted = json!({"computedStyles": ["cursor"]});
            let snapshot: Result<Snapshot, _> = self
                .ask(page, &root.session, "DOMSnapshot.captureSnapshot", wanted, patience)
                .await;
            match snapshot {
                Ok(snapshot) => all.push(snapshot.forms()),
                Err(DriverError::Failed(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let loaders: HashSet<&str> = frames.iter().map(|frame| frame.loader.as_str()).collect();
        self.hidden.retain(|key| loaders.contains(key.loader.as_str()));
        self.refs.keep(&loaders);
        for ((frame, node), form) in all.iter().flatten() {
            if form.is_password
                && let Some(frame) = frames.iter().find(|it| it.id == *frame)
            {
                self.hidden.insert(key(frame, *node));
            }
        }
        Ok(all)
    }

    /// In which node of its parent each frame is.
    pub(super) async fn owners(
        &self,
        page: &Page,
        frames: &[Frame],
        patience: Patience,
    ) -> Result<Vec<Option<i64>>, DriverError> {
        let mut owners = Vec::new();
        for frame in frames {
            let parent = frame.parent.as_ref();
            let parent = parent.and_then(|id| frames.iter().find(|it| it.id == *id));
            let Some(parent) = parent else {
                owners.push(None);
                continue;
            };
            let wanted = json!({"frameId": frame.id});
            let owner: Result<Owner, _> =
                self.ask(page, &parent.session, "DOM.getFrameOwner", wanted, patience).await;
            owners.push(match owner {
                Ok(owner) => Some(owner.backend_node_id),
                Err(DriverError::Failed(_)) => None,
                Err(error) => return Err(error),
            });
        }
        Ok(owners)
    }

    /// Looks at the page in front.
    pub(crate) async fn observe(&mut self) -> Result<Observation, DriverError> {
        let patience = Patience::of(self.limit);
        self.take_holds();
        let page = self.page(patience).await?;
        self.settle(&page, patience.at_most(super::settling::LOOKS_WITHIN)).await?;
        let page = self.page(patience).await?;
        let look = self.look(&page, patience).await?;
        let Look { frames, items } = &look;
        let refs = &mut self.refs;
        let outline =
            outline::write(items, |item| Some(refs.of(key(&frames[item.frame], item.node?))));
        self.let_go();
        let tabs = self.tabs();
        let front = tabs.iter().find(|tab| tab.active).cloned().unwrap_or_default();
        let url = frames.first().map_or(front.url, |frame| frame.url.clone());
        self.note_incident();
        let notes = self.watching.take_notes();
        Ok(Observation { url, title: front.title, tabs, outline, notes })
    }
}

/// What a node of a frame is remembered by.
pub(super) fn key(frame: &Frame, node: i64) -> Key {
    Key { frame: frame.id.clone(), loader: frame.loader.clone(), node }
}

/// Frames with what of them is in view.
fn leaves<'a>(
    frames: &'a [Frame],
    trees: &'a [AxTree],
    owners: &[Option<i64>],
    forms: &[Forms],
    whole: [f64; 4],
) -> Vec<Leaf<'a>> {
    let mut leaves: Vec<Leaf<'a>> = Vec::new();
    for (at, (frame, tree)) in frames.iter().zip(trees).enumerate() {
        let parent = frame.parent.as_ref();
        let parent = parent.and_then(|id| frames[..at].iter().position(|it| it.id == *id));
        let view = match parent.zip(owners[at]) {
            Some((parent, owner)) => {
                let place = (frames[parent].id.clone(), owner);
                let bounds = forms.iter().find_map(|forms| forms.get(&place)?.bounds);
                leaves[parent].inside.insert(owner, at);
                bounds.map_or([0.0; 4], |[x, y, width, height]| {
                    let [left, top, right, bottom] = leaves[parent].view;
                    let (right, bottom) = (right.min(x + width), bottom.min(y + height));
                    [left.max(x) - x, top.max(y) - y, right - x, bottom - y]
                })
            }
            None => whole,
        };
        leaves.push(Leaf { id: &frame.id, tree, view, inside: HashMap::new() });
    }
    leaves
}
