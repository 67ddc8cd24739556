//! The demo's numbers, counted again from the bodies alone, as somebody with a pencil would.
//!
//! The recount knows nothing of facts, windows or policies of the product: it walks the deliveries
//! in the order of time and notes what landed on the default branch and what reached production.
//! It holds for projects that merge by merge commits into one production environment.

use std::collections::BTreeMap;

use gitlab_dora_exporter::config::{self, Inputs, Purpose};
use gitlab_dora_exporter::delivery::EnvironmentTier;
use gitlab_dora_exporter::dora::measure::measure;
use gitlab_dora_exporter::dora::scorecard::WindowFigures;
use gitlab_dora_exporter::dora::window::Window;
use serde_json::Value;

use super::{NOW, deliveries, read};

const WINDOW_DAYS: u32 = 30;
/// Each goes to production in a rhythm of its own.
const PROJECTS: [&str; 3] = ["horizon/guichet", "horizon/notifications", "boreal/echeances"];

/// Something that came to the default branch with one push.
#[derive(Debug)]
struct Landed {
    /// Authored date of its first commit.
    begun: i64,
    /// Whether it counts: not what the bot merged.
    sampled: bool,
    delivered: Option<i64>,
}

/// What a pencil finds.
#[derive(Debug, Default)]
struct Pencil {
    /// Everything that landed, in order, and where each head stands in it.
    landed: Vec<Landed>,
    heads: BTreeMap<String, usize>,
    running: Option<String>,
    /// When something else than what already ran reached production.
    releases: Vec<i64>,
}

impl Pencil {
    fn note(&mut self, event: &str, at: i64, body: &Value) {
        match event {
            "Push Hook" if body["ref"] == "refs/heads/main" => self.pushed(body),
            "Merge Request Hook" if body["object_attributes"]["action"] == "merge" => {
                // The push follows in the same second.
                let landing = body["object_attributes"]["merge_commit_sha"].as_str().unwrap();
                let by_bot = body["assignees"][0]["username"] == "renovate";
                self.heads.insert(landing.to_owned(), self.landed.len());
                self.landed.push(Landed { begun: 0, sampled: !by_bot, delivered: None });
            }
            "Deployment Hook"
                if body["environment"] == "production" && body["status"] == "success" =>
            {
                let url = body["commit_url"].as_str().unwrap();
                self.reached_production(url.rsplit('/').next().unwrap(), at);
            }
            _ => {}
        }
    }

    fn pushed(&mut self, body: &Value) {
        let head = body["after"].as_str().unwrap();
        let commits = body["commits"].as_array().unwrap();
        let direct = !self.heads.contains_key(head);
        // The last commit of a merge is the merge itself.
        let own = if direct { &commits[..] } else { &commits[..commits.len() - 1] };
        let begun = own
            .iter()
            .map(|commit| {
                let text = commit["timestamp"].as_str().unwrap();
                text.parse::<jiff::Timestamp>().unwrap().as_second()
            })
            .min()
            .unwrap();
        if direct {
            self.heads.insert(head.to_owned(), self.landed.len());
            self.landed.push(Landed { begun, sampled: true, delivered: None });
        } else {
            self.landed.last_mut().unwrap().begun = begun;
        }
    }

    fn reached_production(&mut self, sha: &str, at: i64) {
        if self.running.as_deref() == Some(sha) {
            return;
        }
        self.running = Some(sha.to_owned());
        self.releases.push(at);
        let Some(last) = self.heads.get(sha) else { return };
        for landed in &mut self.landed[..=*last] {
            landed.delivered.get_or_insert(at);
        }
    }

    fn in_window(at: i64) -> bool {
        (NOW.as_second() - i64::from(WINDOW_DAYS) * 86_400..NOW.as_second()).contains(&at)
    }

    fn releases(&self) -> u64 {
        self.releases.iter().filter(|at| Self::in_window(**at)).count().try_into().unwrap()
    }

    fn lead_times(&self) -> Vec<i64> {
        let sampled = self.landed.iter().filter(|landed| landed.sampled);
        let mut times: Vec<i64> = sampled
            .filter_map(|landed| Some((landed.begun, landed.delivered?)))
            .filter(|(_, delivered)| Self::in_window(*delivered))
            .map(|(begun, delivered)| (delivered - begun).max(0))
            .collect();
        times.sort_unstable();
        times
    }
}

/// The middle of sorted times, or the mean of the two middles.
fn median(times: &[i64]) -> f64 {
    let (low, high) = (times[(times.len() - 1) / 2], times[times.len() / 2]);
    f64::from(i32::try_from(low + high).unwrap()) / 2.0
}

fn measured() -> BTreeMap<String, WindowFigures> {
    let inputs = Inputs::default();
    let settings = config::load(&inputs, Purpose::Other).settings.unwrap();
    let window = Window::of_days(WINDOW_DAYS);
    let history = read(deliveries());
    let mut figures = BTreeMap::new();
    for (key, project) in history.projects() {
        let path = project.project.path.value().unwrap().clone();
        let policy = settings.policies.resolve(&path);
        let score = measure(key, project, NOW, &policy, &[window]);
        let mut tiers = score.figures.figures.tiers.iter();
        let production = tiers.find(|one| one.tier == EnvironmentTier::Production);
        figures.insert(path.as_str().to_owned(), production.unwrap().windows[0].clone());
    }
    figures
}

#[test]
fn releases_and_lead_times_are_those_that_a_pencil_finds() {
    let mut pencils: BTreeMap<&str, Pencil> = BTreeMap::new();
    for delivery in deliveries().filter(|delivery| PROJECTS.contains(&delivery.project)) {
        let body: Value = serde_json::from_slice(&delivery.body).unwrap();
        let pencil = pencils.entry(delivery.project).or_default();
        pencil.note(delivery.event, delivery.at.as_second(), &body);
    }
    let measured = measured();
    for (project, pencil) in pencils {
        let found = &measured[project];
        let times = pencil.lead_times();
        assert_eq!(found.counted_deployments, pencil.releases(), "releases of {project}");
        assert_eq!(found.changes, u64::try_from(times.len()).unwrap(), "changes of {project}");
        let p50 = found.change_lead_time.first_commit.unwrap().p50;
        assert!((p50 - median(&times)).abs() < 0.5, "{project}: {p50} and {}", median(&times));
        assert!(times.len() > 3, "{project} delivered {} changes", times.len());
    }
}
