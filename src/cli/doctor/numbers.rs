//! What the numbers stand on: the events that each project has sent, and the tiers of its
//! environments.

use std::collections::BTreeMap;

use super::finding::Findings;
use super::hooks::first;
use super::kept::Kept;
use crate::config::Settings;
use crate::delivery::{EnvironmentTier, ProjectKey, ProjectPath};
use crate::words::Language;

/// Parts of a name that say that an environment is none of production.
const NOT_PRODUCTION: [&str; 6] = ["pprod", "pprd", "hors", "preprod", "pre-prod", "non-prod"];
/// Parts of a name, mostly French, that stand for a stage before production and that GitLab does
/// not know.
const BEFORE_PRODUCTION: [&str; 6] =
    ["recette", "uat", "qualif", "homolog", "formation", "validation"];

/// Tells which events projects have never sent, and which environments are most likely of another
/// tier than they are measured in.
pub(super) fn look(settings: &Settings, kept: &Kept, findings: &mut Findings) {
    if kept.projects.is_empty() {
        let advice = "set up hooks (`hooks sync`, or by hand in GitLab) and run a deployment job";
        findings.note("events", "no project has sent anything yet", advice);
        return;
    }
    events(kept, findings);
    tiers(settings, kept, findings);
}

fn events(kept: &Kept, findings: &mut Findings) {
    let words = Language::English.phrases();
    let known = [
        ("deployment", &["deployment"][..], words.deployment_unlocks),
        ("merge request", &["merge_request"], words.merge_request_unlocks),
        ("issue", &["issue", "work_item"], words.issue_unlocks),
        ("push", &["push"], words.push_unlocks),
        ("comment", &["note"], words.note_unlocks),
    ];
    for (name, kinds, unlocks) in known {
        let sent = |key: &ProjectKey| {
            let contact = kept.contacts.get(key);
            contact.is_some_and(|own| own.kinds().iter().any(|heard| kinds.contains(&&*heard.kind)))
        };
        let missing = kept.projects.iter().filter(|(key, _)| !sent(key));
        let missing: Vec<&str> = missing.map(|(_, path)| path.as_str()).collect();
        if missing.is_empty() {
            findings.ok("events", format!("every project has sent {name} events"));
            continue;
        }
        let all = kept.projects.len();
        let what = format!(
            "{} of {all} projects have sent no {name} event: {}",
            missing.len(),
            first(&missing)
        );
        findings.note("events", what, &format!("tick it in their hooks; it unlocks: {unlocks}"));
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
        findings.ok("tiers", "no environment contradicts the tier it is measured in");
    }
    for ((name, tier), projects) in &doubtful {
        let what = format!("{name} is measured as {tier}: {}", first(projects));
        let advice = "environment: deployment_tier in .gitlab-ci.yml, or policy.tier_overrides";
        findings.warn("tiers", what, advice);
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
