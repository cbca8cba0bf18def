//! Live pictures between a protocol and whatever carries them: what a picture is, and who wants to see which.
//!
//! Nothing here knows how pictures look on the wire; that is the protocol's folder.

use bytes::Bytes;
use pilothouse_core::{
    browsers::Tab,
    ids::{RecordingId, SessionId},
};

/// One picture of a browser, read once and shared by all who see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// The picture itself, packed as its producer sent it.
    pub content: Content,
    /// What kind of picture it is.
    pub mime: Mime,
    /// When it was taken, in seconds, as its producer wrote the number.
    pub timestamp: Option<Box<str>>,
    /// Its producer's number for it, if it numbers them.
    pub sequence: Option<u64>,
    /// What it shows of the page, if its producer says so.
    pub metadata: Option<Metadata>,
}

/// A picture's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// As text in base64. The alphabet was checked, and nothing else.
    Base64(Bytes),
    /// As they are.
    Raw(Bytes),
}

impl Content {
    /// How many bytes are kept.
    pub fn len(&self) -> usize {
        let (Self::Base64(bytes) | Self::Raw(bytes)) = self;
        bytes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The kinds of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mime {
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
    /// `image/webp`
    Webp,
}

impl Mime {
    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Jpeg, Self::Png, Self::Webp].into_iter().find(|kind| kind.as_str() == name)
    }

    /// What a file with such a picture is called at its end.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
        }
    }
}

/// What a picture shows of its page; lengths in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(
    test,
    derive(ts_rs::TS, schemars::JsonSchema),
    ts(export, export_to = "live_pictures.ts", optional_fields)
)]
pub struct Metadata {
    /// How wide the page's viewport was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_width: Option<f64>,
    /// How high it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_height: Option<f64>,
    /// How far the page was pinched open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_scale_factor: Option<f64>,
    /// How far the page began below the picture's upper edge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset_top: Option<f64>,
    /// How far the page was scrolled to the right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scroll_offset_x: Option<f64>,
    /// How far the page was scrolled down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scroll_offset_y: Option<f64>,
    /// Counts the sizes that the page has had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(type = "number"))]
    pub layout: Option<u64>,
}

/// In which words a viewer is told pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Text with four fields and nothing else.
    Plain,
    /// Text with number and metadata besides.
    Numbered,
    /// A head in JSON, then the picture's bytes.
    Binary,
}

impl Shape {
    /// How many there are.
    pub const COUNT: usize = 3;
}

/// How fast a viewer wants pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pace {
    /// At most so many in a second.
    pub most_per_second: Option<u32>,
    /// The next one only once the last was acknowledged.
    pub by_acknowledgement: bool,
}

/// Pictures that a viewer wants to see.
#[derive(Debug, Clone, PartialEq)]
pub struct Viewing {
    /// Of which stream.
    pub stream: SessionId,
    /// In which words.
    pub shape: Shape,
    /// How fast.
    pub pace: Pace,
    /// Whether it is told about the stream besides.
    pub hears_news: bool,
    /// A recording instead of what is live.
    pub replay: Option<Replay>,
}

/// A recording that is to be shown again.
#[derive(Debug, Clone, PartialEq)]
pub struct Replay {
    /// Which one.
    pub recording: RecordingId,
    /// How many times as fast as it was.
    pub speed: f64,
}

/// What a conversation does about pictures.
#[derive(Debug, Clone, PartialEq)]
pub enum Showing {
    /// Bring the pictures of that stream from now on. Refused with [`Shown::Refused`].
    Produce(SessionId),
    /// The next one. Whatever is older gives way to it.
    Picture(Picture),
    /// Something came that is no picture; those who watch may hear of it.
    Trouble(Trouble),
    /// See pictures from now on. Refused with [`Shown::Refused`].
    View(Viewing),
    /// At another pace.
    Pace(Pace),
    /// Hear anew how the stream is.
    Status,
    /// The viewer has taken the picture of that number, and all before it; without one, the last that it was sent.
    Taken(Option<u64>),
}

/// What a producer sent instead of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// A message of another type, such as `AUTHENTICATE`.
    OtherType,
    /// Something that cannot be read.
    Malformed,
}

/// What a conversation hears about pictures.
#[derive(Debug)]
pub enum Shown<'a> {
    /// It may not produce, or not see.
    Refused(NotShown),
    /// Another producer took over.
    Superseded,
    /// How the stream is. Comes first to those who hear news, and again when it changes.
    Status(&'a Status),
    /// The pages of the browser, oldest first; none if it is none of ours. The same.
    Tabs(&'a [Tab]),
    /// Who watches. The same.
    Watchers(&'a [Watcher]),
    /// The recording is over.
    ReplayEnded,
}

/// Why somebody may not produce, or not see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotShown {
    /// The credential is not for this, or there has to be one.
    Credential,
    /// The credential is for another session.
    Session,
    /// Somebody produces already who does not give way.
    Occupied,
    /// There are too many streams.
    Full,
    /// There is no such recording.
    NoRecording,
}

/// How a stream is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Status {
    /// Which one.
    pub stream: Option<SessionId>,
    /// Whether pictures come.
    pub is_live: bool,
    /// Why none come, or what is wrong with those that do, or with the browser.
    pub reason: Option<Box<str>>,
    /// The width and height of the page in the last picture, or of the browser's pages.
    pub viewport: Option<(f64, f64)>,
    /// Where the browser is, if it is one of ours.
    pub url: Option<Box<str>>,
    /// What that page is called.
    pub title: Option<Box<str>>,
    /// Whether what is shown is being recorded.
    pub is_recorded: bool,
}

/// Somebody who watches, on however many connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watcher {
    /// What they are called.
    pub name: Box<str>,
    /// What they may do: a role, or `viewer` for those with a token for this stream alone.
    pub role: &'static str,
    /// How many connections they have.
    pub connections: u32,
}
