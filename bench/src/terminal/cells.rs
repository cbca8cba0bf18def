//! What is measured of terminals: the cells of the table.

/// One thing to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cell {
    /// A long output to one viewer.
    FloodOne,
    /// A long output to twenty viewers.
    FloodTwenty,
    /// Keys and their echo, nothing else going on.
    EchoAlone,
    /// Keys and their echo while another terminal of the same server floods.
    EchoBeside,
}

impl Cell {
    /// All, in the order of the table.
    pub(super) const ALL: [Self; 4] =
        [Self::FloodOne, Self::FloodTwenty, Self::EchoAlone, Self::EchoBeside];

    /// What it is called.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::FloodOne => "flood to 1 viewer",
            Self::FloodTwenty => "flood to 20 viewers",
            Self::EchoAlone => "echo of keys, alone",
            Self::EchoBeside => "echo of keys, beside a flood",
        }
    }

    /// How many viewers watch the flood; `None` where keys are typed.
    pub(super) fn viewers(self) -> Option<usize> {
        match self {
            Self::FloodOne => Some(1),
            Self::FloodTwenty => Some(20),
            Self::EchoAlone | Self::EchoBeside => None,
        }
    }
}
