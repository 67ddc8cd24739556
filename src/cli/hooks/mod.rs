//! `hooks`: the webhooks in GitLab, listed, set up and taken away.

pub(super) mod shown;

use std::sync::Arc;

use clap::builder::PossibleValue;
use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use globset::GlobSet;

use super::exit::{Exit, Failure};
use super::settings::SettingsArgs;
use super::{gitlabs, output};
use crate::clock::SystemClock;
use crate::config::{Environment, Purpose, Sender, Settings};
use crate::gitlab::resource::hook::Hook;
use crate::hooks::{self, Dispensable, Place, Places, Step, SyncError, Target, Wanted};
use crate::http::WEBHOOK_PATH;
use crate::instruments::Instruments;
use crate::rest::Client;

/// What to do with the webhooks.
#[derive(Debug, Args)]
pub struct HooksArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show which hooks point to this exporter, and how they fare
    List(Where),
    /// Make the hooks what they should be: shows the plan, and does it with --yes
    Sync(SyncArgs),
    /// Take away the hooks that point to this exporter: shows them, and does it with --yes
    Remove(RemoveArgs),
}

/// Where the hooks are.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("target").required(true))]
struct Where {
    #[command(flatten)]
    settings: SettingsArgs,
    /// A project, by path or number
    #[arg(long, value_name = "PATH", group = "target")]
    project: Option<String>,
    /// A group, by path or number: its own hook, or one for each of its projects where groups have
    /// none
    #[arg(long, value_name = "PATH", group = "target")]
    group: Option<String>,
    /// The whole instance, as its administrator
    #[arg(long, group = "target")]
    instance: bool,
    /// The GitLab to use, by the name of its block [default: the only one with a token]
    #[arg(long, value_name = "NAME")]
    gitlab: Option<String>,
}

#[derive(Debug, Args)]
struct SyncArgs {
    #[command(flatten)]
    place: Where,
    /// Do it
    #[arg(long, conflicts_with = "dry_run")]
    yes: bool,
    /// Show the plan alone, as without --yes
    #[arg(long)]
    dry_run: bool,
    /// An event that hooks shall not send; may be repeated
    #[arg(long, value_enum, value_name = "EVENT")]
    without: Vec<Dispensable>,
}

#[derive(Debug, Args)]
struct RemoveArgs {
    #[command(flatten)]
    place: Where,
    /// Do it
    #[arg(long, conflicts_with = "dry_run")]
    yes: bool,
    /// Show what would go, as without --yes
    #[arg(long)]
    dry_run: bool,
}

impl ValueEnum for Dispensable {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Push => "Pushes: lead time from the first commit",
            Self::Note => "Comments: pickup and review",
            Self::Pipeline => "Pipelines: the steps build and test",
            Self::Milestone => "Milestones: on time, scope",
            Self::Releases => "Releases and tags: recorded only",
        };
        Some(PossibleValue::new(self.as_str()).help(help))
    }
}

/// Does it, place by place: what fails at one does not stop the others.
///
/// # Errors
/// - [`Exit::Configuration`] when the settings are wrong, or lack a token, `server.external_url` or
///   a secret for the hooks.
/// - [`Exit::GitLabRefused`] when GitLab refused anything, or did not answer.
pub fn run(args: &HooksArgs, environment: Environment) -> Result<(), Failure> {
    let place = match &args.action {
        Action::List(place) => place,
        Action::Sync(args) => &args.place,
        Action::Remove(args) => &args.place,
    };
    let settings = place.settings.load(environment, Purpose::Other).settings?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Exit::Failed, error))?;
    runtime.block_on(async {
        let here = Here::new(place, &settings)?;
        match &args.action {
            Action::List(_) => here.list().await,
            Action::Sync(args) => here.sync(args).await,
            Action::Remove(args) => here.remove(args).await,
        }
    })
}

/// One GitLab, and what of it is meant.
struct Here<'a> {
    client: Client,
    sender: &'a Sender,
    target: Target,
    url: String,
}

impl<'a> Here<'a> {
    fn new(place: &Where, settings: &'a Settings) -> Result<Self, Failure> {
        let (sender, api) = gitlabs::chosen(settings, place.gitlab.as_deref())?;
        let Some(external_url) = &settings.server.external_url else {
            return Err(Failure::new(
                Exit::Configuration,
                "server.external_url is not set, so GitLab cannot be told where to send",
            )
            .suggesting("external_url = \"https://dora.example.com\" in [server]"));
        };
        let target = match (&place.project, &place.group) {
            (Some(project), _) => Target::Project(project.clone()),
            (None, Some(group)) => Target::Group(group.clone()),
            (None, None) => Target::Instance,
        };
        let client = Client::new(api, Arc::new(SystemClock), Arc::new(Instruments::new()));
        let client = client.map_err(|error| Failure::new(Exit::Failed, error))?;
        let url = format!("{external_url}{WEBHOOK_PATH}");
        Ok(Self { client, sender, target, url })
    }

