//! The doors in memory: their transcripts, and what no transcript can show.
