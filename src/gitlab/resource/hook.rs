//! Webhooks as the API lists them, and as it takes them.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::delivery::Timestamp;
use crate::gitlab::timestamp;

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident = $key:literal,)+) => {
        /// What a hook can be told to send. GitLab's list, so that each can be switched off by
        /// name: what is not mentioned keeps GitLab's own default, and that of pushes is on.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum HookEvent {
            $($(#[$doc])* $variant,)+
        }

        impl HookEvent {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// GitLab's name of the switch.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self {
                    $(Self::$variant => $key,)+
                }
            }
        }
    };
}

events! {
    /// Deployments.
    Deployment = "deployment_events",
    /// Merge requests.
    MergeRequests = "merge_requests_events",
    /// Issues and other work items.
    Issues = "issues_events",
    /// The same that few may see.
    ConfidentialIssues = "confidential_issues_events",
    /// Pushes to branches.
    Push = "push_events",
    /// Tags.
    TagPush = "tag_push_events",
    /// Release objects.
    Releases = "releases_events",
    /// Milestones (18.2).
    Milestone = "milestone_events",
    /// Comments.
    Note = "note_events",
    /// Comments on what few may see.
    ConfidentialNote = "confidential_note_events",
    /// Pipelines.
    Pipeline = "pipeline_events",
    /// Jobs.
    Job = "job_events",
    /// Feature flags.
    FeatureFlag = "feature_flag_events",
    /// Emoji (16.2).
    Emoji = "emoji_events",
    /// Vulnerabilities (17.7).
    Vulnerability = "vulnerability_events",
    /// Expiring access tokens (16.10).
    ResourceAccessToken = "resource_access_token_events",
    /// Pages of wikis.
    WikiPage = "wiki_page_events",
    /// Members; groups only.
    Member = "member_events",
    /// Subgroups; groups only.
    Subgroup = "subgroup_events",
    /// Projects made and removed; groups only.
    Project = "project_events",
    /// Repositories; the whole instance only.
    RepositoryUpdate = "repository_update_events",
}

/// Whose a hook is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookLevel {
    /// A project's.
    Project,
    /// A group's, for all its projects and subgroups.
    Group,
    /// The whole instance's.
    Instance,
}

impl HookLevel {
    /// The switches that a hook of this level has.
    pub fn events(self) -> impl Iterator<Item = HookEvent> {
        use HookEvent::{
            Member, MergeRequests, Project, Push, RepositoryUpdate, Subgroup, TagPush,
        };
        HookEvent::ALL.iter().copied().filter(move |event| match self {
            Self::Project => !matches!(event, Member | Subgroup | Project | RepositoryUpdate),
            Self::Group => *event != RepositoryUpdate,
            Self::Instance => matches!(event, Push | TagPush | MergeRequests | RepositoryUpdate),
        })
    }
}

/// What GitLab does with a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HookState {
    /// It sends.
    Executable,
    /// It failed several times in a row: nothing is sent for a while.
    TemporarilyDisabled,
    /// It failed for long: nothing is sent until a test succeeds.
    Disabled,
    /// GitLab says nothing of it, as of system hooks and before 15.7, or a new word.
    Unknown,
}

impl HookState {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::Executable, Self::TemporarilyDisabled, Self::Disabled, Self::Unknown];

    /// Whether GitLab sends nothing to it.
    #[must_use]
    pub const fn is_disabled(self) -> bool {
        matches!(self, Self::TemporarilyDisabled | Self::Disabled)
    }

    /// GitLab's word; `unknown` for none.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Executable => "executable",
            Self::TemporarilyDisabled => "temporarily_disabled",
            Self::Disabled => "disabled",
            Self::Unknown => "unknown",
        }
    }
}

/// A hook as GitLab shows it; secrets are never shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// GitLab's number of it.
    pub id: u64,
    /// Where it sends.
    pub url: String,
    /// What it sends.
    pub events: BTreeSet<HookEvent>,
    /// Which switches this GitLab has.
    pub switches: BTreeSet<HookEvent>,
    /// Whether it checks our certificate.
    pub verifies_certificate: bool,
    /// Whether pushes of some branches only are sent.
    pub filters_branches: bool,
    /// Whether it sends a body of somebody's own making.
    pub has_template: bool,
    /// Whether it has a secret token; `None` where GitLab does not say.
    pub has_token: Option<bool>,
    /// Whether it has a signing token; `None` before 19.0.
    pub has_signing_token: Option<bool>,
    /// What GitLab does with it.
    pub state: HookState,
    /// Until when nothing is sent.
    pub disabled_until: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Row {
    id: u64,
    url: String,
    enable_ssl_verification: Option<bool>,
    push_events_branch_filter: Option<String>,
    custom_webhook_template: Option<String>,
    token_present: Option<bool>,
    signing_token_present: Option<bool>,
    alert_status: Option<String>,
    disabled_until: Option<String>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl From<Row> for Hook {
    fn from(row: Row) -> Self {
        let on = |event: &&HookEvent| row.rest.get(event.key()) == Some(&Value::Bool(true));
        let has = |event: &&HookEvent| row.rest.contains_key(event.key());
        let said = row.alert_status.as_deref();
        let state = HookState::ALL.into_iter().find(|state| said == Some(state.as_str()));
        let filled = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        Self {
            id: row.id,
            events: HookEvent::ALL.iter().filter(on).copied().collect(),
            switches: HookEvent::ALL.iter().filter(has).copied().collect(),
            verifies_certificate: row.enable_ssl_verification.unwrap_or(true),
            filters_branches: filled(&row.push_events_branch_filter),
            has_template: filled(&row.custom_webhook_template),
            has_token: row.token_present,
            has_signing_token: row.signing_token_present,
            state: state.unwrap_or(HookState::Unknown),
            disabled_until: row.disabled_until.as_deref().and_then(timestamp::read),
            url: row.url,
        }
    }
}

/// The hooks of one page of a list.
///
/// # Errors
/// When it is no list of hooks.
pub fn hooks(page: &[u8]) -> serde_json::Result<Vec<Hook>> {
    let rows: Vec<Row> = serde_json::from_slice(page)?;
    Ok(rows.into_iter().map(Hook::from).collect())
}

/// One hook.
///
/// # Errors
/// When it is none.
pub fn hook(body: &[u8]) -> serde_json::Result<Hook> {
    serde_json::from_slice::<Row>(body).map(Hook::from)
}

/// How the last deliveries of a hook were answered, newest first: a status code, or GitLab's words
/// when none came, by the hook's log (17.3).
///
/// # Errors
/// When it is no log.
pub fn answers(log: &[u8]) -> serde_json::Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Delivered {
        response_status: String,
    }
    let rows: Vec<Delivered> = serde_json::from_slice(log)?;
    Ok(rows.into_iter().map(|row| row.response_status).collect())
}

