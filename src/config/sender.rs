//! `[[gitlab]]`: who may send, with which secrets, about which projects.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::time::Duration;

use globset::GlobSet;

use super::api;
use super::globs::project_globs;
use super::layers::Environment;
use super::mistake::Mistake;
use super::raw::{Field, Report, Table};
use super::secret::{self, Keys};
use super::web_url;
use crate::delivery::InstanceId;
use crate::hooks::Dispensable;
use crate::proof::{ClearSecret, Fingerprint, SecretToken, SigningToken, Source};
use crate::rest::RestSettings;

const DUTIES: [(&str, HookDuty); 2] = [("audit", HookDuty::Audit), ("sync", HookDuty::Sync)];
const SYNC_LACKS: &str = "is \"sync\", and something that it takes is missing";
const SIGNING: Keys = ["signing_tokens", "signing_tokens_env", "signing_tokens_file"];
const SECRET: Keys = ["secret_tokens", "secret_tokens_env", "secret_tokens_file"];
/// How far back GitLab's API is read when nothing is said: the largest window, twice.
const BACKFILL_SINCE: Duration = Duration::from_hours(180 * 24);
/// As long as facts are kept; less than an hour is no past.
const BACKFILL_BOUNDS: RangeInclusive<Duration> =
    Duration::from_hours(1)..=Duration::from_hours(762 * 24);
/// A name is a label of a metric.
const LONGEST_NAME: usize = 64;

/// One configured sender; the store numbers it at the first start.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The operator's name for it, unique.
    pub name: String,
    /// Address of the GitLab without a slash at its end.
    pub url: Option<String>,
    /// How its API is asked; `None` without a token.
    pub api: Option<RestSettings>,
    /// How far back its API is read, in seconds; `None` when the exporter reads nothing by itself.
    pub backfill_since_seconds: Option<u64>,
    /// Whether pipelines are read from it as well.
    pub backfill_pipelines: bool,
    /// Active signing tokens.
    pub signing_tokens: Vec<SigningToken>,
    /// Active secret tokens.
    pub secret_tokens: Vec<SecretToken>,
    /// What hooks are given: the last secret token that is listed, and the last signing token.
    pub hook_secrets: HookSecrets,
    /// Whether unsigned deliveries are refused.
    pub strict: bool,
    /// The projects it may speak for; empty is all.
    pub projects: GlobSet,
    /// What `serve` does about the hooks.
    pub hooks: HookDuty,
    /// Events that hooks need not send.
    pub hooks_without: BTreeSet<Dispensable>,
}

/// What `serve` does about the hooks that point to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HookDuty {
    /// It looks after them and changes nothing.
    #[default]
    Audit,
    /// It also makes those that are missing, and makes right those that are wrong.
    Sync,
}

impl Sender {
    /// This sender under the number that the store gave it.
    #[must_use]
    pub fn numbered(&self, instance: InstanceId) -> Source {
        Source {
            instance,
            name: self.name.clone(),
            signing_tokens: self.signing_tokens.clone(),
            secret_tokens: self.secret_tokens.clone(),
            strict: self.strict,
            projects: self.projects.clone(),
        }
    }
}

/// The secrets of the hooks that we set up, in clear; of several the last, for a new one is added
/// at the end while the old one is still in use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HookSecrets {
    /// The secret token.
    pub secret: Option<ClearSecret>,
    /// The signing token.
    pub signing: Option<ClearSecret>,
}

/// What the blocks hold.
#[derive(Default)]
pub(super) struct Senders {
    /// The senders that can be read.
    pub(super) all: Vec<Sender>,
    /// Names of the environment variables that they refer to.
    pub(super) variables: Vec<String>,
    /// Whether any of them names a secret, a usable one or not.
    pub(super) named_a_secret: bool,
    /// What is wrong with settings by which `serve` is to set up hooks, when there is no address.
    syncing: Vec<Mistake>,
    names: BTreeMap<String, String>,
    secrets: BTreeMap<Fingerprint, String>,
}

impl Senders {
    /// Reads every block; a name or a secret that stands in two of them is a mistake.
    pub(super) fn read(root: &Table<'_>, environment: &Environment) -> Self {
        let mut senders = Self::default();
        for block in root.blocks("gitlab") {
            let sender = senders.sender(block, environment);
            senders.all.extend(sender);
        }
        senders
    }

    fn sender(&mut self, block: Table<'_>, environment: &Environment) -> Option<Sender> {
        let name = block.required("name").and_then(|field| self.name(&field));
        let url = block.field("url").and_then(|field| web_url::read(&field));
        let variables = &mut self.variables;
        let api = api::read(&block, name.as_deref(), url.as_deref(), environment, variables);
        let strict = block.field("strict").and_then(|field| field.switch(true, false));
        let projects = block.field("projects").map(|field| project_globs(&field));
        let (signing_tokens, signing) = self.signing_tokens(&block, environment);
        let (secret_tokens, secret) = self.secret_tokens(&block, environment);
        let hook_secrets = HookSecrets { secret, signing };
        let strict = strict.unwrap_or(false);
        let named = |key: &&'static str| block.field(key).is_some_and(|field| !field.is_empty());
        let names_signing = SIGNING.iter().any(named);
        let names_any = names_signing || SECRET.iter().any(named);
        self.named_a_secret |= names_any;
        warn_if_mute(&block, strict && !names_signing, names_any);
        let backfill_since_seconds = backfill_since(&block);
        let pipelines = block.field("backfill_pipelines");
        let pipelines = pipelines.and_then(|field| field.switch(true, false));
        let hooks = block.field("hooks");
        let duty = hooks.as_ref().and_then(|field| field.choice(&DUTIES)).unwrap_or_default();
        if let (Some(field), HookDuty::Sync) = (&hooks, duty) {
            self.check_sync(field, api.is_some(), names_any);
        }
        let hooks_without = block.field("hooks_without").map(|field| dispensable(&field));
        block.finish();
        Some(Sender {
            name: name?,
            url,
            backfill_since_seconds,
            backfill_pipelines: pipelines.unwrap_or(false),
            api,
            signing_tokens,
            secret_tokens,
            hook_secrets,
            strict,
            projects: projects.unwrap_or_else(GlobSet::empty),
            hooks: duty,
            hooks_without: hooks_without.unwrap_or_default(),
        })
    }

