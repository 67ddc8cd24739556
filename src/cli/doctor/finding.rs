//! What was found, and what it comes to.

use std::fmt::Write as _;

use serde_json::json;

use crate::cli::exit::{Exit, Failure};

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
    area: String,
    what: String,
    advice: Option<String>,
    exit: Exit,
}

/// Everything that was looked at, in order.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    /// Something is as it should be.
    pub(super) fn ok(&mut self, area: &str, what: impl Into<String>) {
        self.add((Level::Ok, Exit::Done), area, what.into(), None);
    }

    /// Something is good to know.
    pub(super) fn note(&mut self, area: &str, what: impl Into<String>, advice: &str) {
        self.add((Level::Note, Exit::Done), area, what.into(), Some(advice));
    }

    /// Something may go wrong, or is lost.
    pub(super) fn warn(&mut self, area: &str, what: impl Into<String>, advice: &str) {
        self.add((Level::Warning, Exit::Failed), area, what.into(), Some(advice));
    }

    /// Something does not work, for which the command ends with `exit`.
    pub(super) fn fail(
        &mut self,
        exit: Exit,
        area: &str,
        what: impl Into<String>,
        advice: Option<&str>,
    ) {
        self.add((Level::Failure, exit), area, what.into(), advice);
    }

    fn add(
        &mut self,
        (level, exit): (Level, Exit),
        area: &str,
        what: String,
        advice: Option<&str>,
    ) {
        let (area, advice) = (area.to_owned(), advice.map(str::to_owned));
        self.0.push(Finding { level, area, what, advice, exit });
    }

    /// A line for each finding, and one for what to do about it.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for Finding { level, area, what, advice, .. } in &self.0 {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{:<8} {area}: {}", level.as_str(), indented(what));
            if let Some(advice) = advice {
                let _ = writeln!(text, "         try: {}", indented(advice));
            }
        }
        text
    }

    /// A list of all findings.
    pub(super) fn json(&self) -> String {
        let findings = self.0.iter().map(|finding| {
            json!({
                "level": finding.level.as_str(),
                "area": finding.area,
                "what": finding.what,
                "try": finding.advice,
            })
        });
        json!({ "findings": findings.collect::<Vec<_>>() }).to_string() + "\n"
    }

    /// The end of the command: the gravest failure decides, and warnings count from `least` on.
    ///
    /// # Errors
    /// When anything counts.
    pub(super) fn end(&self, least: Level) -> Result<(), Failure> {
        let counted: Vec<&Finding> =
            self.0.iter().filter(|finding| finding.level >= least).collect();
        // Without a configuration or a store little else could be looked at.
        let order = [Exit::Configuration, Exit::StoreUnavailable, Exit::GitLabRefused];
        let gravest = order.into_iter().find(|exit| counted.iter().any(|own| own.exit == *exit));
        match counted.len() {
            0 => Ok(()),
            1 => Err(Failure::new(gravest.unwrap_or(Exit::Failed), "1 finding needs attention")),
            many => {
                let what = format!("{many} findings need attention");
                Err(Failure::new(gravest.unwrap_or(Exit::Failed), what))
            }
        }
    }
}

/// Further lines below the first one.
fn indented(text: &str) -> String {
    text.trim_end().replace('\n', "\n         ")
}