/// What a hook shall be, its switches apart.
#[derive(Clone, Copy)]
pub struct HookText<'a> {
    /// Where it sends.
    pub url: &'a str,
    /// The name it has in GitLab's pages (17.1).
    pub name: &'a str,
    /// Its secret token; an empty one takes away the one before.
    pub token: &'a str,
    /// Its signing token, when there is one.
    pub signing_token: Option<&'a str>,
}

/// The body that makes a hook what it shall be: every switch of its level, both tokens, our
/// certificate checked, pushes of all branches, GitLab's own bodies.
#[must_use]
pub fn hook_body(level: HookLevel, text: HookText<'_>, wanted: &BTreeSet<HookEvent>) -> Vec<u8> {
    let mut body = Map::new();
    let mut set = |key: &str, value: Value| body.insert(key.to_owned(), value);
    set("url", text.url.into());
    set("name", text.name.into());
    set("token", text.token.into());
    if let Some(token) = text.signing_token {
        set("signing_token", token.into());
    }
    for event in level.events() {
        set(event.key(), Value::Bool(wanted.contains(&event)));
    }
    set("enable_ssl_verification", Value::Bool(true));
    if level != HookLevel::Instance {
        set("push_events_branch_filter", Value::String(String::new()));
        set("branch_filter_strategy", Value::String("all_branches".to_owned()));
        set("custom_webhook_template", Value::String(String::new()));
    }
    Value::Object(body).to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_is_read_as_gitlab_shows_it_old_and_new() {
        let page = br#"[
          {"id":1,"url":"https://a/","push_events":true,"deployment_events":true,"issues_events":false,
           "enable_ssl_verification":false,"alert_status":"temporarily_disabled",
           "disabled_until":"2026-06-01T12:01:00.000Z","token_present":true,
           "signing_token_present":false,"push_events_branch_filter":"main",
           "custom_webhook_template":"{}","invented":7},
          {"id":2,"url":"https://b/","alert_status":"new word","custom_webhook_template":null}
        ]"#;
        let [first, second] = hooks(page).unwrap().try_into().unwrap();
        assert_eq!(first.events, BTreeSet::from([HookEvent::Push, HookEvent::Deployment]));
        assert_eq!(first.state, HookState::TemporarilyDisabled);
        assert_eq!(first.disabled_until, Some(Timestamp::from_second(1_780_315_260)));
        assert!(!first.verifies_certificate && first.filters_branches && first.has_template);
        assert_eq!((first.has_token, first.has_signing_token), (Some(true), Some(false)));
        assert_eq!((second.state, second.has_signing_token), (HookState::Unknown, None));
        assert!(second.verifies_certificate && second.events.is_empty());
        let log = br#"[{"id":1,"response_status":"internal error","request_data":{}}]"#;
        assert_eq!(answers(log).unwrap(), ["internal error"]);
        assert!(hooks(b"{}").is_err() && hook(b"[]").is_err());
    }

    #[test]
    fn every_switch_of_a_level_is_in_its_body_and_none_of_another() {
        let text = HookText { url: "https://a/", name: "n", token: "", signing_token: None };
        let wanted = BTreeSet::from([HookEvent::Deployment, HookEvent::MergeRequests]);
        for (level, switches) in
            [(HookLevel::Project, 17), (HookLevel::Group, 20), (HookLevel::Instance, 4)]
        {
            let body: Value = serde_json::from_slice(&hook_body(level, text, &wanted)).unwrap();
            let switched: Vec<_> = body
                .as_object()
                .unwrap()
                .iter()
                .filter(|(key, _)| HookEvent::ALL.iter().any(|event| event.key() == *key))
                .collect();
            assert_eq!(switched.len(), switches, "{level:?}");
            assert_eq!(body["push_events"], false, "GitLab's own default is on");
            assert_eq!(body["merge_requests_events"], true);
            assert_eq!(body["token"], "", "an empty token takes the old one away");
            assert!(body.get("signing_token").is_none());
        }
    }
}
