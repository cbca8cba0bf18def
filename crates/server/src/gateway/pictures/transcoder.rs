//! Makes pictures lighter for viewers whose lines do not carry them as they are: once for all of them, and beside the loops.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use pilothouse_protocols::{
    live_pictures,
    pictures::{Content, Mime, Picture, Shape},
};
use tokio::sync::Semaphore;
use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use super::{
    Framed, Stream,
    line::{Grade, QUALITIES},
    taking::wire_bytes,
};
use crate::gateway::Shared;

/// The longest side of a picture that is read, so that one of a few bytes cannot ask for much memory.
const LONGEST_SIDE: usize = 4096;

/// Reduces pictures, a few at a time. Overflow rule: whoever comes when all are busy asks again with a newer picture.
#[derive(Debug)]
pub(crate) struct Transcoder {
    places: Arc<Semaphore>,
}

impl Default for Transcoder {
    fn default() -> Self {
        // Half of the machine is for everything else.
        let places = thread::available_parallelism().map_or(1, |count| count.get().div_ceil(2));
        Self { places: Arc::new(Semaphore::new(places)) }
    }
}

impl Transcoder {
    /// Begins to reduce a picture, if nobody has; the stream's loops are told when it is done. Returns whether it will be.
    pub(super) fn begin(
        shared: &Arc<Shared>,
        stream: &Arc<Stream>,
        picture: &Arc<Framed>,
        grade: Grade,
    ) -> bool {
        let Some(place) = grade.place() else { return false };
        if picture.is_reduction_begun(grade) {
            return true;
        }
        let Ok(permit) = shared.relay.transcoder.places.clone().try_acquire_owned() else {
            return false;
        };
        if !picture.begin_reduction(grade) {
            return true;
        }
        let (shared, stream, picture) = (shared.clone(), stream.clone(), picture.clone());
        tokio::task::spawn_blocking(move || {
            // Whatever a decoder makes of a stranger's bytes: the viewers who wait are told.
            let work = AssertUnwindSafe(|| reduced(&picture.picture, QUALITIES[place]));
            let made = catch_unwind(work).ok().flatten();
            if let Some(made) = &made {
                let bytes = wire_bytes(&picture.picture.content, Shape::Binary).max(1);
                let share = wire_bytes(&made.content, Shape::Binary) * 100 / bytes;
                stream.note_share(place, share);
            }
            picture.end_reduction(grade, made);
            drop(permit);
            stream.tell_loops(|index| shared.hub.tell_stream(index, &stream));
        });
        true
    }
}

/// The same picture at a lower quality, and of the same size; none if it cannot be read or would not be smaller.
fn reduced(picture: &Picture, quality: u8) -> Option<Picture> {
    if picture.mime != Mime::Jpeg {
        return None;
    }
    let bytes = live_pictures::bytes(&picture.content);
    let options = DecoderOptions::new_fast()
        .set_max_width(LONGEST_SIDE)
        .set_max_height(LONGEST_SIDE)
        // As it is packed: the colours are neither turned into others nor back.
        .jpeg_set_out_colorspace(ColorSpace::YCbCr);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(&bytes[..]), options);
    let pixels = decoder.decode().ok()?;
    let (width, height) = decoder.dimensions()?;
    let mut packed = Vec::with_capacity(bytes.len() / 2);
    let mut encoder = Encoder::new(&mut packed, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    let (width, height) = (u16::try_from(width).ok()?, u16::try_from(height).ok()?);
    encoder.encode(&pixels, width, height, ColorType::Ycbcr).ok()?;
    (packed.len() < bytes.len())
        .then(|| Picture { content: Content::Raw(packed.into()), ..picture.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture with edges, areas and noise, as pages have them.
    fn picture(side: u16) -> Picture {
        let mut noise = 1_u32;
        let mut pixels = Vec::new();
        for row in 0..u32::from(side) {
            for column in 0..u32::from(side) {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let ink = if (row / 7 + column / 3) % 5 == 0 { noise >> 24 } else { 230 };
                pixels.extend([ink, ink / 2, column % 256].map(|it| u8::try_from(it).unwrap()));
            }
        }
        let mut packed = Vec::new();
        Encoder::new(&mut packed, 75).encode(&pixels, side, side, ColorType::Rgb).unwrap();
        let content = Content::Raw(packed.into());
        Picture { content, mime: Mime::Jpeg, timestamp: None, sequence: Some(7), metadata: None }
    }

    fn size(picture: &Picture) -> (usize, usize) {
        let bytes = live_pictures::bytes(&picture.content);
        let mut decoder = JpegDecoder::new(ZCursor::new(&bytes[..]));
        decoder.decode().unwrap();
        decoder.dimensions().unwrap()
    }

    #[test]
    fn each_quality_leaves_less_of_a_picture_and_all_of_its_size() {
        let mut before = picture(200);
        let text = live_pictures::text(&before.content);
        let packed = Picture { content: Content::Base64(text), ..before.clone() };
        for quality in QUALITIES {
            let lighter = reduced(&packed, quality).unwrap();
            assert_eq!((size(&lighter), lighter.sequence), ((200, 200), Some(7)));
            assert!(lighter.content.len() < before.content.len(), "{quality}");
            before = lighter;
        }
    }

    #[test]
    fn what_cannot_be_read_or_is_no_jpeg_stays_as_it_is() {
        let good = picture(64);
        let worst = QUALITIES[2];
        assert!(reduced(&Picture { mime: Mime::Png, ..good.clone() }, worst).is_none());
        let of =
            |bytes: &[u8]| Picture { content: Content::Raw(bytes.to_vec().into()), ..good.clone() };
        for bytes in [&b""[..], b"\xff\xd8\xff", b"\xff\xd8\xff\xe0\0\x10JFIF", &[7; 5000]] {
            assert!(reduced(&of(bytes), worst).is_none());
        }
        // One that says it is 65,535 pixels wide and as high.
        let bytes = live_pictures::bytes(&good.content);
        let at = bytes.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
        let mut vast = bytes.to_vec();
        vast[at + 5..at + 9].fill(0xff);
        assert!(reduced(&of(&vast), worst).is_none());
    }

    #[test]
    fn no_damage_to_a_picture_costs_more_than_the_picture() {
        let bytes = live_pictures::bytes(&picture(48).content);
        for place in 0..bytes.len() {
            let mut damaged = bytes.to_vec();
            damaged[place] ^= 1 << (place % 8);
            let content = Content::Raw(damaged.into());
            let one = Picture { content, ..picture(1) };
            let length = one.content.len();
            if let Some(lighter) = reduced(&one, QUALITIES[2]) {
                assert!(lighter.content.len() < length);
            }
        }
    }
}
