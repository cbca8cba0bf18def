//! Pictures that people paste: saved where only this user can read them, and their path typed to the program.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use pilothouse_core::streams::StreamKey;
use pilothouse_protocols::agent_link::requests::{Failure, FailureCode, ImageAnswer};
use tokio::{
    fs::{DirBuilder, OpenOptions},
    io::AsyncWriteExt,
};

use super::failure;
use crate::workers::{Touch, Workers};

/// The largest picture, in bytes.
const LARGEST: usize = 5_000_000;

/// Saves a picture and types its path, without a line break. The file is there as long as the worker is.
pub(super) async fn image(
    stream: &StreamKey,
    viewer: String,
    content: &str,
    workers: &Arc<Workers>,
) -> Result<ImageAnswer, Failure> {
    let invalid = |reason: &str| failure(FailureCode::Invalid, reason);
    if content.len() > LARGEST.div_ceil(3) * 4 {
        return Err(invalid("the picture is larger than 5 MB; send a smaller one"));
    }
    let picture = STANDARD
        .decode(content)
        .map_err(|error| invalid(&format!("the picture is not base64: {error}")))?;
    if picture.len() > LARGEST {
        return Err(invalid("the picture is larger than 5 MB; send a smaller one"));
    }
    let Some(extension) = sniff(&picture) else {
        return Err(invalid("this is no picture; send PNG, JPEG, GIF or WebP"));
    };
    let gone = || failure(FailureCode::NotFound, "the worker does not run; restart it first");
    if !workers.is_running(stream) {
        return Err(gone());
    }
    let folder = workers.image_folder(stream);
    let path = save(&folder, extension, &picture).await.map_err(|error| {
        failure(FailureCode::Failed, format!("the picture cannot be saved: {error}"))
    })?;
    let Some(text) = path.to_str().map(str::to_owned) else {
        return Err(failure(FailureCode::Failed, "the agent's folder is not named in UTF-8"));
    };
    if !workers.touch(stream, Touch::Typed { viewer, text: text.clone() }) {
        let _ = tokio::fs::remove_file(&path).await;
        return Err(gone());
    }
    Ok(ImageAnswer { path: text })
}

/// What kind of picture it is, by its first bytes; what it is said to be does not count.
fn sniff(picture: &[u8]) -> Option<&'static str> {
    match picture {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("png"),
        [0xff, 0xd8, 0xff, ..] => Some("jpg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("webp"),
        _ => None,
    }
}

async fn save(folder: &Path, extension: &str, picture: &[u8]) -> io::Result<PathBuf> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).await?;
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let path = folder.join(format!("{:032x}.{extension}", u128::from_le_bytes(random)));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).await?;
    file.write_all(picture).await?;
    file.flush().await?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_known_by_their_content() {
        for (picture, expect) in [
            (&b"\x89PNG\r\n\x1a\nrest"[..], Some("png")),
            (b"\xff\xd8\xff\xe0", Some("jpg")),
            (b"GIF89a..", Some("gif")),
            (b"RIFF\x01\x02\x03\x04WEBPVP8 ", Some("webp")),
            (b"RIFF\x01\x02\x03\x04WAVE", None),
            (b"<svg/>", None),
            (b"", None),
        ] {
            assert_eq!(sniff(picture), expect);
        }
    }
}
