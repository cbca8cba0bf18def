//! The mission control protocol: who there is and what they do, told to whoever watches, and the audit as it grows.

pub mod audit;
