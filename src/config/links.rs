//! `policy.project_links`: which projects deploy for which others.

use globset::GlobSet;

use super::mistake::Mistake;
use super::raw::{Field, Table};
use crate::delivery::ProjectPath;
use crate::dora::policy::{DeploymentSource, NamePattern, Policies, ProjectLink, is_same_project};

/// Each is looked through for every deployment of its project.
const MOST_LINKS: usize = 200;

/// A link as it was written, and the projects of the override in which it stands.
pub(super) struct Stated<'a> {
    field: Field<'a>,
    link: ProjectLink,
    within: Option<GlobSet>,
}

/// Reads all links of one list; what is wrong with one leaves it out.
pub(super) fn links<'a>(
    field: &Field<'a>,
    blocks: Vec<Table<'a>>,
    pattern: impl Fn(&str) -> Option<NamePattern>,
) -> Vec<Stated<'a>> {
    if blocks.len() > MOST_LINKS {
        field.refuse("holds too many links", format!("at most {MOST_LINKS}"));
    }
    let pattern = |field: Field<'a>| field.read("a regular expression of moderate size", &pattern);
    let link = |(field, block): (Field<'a>, Table<'a>)| {
        let [deploy, app] =
            ["deploy", "app"].map(|key| block.required(key).and_then(|field| project(&field)));
        let patterns = ["environment", "match"].map(|key| block.field(key).map(pattern));
        block.finish();
        if patterns.iter().any(|own| matches!(own, Some(None))) {
            return None;
        }
        let [environment, images] = patterns.map(Option::flatten);
        let link = ProjectLink { deploy: deploy?, app: app?, environment, images };
        Some(Stated { field, link, within: None })
    };
    field.items().into_iter().zip(blocks).filter_map(link).collect()
}

fn project(field: &Field<'_>) -> Option<ProjectPath> {
    field.read("the full path of one project, as group/project", |text| {
        let is_plain = |part: &str| {
            !part.is_empty()
                && !part.contains(|own: char| own.is_whitespace() || "*?[]{}".contains(own))
        };
        let is_path = text.contains('/') && text.split('/').all(is_plain);
        is_path.then(|| ProjectPath::new(text).ok()).flatten()
    })
}

impl Stated<'_> {
    /// It stands in an override for these projects.
    pub(super) fn within(&mut self, projects: &GlobSet) {
        self.within = Some(projects.clone());
    }

    /// The link.
    pub(super) const fn link(&self) -> &ProjectLink {
        &self.link
    }
}

/// Looks at all links together: what stands for nobody, goes round, or leaves open whose a
/// deployment is.
pub(super) fn check(stated: &[Stated<'_>], policies: &Policies) {
    for (place, own) in stated.iter().enumerate() {
        let before = stated.get(..place).unwrap_or_default();
        if let Some((what, allowed)) = mistake(own, before, policies) {
            own.field.refuse(what, allowed);
        }
    }
}

/// Warns of links that nobody can be asked about.
pub(super) fn warn_without_token(root: &Table<'_>, policies: &Policies) {
    if !policies.links().is_empty() {
        let what = "measures nothing: what a deployed commit changed is asked of GitLab's API";
        let warning = Mistake::new("policy.project_links", what);
        root.report().warn(warning.suggestion("a token and url in a [[gitlab]] block"));
    }
}

fn mistake(
    own: &Stated<'_>,
    before: &[Stated<'_>],
    policies: &Policies,
) -> Option<(String, String)> {
    let ProjectLink { deploy, app, .. } = &own.link;
    if is_same_project(deploy, app) {
        let allowed = "two different projects: one without a link measures its own deployments";
        return Some((format!("links {app} to itself"), allowed.to_owned()));
    }
    if own.within.as_ref().is_some_and(|projects| !projects.is_match(deploy.as_str())) {
        let what = format!("is about {deploy}, which this override does not match");
        return Some((what, format!("an override that matches {deploy}, or [policy] itself")));
    }
    let in_force = policies.links();
    if !in_force.contains(&own.link) {
        return None;
    }
    if let Some(next) = in_force.iter().find(|next| is_same_project(&next.deploy, app)) {
        return Some(if is_same_project(&next.app, deploy) {
            let what = format!("goes round in a circle: {app} deploys for {deploy}, too");
            (what, "one of the two directions".to_owned())
        } else {
            let what = format!("ends at {app}, which itself deploys for {}", next.app);
            (what, format!("app = \"{}\", or no link from {app}", next.app))
        });
    }
    for project in [deploy, app] {
        if policies.resolve(project).deployment_source != DeploymentSource::Deployment {
            let what = format!("links {project}, whose deployments are no records of deployments");
            return Some((what, format!("deployment_source = \"deployment\" for {project}")));
        }
    }
    let others = before.iter().map(Stated::link).filter(|other| in_force.contains(other));
    let mut others = others.filter(|other| is_same_project(&other.deploy, deploy));
    let is_unclear = |other: &ProjectLink| {
        let is_all = !other.tells_apart() || !own.link.tells_apart();
        is_all || other.environment == own.link.environment && other.images == own.link.images
    };
    let other = others.find(|other| is_unclear(other))?;
    let what = format!("leaves open which deployments of {deploy} are those of {}", other.app);
    let allowed = "links of one project that differ by match, environment, or both";
    Some((what, allowed.to_owned()))
}
