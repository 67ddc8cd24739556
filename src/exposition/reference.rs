//! The reference of all metrics, `docs/metrics.md`, written from the catalogue.

use std::fmt::{Error, Write};

use super::catalog::{self, Metric, Scope, figures, lifetime};
use super::family::Kind;
use crate::dora::counting::{INCIDENT_DURATION_BOUNDS, LEAD_TIME_BOUNDS};
use crate::dora::window::DAY_SECONDS;

const INTRODUCTION: &str = "\
# Metrics

<!-- Written from src/exposition/catalog by a test. To write it again:
     UPDATE_DOCS=1 cargo test the_reference_of_metrics_is_in_step -->

Everything that `/metrics` exposes, in the order in which it is exposed.

- **Absent is not zero.** A series that cannot be computed is absent, never 0 and never NaN. A count
  is 0 only where nothing happened in something that is known.
- **Never average** ratios, quantiles or frequencies over projects, and never add up quantiles. Groups
  and teams have families of their own, computed from the pooled raw samples. Ratios come with their
  parts, so that they can be added up rightly.
- **Show the count beside the number**: a median of two changes says little.
- DORA measures one application at a time. The numbers are for teams to watch themselves; there is no
  series about a person.
- Names and labels are kept stable: renaming or removing one is a breaking change.

## Labels

| label | values |
|---|---|
| `project` | full path of the project in GitLab |
| `group` | full path of a group; a project belongs to each group above it |
| `team` | name of a configured team |
| `gitlab` | name of the GitLab installation, on families of projects; only where several are configured |
| `service` | one of several services of one repository, on families of projects that depend on deployments; only where `service_map` names it |
| `environment_tier` | GitLab's `production` `staging` `testing` `development` `other`, or a configured tier |
| `environment` | name of the environment; environments of a folder below staging share the name `folder/*`, and those beyond the first 64 of a project the name `*` |
| `window` | the span that ends at the snapshot: `7d` `30d` `90d`, or as configured |
| `stat` | `p50` `p75` `p90`, interpolated between the closest ranks |
| `clock` | where a lead time begins: `first_commit`, the oldest commit's author date, or `merge` |
| `stage` | `coding` first commit to ready, `pickup` ready to first review, `review` first review to merge, `deploy` merge to delivery |
| `category` | kind of work, as configured by labels of merge requests; `other` for what none takes |
| `basis` | where a need begins: `validated` by a label, else at its first `milestone`, else `created`; `feedback` from its creation |
| `from` `to` | two tiers that changes pass one after the other, as `promotion_pairs` names them |
| `step` | `plan` created to validated, `ready` to the first commit, `code` `pickup` `review` as stages, `build` `test` jobs of the last pipeline before the merge, `release` merge to the start of the deployment, `deploy` from there to delivery, `operate` recovery, `detect` release to incident, `acknowledge` incident to the first comment |
| `kind` | `first` `change` forward; `rollback` back on purpose; `outdated` an older pipeline that finished late; `redeploy` the same commit again; `none` for a deployment that did not succeed |
| `signal` | what says that a release failed: `incident` `rollback` `revert` `hotfix` |
| `severity` | `unknown` `low` `medium` `high` `critical` |
| `status` | `success` `failed` `canceled` `skipped` |

Values longer than 128 characters and those with control characters are changed; they end in `~` and
eight digits that keep them apart. The limit `max_series` leaves out whole groups and projects, the
newest projects first; roll-ups stay complete, and `gitlab_dora_exporter_series_dropped_total` counts.
";

/// The whole reference, in Markdown.
#[must_use]
pub fn reference() -> String {
    let mut out = String::from(INTRODUCTION);
    match write(&mut out) {
        Ok(()) => out,
        Err(Error) => unreachable!("memory takes every text"),
    }
}

fn write(out: &mut String) -> Result<(), Error> {
    out.push_str(
        "\n## Figures\n\nGauges, as of the snapshot. Each exists for projects, and pooled for groups and \
         teams where it says so.\n",
    );
    for figure in figures::ALL {
        figure.of(Scope::Project).into_iter().try_for_each(|metric| write_metric(out, metric))?;
        if let Some(group) = figure.of(Scope::Group) {
            write!(out, "- **Pooled**: `{}` by `group`", group.name)?;
            let team = figure.of(Scope::Team);
            team.map_or(Ok(()), |team| write!(out, ", `{}` by `team`", team.name))?;
            writeln!(out)?;
        }
    }
    out.push_str(
        "\n## Lifetime counters and histograms\n\nThey add up what was first recorded, survive \
         restarts and never fall: a later correction moves\nthe figures above, never these.\n",
    );
    let (counted, about) = lifetime::ALL.split_at(lifetime::COUNTED);
    counted.iter().try_for_each(|metric| write_metric(out, metric))?;
    out.push_str("\n## About the data\n");
    about.iter().try_for_each(|metric| write_metric(out, metric))?;
    out.push_str("\n## This process\n\nPer process, from its start.\n");
    catalog::OWN.iter().try_for_each(|metric| write_metric(out, metric))
}

fn write_metric(out: &mut String, metric: &Metric) -> Result<(), Error> {
    let kind = match metric.kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
        Kind::Histogram => "histogram",
        Kind::Info => "info, always 1",
    };
    let labels: Vec<_> =
        metric.label_names().into_iter().map(|label| format!("`{label}`")).collect();
    writeln!(out, "\n### `{}`\n\n{}\n", metric.name, metric.help)?;
    write!(out, "- **Type**: {kind}")?;
    if let Some(unit) = metric.unit.as_str() {
        write!(out, ", in {unit}", unit = if unit == "ratio" { "parts of 1" } else { unit })?;
    }
    writeln!(out)?;
    if !labels.is_empty() {
        writeln!(out, "- **Labels**: {}", labels.join(" "))?;
    }
    if let Some(bounds) = bounds(metric) {
        writeln!(out, "- **Buckets**: {bounds}")?;
    }
    writeln!(out, "- **Absent**: {}", metric.absent)?;
    writeln!(out, "- **Definition**: {}", metric.source)
}

/// The upper bounds of our own histograms, in words.
fn bounds(metric: &Metric) -> Option<String> {
    let seconds: &[u64] = match metric.name {
        name if name == lifetime::DELIVERED_LEAD_TIME.name => &LEAD_TIME_BOUNDS,
        name if name == lifetime::CLOSED_INCIDENT_DURATION.name => &INCIDENT_DURATION_BOUNDS,
        _ => return None,
    };
    let words = seconds.iter().map(|bound| match *bound {
        days if days % DAY_SECONDS == 0 => format!("{} d", days / DAY_SECONDS),
        hours if hours % 3_600 == 0 => format!("{} h", hours / 3_600),
        minutes => format!("{} min", minutes / 60),
    });
    Some(words.collect::<Vec<_>>().join(", "))
}
