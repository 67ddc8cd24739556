//! Rulings on deployments that one project makes for another.

use crate::dora::explain::Rule;

/// Why something does not count; `None` for what other rulings say.
pub(super) const fn rule(rule: Rule) -> Option<[&'static str; 2]> {
    Some(match rule {
        Rule::MeasuredElsewhere => [
            "it is measured as a deployment of the application that it brings (project_links)",
            "il est mesuré comme un déploiement de l’application qu’il apporte (project_links)",
        ],
        Rule::VersionUntold => [
            "GitLab has not told yet which images its commit names (project_links)",
            "GitLab n’a pas encore dit quelles images nomme son commit (project_links)",
        ],
        Rule::VersionUnchanged => [
            "its commit changes no image: it brings no version (project_links)",
            "son commit ne change aucune image : il n’apporte aucune version (project_links)",
        ],
        Rule::VersionUnknown => [
            "no tag and no commit of the application is known by the version that it names \
             (project_links)",
            "aucune étiquette ni aucun commit de l’application n’est connu sous la version qu’il \
             nomme (project_links)",
        ],
        Rule::VersionUnclear => [
            "the versions that it names are several commits of the application (project_links)",
            "les versions qu’il nomme sont plusieurs commits de l’application (project_links)",
        ],
        _ => return None,
    })
}
