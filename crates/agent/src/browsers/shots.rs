//! Pictures that are taken on purpose, and what becomes of pictures.

use std::sync::Arc;

use pilothouse_core::browsers::Viewport;
use serde::Deserialize;
use serde_json::json;
use tokio::time::{Instant, timeout};

use super::{
    cdp::{CdpSession, Event},
    pictures::{Metadata, Picture},
    running::{ANSWERS_WITHIN, Done, Running},
};

/// A picture that was taken on purpose.
#[derive(Debug)]
pub(super) struct Shot {
    data: String,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Captured {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Layout {
    css_visual_viewport: Visual,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Visual {
    page_x: f64,
    page_y: f64,
    scale: f64,
}

/// `Page.screencastFrame`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Frame {
    data: String,
    metadata: FrameMetadata,
    session_id: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FrameMetadata {
    #[serde(default)]
    offset_top: f64,
    page_scale_factor: f64,
    device_width: f64,
    device_height: f64,
    #[serde(default)]
    scroll_offset_x: f64,
    #[serde(default)]
    scroll_offset_y: f64,
    #[serde(default)]
    timestamp: Option<f64>,
}

impl FrameMetadata {
    /// Which part of the page it shows, and how large.
    fn place(&self) -> [f64; 6] {
        let Self { offset_top, page_scale_factor, device_width, device_height, .. } = self;
        let (x, y) = (self.scroll_offset_x, self.scroll_offset_y);
        [x, y, *offset_top, *page_scale_factor, *device_width, *device_height]
    }
}

impl Running<'_> {
    /// Has Chromium take pictures of the page in front by itself.
    pub(super) fn start_casting(&self) {
        let front = self.tabs.active().map(|tab| tab.session.clone());
        let Some((session, page)) = front.zip(self.page()) else { return };
        let form = json!({
            "format": "jpeg", "quality": 60, "maxWidth": 1280, "maxHeight": 1280, "everyNthFrame": 1,
        });
        let asked = page.ask("Page.startScreencast", form);
        let done = self.done.clone();
        tokio::spawn(async move {
            if asked.await.is_err_and(|error| error.is_between_pages()) {
                let _ = done.send(Done::NotCasting(session)).await;
            }
        });
    }

    /// A page did not begin to send pictures.
    pub(super) fn is_not_casting(&mut self, session: &str) {
        if self.tabs.active().is_some_and(|tab| &*tab.session == session) {
            self.capture.refused(Instant::now());
        }
    }

    /// Takes a picture of the page in front; while one is being taken, a little later.
    pub(super) fn shoot(&mut self) {
        let can = self.tabs.active().filter(|tab| tab.dialog.is_none() && !tab.is_crashed);
        let Some((session, page)) = can.map(|tab| tab.session.clone()).zip(self.page()) else {
            return;
        };
        if self.shooting.is_some() {
            return self.capture.missed(Instant::now());
        }
        let Viewport { width, height } = *self.shooting.insert(self.lasting.viewport);
        let done = self.done.clone();
        tokio::spawn(async move {
            let shot = timeout(ANSWERS_WITHIN, take(&page, (width, height))).await.ok().flatten();
            let _ = done.send(Done::Shot(session, shot)).await;
        });
    }

    /// A picture was taken on purpose, or could not be.
    pub(super) fn was_shot(&mut self, session: &str, shot: Option<Shot>) {
        let size = self.shooting.take();
        self.capture.shot(Instant::now());
        if size.is_some_and(|size| size != self.lasting.viewport) {
            self.resize_pages();
        }
        let is_in_front = self.tabs.active().is_some_and(|tab| &*tab.session == session);
        // One of a size that the page has no more is of no use.
        let shot = shot.filter(|shot| is_in_front && self.has_size(&shot.metadata));
        if let Some(Shot { data, metadata }) = shot {
            // In whole milliseconds it is exact.
            #[expect(
                clippy::cast_precision_loss,
                reason = "milliseconds since 1970 fit into a float"
            )]
            let timestamp = crate::clock::now().0 as f64 / 1_000.0;
            self.send(data, Some(timestamp), metadata);
        } else {
            self.capture.missed(Instant::now());
        }
    }

    /// Chromium took a picture by itself.
    pub(super) fn framed(&mut self, event: &Event) {
        let Some(Frame { data, metadata, session_id }) = event.read() else { return };
        let session = event.session.as_deref();
        let is_in_front = self.tabs.active().is_some_and(|tab| Some(&*tab.session) == session);
        let place = metadata.place();
        if !is_in_front || !self.capture.is_casting() || !self.capture.is_news(&data, place) {
            // Otherwise it would take no further ones.
            if let Some(session) = session {
                let page = self.cdp.session(session);
                page.tell("Page.screencastFrameAck", json!({"sessionId": session_id}));
            }
            return;
        }
        let timestamp = metadata.timestamp;
        let metadata = Metadata {
            device_width: metadata.device_width,
            device_height: metadata.device_height,
            page_scale_factor: metadata.page_scale_factor,
            offset_top: metadata.offset_top,
            scroll_offset_x: metadata.scroll_offset_x,
            scroll_offset_y: metadata.scroll_offset_y,
            layout: 0,
        };
        let seq = self.send(data, timestamp, metadata);
        self.capture.sent(seq, session_id, self.has_size(&metadata), Instant::now());
    }

    /// Whether a picture shows the page in the size that it was given last.
    fn has_size(&self, picture: &Metadata) -> bool {
        let Viewport { width, height } = self.lasting.viewport;
        let is_as = |one: f64, other: u32| (one - f64::from(other)).abs() < 1.0;
        is_as(picture.device_width, width) && is_as(picture.device_height, height)
    }

    fn send(&mut self, data: String, timestamp: Option<f64>, metadata: Metadata) -> u64 {
        let mut remembered = self.lasting.remembered.lock();
        let size = |it: &Metadata| (it.device_width.to_bits(), it.device_height.to_bits());
        if remembered.newest().is_none_or(|before| size(&before) != size(&metadata)) {
            self.lasting.layout += 1;
        }
        let metadata = Metadata { layout: self.lasting.layout, ..metadata };
        let seq = remembered.number(metadata);
        let picture = Picture { seq, data: data.into(), timestamp, metadata };
        self.lasting.pictures.send_replace(Some(Arc::new(picture)));
        seq
    }
}

async fn take(page: &CdpSession, (width, height): (u32, u32)) -> Option<Shot> {
    // Larger pages are made as small as Chromium makes its own pictures.
    let scale = (1280.0 / f64::from(width.max(height))).min(1.0);
    let mut form = json!({"format": "jpeg", "quality": 60, "optimizeForSpeed": true});
    if scale < 1.0 {
        form["clip"] = json!({"x": 0, "y": 0, "width": width, "height": height, "scale": scale});
    }
    let layout = page.call::<Layout>("Page.getLayoutMetrics", json!({}));
    let captured = page.call::<Captured>("Page.captureScreenshot", form);
    let (layout, captured) = tokio::join!(layout, captured);
    let visual = layout.ok()?.css_visual_viewport;
    let metadata = Metadata {
        device_width: width.into(),
        device_height: height.into(),
        page_scale_factor: visual.scale,
        offset_top: 0.0,
        scroll_offset_x: visual.page_x,
        scroll_offset_y: visual.page_y,
        layout: 0,
    };
    Some(Shot { data: captured.ok()?.data, metadata })
}
