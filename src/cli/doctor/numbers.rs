//! What the numbers stand on: the events that each project has sent, the tiers of its environments,
//! and the room for series.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Area, Findings};
use super::hooks::first;
use super::kept::Kept;
use super::serving::Serving;
use crate::config::Settings;
use crate::delivery::{EnvironmentTier, ProjectKey, ProjectPath};
use crate::words::diagnoses::here::{
    EVENTS_MISSING, EVENTS_SENT, NO_PRODUCTION, NOTHING_HEARD, SERIES_SHORT, TIER_DOUBTFUL,
    TIERS_SOUND,
};
use crate::words::{Language, Phrases};

const AREA: Area = Area::Numbers;
/// Parts of a name that say that an environment is none of production.
const NOT_PRODUCTION: [&str; 6] = ["pprod", "pprd", "hors", "preprod", "pre-prod", "non-prod"];
/// Parts of a name, mostly French, that stand for a stage before production and that GitLab does
/// not know.
const BEFORE_PRODUCTION: [&str; 6] =
    ["recette", "uat", "qualif", "homolog", "formation", "validation"];
/// From this share of the limit on, series will soon be left out.
const SHORT_OF_SERIES: f64 = 0.8;

/// An event by its name, GitLab's kinds of it, and what it is needed for.
type Needed = (&'static str, &'static [&'static str], fn(&Phrases) -> &'static str);

const NEEDED: [Needed; 5] = [
    ("deployment", &["deployment"], |words| words.deployment_unlocks),
    ("merge request", &["merge_request"], |words| words.merge_request_unlocks),
    ("issue", &["issue", "work_item"], |words| words.issue_unlocks),
    ("push", &["push"], |words| words.push_unlocks),
    ("comment", &["note"], |words| words.note_unlocks),
];

/// Tells which events projects have never sent, which environments are most likely of another tier
/// than they are measured in, and whether series are left out.
pub(super) fn look(settings: &Settings, kept: &Kept, serving: &Serving, findings: &mut Findings) {
    if kept.projects.is_empty() {
        return findings.note(AREA, NOTHING_HEARD.of([]));
    }
    for needed in NEEDED {
        events(kept, needed, findings);
    }
    production(settings, kept, findings);
    tiers(settings, kept, findings);
    series(settings, serving, findings);
}

fn events(kept: &Kept, (name, kinds, unlocks): Needed, findings: &mut Findings) {
    let sent = |key: &ProjectKey| {
        let contact = kept.contacts.get(key);
        contact.is_some_and(|own| own.kinds().iter().any(|heard| kinds.contains(&&*heard.kind)))
    };
    let missing = kept.projects.iter().filter(|(key, _)| !sent(key));
    let missing: Vec<&str> = missing.map(|(_, path)| path.as_str()).collect();
    if missing.is_empty() {
        return findings.ok(AREA, EVENTS_SENT.of([name]));
    }
    let (count, all) = (missing.len().to_string(), kept.projects.len().to_string());
    let told = EVENTS_MISSING.of([&count, &all, name, &first(&missing)]);
    let told = told.advising(|language: Language| {
        let words = language.phrases();
        words.tick_event.fill([unlocks(words)])
    });
    findings.note(AREA, told);
}

/// Projects whose deployments all went elsewhere have no figure of DORA's.
fn production(settings: &Settings, kept: &Kept, findings: &mut Findings) {
    let mut with: BTreeSet<ProjectKey> = BTreeSet::new();
    let mut deploying: BTreeSet<ProjectKey> = BTreeSet::new();
    for (key, environment) in &kept.environments {
        let Some(path) = kept.projects.get(key) else { continue };
        let policy = settings.policies.resolve(path);
        deploying.insert(*key);
        if policy.tier(&environment.name, environment.tier.value()) == EnvironmentTier::Production {
            with.insert(*key);
        }
    }
    let without = deploying.difference(&with).filter_map(|key| kept.projects.get(key));
    let without: Vec<&str> = without.map(ProjectPath::as_str).collect();
    if !without.is_empty() {
        let told = NO_PRODUCTION.of([&without.len().to_string(), &first(&without)]);
        findings.warn(AREA, told);
    }
}

fn tiers(settings: &Settings, kept: &Kept, findings: &mut Findings) {
    let mut doubtful: BTreeMap<(String, EnvironmentTier), Vec<&str>> = BTreeMap::new();
    for (key, environment) in &kept.environments {
        let Some(path) = kept.projects.get(key) else { continue };
        let policy = settings.policies.resolve(path);
        let tier = policy.tier(&environment.name, environment.tier.value());
        if is_doubtful(environment.name.as_str(), &tier) {
            let name = environment.name.as_str().to_owned();
            doubtful.entry((name, tier)).or_default().push(ProjectPath::as_str(path));
        }
    }
    if doubtful.is_empty() {
        findings.ok(AREA, TIERS_SOUND.of([]));
    }
    for ((name, tier), projects) in &doubtful {
        findings.warn(AREA, TIER_DOUBTFUL.of([name, &tier.to_string(), &first(projects)]));
    }
}

fn series(settings: &Settings, serving: &Serving, findings: &mut Findings) {
    let Some(series) = serving.number("gitlab_dora_exporter_series") else { return };
    let limit = settings.exposition.max_series;
    let most = f64::from(u32::try_from(limit).unwrap_or(u32::MAX));
    if series >= most * SHORT_OF_SERIES {
        findings.warn(AREA, SERIES_SHORT.of([&series.to_string(), &limit.to_string()]));
    }
}

fn is_doubtful(name: &str, tier: &EnvironmentTier) -> bool {
    let name = name.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    match tier {
        EnvironmentTier::Production => has(&NOT_PRODUCTION) || has(&BEFORE_PRODUCTION),
        EnvironmentTier::Other => has(&BEFORE_PRODUCTION),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_contradict_their_tier_are_doubtful() {
        for (name, tier, expected) in [
            ("pprod", EnvironmentTier::Production, true),
            ("Hors-Prod", EnvironmentTier::Production, true),
            ("production", EnvironmentTier::Production, false),
            ("prod-eu", EnvironmentTier::Production, false),
            ("recette", EnvironmentTier::Other, true),
            ("formation", EnvironmentTier::Other, true),
            ("recette", EnvironmentTier::Staging, false),
            ("mep", EnvironmentTier::Other, false),
        ] {
            assert_eq!(is_doubtful(name, &tier), expected, "{name} as {tier}");
        }
    }
}
