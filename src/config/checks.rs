//! From values to settings: every bound, and what must fit together.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use figment::Figment;
use figment::value::Dict;

use super::globs::{author_globs, project_globs};
use super::layers::{Inputs, stray_variables};
use super::links;
use super::mistake::{ConfigError, Mistake};
use super::raw::{Field, Report, Table};
use super::sender::Senders;
use super::{
    Exposition, Ingest, Log, Page, Purpose, Server, Settings, Storage, Team, policy, web_url,
};
use crate::dora::levels::Year;
use crate::dora::window::{DAY_SECONDS, Window};
use crate::exposition::Histograms;
use crate::telemetry::{LogFilter, LogFormat};
use crate::words::Language;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
/// What GitLab sends at most.
const GITLAB_BODY_LIMIT_BYTES: usize = 25 << 20;
/// A key must be remembered for longer than GitLab can send it again: its log holds 14 days, and a
/// restored backup may be as old as that once more.
const SHORTEST_JOURNAL_SECONDS: u64 = 35 * DAY_SECONDS;
/// Each window multiplies the series.
const MOST_WINDOWS: usize = 8;
/// Two years; facts are kept for 760 days by default.
const LONGEST_WINDOW_DAYS: u64 = 730;
/// A team's name is a label of metrics.
const LONGEST_TEAM_NAME: usize = 128;

/// Checks everything, also after a mistake.
pub(super) fn check(
    figment: &Figment,
    dict: &Dict,
    mistakes: Vec<Mistake>,
    inputs: &Inputs,
    purpose: Purpose,
) -> (Result<Settings, ConfigError>, Vec<Mistake>) {
    let report = Report::new(figment, mistakes);
    let settings = read(Table::root(&report, dict), inputs, purpose);
    let (mistakes, warnings) = report.close();
    match settings {
        Some(settings) if mistakes.is_empty() => (Ok(settings), warnings),
        Some(_) | None => (Err(ConfigError { mistakes }), warnings),
    }
}

pub(super) fn read(root: Table<'_>, inputs: &Inputs, purpose: Purpose) -> Option<Settings> {
    let server = server(root.section("server"));
    let senders = Senders::read(&root, &inputs.environment);
    for stray in stray_variables(&inputs.environment, &senders.variables) {
        root.report().warn(stray);
    }
    let exposition = exposition(root.section("exposition"));
    let longest = exposition.as_ref().and_then(|exposition| exposition.windows.last().copied());
    let storage = storage(root.section("store"), longest);
    let ingest = ingest(root.section("ingest"), server.as_ref());
    let policy_block = root.section("policy");
    let exclude_authors =
        policy_block.required("exclude_authors").map(|field| author_globs(&field));
    let policies = policy::read(policy_block);
    if senders.all.iter().all(|sender| sender.api.is_none()) {
        links::warn_without_token(&root, &policies);
    }
    let teams = teams(&root);
    let (log, page) = (log(root.section("log")), page(root.section("page")));
    if purpose == Purpose::Serve && !senders.named_a_secret {
        root.report().mistake(
            Mistake::new("gitlab", "has no secret, so no delivery could be believed")
                .allowed("at least one signing token or secret token in a [[gitlab]] block")
                .suggestion(
                    "[[gitlab]] name = \"main\" secret_tokens_env = [\"GITLAB_SECRET_TOKEN\"]",
                ),
        );
    }
    root.finish();
    Some(Settings {
        server: server?,
        senders: senders.all,
        storage: storage?,
        ingest: ingest?,
        policies,
        exclude_authors: exclude_authors?,
        teams,
        exposition: exposition?,
        log: log?,
        page: page?,
    })
}

fn server(table: Table<'_>) -> Option<Server> {
    let second = Duration::from_secs(1);
    let within = |key, longest| {
        table.required(key).and_then(|field| field.duration(&(second..=second * longest)))
    };
    let (head_timeout, keep_alive) = (within("head_timeout", 60), within("keep_alive", 300));
    let up_to = |key, longest| {
        let field = table.required(key);
        field.and_then(|field| field.duration(&(Duration::ZERO..=second * longest)))
    };
    let (drain_delay, stop_timeout) = (up_to("drain_delay", 300), up_to("stop_timeout", 300));
    let connections = table.required("connections").and_then(|field| whole(&field, 8, 65_536));
    let body_limit = table.required("body_limit").and_then(|field| {
        let bytes = field.size(&(64 * KIB..=100 * MIB))?;
        if bytes < GITLAB_BODY_LIMIT_BYTES {
            field.warn("is less than GitLab sends, so events will be lost", "25MiB");
        }
        Some(bytes)
    });
    let inflight_limit = table.required("inflight_limit").and_then(|field| {
        let bytes = field.size(&(MIB..=64 * KIB * MIB))?;
        at_least(&field, bytes, body_limit, "server.body_limit")
    });
    let (listen, admin_listen) = listeners(&table);
    let external_url = table.field("external_url").and_then(|field| web_url::read(&field));
    table.finish();
    Some(Server {
        listen: listen?,
        admin_listen,
        external_url,
        connections: connections?,
        head_timeout: head_timeout?,
        keep_alive: keep_alive?,
        body_limit_bytes: body_limit?,
        inflight_limit_bytes: inflight_limit?,
        drain_delay: drain_delay?,
        stop_timeout: stop_timeout?,
    })
}

