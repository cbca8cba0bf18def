//! Tables of what is told over reconnections.
