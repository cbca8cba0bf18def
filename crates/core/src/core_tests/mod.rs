//! Tests of the core as a whole: what is asked and reported, and what viewers see of it.

//! Tests.
