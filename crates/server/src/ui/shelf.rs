//! Where the server finds the page's files, in the way that somebody can unpack.

use std::{
    borrow::Cow,
    collections::HashMap,
    io::{self, Read},
    path::{Component, Path, PathBuf},
    time::UNIX_EPOCH,
};

use bytes::Bytes;

use super::{NOTICE, Page, PageFile};

/// The page that all client routes begin with.
const INDEX: &str = "index.html";

/// The page's files.
#[derive(Debug)]
pub(crate) struct Shelf {
    place: Place,
    base: String,
}

#[derive(Debug)]
enum Place {
    Embedded { files: HashMap<&'static str, PageFile>, index: Option<Version> },
    Folder(PathBuf),
    Absent(String),
}

/// Which packings somebody can unpack.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Packings {
    pub(crate) brotli: bool,
    pub(crate) gzip: bool,
}

/// A file in one packing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) body: Bytes,
    /// How it is packed, if it is.
    pub(crate) packing: Option<&'static str>,
    /// Names file, content and packing.
    pub(crate) etag: String,
}

impl Version {
    fn new(body: impl Into<Bytes>, tag: &str, packing: Option<&'static str>) -> Self {
        let dash = if packing.is_some() { "-" } else { "" };
        let etag = format!("\"{tag}{dash}{}\"", packing.unwrap_or_default());
        Self { body: body.into(), packing, etag }
    }
}

impl Shelf {
    /// The page's files, for a server below the path `base`.
    pub(crate) fn new(page: Page, base: &str) -> Self {
        let place = match page {
            Page::Embedded(files) => {
                let files: HashMap<_, _> =
                    files.into_iter().map(|file| (file.path, file)).collect();
                let index = files.get(INDEX).and_then(|file| plain(file).ok());
                Place::Embedded { index: index.map(|text| below(&text, base)), files }
            }
            Page::Folder(folder) => Place::Folder(folder),
            Page::Absent(reason) => Place::Absent(reason),
        };
        Self { place, base: base.to_owned() }
    }

    /// The page that all client routes begin with, if there is one.
    pub(crate) async fn index(&self) -> Option<Version> {
        match &self.place {
            Place::Embedded { index, .. } => index.clone(),
            Place::Folder(folder) => {
                let text = tokio::fs::read(folder.join(INDEX)).await.ok()?;
                Some(below(&text, &self.base))
            }
            Place::Absent(_) => None,
        }
    }

    /// What is shown in its place, and says how to get it.
    pub(crate) fn notice(&self) -> Version {
        let reason = self.why_absent();
        let reason = reason.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        below(NOTICE.replace("REASON", &reason).as_bytes(), &self.base)
    }

    /// Why there is none.
    pub(crate) fn why_absent(&self) -> Cow<'_, str> {
        match &self.place {
            Place::Absent(reason) => reason.into(),
            Place::Folder(folder) => {
                let folder = folder.display();
                format!("This debug build takes it from {folder}, and it is not there.").into()
            }
            Place::Embedded { .. } => "It has no index.html.".into(),
        }
    }

    /// The file at that path below the root, without a slash in front.
    pub(crate) async fn file(&self, path: &str, packings: Packings) -> Option<Version> {
        match &self.place {
            _ if path == INDEX => None,
            Place::Embedded { files, .. } => embedded(files.get(path)?, packings),
            Place::Folder(folder) => in_folder(folder, path, packings).await,
            Place::Absent(_) => None,
        }
    }
}

/// Documents name what belongs to them from the root, so that it is found from every client route and whether or not
/// a proxy takes the base path off.
fn below(document: &[u8], base: &str) -> Version {
    let text = String::from_utf8_lossy(document).replace("=\"/", &format!("=\"{base}/"));
    let tag = super::tag(text.as_bytes());
    let tag = String::from_utf8_lossy(&tag).trim_matches('"').to_owned();
    Version::new(text, &tag, None)
}

fn embedded(file: &PageFile, packings: Packings) -> Option<Version> {
    if let Some(brotli) = file.brotli.filter(|_| packings.brotli) {
        return Some(Version::new(brotli, file.tag, Some("br")));
    }
    if file.is_gzip && packings.gzip {
        return Some(Version::new(file.content, file.tag, Some("gzip")));
    }
    Some(Version::new(plain(file).ok()?, file.tag, None))
}

/// Unpacks it for those few that cannot.
fn plain(file: &PageFile) -> io::Result<Bytes> {
    if !file.is_gzip {
        return Ok(Bytes::from_static(file.content));
    }
    let mut body = Vec::new();
    flate2::read::GzDecoder::new(file.content).read_to_end(&mut body)?;
    Ok(body.into())
}

