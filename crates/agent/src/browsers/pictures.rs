//! Pictures on their way, and what is remembered of those that people may still aim at.

use std::{collections::VecDeque, sync::Arc};

use serde::Serialize;

/// How many pictures are remembered. Overflow rule: the oldest is forgotten, and input aimed at it does nothing.
const MOST_REMEMBERED: usize = 256;

/// What a picture shows, measured when it was taken.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata {
    /// The page's width in CSS pixels.
    pub(crate) device_width: f64,
    /// Its height.
    pub(crate) device_height: f64,
    /// How far a person has zoomed in with fingers.
    pub(crate) page_scale_factor: f64,
    /// Where the page begins below the picture's top.
    pub(crate) offset_top: f64,
    /// How far the page is scrolled to the right.
    pub(crate) scroll_offset_x: f64,
    /// How far it is scrolled down.
    pub(crate) scroll_offset_y: f64,
    /// Grows whenever the page has another size, or another tab is in front.
    pub(crate) layout: u64,
}

/// One picture.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    /// Counts the browser's pictures from 1.
    pub(crate) seq: u64,
    /// JPEG in base64, as Chromium gave it.
    pub(crate) data: Arc<str>,
    /// When it was taken, in seconds since 1970.
    pub(crate) timestamp: Option<f64>,
    /// What it shows.
    pub(crate) metadata: Metadata,
}

/// What the last pictures of a browser showed.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    last: u64,
    pictures: VecDeque<(u64, Metadata)>,
}

impl Remembered {
    /// Takes the next number for a picture.
    pub(crate) fn number(&mut self, metadata: Metadata) -> u64 {
        self.last += 1;
        if self.pictures.len() >= MOST_REMEMBERED {
            self.pictures.pop_front();
        }
        self.pictures.push_back((self.last, metadata));
        self.last
    }

    /// What that picture showed; the newest one if none is named.
    pub(crate) fn get(&self, seq: Option<u64>) -> Option<Metadata> {
        let Some(seq) = seq else { return self.pictures.back().map(|(_, metadata)| *metadata) };
        let found = self.pictures.binary_search_by_key(&seq, |(seq, _)| *seq).ok()?;
        self.pictures.get(found).map(|(_, metadata)| *metadata)
    }

    /// What the newest picture showed.
    pub(crate) fn newest(&self) -> Option<Metadata> {
        self.get(None)
    }
}

impl Picture {
    /// The message for the door of pictures. The picture itself is neither read nor packed anew.
    pub(super) fn message(&self, session: &str) -> String {
        let metadata = serde_json::to_string(&self.metadata).unwrap_or_else(|_| "null".to_owned());
        let timestamp = self.timestamp.map_or("null".to_owned(), |seconds| seconds.to_string());
        let mut text = String::with_capacity(self.data.len() + 512);
        text.extend([r#"{"type":"frame","sessionId":""#, session, r#"","data":""#, &self.data]);
        text.extend([r#"","timestamp":"#, &timestamp, r#","seq":"#, &self.seq.to_string()]);
        text.extend([r#","metadata":"#, &metadata, r#","mime":"image/jpeg"}"#]);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(layout: u64) -> Metadata {
        Metadata {
            device_width: 1280.0,
            device_height: 720.0,
            page_scale_factor: 1.0,
            offset_top: 0.0,
            scroll_offset_x: 0.0,
            scroll_offset_y: 12.5,
            layout,
        }
    }

    #[test]
    fn a_picture_goes_out_as_every_viewer_of_the_protocol_expects_it() {
        let picture = Picture {
            seq: 7,
            data: "/9j/4A==".into(),
            timestamp: Some(1_763_700_000.25),
            metadata: metadata(2),
        };
        let message: serde_json::Value = serde_json::from_str(&picture.message("s-1")).unwrap();
        let expect = serde_json::json!({
            "type": "frame", "sessionId": "s-1", "data": "/9j/4A==", "timestamp": 1_763_700_000.25, "seq": 7,
            "metadata": {"deviceWidth": 1280.0, "deviceHeight": 720.0, "pageScaleFactor": 1.0, "offsetTop": 0.0,
                "scrollOffsetX": 0.0, "scrollOffsetY": 12.5, "layout": 2},
            "mime": "image/jpeg",
        });
        assert_eq!(message, expect);
    }

    #[test]
    fn the_last_pictures_are_remembered_and_older_ones_are_not() {
        let mut remembered = Remembered::default();
        assert_eq!(remembered.get(None), None);
        let numbers: Vec<_> = (0..300).map(|layout| remembered.number(metadata(layout))).collect();
        assert_eq!((numbers[0], numbers[299]), (1, 300));
        assert_eq!(remembered.get(Some(300)).unwrap().layout, 299);
        assert_eq!(remembered.get(Some(45)).unwrap().layout, 44);
        assert_eq!((remembered.get(Some(44)), remembered.get(Some(301))), (None, None));
        assert_eq!(remembered.newest().unwrap().layout, 299);
    }
}
