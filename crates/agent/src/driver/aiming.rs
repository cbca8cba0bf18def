//! Where in the view an element can be hit: a place at which nothing else lies over it, in all frames around it.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::{
    Driver, DriverError,
    finding::Element,
    page::{Frame, Page},
    patience::Patience,
};

/// How far something may move between two looks and still count as at rest, in CSS pixels.
const AT_REST: f64 = 0.5;
/// How long lies between them.
const LOOK_AGAIN: Duration = Duration::from_millis(40);
/// What never rests is aimed at all the same after so long: whether it was hit is seen then.
const RESTS_WITHIN: Duration = Duration::from_millis(1_500);
/// Where in a part of an element it is tried to be hit, as shares of its width and height.
const PLACES: &[(f64, f64)] = &[
    (0.5, 0.5),
    (0.25, 0.5),
    (0.75, 0.5),
    (0.5, 0.25),
    (0.5, 0.75),
    (0.1, 0.5),
    (0.9, 0.5),
    (0.1, 0.1),
    (0.9, 0.9),
];
/// How many parts of an element are tried: a link can be on several lines.
const MOST_PARTS: usize = 4;

/// A place in the view.
pub(super) type Point = (f64, f64);

/// What came of aiming.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Aim {
    /// It is hit there.
    At(Point),
    /// This lies over it.
    Covered(String),
    /// It is not in the view.
    Outside,
}

/// One process that has a part of the page, from the innermost on.
#[derive(Debug)]
struct Level {
    root: Frame,
    scroll: Point,
    size: Point,
    /// Where it is in the one around it: the node and its corners.
    owner: Option<(i64, Vec<f64>)>,
}

#[derive(Deserialize)]
struct Quads {
    quads: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Boxed {
    model: Model,
}

#[derive(Deserialize)]
struct Model {
    content: Vec<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Hit {
    backend_node_id: i64,
    frame_id: String,
}

impl Driver {
    /// Waits until an element rests, and says where it can be hit.
    pub(super) async fn aim(
        &self,
        page: &Page,
        element: &Element,
        patience: Patience,
    ) -> Result<Aim, DriverError> {
        let quads = self.rest(page, element, patience).await?;
        let levels = self.levels(page, element, patience).await?;
        let Some(inner) = levels.first() else { return Ok(Aim::Outside) };
        let mut covered = None;
        for point in places(&quads, inner.size) {
            match self.hits(page, element, &levels, point, patience).await? {
                None => return Ok(Aim::At(outermost(&levels, point))),
                Some(by) => covered = covered.or(Some(by)),
            }
        }
        Ok(covered.map_or(Aim::Outside, Aim::Covered))
    }

    /// Whether a place in the view, found a moment ago, still hits an element.
    pub(super) async fn still_hits(
        &self,
        page: &Page,
        element: &Element,
        at: Point,
        patience: Patience,
    ) -> Result<bool, DriverError> {
        let levels = self.levels(page, element, patience).await?;
        let Some(point) = innermost(&levels, at) else { return Ok(false) };
        Ok(self.hits(page, element, &levels, point, patience).await?.is_none())
    }

    /// The corners of an element's parts when it does not move any more, or for long.
    async fn rest(
        &self,
        page: &Page,
        element: &Element,
        patience: Patience,
    ) -> Result<Vec<Vec<f64>>, DriverError> {
        let resting = patience.at_most(RESTS_WITHIN);
        let mut before = self.quads(page, element, patience).await?;
        loop {
            patience.pause(LOOK_AGAIN).await;
            let now = self.quads(page, element, patience).await?;
            let is_same = before.len() == now.len()
                && before
                    .iter()
                    .flatten()
                    .zip(now.iter().flatten())
                    .all(|(one, other)| (one - other).abs() < AT_REST);
            if is_same || resting.is_over() {
                return Ok(now);
            }
            before = now;
        }
    }

    /// The parts of the view that an element takes: left, top, right, bottom.
    pub(super) async fn areas(
        &self,
        page: &Page,
        element: &Element,
        patience: Patience,
    ) -> Result<Vec<[f64; 4]>, DriverError> {
        let quads = self.quads(page, element, patience).await?;
        let levels = self.levels(page, element, patience).await?;
        let outer = quads.iter().map(|quad| {
            let corners = quad.chunks_exact(2).map(|corner| (corner[0], corner[1]));
            let corners = corners.map(|corner| outermost(&levels, corner));
            edges(&corners.flat_map(|(x, y)| [x, y]).collect::<Vec<_>>())
        });
        Ok(outer.collect())
    }

