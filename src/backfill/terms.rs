//! What of a GitLab is read and kept, by the configuration: it may change while the program runs.

use std::sync::Arc;

use arc_swap::ArcSwap;
use globset::GlobSet;

use super::needs::Needs;
use crate::gitlab::Pseudonyms;

/// The terms of one GitLab.
#[derive(Debug)]
pub struct Terms {
    /// The projects that may be read; empty is all.
    pub projects: GlobSet,
    /// What is asked of them besides.
    pub needs: Needs,
    /// How persons become hashes.
    pub pseudonyms: Pseudonyms,
}

/// Terms that a reload of the configuration replaces for all that read.
pub type SharedTerms = Arc<ArcSwap<Terms>>;
