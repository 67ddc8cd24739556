//! Bodies of a wanted size for load: many projects, no story.