fn listeners(table: &Table<'_>) -> (Option<SocketAddr>, Option<SocketAddr>) {
    let allowed = "an address and a port, like 127.0.0.1:13672, [::1]:13672 or :13672";
    let listen_field = table.required("listen");
    let listen = listen_field.as_ref().and_then(|field| field.read(allowed, address));
    let admin_field = table.field("admin_listen");
    let admin = admin_field.as_ref().and_then(|field| field.read(allowed, address));
    match (&listen_field, listen, &admin_field, admin) {
        (_, Some(listen), Some(field), Some(admin)) if listen == admin && admin.port() != 0 => {
            field.refuse("is the same as server.listen", "another address, or none");
        }
        (Some(field), Some(listen), None, _) if !listen.ip().is_loopback() => field.warn(
            format!("is {listen}: whoever reaches it reads every number, not GitLab alone"),
            "set server.admin_listen, or let a proxy guard all paths but /webhooks/gitlab",
        ),
        _ => {}
    }
    (listen, admin)
}

/// An address and a port; `:13672` is every address of this machine, `localhost` the loopback one.
fn address(text: &str) -> Option<SocketAddr> {
    let port = |text: &str| text.parse::<u16>().ok();
    if let Some(rest) = text.strip_prefix(':') {
        return Some(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port(rest)?)));
    }
    if let Some(rest) = text.strip_prefix("localhost:") {
        return Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port(rest)?)));
    }
    text.parse().ok()
}

fn storage(table: Table<'_>, longest: Option<Window>) -> Option<Storage> {
    let directory = table.required("directory").and_then(|field| {
        field
            .read("the path of a directory", |text| (!text.is_empty()).then(|| PathBuf::from(text)))
    });
    let journal = table.required("journal_retention").and_then(|field| {
        let seconds = field.seconds()?;
        if seconds < SHORTEST_JOURNAL_SECONDS {
            field.wrong("at least 35d, so that a repeated delivery is recognised");
            return None;
        }
        Some(seconds)
    });
    let facts = table.required("facts_retention").and_then(|field| {
        let seconds = field.seconds()?;
        if longest.is_some_and(|window| seconds < window.seconds()) {
            field.wrong("at least the longest of exposition.windows");
            return None;
        }
        Some(seconds)
    });
    table.finish();
    Some(Storage {
        directory: directory?,
        journal_retention_seconds: journal?,
        facts_retention_seconds: facts?,
    })
}

fn ingest(table: Table<'_>, server: Option<&Server>) -> Option<Ingest> {
    let (second, millisecond) = (Duration::from_secs(1), Duration::from_millis(1));
    let deadline = table.required("deadline");
    let deadline = deadline.and_then(|field| field.duration(&(second..=second * 9)));
    let linger = table.required("linger");
    let linger = linger.and_then(|field| field.duration(&(Duration::ZERO..=millisecond * 100)));
    let queue_events =
        table.required("queue_events").and_then(|field| whole(&field, 16, 1_000_000));
    let queue_limit = table.required("queue_limit").and_then(|field| {
        let bytes = field.size(&(MIB..=64 * KIB * MIB))?;
        let largest = server.map(|server| server.body_limit_bytes);
        at_least(&field, bytes, largest, "server.body_limit")
    });
    let batch_events = table.required("batch_events").and_then(|field| whole(&field, 1, 10_000));
    let batch_limit = table.required("batch_limit");
    let batch_limit = batch_limit.and_then(|field| field.size(&(64 * KIB..=KIB * MIB)));
    let tolerance = table.required("signature_tolerance").and_then(|field| {
        field.duration(&(second..=second * 86_400)).map(|tolerance| tolerance.as_secs())
    });
    table.finish();
    Some(Ingest {
        deadline: deadline?,
        linger: linger?,
        queue_events: queue_events?,
        queue_limit_bytes: queue_limit?,
        batch_events: batch_events?,
        batch_limit_bytes: batch_limit?,
        signature_tolerance_seconds: tolerance?,
    })
}

