//! The Prometheus that scrapes us: whether it does, whether all arrives, and whether our rules and
//! alerts are loaded.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::finding::{Area, Findings};
use super::hooks::first;
use super::serving::Serving;
use crate::cli::exit::Exit;
use crate::clock::{Clock as _, SystemClock};
use crate::config::Prometheus;
use crate::rest::{Visit, form, visit};
use crate::words::diagnoses::Told;
use crate::words::diagnoses::way::{
    ALERT_FIRES, PROMETHEUS_ANSWERS, PROMETHEUS_FOREIGN, PROMETHEUS_REFUSES, PROMETHEUS_SILENT,
    RULE_BROKEN, RULES_LACK, RULES_LOADED, RULES_NONE, RULES_UNREAD, SCRAPE_DOWN, SCRAPE_FRESH,
    SCRAPE_INCOMPLETE, SCRAPE_NONE, SCRAPE_OLD, SCRAPE_OTHER, SCRAPE_WHOLE,
};

const AREA: Area = Area::Prometheus;
/// The rules that we ship.
const RULES: &str = include_str!("../../../deploy/prometheus/rules/gitlab-dora.rules.yml");
/// More than the rules of a large company take.
const ANSWER_BYTES: usize = 32 << 20;
/// A scrape that is older was missed several times: the usual interval is a minute at most.
const OLD_SECONDS: f64 = 180.0;
/// An exporter that started later may not have been scraped since.
const SCRAPED_AFTER_SECONDS: f64 = 180.0;
/// Characters of an error of a rule that are shown.
const SHOWN_CHARACTERS: usize = 200;

/// What Prometheus answers to every question.
#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

#[derive(Deserialize)]
struct Vector {
    result: Vec<Sample>,
}

#[derive(Deserialize)]
struct Sample {
    metric: BTreeMap<String, String>,
    value: (f64, String),
}

impl Sample {
    fn label(&self, name: &str) -> &str {
        self.metric.get(name).map_or("", String::as_str)
    }

    fn number(&self) -> Option<f64> {
        self.value.1.parse().ok()
    }

    /// A selector's labels of the target that this came from.
    fn target(&self) -> String {
        let quoted = |name| self.label(name).replace('\\', "\\\\").replace('"', "\\\"");
        format!("job=\"{}\",instance=\"{}\"", quoted("job"), quoted("instance"))
    }
}

#[derive(Deserialize)]
struct Groups {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    name: String,
    #[serde(default)]
    health: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    last_error: String,
}

/// Asks Prometheus about us.
pub(super) async fn look(prometheus: &Prometheus, serving: &Serving, findings: &mut Findings) {
    let asked = Asked { prometheus };
    let targets = match asked.query("gitlab_dora_exporter_build_info").await {
        Ok(targets) => targets,
        Err(told) => return findings.fail(Exit::Failed, AREA, told),
    };
    findings.ok(AREA, PROMETHEUS_ANSWERS.of([&prometheus.url]));
    if targets.is_empty() {
        findings.fail(Exit::Failed, AREA, SCRAPE_NONE.of([]));
    } else if let Err(told) = asked.scrape(&targets, serving, findings).await {
        findings.warn(AREA, told);
    }
    match asked.get::<Groups>("rules", &[]).await {
        Ok(loaded) => rules(&loaded, findings),
        Err(told) => {
            let why = told.what(crate::words::Language::English).to_owned();
            findings.note(AREA, RULES_UNREAD.of([&why]));
        }
    }
}

struct Asked<'a> {
    prometheus: &'a Prometheus,
}