    async fn places(&self) -> Result<Vec<Place>, Failure> {
        let allowed: &GlobSet = &self.sender.projects;
        let Places { places, instead_of_group } =
            hooks::places(&self.client, &self.target, allowed).await.map_err(gitlabs::refused)?;
        if instead_of_group {
            output::complain(
                "note: this group gives no hooks of its own to this token (they need a paid edition \
                 and the role Owner); its projects are seen to one by one, so run this again for \
                 new ones\n",
            );
        }
        if places.is_empty() {
            output::complain("note: there is no project that these settings are for\n");
        }
        Ok(places)
    }

    async fn list(&self) -> Result<(), Failure> {
        let mut outcome = Outcome::default();
        output::result(shown::heading(&self.client, &self.url))?;
        for place in self.places().await? {
            match hooks::hooks_at(&self.client, &place).await {
                Ok(all) => output::result(shown::hooks(&place, &all, &self.url))?,
                Err(error) => outcome.fail(&place, error),
            }
        }
        outcome.end()
    }

    async fn sync(&self, args: &SyncArgs) -> Result<(), Failure> {
        let wanted = self.wanted(&args.without)?;
        hooks::check_proof(&self.client, &wanted).await.map_err(gitlabs::refused)?;
        if self.target == Target::Instance {
            output::complain(
                "note: hooks of the whole instance send no deployments and no issues: they complete \
                 hooks of projects or groups, and replace none\n",
            );
        }
        let plan = |place: &Place, present: &[_]| hooks::plan(&wanted, place.level, present);
        self.go(&wanted, plan, args.yes).await
    }

    async fn remove(&self, args: &RemoveArgs) -> Result<(), Failure> {
        let wanted = Wanted {
            url: self.url.clone(),
            events: hooks::needed_events(),
            secret_token: None,
            signing_token: None,
        };
        let plan = |_: &Place, present: &[_]| hooks::removal(&self.url, present);
        self.go(&wanted, plan, args.yes).await
    }

    fn wanted(&self, without: &[Dispensable]) -> Result<Wanted, Failure> {
        let secrets = &self.sender.hook_secrets;
        if secrets.secret.is_none() && secrets.signing.is_none() {
            let name = &self.sender.name;
            let why = format!("[[gitlab]] {name} has no secret for its hooks");
            return Err(Failure::new(Exit::Configuration, why)
                .suggesting("signing_tokens_env or secret_tokens_env in its block"));
        }
        Ok(Wanted {
            url: self.url.clone(),
            events: hooks::events_without(without.iter().chain(&self.sender.hooks_without)),
            secret_token: secrets.secret.clone(),
            signing_token: secrets.signing.clone(),
        })
    }

    /// Shows what is to be done at every place, and does it when that was asked for.
    async fn go(
        &self,
        wanted: &Wanted,
        plan: impl Fn(&Place, &[Hook]) -> Vec<Step>,
        does_it: bool,
    ) -> Result<(), Failure> {
        let mut outcome = Outcome::default();
        output::result(shown::heading(&self.client, &self.url))?;
        for place in self.places().await? {
            match hooks::hooks_at(&self.client, &place).await {
                Ok(present) if does_it => {
                    let steps = plan(&place, &present);
                    self.apply(wanted, &place, &steps, &mut outcome).await?;
                }
                Ok(present) => {
                    let steps = plan(&place, &present);
                    let lines = steps.iter().map(|step| shown::step(&place, step, None));
                    output::result(lines.collect::<String>())?;
                }
                Err(error) => outcome.fail(&place, error),
            }
        }
        if !does_it {
            output::result("nothing was changed; --yes does it\n")?;
        }
        outcome.end()
    }

    async fn apply(
        &self,
        wanted: &Wanted,
        place: &Place,
        steps: &[Step],
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        for step in steps {
            let done = hooks::apply(&self.client, place, wanted, step).await;
            output::result(shown::step(place, step, Some(&done)))?;
            if let Err(error) = done {
                outcome.fail(place, error);
            }
        }
        Ok(())
    }
}

/// What became of all places.
#[derive(Default)]
struct Outcome {
    failures: usize,
}

impl Outcome {
    fn fail(&mut self, place: &Place, error: SyncError) {
        self.failures += 1;
        output::complain(&format!("{}: ", place.name));
        gitlabs::refused(error).report();
    }

    fn end(self) -> Result<(), Failure> {
        match self.failures {
            0 => Ok(()),
            1 => Err(Failure::new(Exit::GitLabRefused, "one place was not seen to")),
            more => {
                Err(Failure::new(Exit::GitLabRefused, format!("{more} places were not seen to")))
            }
        }
    }
}
