//! What the rulings of the definitions say: why something does not count, why a series is absent,
//! how a value is made.

mod links;
mod stream;

use super::Language;
use crate::dora::explain::{Absence, Form, Rule};
use crate::dora::statistics::Stat;

impl Language {
    const fn pick<T: Copy>(self, [english, french]: [T; 2]) -> T {
        match self {
            Self::English => english,
            Self::French => french,
        }
    }

    /// Why something does not count, in one sentence, with the setting that decides it.
    pub(crate) const fn rule(self, rule: Rule) -> &'static str {
        self.pick(match rule {
            Rule::Promotion
            | Rule::Baseline
            | Rule::NotDelivered
            | Rule::WithoutStages
            | Rule::ExcludedAuthor
            | Rule::NotWaiting
            | Rule::OtherCategory
            | Rule::ExcludedLabel => of_changes(rule),
            Rule::StillOpen
            | Rule::Closed
            | Rule::OtherSeverity
            | Rule::Duplicate
            | Rule::FilteredLabel
            | Rule::BelowSeverity
            | Rule::External
            | Rule::CauseNotReleased
            | Rule::NoReleaseBefore
            | Rule::Attributed
            | Rule::SignalOff => of_incidents(rule),
            _ => match (stream::rule(rule), links::rule(rule)) {
                (Some(words), _) | (None, Some(words)) => words,
                (None, None) => of_releases(rule),
            },
        })
    }

    /// Why a lifetime series may differ from what explains it.
    pub(crate) const fn lifetime_note(self) -> &'static str {
        self.pick([
            "these rows are what today's facts and policy make of it; the series itself never falls: \
             what was counted before a correction stays, under the labels of that moment",
            "ces lignes sont ce qu’en font les faits et la politique d’aujourd’hui ; la série, elle, \
             ne baisse jamais : ce qui fut compté avant une correction reste, sous les étiquettes \
             d’alors",
        ])
    }

    /// Why a series does not exist, in one sentence.
    pub(crate) const fn absence(self, absence: Absence) -> &'static str {
        self.pick(match absence {
            Absence::TierNotMeasured => [
                "the policy does not measure this tier (tiers_measured)",
                "la politique ne mesure pas ce niveau d’environnement (tiers_measured)",
            ],
            Absence::TierUnknown => [
                "no environment of this tier has been heard of",
                "aucun environnement de ce niveau n’est connu",
            ],
            Absence::NoSample => [
                "the window holds no sample, and no data is not zero",
                "la fenêtre ne contient aucune mesure, et l’absence de données n’est pas zéro",
            ],
            Absence::NoCountedRelease => [
                "the window holds no counted release, and nothing can be divided by zero",
                "la fenêtre ne contient aucune mise en production comptée : rien à diviser",
            ],
            Absence::NeverDeployed => [
                "no release has been counted in this tier yet",
                "aucune mise en production n’a encore été comptée à ce niveau",
            ],
            Absence::NothingOpen => ["no incident is open", "aucun incident n’est ouvert"],
            Absence::TooFewGaps => [
                "the window holds fewer than two gaps between releases, or none of any length",
                "la fenêtre contient moins de deux intervalles, ou aucun qui ait une durée",
            ],
            Absence::NoPeriod => [
                "no cadence is configured, or none of its periods fits into the window \
                 (cadence_period)",
                "aucune cadence n’est configurée, ou aucune période ne tient dans la fenêtre \
                 (cadence_period)",
            ],
            Absence::NoInventory => [
                "no release has been counted in this tier, or the default branch is not known \
                 (inventory_branches)",
                "aucune mise en production comptée à ce niveau, ou branche par défaut inconnue \
                 (inventory_branches)",
            ],
            Absence::NoCategory => [
                "no category of that name is configured (categories)",
                "aucune catégorie de ce nom n’est configurée (categories)",
            ],
            _ => match stream::absence(absence) {
                Some(words) => words,
                None => ["nothing waits for its delivery", "rien n’attend sa livraison"],
            },
        })
    }

    /// How a value is made of its rows.
    pub(crate) const fn form(self, form: Form) -> &'static str {
        self.pick(match form {
            Form::Count => ["the number of rows", "le nombre de lignes"],
            Form::Sum => ["the sum of the seconds", "la somme des secondes"],
            Form::CountPerDay => [
                "the number of rows, by the days of the window",
                "le nombre de lignes divisé par les jours de la fenêtre",
            ],
            Form::DistinctDays => {
                ["the number of different local days", "le nombre de jours locaux différents"]
            }
            Form::Ratio => [
                "the sum of the parts, by the sum of the wholes",
                "la somme des parts divisée par celle des touts",
            ],
            Form::Quantile(Stat::P50) => [
                "the median of the amounts, interpolated between the closest ranks",
                "la médiane des quantités, interpolée entre les rangs voisins",
            ],
            Form::Quantile(Stat::P75) => [
                "the third quartile of the amounts, interpolated between the closest ranks",
                "le troisième quartile des quantités, interpolé entre les rangs voisins",
            ],
            Form::Quantile(Stat::P90) => [
                "the ninth decile of the amounts, interpolated between the closest ranks",
                "le neuvième décile des quantités, interpolé entre les rangs voisins",
            ],
            Form::Variation => [
                "the standard deviation of the seconds, by their mean",
                "l’écart type des secondes divisé par leur moyenne",
            ],
            Form::LeastAge => ["the fewest seconds", "le plus petit nombre de secondes"],
            Form::GreatestAge => ["the most seconds", "le plus grand nombre de secondes"],
            Form::MedianOfMedians => {
                ["the median of the medians of days", "la médiane des médianes quotidiennes"]
            }
            Form::FailureRate => [
                "the sum of the parts, by the sum of the wholes but at least by 1",
                "la somme des parts divisée par celle des touts, au moins par 1",
            ],
        })
    }
}

