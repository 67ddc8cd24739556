//! From a scorecard to HTML.
