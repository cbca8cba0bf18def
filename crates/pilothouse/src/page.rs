//! Hands the page that this program was built with to the server, which knows nothing of how it is built.

use pilothouse_server::ui::Page;

/// The page.
#[cfg(feature = "ui")]
pub(crate) fn built() -> Page {
    use pilothouse_server::ui::PageFile;
    use pilothouse_web::{File, PAGE, Page as Built};

    let file = |&File { path, content, is_gzip, brotli, tag }: &File| PageFile {
        path,
        content,
        is_gzip,
        brotli,
        tag,
    };
    match PAGE {
        Built::Embedded(files) => Page::Embedded(files.iter().map(file).collect()),
        Built::Folder(folder) => Page::Folder(folder.into()),
        Built::Absent(reason) => Page::Absent(reason.to_owned()),
    }
}

/// There is none.
#[cfg(not(feature = "ui"))]
pub(crate) fn built() -> Page {
    Page::Absent("It was built without the feature `ui`.".to_owned())
}
