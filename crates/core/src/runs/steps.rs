//! The steps of runs, and how the page looked at each.

use std::sync::Arc;

use bytes::Bytes;

use super::{LARGEST_PICTURE, Run};
use crate::{ids::RunId, time::Timestamp};

/// One step of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its run.
    pub run: RunId,
    /// Its number in the run, from 1 without holes.
    pub number: u32,
    /// What was done: a JSON text, an object with a `type`.
    pub action: Arc<str>,
    /// Why, for people.
    pub explanation: Arc<str>,
    /// When we heard of it.
    pub at: Timestamp,
}

/// How the page looked at a step.
#[derive(Clone, PartialEq, Eq)]
pub struct Screenshot {
    /// What kind of picture.
    pub kind: ScreenshotKind,
    /// The picture.
    pub bytes: Bytes,
}

/// A picture in a log would be long.
impl std::fmt::Debug for Screenshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Screenshot({:?}, {} bytes)", self.kind, self.bytes.len())
    }
}

/// What kind of picture a screenshot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScreenshotKind {
    /// A JPEG.
    Jpeg,
    /// A PNG.
    Png,
}

impl ScreenshotKind {
    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

impl Screenshot {
    /// The picture that these bytes are, as their beginning says; `None` if they are neither kind, or too many.
    pub fn of(bytes: Bytes) -> Option<Self> {
        let kind = if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
            ScreenshotKind::Jpeg
        } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            ScreenshotKind::Png
        } else {
            return None;
        };
        (bytes.len() <= LARGEST_PICTURE).then_some(Self { kind, bytes })
    }
}

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The run as it is with this step.
    pub run: Arc<Run>,
    /// The step.
    pub step: Arc<Step>,
    /// How the page looked, if the agent showed it.
    pub screenshot: Option<Screenshot>,
}