impl Asked<'_> {
    /// The result of an instant query.
    async fn query(&self, expression: &str) -> Result<Vec<Sample>, Told> {
        let vector: Vector = self.get("query", &[("query", expression)]).await?;
        Ok(vector.result)
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, Told> {
        let base = &self.prometheus.url;
        let url = format!("{base}/api/v1/{path}?{}", form(query));
        let mut request = Visit::get(&url);
        request.limit_bytes = ANSWER_BYTES;
        request.token = self.prometheus.token.as_ref();
        request.authorities = self.prometheus.authorities.as_ref();
        let answer = visit(request).await;
        let answer = answer.map_err(|error| PROMETHEUS_SILENT.of([base, &error.deepest()]))?;
        let status = answer.status.to_string();
        match answer.status {
            401 | 403 => Err(PROMETHEUS_REFUSES.of([base, &status])),
            200 => serde_json::from_slice(&answer.body)
                .map(|answer: Answer<T>| answer.data)
                .map_err(|_| PROMETHEUS_FOREIGN.of([base, &status])),
            _ => Err(PROMETHEUS_FOREIGN.of([base, &status])),
        }
    }

    /// Whether the exporter that runs here is scraped, lately, and whole. Without one, whichever is.
    async fn scrape(
        &self,
        targets: &[Sample],
        serving: &Serving,
        findings: &mut Findings,
    ) -> Result<(), Told> {
        let mut own = None;
        for target in targets {
            if self.is_here(target, serving).await? {
                own = Some(target);
            }
        }
        let Some(own) = own.or_else(|| targets.first().filter(|_| !serving.is_running())) else {
            let other = targets.first().map_or("", |target| target.label("instance"));
            let started = serving.number("process_start_time_seconds").unwrap_or(0.0);
            if now() - started > SCRAPED_AFTER_SECONDS {
                findings.warn(AREA, SCRAPE_OTHER.of([other]));
            }
            return Ok(());
        };
        let (target, name) = (own.target(), own.label("instance"));
        let up = self.query(&format!("up{{{target}}}")).await?;
        if up.first().and_then(Sample::number) == Some(0.0) {
            findings.fail(Exit::Failed, AREA, SCRAPE_DOWN.of([name]));
            return Ok(());
        }
        let age = format!("time() - timestamp(gitlab_dora_exporter_build_info{{{target}}})");
        if let Some(age) = self.query(&age).await?.first().and_then(Sample::number) {
            let seconds = format!("{:.0}", age.max(0.0));
            if age > OLD_SECONDS {
                findings.warn(AREA, SCRAPE_OLD.of([name, &seconds]));
            } else {
                findings.ok(AREA, SCRAPE_FRESH.of([name, &seconds]));
            }
        }
        if serving.is_running() {
            let names = format!("count by (__name__) ({{__name__!=\"\",{target}}})");
            whole(&self.query(&names).await?, serving, findings);
        }
        Ok(())
    }

    /// Whether a target is the process that runs here: nothing else began in the same second.
    async fn is_here(&self, target: &Sample, serving: &Serving) -> Result<bool, Told> {
        let Some(here) = serving.number("process_start_time_seconds") else { return Ok(false) };
        let started = format!("process_start_time_seconds{{{}}}", target.target());
        let there = self.query(&started).await?.first().and_then(Sample::number);
        Ok(there.is_some_and(|there| (there - here).abs() < 1.0))
    }
}

/// Whether each family that we show is there, whatever it shows.
fn whole(samples: &[Sample], serving: &Serving, findings: &mut Findings) {
    let there: BTreeSet<&str> = samples.iter().map(|sample| sample.label("__name__")).collect();
    let arrives = |family: &&str| {
        there.contains(family) || there.contains(format!("{family}_count").as_str())
    };
    let families = serving.families();
    let missing: Vec<&str> = families.iter().copied().filter(|own| !arrives(own)).collect();
    if missing.is_empty() {
        findings.ok(AREA, SCRAPE_WHOLE.of([&families.len().to_string()]));
    } else {
        let told = SCRAPE_INCOMPLETE.of([&missing.len().to_string(), &first(&missing)]);
        findings.warn(AREA, told);
    }
}

/// Whether our rules are loaded and can be evaluated, and which of our alerts fire.
fn rules(loaded: &Groups, findings: &mut Findings) {
    let shipped: BTreeSet<&str> = shipped().collect();
    let ours = loaded.groups.iter().flat_map(|group| &group.rules);
    let ours: Vec<&Rule> = ours.filter(|rule| shipped.contains(rule.name.as_str())).collect();
    let names: BTreeSet<&str> = ours.iter().map(|rule| rule.name.as_str()).collect();
    let missing: Vec<&str> = shipped.difference(&names).copied().collect();
    if names.is_empty() {
        findings.note(AREA, RULES_NONE.of([]));
    } else if missing.is_empty() {
        findings.ok(AREA, RULES_LOADED.of([&shipped.len().to_string()]));
    } else {
        findings.warn(AREA, RULES_LACK.of([&missing.len().to_string(), &first(&missing)]));
    }
    for rule in &ours {
        if rule.health == "err" {
            let error: String = rule.last_error.chars().take(SHOWN_CHARACTERS).collect();
            findings.warn(AREA, RULE_BROKEN.of([&rule.name, &error]));
        }
        if rule.state == "firing" {
            findings.warn(AREA, ALERT_FIRES.of([&rule.name]));
        }
    }
}

/// The names of the rules that we ship.
fn shipped() -> impl Iterator<Item = &'static str> {
    let name = |line: &'static str| {
        let rest = line.trim().strip_prefix("- ")?;
        rest.strip_prefix("record: ").or_else(|| rest.strip_prefix("alert: "))
    };
    RULES.lines().filter_map(name)
}

fn now() -> f64 {
    // Seconds since the epoch need 53 bits in 2255.
    SystemClock.now().to_string().parse().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_that_we_ship_are_known_by_name() {
        let names: Vec<_> = shipped().collect();
        assert!(names.contains(&"GitLabDoraHookDisabled"), "{names:?}");
        assert!(names.contains(&"project:dora_incidents:increase1d"), "{names:?}");
        assert_eq!(
            names.len(),
            RULES.matches("- record:").count() + RULES.matches("- alert:").count()
        );
    }

    #[test]
    fn labels_of_a_target_are_quoted() {
        let metric = BTreeMap::from([("job".to_owned(), "a\"b\\".to_owned())]);
        let sample = Sample { metric, value: (0.0, "1".to_owned()) };
        assert_eq!(sample.target(), "job=\"a\\\"b\\\\\",instance=\"\"");
    }
}
