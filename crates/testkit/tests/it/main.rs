//! The one integration binary: every suite is a module of it, so that all are linked once.

mod storage;
