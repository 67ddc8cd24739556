//! From a scorecard to what machines read.
