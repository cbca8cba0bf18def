//! The page, as it came into this build: compiled in, in a folder, or not at all.
//!
//! Which of them is decided when this crate is built, see `layers.rs`. Nothing here knows HTTP.

#[cfg(test)]
mod layers;

/// Where the page is.
#[derive(Debug, Clone, Copy)]
pub enum Page {
    /// Compiled in.
    Embedded(&'static [File]),
    /// In this folder, where it may come, change and go while the server runs.
    Folder(&'static str),
    /// Nowhere, for this reason, which is a sentence for people.
    Absent(&'static str),
}

/// One file of the page.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// Its path below the root, such as `ui/assets/index-B7x.js`.
    pub path: &'static str,
    /// What is in it.
    pub content: &'static [u8],
    /// Whether that is packed by gzip.
    pub is_gzip: bool,
    /// The same as Brotli packs it.
    pub brotli: Option<&'static [u8]>,
    /// Tells this content from any other: a hash of what is not packed, in hexadecimal.
    pub tag: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/page.rs"));
