//! What a person saw when they aimed, and what is there now.

/// How a picture shows its page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sight {
    /// Counts the sizes that pages had.
    pub(crate) layout: u64,
    /// How wide the picture is, in CSS pixels of an unzoomed page.
    pub(crate) width: f64,
    /// How high.
    pub(crate) height: f64,
    /// How much larger than that the page is shown, by pinching.
    pub(crate) scale: f64,
    /// How much of the picture's upper edge is not the page.
    pub(crate) offset_top: f64,
}

/// Where on the page a place of a picture is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Aimed {
    /// There, as Chromium counts.
    At(f64, f64),
    /// What was there is somewhere else now.
    Elsewhere,
}

impl Sight {
    /// Where a place of this picture is now; places beyond its edges only if `beyond` lets them count.
    pub(crate) fn aim(&self, (x, y): (f64, f64), now: &Self, beyond: Beyond) -> Aimed {
        // The page was laid out anew, or zoomed: the same place is something else.
        let is_as = |one: f64, other: f64, most: f64| (one - other).abs() < most;
        let is_same = self.layout == now.layout
            && is_as(self.width, now.width, 1.0)
            && is_as(self.height, now.height, 1.0)
            && is_as(self.scale, now.scale, 0.001);
        if !is_same || !x.is_finite() || !y.is_finite() {
            return Aimed::Elsewhere;
        }
        let y = y - self.offset_top;
        let is_inside = (0.0..=self.width).contains(&x) && (0.0..=self.height).contains(&y);
        if !is_inside && beyond == Beyond::Nothing {
            return Aimed::Elsewhere;
        }
        // Chromium multiplies by the scale once more.
        let scale = if self.scale > 0.0 { self.scale } else { 1.0 };
        let within = |place: f64, side: f64| place.clamp(0.0, (side - 1.0).max(0.0)) / scale;
        Aimed::At(within(x, self.width), within(y, self.height))
    }
}

/// What a place beyond the picture's edges means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beyond {
    /// Nothing.
    Nothing,
    /// The edge: something is dragged there.
    Edge,
}
