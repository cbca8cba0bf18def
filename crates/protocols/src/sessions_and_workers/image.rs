//! Pictures that are pasted into a terminal: what of them is taken.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use bytes::Bytes;

use super::messages::{ErrorCode, ErrorMessage, Image};

/// The largest picture, in bytes.
pub(super) const LARGEST: usize = 5 << 20;

/// What pictures may say they are. The agent names the file by what they really are.
const KINDS: [&str; 6] =
    ["image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp", "image/bmp"];

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The picture's bytes, if it is one.
pub(super) fn decode(image: &Image) -> Result<Bytes, ErrorMessage> {
    let unsupported = |words: &str| ErrorMessage::new(ErrorCode::ImageUnsupported, words);
    let declared = image.mime_type.to_ascii_lowercase();
    if !KINDS.contains(&declared.as_str()) {
        return Err(unsupported("send a picture as PNG, JPEG, GIF, WebP or BMP"));
    }
    // A browser's data URL is taken too.
    let text = match image.data.split_once(',') {
        Some((head, rest)) if head.starts_with("data:") => rest,
        _ => &image.data,
    };
    if text.len() / 4 * 3 > LARGEST + 3 {
        return Err(too_large());
    }
    let content = BASE64.decode(text).map_err(|_| unsupported("the picture is not base64"))?;
    if content.len() > LARGEST {
        return Err(too_large());
    }
    if !is_picture(&content) {
        return Err(unsupported("the content is no PNG, JPEG, GIF, WebP or BMP"));
    }
    Ok(content.into())
}

fn too_large() -> ErrorMessage {
    ErrorMessage::new(ErrorCode::ImageTooLarge, "a picture has at most 5 MB; send a smaller one")
}

fn is_picture(content: &[u8]) -> bool {
    let is_webp = content.starts_with(b"RIFF") && content.get(8..12) == Some(b"WEBP");
    let heads: [&[u8]; 5] = [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM"];
    is_webp || heads.iter().any(|head| content.starts_with(head))
}
