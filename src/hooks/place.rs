//! Where hooks belong: a project, a group, the instance; or each project of a group.

use globset::GlobSet;

use super::sync::SyncError;
use crate::gitlab::resource::about::{self, Listed};
use crate::gitlab::resource::hook::HookLevel;
use crate::rest::{Client, RestError};

/// What the operator named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A project, by path or number.
    Project(String),
    /// A group, by path or number.
    Group(String),
    /// Everything.
    Instance,
}

/// Something that can have hooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What it is.
    pub level: HookLevel,
    /// As people call it.
    pub name: String,
    id: Option<String>,
}

impl Place {
    /// The project of this number.
    #[must_use]
    pub fn project(id: u64, path: &str) -> Self {
        Self { level: HookLevel::Project, name: path.to_owned(), id: Some(id.to_string()) }
    }

    /// The group of this path or number.
    #[must_use]
    pub fn group(id: &str) -> Self {
        Self { level: HookLevel::Group, name: id.to_owned(), id: Some(id.to_owned()) }
    }

    /// The whole instance.
    #[must_use]
    pub fn instance() -> Self {
        Self { level: HookLevel::Instance, name: "the instance".to_owned(), id: None }
    }

    /// The path of its hooks, and of what lies below them.
    pub(super) fn path<'a>(&'a self, below: &[&'a str]) -> Vec<&'a str> {
        let owner: Vec<&str> = match (self.level, self.id.as_deref()) {
            (HookLevel::Project, Some(id)) => vec!["projects", id],
            (HookLevel::Group, Some(id)) => vec!["groups", id],
            _ => Vec::new(),
        };
        [&owner, &["hooks"][..], below].concat()
    }
}

/// The places of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// In the order of GitLab's list.
    pub places: Vec<Place>,
    /// Whether each project stands for a group whose own hooks cannot be had: it is not of a paid
    /// edition, or the token's user is no Owner of it.
    pub instead_of_group: bool,
}

/// The places of `target`; only projects that `allowed` matches, all when it is empty.
///
/// A group that can have hooks is one place, else each of its projects is one, subgroups included:
/// so a later call finds the projects that are new.
///
/// # Errors
/// [`SyncError`] when GitLab does not show the target.
pub async fn places(
    client: &Client,
    target: &Target,
    allowed: &GlobSet,
) -> Result<Places, SyncError> {
    let one = |place| Places { places: vec![place], instead_of_group: false };
    match target {
        Target::Instance => Ok(one(Place::instance())),
        Target::Project(name) => {
            let answer = client.get(&["projects", name], &[]).await?;
            let found = about::project(answer.body()).map_err(|_| SyncError::Unread)?;
            Ok(one(Place::project(found.id, &found.path_with_namespace)))
        }
        Target::Group(name) => {
            let place = Place::group(name);
            match client.get(&place.path(&[]), &[("per_page", "1")]).await {
                Ok(_) => Ok(one(place)),
                Err(RestError::Forbidden { .. } | RestError::NotFound) => Ok(Places {
                    places: projects(client, name, allowed).await?,
                    instead_of_group: true,
                }),
                Err(error) => Err(error.into()),
            }
        }
    }
}

async fn projects(
    client: &Client,
    group: &str,
    allowed: &GlobSet,
) -> Result<Vec<Place>, SyncError> {
    // By default GitLab also lists what other groups share into this one.
    let query = [("include_subgroups", "true"), ("with_shared", "false"), ("archived", "false")];
    let mut pages = client.pages(&["groups", group, "projects"], &query);
    let mut places = Vec::new();
    while let Some(page) = pages.next().await? {
        let listed = about::projects(&page).map_err(|_| SyncError::Unread)?;
        let fits =
            |listed: &&Listed| allowed.is_empty() || allowed.is_match(&listed.path_with_namespace);
        let own = listed.iter().filter(fits);
        places.extend(own.map(|own| Place::project(own.id, &own.path_with_namespace)));
    }
    Ok(places)
}
