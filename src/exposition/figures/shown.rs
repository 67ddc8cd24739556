//! Scopes and windows as they are shown: by label, sorted.

use crate::delivery::Timestamp;
use crate::dora::scorecard::{Figures, TierFigures};
use crate::dora::window::Window;
use crate::exposition::limits::{KeptPool, KeptProject};
use crate::exposition::text;

/// A window that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::exposition) struct ShownWindow {
    /// Its place in the scorecard.
    pub(in crate::exposition) index: usize,
    /// The label `window`.
    pub(in crate::exposition) label: String,
}

/// As of when figures are shown, and over which windows.
#[derive(Debug)]
pub(in crate::exposition) struct ShownTime {
    /// The instant as of which ages are told.
    pub(in crate::exposition) as_of: Timestamp,
    /// The windows of a scorecard, shortest first, each length once.
    pub(in crate::exposition) windows: Vec<ShownWindow>,
}

impl ShownTime {
    pub(in crate::exposition) fn new(as_of: Timestamp, windows: &[Window]) -> Self {
        let mut sorted: Vec<_> = windows.iter().copied().enumerate().collect();
        sorted.sort_by_key(|(index, window)| (*window, *index));
        sorted.dedup_by_key(|(_, window)| *window);
        let shown =
            |(index, window): (usize, Window)| ShownWindow { index, label: window.to_string() };
        Self { as_of, windows: sorted.into_iter().map(shown).collect() }
    }
}

/// A project, group or team on its way to the sheet.
#[derive(Debug)]
pub(in crate::exposition) struct Shown<'a> {
    /// Its name, escaped.
    pub(in crate::exposition) label: Vec<u8>,
    /// Its GitLab installation, where that is a label.
    pub(in crate::exposition) gitlab: Option<&'a str>,
    /// The service, where it is one of several of a project.
    pub(in crate::exposition) service: Option<&'a str>,
    pub(super) figures: &'a Figures,
    pub(super) tiers: Vec<&'a TierFigures>,
}

impl<'a> Shown<'a> {
    fn new(label: &str, gitlab: Option<&'a str>, figures: &'a Figures) -> Self {
        let mut escaped = Vec::with_capacity(label.len());
        text::write_label_value(&mut escaped, label);
        let mut tiers: Vec<_> = figures.tiers.iter().collect();
        tiers.sort_by_key(|tier| tier.tier.as_str());
        Self { label: escaped, gitlab, service: None, figures, tiers }
    }

    pub(in crate::exposition) fn project(kept: &'a KeptProject<'_>) -> Self {
        Self::new(&kept.label, kept.gitlab.as_deref(), &kept.project.figures)
    }

    /// A project, and each of its services.
    pub(super) fn streams(kept: &'a KeptProject<'_>) -> impl Iterator<Item = Self> {
        let services = kept.project.services.iter().map(|own| Self {
            service: Some(own.name.as_str()),
            ..Self::new(&kept.label, kept.gitlab.as_deref(), &own.figures)
        });
        std::iter::once(Self::project(kept)).chain(services)
    }

    pub(super) fn pool(kept: &'a KeptPool<'_>) -> Self {
        Self::new(&kept.label, None, kept.figures)
    }
}
