//! The page that people open, as it comes into the server: its files, wherever they are.

use std::path::PathBuf;

/// Where the page is.
#[derive(Debug, Clone)]
pub enum Page {
    /// In the program.
    Embedded(Vec<PageFile>),
    /// In a folder, where it may come, change and go meanwhile.
    Folder(PathBuf),
    /// Nowhere, for this reason, which is a sentence for people.
    Absent(String),
}

/// One file of the page.
#[derive(Debug, Clone, Copy)]
pub struct PageFile {
    /// Its path below the root, without a slash in front.
    pub path: &'static str,
    /// What is in it.
    pub content: &'static [u8],
    /// Whether that is packed by gzip.
    pub is_gzip: bool,
    /// The same as Brotli packs it.
    pub brotli: Option<&'static [u8]>,
    /// Tells this content from any other.
    pub tag: &'static str,
}