async fn in_folder(folder: &Path, path: &str, packings: Packings) -> Option<Version> {
    let is_name = |part: Component<'_>| matches!(part, Component::Normal(_));
    if path.is_empty() || path.contains('\\') || !Path::new(path).components().all(is_name) {
        return None;
    }
    let path = folder.join(path);
    let metadata = tokio::fs::metadata(&path).await.ok().filter(std::fs::Metadata::is_file)?;
    let written = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    let tag = format!("{:x}.{:x}", written.as_nanos(), metadata.len());
    for (accepts, ending, packing) in [(packings.brotli, "br", "br"), (packings.gzip, "gz", "gzip")]
    {
        let packed = path.with_added_extension(ending);
        if accepts && let Ok(body) = tokio::fs::read(packed).await {
            return Some(Version::new(body, &tag, Some(packing)));
        }
    }
    Some(Version::new(tokio::fs::read(path).await.ok()?, &tag, None))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const ALL: Packings = Packings { brotli: true, gzip: true };
    const GZIP: Packings = Packings { brotli: false, gzip: true };
    const NONE: Packings = Packings { brotli: false, gzip: false };
    const SCRIPT: &str = "ui/assets/a.js";
    const INDEX_TEXT: &str = "<script src=\"/ui/assets/a.js\"></script>";

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn in_program(base: &str) -> Shelf {
        let file = |path, content, is_gzip, brotli| PageFile {
            path,
            content,
            is_gzip,
            brotli,
            tag: "0123",
        };
        let files = vec![
            file(INDEX, INDEX_TEXT.as_bytes(), false, None),
            file(SCRIPT, gzip("script").leak(), true, Some(b"as brotli")),
            file("ui/a.woff2", b"font", false, None),
        ];
        Shelf::new(Page::Embedded(files), base)
    }

    fn on_disk() -> (Shelf, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("dist");
        std::fs::create_dir_all(inside.join("ui/assets")).unwrap();
        std::fs::write(folder.path().join("secret"), "secret").unwrap();
        std::fs::write(inside.join(INDEX), INDEX_TEXT).unwrap();
        std::fs::write(inside.join(SCRIPT), "script").unwrap();
        std::fs::write(inside.join(format!("{SCRIPT}.gz")), gzip("script")).unwrap();
        std::fs::write(inside.join(format!("{SCRIPT}.br")), "as brotli").unwrap();
        std::fs::write(inside.join("ui/a.woff2"), "font").unwrap();
        (Shelf::new(Page::Folder(inside), ""), folder)
    }

    #[tokio::test]
    async fn everybody_gets_the_smallest_version_that_they_can_unpack() {
        let (disk, _folder) = on_disk();
        for shelf in [in_program(""), disk] {
            let ask = |packings| shelf.file(SCRIPT, packings);
            let (best, fair, plain) =
                (ask(ALL).await.unwrap(), ask(GZIP).await.unwrap(), ask(NONE).await.unwrap());
            assert_eq!((best.packing, &best.body[..]), (Some("br"), &b"as brotli"[..]));
            assert_eq!((fair.packing, &fair.body[..]), (Some("gzip"), &gzip("script")[..]));
            assert_eq!((plain.packing, &plain.body[..]), (None, &b"script"[..]));
            assert!(best.etag != fair.etag && fair.etag != plain.etag, "versions have own tags");
            let font = shelf.file("ui/a.woff2", ALL).await.unwrap();
            assert_eq!((font.packing, &font.body[..]), (None, &b"font"[..]));
        }
    }

    #[tokio::test]
    async fn the_index_names_its_parts_from_the_root_of_the_server() {
        let (disk, _folder) = on_disk();
        for (shelf, base) in [(in_program(""), ""), (in_program("/pilot"), "/pilot"), (disk, "")] {
            let index = shelf.index().await.unwrap();
            let expected = format!("<script src=\"{base}/ui/assets/a.js\"></script>");
            assert_eq!(index.body, expected.as_bytes());
            assert!(shelf.file(INDEX, ALL).await.is_none(), "it is not to be had as it is kept");
        }
        let etag = async |base| in_program(base).index().await.unwrap().etag;
        assert_ne!(etag("").await, etag("/pilot").await);
    }

    #[tokio::test]
    async fn nothing_outside_the_folder_is_found() {
        let (disk, folder) = on_disk();
        let absolute = folder.path().join("secret").display().to_string();
        for path in ["../secret", "ui/../../secret", "./../secret", "", "ui", &absolute] {
            assert!(disk.file(path, NONE).await.is_none(), "{path}");
        }
    }

    #[tokio::test]
    async fn without_a_page_a_notice_says_why() {
        let shelf = Shelf::new(Page::Absent("No <npm> & \"Node\".".to_owned()), "/pilot");
        assert!(shelf.index().await.is_none());
        assert!(shelf.file(SCRIPT, ALL).await.is_none());
        let notice = String::from_utf8(shelf.notice().body.to_vec()).unwrap();
        assert!(notice.contains("No &lt;npm&gt; &amp; \"Node\"."), "{notice}");
        assert!(notice.contains("href=\"/pilot/ui/icon.svg\"") && !notice.contains("REASON"));
    }

    #[tokio::test]
    async fn a_page_that_goes_and_comes_is_seen() {
        let (disk, folder) = on_disk();
        std::fs::rename(folder.path().join("dist"), folder.path().join("gone")).unwrap();
        assert!(disk.index().await.is_none());
        let notice = String::from_utf8(disk.notice().body.to_vec()).unwrap();
        assert!(notice.contains(&folder.path().display().to_string()), "it says where it looks");
        std::fs::rename(folder.path().join("gone"), folder.path().join("dist")).unwrap();
        assert!(disk.index().await.is_some());
    }
}
