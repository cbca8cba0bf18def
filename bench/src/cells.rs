//! What is measured: the cells of the table.

use crate::server::Kind;

/// One thing to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cell {
    /// Bursts of 32 short messages to 100 viewers.
    Bursts100,
    /// Bursts of 32 short messages to 1000 viewers.
    Bursts1000,
    /// One short message at a time to 1000 viewers.
    Lone1000,
    /// 100 publishers speak at once to 100 viewers.
    Many100,
    /// Bursts of 8 long messages, deflated, to 100 viewers.
    Deflated100,
    /// One picture after the other to 50 viewers. Measured by `pictures`.
    Pictures50,
    /// Connections are opened and stay idle.
    Idle,
}

/// How messages are published in a cell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) viewers: usize,
    pub(crate) publishers: usize,
    /// Messages per publisher and burst.
    pub(crate) burst: usize,
    /// The next burst is sent when all but so many hundredths of the deliveries have arrived: late
    /// enough that two bursts never become one, early enough that the server need not wait for it.
    pub(crate) head_start: u64,
    pub(crate) is_deflated: bool,
    /// What is published may give way to what comes after it, so that some deliveries are never made.
    pub(crate) gives_way: bool,
}

impl Cell {
    /// All, in the order of the table.
    pub(crate) const ALL: [Self; 7] = [
        Self::Bursts100,
        Self::Bursts1000,
        Self::Lone1000,
        Self::Many100,
        Self::Deflated100,
        Self::Pictures50,
        Self::Idle,
    ];

    /// What it is called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bursts100 => "bursts of 32 short messages, 100 viewers",
            Self::Bursts1000 => "bursts of 32 short messages, 1000 viewers",
            Self::Lone1000 => "lone short messages, 1000 viewers",
            Self::Many100 => "100 agents at once, 100 viewers",
            Self::Deflated100 => "10 KB deflated, 100 viewers",
            Self::Pictures50 => "pictures of 137 KB, 50 viewers",
            Self::Idle => "handshakes and idle connections",
        }
    }

    /// Its load; `None` where nothing is published.
    pub(crate) fn load(self) -> Option<Load> {
        let short = Load {
            viewers: 1000,
            publishers: 1,
            burst: 32,
            head_start: 10,
            is_deflated: false,
            gives_way: false,
        };
        match self {
            Self::Bursts100 => Some(Load { viewers: 100, ..short }),
            Self::Bursts1000 => Some(short),
            Self::Lone1000 => Some(Load { burst: 1, head_start: 0, ..short }),
            Self::Many100 => Some(Load { viewers: 100, publishers: 100, burst: 1, ..short }),
            Self::Deflated100 => Some(Load { viewers: 100, burst: 8, is_deflated: true, ..short }),
            Self::Pictures50 => Some(Load { viewers: 50, burst: 1, gives_way: true, ..short }),
            Self::Idle => None,
        }
    }

    /// Whether that server takes part in `fanout`: plain TCP and axum cannot deflate.
    pub(crate) fn includes(self, server: Kind) -> bool {
        match self {
            Self::Deflated100 => !matches!(server, Kind::Raw | Kind::Axum),
            Self::Pictures50 => false,
            _ => true,
        }
    }
}