    /// Where hooks cannot be told where to send, nobody may be told to set them up.
    pub(super) fn refuse_to_sync(&mut self, report: &Report<'_>) {
        for mistake in self.syncing.drain(..) {
            report.mistake(mistake);
        }
    }

    fn check_sync(&mut self, field: &Field<'_>, has_api: bool, has_secret: bool) {
        if !has_api {
            field.refuse(
                SYNC_LACKS,
                "url and token_env in this block, a token with the scope `api`",
            );
        }
        if !has_secret {
            field.refuse(SYNC_LACKS, "signing_tokens_env or secret_tokens_env in this block");
        }
        let address = "server.external_url, the address by which GitLab reaches us";
        self.syncing.push(field.about(SYNC_LACKS).allowed(address));
    }

    fn name(&mut self, field: &Field<'_>) -> Option<String> {
        let allowed = "1 to 64 of a-z, A-Z, 0-9, `.`, `_` and `-`";
        let name = field.read(allowed, |text| {
            let fits = (1..=LONGEST_NAME).contains(&text.len());
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            (fits && text.bytes().all(plain)).then(|| text.to_owned())
        })?;
        if let Some(first) = self.names.insert(name.clone(), field.path().to_owned()) {
            field.refuse(format!("is {name:?}, as {first} is already"), "a name of its own");
            return None;
        }
        Some(name)
    }

    fn signing_tokens(
        &mut self,
        block: &Table<'_>,
        environment: &Environment,
    ) -> (Vec<SigningToken>, Option<ClearSecret>) {
        let found = secret::read(block, SIGNING, environment, &mut self.variables);
        let last = last_of(&found);
        let read = |found: secret::Found<'_>| match SigningToken::parse(found.secret.expose()) {
            Ok(token) => self.once(&found.field, token.fingerprint()).then_some(token),
            Err(invalid) => {
                found.field.refuse("holds no signing token", invalid);
                None
            }
        };
        (found.into_iter().filter_map(read).collect(), last)
    }

    fn secret_tokens(
        &mut self,
        block: &Table<'_>,
        environment: &Environment,
    ) -> (Vec<SecretToken>, Option<ClearSecret>) {
        let found = secret::read(block, SECRET, environment, &mut self.variables);
        let last = last_of(&found);
        let read = |found: secret::Found<'_>| {
            if SigningToken::parse(found.secret.expose()).is_ok() {
                found.field.warn(
                    "holds a signing token, which GitLab never sends in clear",
                    "put it under signing_tokens",
                );
            }
            let token = SecretToken::new(found.secret.expose().as_bytes()).ok()?;
            self.once(&found.field, token.fingerprint()).then_some(token)
        };
        (found.into_iter().filter_map(read).collect(), last)
    }

    /// A secret in two places could not say who sent a delivery.
    fn once(&mut self, field: &Field<'_>, fingerprint: Fingerprint) -> bool {
        let first = self.secrets.insert(fingerprint, field.path().to_owned());
        if let Some(first) = &first {
            field.refuse(format!("holds the same secret as {first}"), "each secret once");
        }
        first.is_none()
    }
}

fn dispensable(field: &Field<'_>) -> BTreeSet<Dispensable> {
    let words = Dispensable::ALL.map(|event| (event.as_str(), event));
    field.items().iter().filter_map(|item| item.choice(&words)).collect()
}

/// How far back the API is read; `None` when it is "off".
fn backfill_since(block: &Table<'_>) -> Option<u64> {
    let since = match block.field("backfill_since") {
        Some(field) if field.is("off") => return None,
        Some(field) => field.duration(&BACKFILL_BOUNDS)?,
        None => BACKFILL_SINCE,
    };
    Some(since.as_secs())
}

fn last_of(found: &[secret::Found<'_>]) -> Option<ClearSecret> {
    found.last().map(|found| ClearSecret::new(found.secret.expose().to_owned()))
}

/// A sender of whom nothing can be believed is most likely not what was meant.
fn warn_if_mute(block: &Table<'_>, strict_in_vain: bool, names_any: bool) {
    let (what, better) = if !names_any {
        ("has no secret, so none of its deliveries is believed", "add signing_tokens")
    } else if strict_in_vain {
        ("is strict and has no signing token, so none of its deliveries is believed", "add one")
    } else {
        return;
    };
    block.report().warn(Mistake::new(block.path(), what).suggestion(better));
}