    async fn quads(
        &self,
        page: &Page,
        element: &Element,
        patience: Patience,
    ) -> Result<Vec<Vec<f64>>, DriverError> {
        let wanted = json!({"objectId": element.handle.object});
        let quads: Result<Quads, _> =
            self.ask(page, &element.handle.session, "DOM.getContentQuads", wanted, patience).await;
        match quads {
            Ok(Quads { quads }) => Ok(quads.into_iter().filter(|quad| quad.len() == 8).collect()),
            Err(DriverError::Failed(_)) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// The processes that an element is in, from the innermost on.
    async fn levels(
        &self,
        page: &Page,
        element: &Element,
        patience: Patience,
    ) -> Result<Vec<Level>, DriverError> {
        let mut levels: Vec<Level> = Vec::new();
        let chain = &element.chain;
        for (at, frame) in chain.iter().enumerate().rev() {
            if !frame.is_root_of_session(chain) {
                continue;
            }
            let document = self.document(page, frame, patience).await?;
            let script = "function () { return [scrollX, scrollY, innerWidth, innerHeight] }";
            let [x, y, width, height]: [f64; 4] =
                self.call(page, &document, script, &[], patience).await?;
            let owner = match at.checked_sub(1).map(|parent| &chain[parent]) {
                Some(parent) => Some(self.owner(page, parent, frame, patience).await?),
                None => None,
            };
            let (scroll, size) = ((x, y), (width, height));
            levels.push(Level { root: frame.clone(), scroll, size, owner });
        }
        Ok(levels)
    }

    async fn owner(
        &self,
        page: &Page,
        parent: &Frame,
        frame: &Frame,
        patience: Patience,
    ) -> Result<(i64, Vec<f64>), DriverError> {
        let both = [parent.clone(), frame.clone()];
        let owners = self.owners(page, &both, patience).await?;
        let gone = || DriverError::Failed("the frame is gone".to_owned());
        let node = owners[1].ok_or_else(gone)?;
        let wanted = json!({"backendNodeId": node});
        let boxed: Boxed =
            self.ask(page, &parent.session, "DOM.getBoxModel", wanted, patience).await?;
        Ok((node, boxed.model.content))
    }

    /// Whether an element is hit at a place in its own process's view; otherwise by what it is covered.
    async fn hits(
        &self,
        page: &Page,
        element: &Element,
        levels: &[Level],
        point: Point,
        patience: Patience,
    ) -> Result<Option<String>, DriverError> {
        let mut point = point;
        for (at, level) in levels.iter().enumerate() {
            let Some(hit) = self.at(page, level, point, patience).await? else {
                return Ok(Some("the edge of the view".to_owned()));
            };
            let meant = at.checked_sub(1).and_then(|inner| levels[inner].owner.as_ref());
            match meant {
                Some((node, _)) if hit.backend_node_id == *node => {}
                Some(_) => {
                    return self.covers(page, element, level, &hit, patience).await.map(Some);
                }
                None if hit.frame_id == element.frame.id => {
                    let by = self.hits_here(page, element, &hit, patience).await?;
                    if by.is_some() {
                        return Ok(by);
                    }
                }
                None => return self.covers(page, element, level, &hit, patience).await.map(Some),
            }
            point = outwards(level, point);
        }
        Ok(None)
    }

    async fn at(
        &self,
        page: &Page,
        level: &Level,
        (x, y): Point,
        patience: Patience,
    ) -> Result<Option<Hit>, DriverError> {
        if x < 0.0 || y < 0.0 || x >= level.size.0 || y >= level.size.1 {
            return Ok(None);
        }
        #[expect(clippy::cast_possible_truncation, reason = "places in a view are small")]
        let whole = |place: f64| place.floor() as i64;
        let wanted = json!({
            "x": whole(x + level.scroll.0), "y": whole(y + level.scroll.1),
            "includeUserAgentShadowDOM": false, "ignorePointerEventsNone": false,
        });
        let hit = self.ask(page, &level.root.session, "DOM.getNodeForLocation", wanted, patience);
        match hit.await {
            Ok(hit) => Ok(Some(hit)),
            Err(DriverError::Failed(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn hits_here(
        &self,
        page: &Page,
        element: &Element,
        hit: &Hit,
        patience: Patience,
    ) -> Result<Option<String>, DriverError> {
        let there = self.resolve(page, &element.frame, hit.backend_node_id, patience).await?;
        let script = include_str!("scripts/hit.js");
        let arguments = [json!({"objectId": there.object})];
        let by: String = self.call(page, &element.handle, script, &arguments, patience).await?;
        Ok(Some(by).filter(|by| !by.is_empty()))
    }

    /// What it is that was hit instead, in words.
    async fn covers(
        &self,
        page: &Page,
        element: &Element,
        level: &Level,
        hit: &Hit,
        patience: Patience,
    ) -> Result<String, DriverError> {
        let other = element.chain.iter().find(|frame| frame.id == hit.frame_id);
        let frame = Frame { id: hit.frame_id.clone(), ..other.unwrap_or(&level.root).clone() };
        let there = self.resolve(page, &frame, hit.backend_node_id, patience).await?;
        let script = include_str!("scripts/hit.js");
        let nothing = [json!({"objectId": there.object})];
        let document = self.document(page, &frame, patience).await?;
        self.call(page, &document, script, &nothing, patience).await
    }
}

/// Where parts of an element can be hit, as far as they are in a view of this size.
fn places(quads: &[Vec<f64>], (width, height): Point) -> Vec<Point> {
    let mut places = Vec::new();
    let mut parts: Vec<_> = quads.iter().map(|quad| edges(quad)).collect();
    parts.sort_by(|one, other| area(other).total_cmp(&area(one)));
    for [left, top, right, bottom] in parts.into_iter().take(MOST_PARTS) {
        let (left, top) = (left.max(0.0), top.max(0.0));
        let (right, bottom) = (right.min(width), bottom.min(height));
        if right - left <= 0.0 || bottom - top <= 0.0 {
            continue;
        }
        let at = |(x, y): &Point| (left + (right - left) * x, top + (bottom - top) * y);
        places.extend(PLACES.iter().map(at));
    }
    places
}

fn edges(quad: &[f64]) -> [f64; 4] {
    let of = |from: usize| quad.iter().skip(from).step_by(2).copied();
    let least = |from: usize| of(from).fold(f64::INFINITY, f64::min);
    let most = |from: usize| of(from).fold(f64::NEG_INFINITY, f64::max);
    [least(0), least(1), most(0), most(1)]
}

fn area([left, top, right, bottom]: &[f64; 4]) -> f64 {
    (right - left) * (bottom - top)
}

/// The same place in the view around.
fn outwards(level: &Level, (x, y): Point) -> Point {
    let Some((_, corners)) = &level.owner else { return (x, y) };
    let &[ax, ay, bx, by, _, _, dx, dy] = corners.as_slice() else { return (x, y) };
    let (across, down) = (x / level.size.0.max(1.0), y / level.size.1.max(1.0));
    (ax + across * (bx - ax) + down * (dx - ax), ay + across * (by - ay) + down * (dy - ay))
}

fn outermost(levels: &[Level], point: Point) -> Point {
    levels.iter().fold(point, |point, level| outwards(level, point))
}

/// The same place in the innermost view; nothing if a frame has no size.
fn innermost(levels: &[Level], point: Point) -> Option<Point> {
    levels.iter().rev().try_fold(point, |(x, y), level| {
        let Some((_, corners)) = &level.owner else { return Some((x, y)) };
        let &[ax, ay, bx, by, _, _, dx, dy] = corners.as_slice() else { return None };
        let (ux, uy, vx, vy) = (bx - ax, by - ay, dx - ax, dy - ay);
        let size = ux * vy - uy * vx;
        if size.abs() < f64::EPSILON {
            return None;
        }
        let (px, py) = (x - ax, y - ay);
        let across = (px * vy - py * vx) / size;
        let down = (ux * py - uy * px) / size;
        Some((across * level.size.0, down * level.size.1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_inside_of_what_is_in_view_the_largest_part_first() {
        let small = vec![0.0, 0.0, 10.0, 0.0, 10.0, 10.0, 0.0, 10.0];
        let half_outside = vec![50.0, 90.0, 150.0, 90.0, 150.0, 130.0, 50.0, 130.0];
        let found = places(&[small.clone(), half_outside], (120.0, 100.0));
        assert_eq!(found[0], (85.0, 95.0));
        assert_eq!(found[PLACES.len()], (5.0, 5.0));
        assert!(found.iter().all(|(x, y)| *x < 120.0 && *y < 100.0));
        let above = vec![0.0, -40.0, 10.0, -40.0, 10.0, -30.0, 0.0, -30.0];
        assert!(places(&[above], (120.0, 100.0)).is_empty());
        assert!(places(&[], (1.0, 1.0)).is_empty());
    }
}
