//! What people open: the page, which comes from elsewhere, and the files that are always in the program: the viewer of
//! the interfaces, and what is shown in place of the page where there is none.

mod page;
mod shelf;

pub use page::{Page, PageFile};
pub(crate) use shelf::{Packings, Shelf, Version};

/// What pages that are always there may load and do: their own files, nothing inline, nothing from elsewhere.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; \
    style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// What the page may do that shows the REST interface with a viewer of others: the same, but for pictures that are in
/// the viewer's style, and for markup that it makes of texts and cleans itself.
const POLICY_OF_THE_VIEWER: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// One file that is always there.
#[derive(Debug)]
pub(crate) struct Asset {
    /// Where it is served.
    pub(crate) path: &'static str,
    /// Its media type.
    pub(crate) content_type: &'static str,
    /// Its text.
    pub(crate) body: &'static str,
    etag: &'static str,
}

impl Asset {
    /// Names this version of it: the files keep their paths and change with the binary.
    pub(crate) fn etag(&self) -> &'static str {
        self.etag
    }

    /// What it may load and do, if it is a page.
    pub(crate) fn policy(&self) -> &'static str {
        if self.path == "/api/docs" { POLICY_OF_THE_VIEWER } else { CONTENT_SECURITY_POLICY }
    }
}

/// A file of others, kept and sent as gzip packed it.
#[derive(Debug)]
pub(crate) struct Packed {
    /// Where it is served.
    pub(crate) path: &'static str,
    /// Its media type.
    pub(crate) content_type: &'static str,
    /// What gzip made of it.
    pub(crate) body: &'static [u8],
    /// Names this version of it.
    pub(crate) etag: &'static str,
}

/// The media type of pages.
pub(crate) const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const PICTURE: &str = "image/svg+xml";

macro_rules! etag {
    ($file:literal) => {{
        const TAG: [u8; 18] = tag(include_bytes!($file));
        match std::str::from_utf8(&TAG) {
            Ok(tag) => tag,
            Err(_) => "\"\"",
        }
    }};
}

macro_rules! asset {
    ($path:literal, $content_type:ident, $file:literal) => {
        Asset {
            path: $path,
            content_type: $content_type,
            body: include_str!($file),
            etag: etag!($file),
        }
    };
}

/// The viewer's files; `viewer/README.md` tells where they are from.
pub(crate) static PACKED: &[Packed] = &[
    Packed {
        path: "/ui/viewer/swagger-ui-bundle.js",
        content_type: SCRIPT,
        body: include_bytes!("viewer/swagger-ui-bundle.js.gz"),
        etag: etag!("viewer/swagger-ui-bundle.js.gz"),
    },
    Packed {
        path: "/ui/viewer/swagger-ui.css",
        content_type: STYLE,
        body: include_bytes!("viewer/swagger-ui.css.gz"),
        etag: etag!("viewer/swagger-ui.css.gz"),
    },
];

/// The media type of a file, by its name's ending.
pub(crate) fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => HTML,
        "css" => STYLE,
        "js" | "mjs" => SCRIPT,
        "svg" => PICTURE,
        "png" => "image/png",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "md" | "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Shown in place of the page; `REASON` stands for why that is not there.
const NOTICE: &str = include_str!("notice.html");

/// Every file that is always there.
pub(crate) static ASSETS: &[Asset] = &[
    asset!("/api/docs", HTML, "docs.html"),
    asset!("/ui/docs.css", STYLE, "docs.css"),
    asset!("/ui/docs.js", SCRIPT, "docs.js"),
    asset!("/ui/icon.svg", PICTURE, "icon.svg"),
    asset!("/ui/token.js", SCRIPT, "token.js"),
];

/// FNV-1a in hexadecimal and quotes: tells one build's files from another's, and is no defence.
const fn tag(bytes: &[u8]) -> [u8; 18] {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        at += 1;
    }
    let mut text = [b'"'; 18];
    let mut digit = 0;
    while digit < 16 {
        text[16 - digit] = b"0123456789abcdef"[(hash & 15) as usize];
        hash >>= 4;
        digit += 1;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTICE_AS_ASSET: Asset = asset!("/", HTML, "notice.html");

    /// Every path that a file of the page loads: `src="…"`, `href="…"`, `from "./…"`.
    fn loaded_by(asset: &Asset) -> Vec<String> {
        let after = |marker: &str| -> Vec<String> {
            let rests = asset.body.split(marker).skip(1);
            rests.filter_map(|rest| rest.split('"').next()).map(String::from).collect()
        };
        let modules = after("from \"./").into_iter().map(|name| format!("/ui/{name}"));
        let mut paths: Vec<_> = modules.collect();
        if asset.content_type == HTML {
            paths.extend(after("src=\""));
            paths.extend(after("href=\"").into_iter().filter(|path| path.starts_with('/')));
        }
        paths
    }

    #[test]
    fn everything_the_page_loads_is_served() {
        for asset in ASSETS.iter().chain([&NOTICE_AS_ASSET]) {
            for path in loaded_by(asset) {
                let packed = PACKED.iter().map(|known| known.path);
                let is_served =
                    ASSETS.iter().map(|known| known.path).chain(packed).any(|known| known == path);
                assert!(is_served, "{} loads {path}, which is not listed", asset.path);
            }
        }
    }

    #[test]
    fn the_page_has_nothing_that_its_policy_forbids() {
        let pages =
            ASSETS.iter().chain([&NOTICE_AS_ASSET]).filter(|asset| asset.content_type == HTML);
        for page in pages {
            for forbidden in [" style=", " onclick=", "<style", "<script>", "src=\"http"] {
                assert!(!page.body.contains(forbidden), "{}: {forbidden}", page.path);
            }
        }
        assert!(ASSETS.iter().all(|asset| !asset.body.contains("innerHTML")));
    }

    #[test]
    fn different_files_have_different_tags() {
        let mut tags: Vec<_> = ASSETS.iter().map(Asset::etag).collect();
        tags.sort_unstable();
        tags.dedup();
        assert_eq!(tags.len(), ASSETS.len());
    }
}