const fn of_releases(rule: Rule) -> [&'static str; 2] {
    match rule {
        Rule::BeforeWindow => {
            ["it is dated before the window begins", "sa date précède le début de la fenêtre"]
        }
        Rule::Redeploy => [
            "the same version again is shown but not counted (count_redeploys)",
            "un redéploiement de la même version est montré sans être compté (count_redeploys)",
        ],
        Rule::OtherKind => ["it is of another kind", "elle est d’un autre genre"],
        Rule::OtherTier => [
            "its environment is of another tier (tier_overrides)",
            "son environnement est d’un autre niveau (tier_overrides)",
        ],
        Rule::NotForward => [
            "it brings no new version forward: only kinds first and change do",
            "elle n’apporte pas de version nouvelle, à la différence des genres first et change",
        ],
        Rule::NothingBefore => [
            "no forward release lies before it in the window",
            "aucune version nouvelle ne la précède dans la fenêtre",
        ],
        Rule::NothingDelivered => [
            "no change is known that it delivered first",
            "aucun changement n’est connu qu’elle ait livré en premier",
        ],
        Rule::FirstRelease => [
            "it is the first of the tier: nobody knows since when its content was there",
            "c’est la première du niveau : nul ne sait depuis quand son contenu y était",
        ],
        Rule::DeploymentFailed => [
            "a deployment that failed reached nobody: it is neither a release nor a failure of one",
            "un déploiement échoué n’a atteint personne : ni mise en production, ni défaillance",
        ],
        Rule::DeploymentCanceled => [
            "a canceled deployment is no release",
            "un déploiement annulé n’est pas une mise en production",
        ],
        Rule::DeploymentSkipped => [
            "a skipped deployment is no release",
            "un déploiement sauté n’est pas une mise en production",
        ],
        Rule::DeploymentRejected => {
            ["an approver refused this deployment", "ce déploiement a été refusé à l’approbation"]
        }
        Rule::DeploymentUnfinished => {
            ["its success has not been heard of", "sa réussite n’est pas connue"]
        }
        Rule::DeploymentWithoutCommit => {
            ["which commit it deployed is not known", "le commit qu’il a déployé n’est pas connu"]
        }
        Rule::HigherPriority => [
            "it failed by a signal of higher priority too, and counts once, under that one",
            "un signal prioritaire la dit aussi défaillante : elle compte une fois, sous celui-là",
        ],
        _ => ["it failed and has not recovered", "elle a échoué et n’est pas rétablie"],
    }
}

