//! The one integration binary: every suite is a module of it, so that all are linked once.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod storage;