fn teams(root: &Table<'_>) -> Vec<Team> {
    let mut names = BTreeMap::new();
    let mut team = |block: Table<'_>| {
        let name = block.required("name").and_then(|field| {
            let name =
                field.read("1 to 128 characters, none of them a control character", |text| {
                    let fits = (1..=LONGEST_TEAM_NAME).contains(&text.chars().count());
                    (fits && !text.chars().any(char::is_control)).then(|| text.to_owned())
                })?;
            if let Some(first) = names.insert(name.clone(), field.path().to_owned()) {
                field.refuse(format!("is {name:?}, as {first} is already"), "a name of its own");
            }
            Some(name)
        });
        let projects = block.required("projects").map(|field| {
            let projects = project_globs(&field);
            if projects.is_empty() {
                field.refuse("matches no project", "at least one pattern, like group/**");
            }
            projects
        });
        block.finish();
        Some(Team { name: name?, projects: projects? })
    };
    let mut teams: Vec<_> = root.blocks("team").into_iter().filter_map(&mut team).collect();
    teams.sort_by(|a, b| a.name.cmp(&b.name));
    teams
}

fn exposition(table: Table<'_>) -> Option<Exposition> {
    let windows = table.required("windows").and_then(|field| windows(&field));
    let max_series =
        table.required("max_series").and_then(|field| field.number(&(100..=10_000_000)));
    let histograms = table
        .required("histograms")
        .and_then(|field| field.switch(Histograms::Shown, Histograms::Hidden));
    let refresh = table.required("refresh").and_then(|field| {
        let seconds = u32::try_from(field.seconds()?).unwrap_or(u32::MAX);
        if !(1..=300).contains(&seconds) {
            field.wrong("whole seconds from 1s to 5m");
            return None;
        }
        Some(seconds)
    });
    table.finish();
    Some(Exposition {
        windows: windows?,
        refresh_seconds: refresh?,
        max_series: max_series?,
        histograms: histograms?,
    })
}

fn windows(field: &Field<'_>) -> Option<Vec<Window>> {
    let items = field.items();
    if items.is_empty() || items.len() > MOST_WINDOWS {
        field.refuse(format!("holds {} windows", items.len()), "a list of 1 to 8 windows");
        return None;
    }
    let allowed = "whole days from 1d to 730d, each once";
    let mut windows = Vec::new();
    for item in items {
        let days = item.read(allowed, |text| {
            let days = text.strip_suffix('d')?.parse::<u32>().ok()?;
            let fits = (1..=LONGEST_WINDOW_DAYS).contains(&u64::from(days));
            fits.then_some(days)
        });
        let window = days.map(Window::of_days);
        if window.is_some_and(|window| windows.contains(&window)) {
            item.wrong(allowed);
        }
        windows.extend(window);
    }
    windows.sort_unstable();
    Some(windows)
}

fn log(table: Table<'_>) -> Option<Log> {
    let format = table
        .required("format")
        .and_then(|field| field.choice(&LogFormat::ALL.map(|format| (format.as_str(), format))));
    let filter = table.required("level").and_then(|field| {
        let allowed = "error, warn, info, debug, trace, off, or a list like \
                       info,gitlab_dora_exporter::store=debug";
        field.read(allowed, |text| LogFilter::parse(text).ok())
    });
    table.finish();
    Some(Log { format: format?, filter: filter? })
}

fn page(table: Table<'_>) -> Option<Page> {
    let field = table.required("languages");
    let levels = table.required("levels").and_then(|field| levels(&field));
    table.finish();
    let field = field?;
    let (items, words) = (field.items(), Language::ALL.map(|language| (language.tag(), language)));
    if items.is_empty() {
        field.refuse("offers no language", "at least one of en, fr");
        return None;
    }
    let mut languages = Vec::new();
    for item in items {
        match item.choice(&words) {
            Some(language) if languages.contains(&language) => item.wrong("each language once"),
            language => languages.extend(language),
        }
    }
    Some(Page { languages, levels })
}

/// The year whose levels are shown; `None` for 0, and for a mistake, which was told.
fn levels(field: &Field<'_>) -> Option<Year> {
    let number = field.number(&(0..=u64::from(u16::MAX)))?;
    let year = u16::try_from(number).ok().and_then(Year::of);
    if year.is_none() && number != 0 {
        let years = Year::ALL.map(|year| year.number().to_string());
        field.wrong(format!("a year that published levels, {}; or 0", years.join(", ")));
    }
    year
}

fn whole(field: &Field<'_>, from: u64, to: u64) -> Option<usize> {
    field.number(&(from..=to)).and_then(|number| usize::try_from(number).ok())
}

fn at_least(field: &Field<'_>, bytes: usize, least: Option<usize>, named: &str) -> Option<usize> {
    if least.is_some_and(|least| bytes < least) {
        field.wrong(format!("at least {named}, or one large delivery could never pass"));
        return None;
    }
    Some(bytes)
}