const fn of_changes(rule: Rule) -> [&'static str; 2] {
    match rule {
        Rule::ExcludedAuthor => [
            "its author matches exclude_authors: delivered, but no sample",
            "son auteur figure dans exclude_authors : livré, mais non mesuré",
        ],
        Rule::ExcludedLabel => [
            "it has a label of exclude_labels: delivered, but no sample",
            "il porte une étiquette de exclude_labels : livré, mais non mesuré",
        ],
        Rule::Promotion => [
            "it only carries other changes from branch to branch (promotion_mrs)",
            "elle ne fait que porter d’autres changements d’une branche à l’autre (promotion_mrs)",
        ],
        Rule::Baseline => [
            "the first release of the tier contains it, so nobody knows since when it was there \
             (first_deployment_lead_time)",
            "la première mise en production du niveau le contient : nul ne sait depuis quand il y \
             était (first_deployment_lead_time)",
        ],
        Rule::NotDelivered => [
            "no counted release of the tier is known to contain it",
            "aucune mise en production comptée du niveau n’est connue pour le contenir",
        ],
        Rule::OtherCategory => {
            ["it is of another category (categories)", "il est d’une autre catégorie (categories)"]
        }
        Rule::NotWaiting => [
            "it is on no inventory branch, or a release may contain it for all that is known \
             (inventory_branches)",
            "il n’est sur aucune branche d’inventaire, ou une mise en production pourrait le \
             contenir (inventory_branches)",
        ],
        _ => [
            "a commit without merge request has no stages",
            "un commit sans demande de fusion n’a pas d’étapes",
        ],
    }
}

const fn of_incidents(rule: Rule) -> [&'static str; 2] {
    match rule {
        Rule::StillOpen => ["it is open", "il est ouvert"],
        Rule::Closed => ["it is closed", "il est clos"],
        Rule::OtherSeverity => ["it is of another severity", "il est d’une autre sévérité"],
        Rule::Duplicate => [
            "it duplicates another or moved (count_duplicate_incidents)",
            "il en double un autre ou a été déplacé (count_duplicate_incidents)",
        ],
        Rule::FilteredLabel => [
            "it has a label that incident_filter excludes",
            "il porte une étiquette que incident_filter exclut",
        ],
        Rule::BelowSeverity => [
            "it is less severe than incident_filter asks for",
            "sa sévérité est sous le seuil de incident_filter",
        ],
        Rule::External => [
            "its cause is external (external_labels, or its line dora: caused-by)",
            "sa cause est extérieure (external_labels, ou sa ligne dora: caused-by)",
        ],
        Rule::CauseNotReleased => [
            "the cause it names is in no counted release of the tier",
            "la cause qu’il nomme n’est dans aucune mise en production comptée du niveau",
        ],
        Rule::NoReleaseBefore => [
            "no release came close enough before it (attribution_horizon)",
            "aucune mise en production ne l’a précédé d’assez près (attribution_horizon)",
        ],
        Rule::Attributed => {
            ["a release is blamed for it", "il est imputé à une mise en production"]
        }
        _ => [
            "incidents are no signal of failure here (failure_signals)",
            "les incidents ne sont pas ici un signal de défaillance (failure_signals)",
        ],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_ruling_says_something_of_its_own_in_both_languages() {
        for language in Language::ALL {
            let rules: BTreeSet<_> = Rule::ALL.iter().map(|rule| language.rule(*rule)).collect();
            assert_eq!(rules.len(), Rule::ALL.len());
            let absences: BTreeSet<_> =
                Absence::ALL.iter().map(|absence| language.absence(*absence)).collect();
            assert_eq!(absences.len(), Absence::ALL.len());
        }
        for rule in Rule::ALL {
            let [english, french] = Language::ALL.map(|language| language.rule(*rule));
            assert_ne!(english, french);
            let setting = |text: &str| text.split(['(', ')']).nth(1).map(str::to_owned);
            assert!(setting(french).is_none_or(|name| !name.contains('\'')), "{french}");
        }
    }
}
