//! Rulings on the value stream, and on GitLab's own numbers.

use crate::dora::explain::{Absence, Rule};

/// Why something does not count; `None` for what other rulings say.
pub(super) const fn rule(rule: Rule) -> Option<[&'static str; 2]> {
    Some(match rule {
        Rule::OtherBasis => [
            "it begins elsewhere: with its validation, its milestone or its creation \
             (need.validated_labels)",
            "il commence ailleurs : à sa validation, à son jalon ou à sa création \
             (need.validated_labels)",
        ],
        Rule::NeedNotDelivered => [
            "not all merge requests that close it are delivered, or all in the first release",
            "les demandes de fusion qui le ferment ne sont pas toutes livrées, ou l’ont toutes été \
             par la première mise en production",
        ],
        Rule::NotPromoted => [
            "it did not reach the first of the two tiers before, or only by its first release",
            "il n’a pas atteint avant le premier des deux niveaux, ou seulement par sa première \
             mise en production",
        ],
        Rule::WithoutStep => [
            "nothing that was heard tells how long it spent there",
            "rien de connu ne dit combien de temps il y a passé",
        ],
        Rule::NotDue => ["its deadline lies ahead", "son échéance est à venir"],
        Rule::FeedbackOpen => [
            "users may still say something of it (feedback.period)",
            "les utilisateurs peuvent encore en dire quelque chose (feedback.period)",
        ],
        Rule::NothingReported => [
            "users said nothing of it before the next one (feedback.labels)",
            "les utilisateurs n’en ont rien dit avant la suivante (feedback.labels)",
        ],
        Rule::AboveBound => {
            ["it took longer than the bucket holds", "sa durée dépasse la borne de cette classe"]
        }
        Rule::DayNotOver => [
            "its day of UTC is not over, and GitLab’s ranges end yesterday",
            "son jour UTC n’est pas fini, et les périodes de GitLab s’arrêtent à la veille",
        ],
        Rule::NothingThatDay => [
            "nothing on that day gives this metric a value",
            "rien ce jour-là ne donne de valeur à cette mesure",
        ],
        _ => return None,
    })
}

/// Why a series does not exist; `None` for what other rulings say.
pub(super) const fn absence(absence: Absence) -> Option<[&'static str; 2]> {
    Some(match absence {
        Absence::NotAsGitlab => [
            "the policy does not ask for GitLab’s own numbers (compat.gitlab)",
            "la politique ne demande pas les chiffres de GitLab (compat.gitlab)",
        ],
        Absence::NoDay => [
            "no day of the window has a deployment to production, nor an incident",
            "aucun jour de la fenêtre n’a de déploiement en production ni d’incident",
        ],
        Absence::NoFeedbackLabel => [
            "no label marks what users report (feedback.labels)",
            "aucune étiquette ne marque les retours des utilisateurs (feedback.labels)",
        ],
        Absence::NoMilestone => ["no milestone has been heard of", "aucun jalon n’est connu"],
        Absence::NoPair => [
            "the policy does not pair these tiers, or one of them is not known (promotion_pairs)",
            "la politique n’associe pas ces niveaux, ou l’un d’eux est inconnu (promotion_pairs)",
        ],
        Absence::NeverCounted => [
            "nothing of the kind has come to its end",
            "rien de tel n’est encore arrivé à son terme",
        ],
        Absence::NoPipeline => [
            "no finished pipeline of the default branch has been heard of",
            "aucun pipeline terminé de la branche par défaut n’est connu",
        ],
        _ => return None,
    })
}
