//! What was found, and what it comes to.

use std::fmt::Write as _;

use clap::ValueEnum;
use serde_json::json;

use crate::cli::exit::{Exit, Failure};
use crate::words::Language;
use crate::words::diagnoses::Told;

/// What can be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum Area {
    /// The settings
    Configuration,
    /// The running exporter
    Server,
    /// The database and its disk
    Store,
    /// What the numbers stand on: events, tiers, series
    Numbers,
    /// The way from GitLab to the exporter
    Address,
    /// GitLab's version, clock and token
    Gitlab,
    /// Our hooks in GitLab
    Hooks,
    /// The Prometheus that scrapes the exporter
    Prometheus,
}

impl Area {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Server => "server",
            Self::Store => "store",
            Self::Numbers => "numbers",
            Self::Address => "address",
            Self::Gitlab => "gitlab",
            Self::Hooks => "hooks",
            Self::Prometheus => "prometheus",
        }
    }

    /// This area of the GitLab of that name.
    pub(super) const fn of(self, gitlab: &str) -> Place<'_> {
        Place { area: self, gitlab: Some(gitlab) }
    }
}

/// An area, and of which GitLab where there may be several.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    area: Area,
    gitlab: Option<&'a str>,
}

impl From<Area> for Place<'_> {
    fn from(area: Area) -> Self {
        Self { area, gitlab: None }
    }
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// As it should be.
    Ok,
    /// Good to know.
    Note,
    /// Something is lost or may go wrong.
    Warning,
    /// Something does not work.
    Failure,
}

impl Level {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug)]
struct Finding {
    level: Level,
    area: Area,
    gitlab: Option<String>,
    told: Told,
    exit: Exit,
}

/// Everything that was looked at, in order.
#[derive(Debug)]
pub(super) struct Findings {
    /// Areas that are told of; all when it is empty.
    only: Vec<Area>,
    all: Vec<Finding>,
}

impl Findings {
    /// Nothing yet; of these areas alone is told, of all when there are none.
    pub(super) const fn of(only: Vec<Area>) -> Self {
        Self { only, all: Vec::new() }
    }

    /// Whether an area is looked at.
    pub(super) fn want(&self, area: Area) -> bool {
        self.only.is_empty() || self.only.contains(&area)
    }

    /// Something is as it should be.
    pub(super) fn ok<'a>(&mut self, place: impl Into<Place<'a>>, told: Told) {
        self.add((Level::Ok, Exit::Done), place.into(), told);
    }

    /// Something is good to know.
    pub(super) fn note<'a>(&mut self, place: impl Into<Place<'a>>, told: Told) {
        self.add((Level::Note, Exit::Done), place.into(), told);
    }

    /// Something may go wrong, or is lost.
    pub(super) fn warn<'a>(&mut self, place: impl Into<Place<'a>>, told: Told) {
        self.add((Level::Warning, Exit::Failed), place.into(), told);
    }

    /// Something does not work, for which the command ends with `exit`.
    pub(super) fn fail<'a>(&mut self, exit: Exit, place: impl Into<Place<'a>>, told: Told) {
        self.add((Level::Failure, exit), place.into(), told);
    }

    fn add(&mut self, (level, exit): (Level, Exit), place: Place<'_>, told: Told) {
        // Without a configuration nothing can be looked at, whatever was asked for.
        if self.want(place.area) || exit == Exit::Configuration {
            let (area, gitlab) = (place.area, place.gitlab.map(str::to_owned));
            self.all.push(Finding { level, area, gitlab, told, exit });
        }
    }

    /// A line for each finding, and one for what to do about it.
    pub(super) fn text(&self, language: Language) -> String {
        let mut text = String::new();
        let words = language.phrases();
        for Finding { level, area, gitlab, told, .. } in &self.all {
            let [ok, note, warning, failure] = words.found_levels;
            let level = match level {
                Level::Ok => ok,
                Level::Note => note,
                Level::Warning => warning,
                Level::Failure => failure,
            };
            let gitlab = gitlab.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
            let what = indented(told.what(language));
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{level:<8} {}{gitlab}: {what}", area.as_str());
            if let Some(advice) = told.advice(language) {
                let _ = writeln!(text, "         {}: {}", words.advised, indented(advice));
            }
        }
        text
    }

    /// A list of all findings; codes, levels and areas are the same in every language.
    pub(super) fn json(&self, language: Language) -> String {
        let findings = self.all.iter().map(|finding| {
            json!({
                "code": finding.told.code,
                "level": finding.level.as_str(),
                "area": finding.area.as_str(),
                "gitlab": finding.gitlab,
                "what": finding.told.what(language),
                "try": finding.told.advice(language),
            })
        });
        let findings: Vec<_> = findings.collect();
        json!({ "language": language.tag(), "findings": findings }).to_string() + "\n"
    }

    /// The end of the command: the gravest failure decides, and warnings count from `least` on.
    ///
    /// # Errors
    /// When anything counts.
    pub(super) fn end(&self, least: Level, language: Language) -> Result<(), Failure> {
        let counted: Vec<&Finding> =
            self.all.iter().filter(|finding| finding.level >= least).collect();
        // Without a configuration or a store little else could be looked at.
        let order = [Exit::Configuration, Exit::StoreUnavailable, Exit::GitLabRefused];
        let gravest = order.into_iter().find(|exit| counted.iter().any(|own| own.exit == *exit));
        if counted.is_empty() {
            return Ok(());
        }
        let words = language.phrases();
        let count = u64::try_from(counted.len()).unwrap_or(u64::MAX);
        let what = words.plural(&words.findings_count, count);
        Err(Failure::new(gravest.unwrap_or(Exit::Failed), what))
    }
}

/// Further lines below the first one.
fn indented(text: &str) -> String {
    text.trim_end().replace('\n', "\n         ")
}
