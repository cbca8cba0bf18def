//! Pictures of what is seen of a page, without what is in fields that hold secrets.
//!
//! Chromium paints over them, in a copy of the picture, in a world of ours beside the page: nothing of the page changes,
//! and a picture that cannot be painted over is not given away.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::{
    Driver, DriverError,
    finding::Element,
    page::{Frame, Page},
    patience::Patience,
};

/// How good pictures are, in percent.
const QUALITY: u32 = 80;
/// How far beyond its edges a field is painted over, in CSS pixels.
const MARGIN: f64 = 2.0;

#[derive(Deserialize)]
struct Captured {
    data: String,
}

impl Driver {
    /// A picture of what is seen of the page in front, as JPEG; without what is in fields for passwords.
    pub(crate) async fn screenshot(&mut self) -> Result<Bytes, DriverError> {
        let patience = Patience::of(self.limit);
        let page = self.page(patience).await?;
        // What moves while the picture is taken is painted over where it was, and where it is.
        let mut hidden = self.hidden_parts(&page, patience).await?;
        let wanted = json!({"format": "jpeg", "quality": QUALITY, "optimizeForSpeed": true});
        let method = "Page.captureScreenshot";
        let captured: Captured = self.ask(&page, &page.session, method, wanted, patience).await?;
        hidden.extend(self.hidden_parts(&page, patience).await?);
        let picture = if hidden.is_empty() {
            captured.data
        } else {
            self.paint(&page, captured.data, hidden, patience).await?
        };
        self.let_go();
        let bytes = STANDARD.decode(picture);
        let bytes =
            bytes.map_err(|_| DriverError::Failed("the picture makes no sense".to_owned()))?;
        Ok(bytes.into())
    }

    async fn paint(
        &self,
        page: &Page,
        picture: String,
        parts: Vec<[f64; 4]>,
        patience: Patience,
    ) -> Result<String, DriverError> {
        let frames = self.frames(page, patience).await?;
        let gone = || DriverError::Failed("the page is changing".to_owned());
        let frame = frames.first().ok_or_else(gone)?;
        let document = self.document(page, frame, patience).await?;
        let arguments = [json!({"value": picture}), json!({"value": parts})];
        self.call(page, &document, include_str!("scripts/paint.js"), &arguments, patience).await
    }

    /// Where fields that are hidden are in the view.
    async fn hidden_parts(
        &mut self,
        page: &Page,
        patience: Patience,
    ) -> Result<Vec<[f64; 4]>, DriverError> {
        let frames = self.frames(page, patience).await?;
        self.forms(page, &frames, patience).await?;
        let mut parts = Vec::new();
        for key in self.hidden.clone() {
            let Some(frame) = frames.iter().find(|it| it.id == key.frame) else { continue };
            let part = self.parts(page, &frames, (frame, key.node), patience).await;
            match part {
                Ok(found) => parts.extend(found),
                // It is not on the page any more.
                Err(DriverError::Failed(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(parts)
    }

    async fn parts(
        &self,
        page: &Page,
        frames: &[Frame],
        (frame, node): (&Frame, i64),
        patience: Patience,
    ) -> Result<Vec<[f64; 4]>, DriverError> {
        let element: Element = self.element(page, frames, frame, node, patience).await?;
        let areas = self.areas(page, &element, patience).await?;
        let grown = areas.into_iter().map(|[left, top, right, bottom]| {
            let (width, height) = (right - left, bottom - top);
            [left - MARGIN, top - MARGIN, width + 2.0 * MARGIN, height + 2.0 * MARGIN]
        });
        Ok(grown.collect())
    }
}
