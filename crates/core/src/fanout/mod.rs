//! Fan-out: topics are logs of encoded events, viewers are cursors into them.
//!
//! An event is encoded once per [`Language`] and framed once per [`Shape`]; the same bytes go to every viewer.

mod language;
mod ring;
mod topic;
mod topics;

pub use language::{Framing, Language, Message, MessageKind, Messages};
pub use ring::{Batch, Ring};
pub use topic::{Gap, Progress, Resync, Shape, ShapeCounts, Topic, Watched};
pub use topics::{TopicKey, Topics};
