//! Lists: filters by resource, two ways of paging, and GitLab's silence about what it does not know.

use serde_json::{Value, json};

use super::wire::{Reply, Seen};
use super::{LINK_HOST, refusal};

/// Above so many rows GitLab counts no more.
const COUNTED_ROWS: usize = 10_000;
/// Offset paging ends here where there is keyset paging.
const OFFSET_ROWS: usize = 50_000;

/// One page of a list, after the filters that its resource knows.
pub(super) fn page(rows: &[Value], seen: &Seen, parts: &[&str], limit: usize) -> Reply {
    let kind = parts.last().copied().unwrap_or_default();
    if let Some(mistake) = wrong_filters(seen, kind) {
        return refusal(400, mistake);
    }
    let mut kept: Vec<&Value> = rows.iter().filter(|row| fits(row, seen, kind)).collect();
    sort(&mut kept, seen, kind);
    let per_page = number(seen, "per_page").unwrap_or(20).clamp(1, limit);
    let keyset = seen.parameter("pagination") == Some("keyset") && has_keyset(kind);
    if keyset {
        keyset_page(&kept, seen, per_page)
    } else {
        offset_page(&kept, seen, kind, per_page)
    }
}

fn has_keyset(kind: &str) -> bool {
    ["projects", "jobs", "issues"].contains(&kind)
}

fn number(seen: &Seen, key: &str) -> Option<usize> {
    seen.parameter(key)?.parse().ok()
}

/// Deployments refuse some mixtures, which is written nowhere but in their source.
fn wrong_filters(seen: &Seen, kind: &str) -> Option<&'static str> {
    let has = |key: &str| seen.parameter(key).is_some();
    let finished = has("finished_after") || has("finished_before");
    let updated = has("updated_after") || has("updated_before");
    let by_finish = seen.parameter("order_by") == Some("finished_at");
    match kind {
        "deployments" if finished && updated => {
            Some("`updated_at` and `finished_at` filters are exclusive")
        }
        "deployments" if finished && seen.parameter("status") != Some("success") => {
            Some("`finished_at` filter must be combined with `success` status filter.")
        }
        "deployments" if finished != by_finish => {
            Some("`finished_at` filter and `finished_at` sorting must be paired")
        }
        _ => None,
    }
}

/// Whether a row passes the filters that its resource knows; any other parameter says nothing.
fn fits(row: &Value, seen: &Seen, kind: &str) -> bool {
    let known: &[(&str, &str)] = match kind {
        "deployments" => &[("status", "status"), ("environment", "environment.name")],
        "merge_requests" => &[("state", "state"), ("target_branch", "target_branch")],
        "issues" => &[("state", "state"), ("issue_type", "issue_type")],
        "pipelines" => &[("status", "status"), ("ref", "ref"), ("source", "source")],
        "projects" => &[("archived", "archived")],
        "environments" => &[("states", "state"), ("name", "name")],
        "milestones" => &[("state", "state")],
        _ => &[],
    };
    let equal = known.iter().all(|(parameter, field)| {
        let Some(wanted) = seen.parameter(parameter) else { return true };
        let value = at(row, field);
        wanted == "all" || value.is_null() || text(value) == wanted
    });
    let shared = row["shared"].as_bool().unwrap_or(false);
    let hides_shared = kind == "projects" && seen.parameter("with_shared") == Some("false");
    let times: &[(&str, &str)] = match kind {
        "deployments" => &[("updated", "updated_at"), ("finished", "deployable.finished_at")],
        "merge_requests" | "issues" | "pipelines" => {
            &[("updated", "updated_at"), ("created", "created_at")]
        }
        _ => &[],
    };
    let times = if kind == "projects" { &[("last_activity", "last_activity_at")] } else { times };
    let within = times.iter().all(|(parameter, field)| {
        let value = text(at(row, field));
        let bound = |end| seen.parameter(&format!("{parameter}_{end}")).map(instant);
        let value = instant(&value);
        bound("after").is_none_or(|after| value > after)
            && bound("before").is_none_or(|before| value < before)
    });
    equal && within && !(hides_shared && shared)
}

fn instant(text: &str) -> Option<jiff::Timestamp> {
    text.parse().ok()
}

fn at<'a>(row: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(row, |value, key| &value[key])
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn sort(rows: &mut [&Value], seen: &Seen, kind: &str) {
    let (by, direction) = match kind {
        "deployments" | "projects" => ("id", "asc"),
        "jobs" | "pipelines" => ("id", "desc"),
        "merge_requests" | "issues" => ("created_at", "desc"),
        _ => return,
    };
    let by = seen.parameter("order_by").unwrap_or(by);
    let by = if by == "finished_at" { "deployable.finished_at" } else { by };
    rows.sort_by(|a, b| {
        let (a, b) = (at(a, by), at(b, by));
        a.as_u64().cmp(&b.as_u64()).then_with(|| instant(&text(a)).cmp(&instant(&text(b))))
    });
    if seen.parameter("sort").unwrap_or(direction) == "desc" {
        rows.reverse();
    }
}

fn offset_page(rows: &[&Value], seen: &Seen, kind: &str, per_page: usize) -> Reply {
    let page = number(seen, "page").unwrap_or(1).max(1);
    let start = (page - 1).saturating_mul(per_page);
    if has_keyset(kind) && start >= OFFSET_ROWS {
        return refusal(405, "Offset pagination has a maximum allowed offset of 50000");
    }
    let shown: Vec<_> = rows.iter().skip(start).take(per_page).collect();
    let more = start + shown.len() < rows.len();
    let mut reply = Reply::json(200, &json!(shown)).header("x-per-page", per_page.to_string());
    if rows.len() <= COUNTED_ROWS {
        reply = reply.header("x-total", rows.len().to_string());
    }
    if more {
        let next = [("page".to_owned(), (page + 1).to_string())];
        reply = reply.header("link", link(seen, &next));
    }
    reply
}

fn keyset_page(rows: &[&Value], seen: &Seen, per_page: usize) -> Reply {
    let id = |row: &Value| row["id"].as_u64().unwrap();
    let after = seen.parameter("id_after").map(|id| id.parse::<u64>().unwrap());
    let before = seen.parameter("id_before").map(|id| id.parse::<u64>().unwrap());
    let left: Vec<_> = rows
        .iter()
        .filter(|row| after.is_none_or(|after| id(row) > after))
        .filter(|row| before.is_none_or(|before| id(row) < before))
        .collect();
    let shown: Vec<_> = left.iter().take(per_page).collect();
    let reply = Reply::json(200, &json!(shown));
    match shown.last() {
        Some(last) if left.len() > shown.len() => {
            let descending = seen.parameter("sort") == Some("desc");
            let key = if descending { "id_before" } else { "id_after" };
            reply.header("link", link(seen, &[(key.to_owned(), id(last).to_string())]))
        }
        _ => reply,
    }
}

/// The link to the next page: the same parameters but for the place, at GitLab's own host.
fn link(seen: &Seen, place: &[(String, String)]) -> String {
    let kept = seen.query.iter().filter(|(key, _)| place.iter().all(|(new, _)| new != key));
    let target = format!("{LINK_HOST}{}", seen.target);
    let query = kept.chain(place).map(|(key, value)| (key.as_str(), value.as_str()));
    let next = reqwest::Url::parse_with_params(&target, query).unwrap();
    format!("<{target}?page=1>; rel=\"first\", <{next}>; rel=\"next\"")
}
