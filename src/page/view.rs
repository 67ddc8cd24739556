//! What the landing page shows, and its template.

use std::collections::BTreeMap;

use askama::Template;

use super::figures::{self, Section};
use super::frame::{Choice, Frame, query};
use super::hooks::{self, HookRow};
use super::incidents::{self, Incidents};
use crate::delivery::Timestamp;
use crate::dora::levels::Year;
use crate::dora::scorecard::Scorecard;
use crate::dora::window::Window;
use crate::words::format::machine_time;
use crate::words::{Language, Phrases};

/// A kind of delivery that GitLab has sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeardKind {
    /// GitLab's word for it: `object_kind`, else `event_name`.
    pub kind: String,
    /// When the last one was received.
    pub last_heard: Timestamp,
    /// How many were received.
    pub deliveries: u64,
}

/// What the landing page is made from.
#[derive(Debug, Clone, Copy)]
pub struct Landing<'a> {
    /// The numbers; `None` while the history is being read.
    pub scorecard: Option<&'a Scorecard>,
    /// Kinds heard, of every source, in any order; a kind may occur once per source.
    pub heard: &'a [HeardKind],
    /// The language to speak.
    pub language: Language,
    /// The languages that the reader may choose from.
    pub languages: &'a [Language],
    /// This exporter's version.
    pub version: &'a str,
    /// The value of the parameter `window` (`30d`); one that is not configured is passed over.
    pub window: Option<&'a str>,
    /// The instant of the request: how fresh things are is told from here.
    pub now: Timestamp,
    /// Address of this exporter as GitLab reaches it, without a final slash, when it is known.
    pub public_url: Option<&'a str>,
    /// Whose levels stand beside the numbers; `None` for nobody's.
    pub levels: Option<Year>,
}

/// Renders the landing page.
///
/// - **Output.** A complete HTML document in UTF-8, of at most a thousand rows per table.
/// - **Absence.** "Not enough data" where a number is `None`; a known zero is shown as such. Every
///   number stands beside its sample size.
/// - **Safety.** Whatever comes from GitLab is escaped, and isolated from the text around it.
#[must_use]
pub fn landing(input: &Landing<'_>) -> String {
    LandingPage::of(input)
        .render()
        .unwrap_or_else(|_| unreachable!("writing to a String cannot fail"))
}

/// The window asked for, else the middle one of those configured.
fn choose_window(windows: &[Window], asked: Option<&str>) -> Option<(usize, Window)> {
    let mut numbered = windows.iter().copied().enumerate();
    let asked = asked.and_then(|asked| numbered.find(|(_, window)| window.to_string() == asked));
    asked.or_else(|| windows.iter().copied().enumerate().nth(windows.len().saturating_sub(1) / 2))
}

/// An instant for people and for machines.
struct Instant {
    text: String,
    machine: Option<String>,
}

impl Instant {
    fn of_measure(at: Timestamp, words: &Phrases) -> Self {
        Self { text: words.measured_on.fill([&words.date(at)]), machine: machine_time(at) }
    }
}

/// What one of the five numbers means.
struct Definition {
    name: &'static str,
    /// DORA's own name for it, where the page speaks another language.
    english: Option<&'static str>,
    meaning: &'static str,
}

#[derive(Template)]
#[template(path = "landing.html")]
struct LandingPage {
    words: &'static Phrases,
    frame: Frame,
    definitions: [Definition; 5],
    language_query: String,
    periods: Vec<Choice>,
    measured_on: Option<Instant>,
    last_word: String,
    is_loading: bool,
    is_empty: bool,
    has_heard: bool,
    sections: Vec<Section>,
    without_production: Option<String>,
    incomplete: Option<figures::Incomplete>,
    incidents: Incidents,
    hooks: Vec<HookRow>,
    ticks: Vec<&'static str>,
    webhook_url: String,
}

impl LandingPage {
    fn of(input: &Landing<'_>) -> Self {
        let words = input.language.phrases();
        let heard = by_kind(input.heard);
        let chosen =
            input.scorecard.and_then(|scorecard| choose_window(&scorecard.windows, input.window));
        let sections = match (input.scorecard, chosen) {
            (Some(scorecard), Some(chosen)) => {
                figures::sections(scorecard, chosen, input.levels, words)
            }
            _ => Vec::new(),
        };
        let last_heard = heard.values().map(|(last_heard, _)| *last_heard).max();
        Self {
            words,
            definitions: definitions(words),
            frame: Frame::new(
                (input.language, input.languages),
                input.version,
                &chosen.map_or_else(String::new, |(_, window)| format!("&window={window}")),
                ("setup", |words| words.setup),
            ),
            language_query: query(input.language),
            periods: periods(input, chosen.map(|(place, _)| place)),
            measured_on: input
                .scorecard
                .map(|scorecard| Instant::of_measure(scorecard.as_of, words)),
            last_word: last_heard.map_or_else(
                || words.no_delivery.to_owned(),
                |at| words.last_delivery.fill([&words.since(at, input.now)]),
            ),
            is_loading: input.scorecard.is_none(),
            is_empty: input.scorecard.is_some() && sections.is_empty(),
            has_heard: !heard.is_empty(),
            without_production: input
                .scorecard
                .and_then(|scorecard| figures::without_production(scorecard, words)),
            incomplete: input.scorecard.and_then(|scorecard| figures::incomplete(scorecard, words)),
            sections,
            incidents: incidents::open(input.scorecard, &heard, words),
            hooks: hooks::rows(&heard, input.now, words),
            ticks: hooks::ticks(),
            webhook_url: format!(
                "{}/webhooks/gitlab",
                input.public_url.unwrap_or(words.this_server).trim_end_matches('/')
            ),
        }
    }
}

fn definitions(words: &'static Phrases) -> [Definition; 5] {
    let english = Language::English.phrases();
    let definition = |name: fn(&Phrases) -> &'static str, meaning| Definition {
        name: name(words),
        english: (words.language != english.language).then(|| name(english)),
        meaning,
    };
    [
        definition(|words| words.deployment_frequency, words.deployment_frequency_means),
        definition(|words| words.change_lead_time, words.change_lead_time_means),
        definition(|words| words.change_fail_rate, words.change_fail_rate_means),
        definition(|words| words.recovery_time, words.recovery_time_means),
        definition(|words| words.rework_rate, words.rework_rate_means),
    ]
}

/// Deliveries and last instant by kind, whatever the source.
pub(super) type HeardByKind<'a> = BTreeMap<&'a str, (Timestamp, u64)>;

fn by_kind(heard: &[HeardKind]) -> HeardByKind<'_> {
    let mut by_kind = HeardByKind::new();
    for HeardKind { kind, last_heard, deliveries } in heard {
        let (last, sum) = by_kind.entry(kind.as_str()).or_insert((*last_heard, 0));
        *last = (*last).max(*last_heard);
        *sum = sum.saturating_add(*deliveries);
    }
    by_kind
}

fn periods(input: &Landing<'_>, current: Option<usize>) -> Vec<Choice> {
    let words = input.language.phrases();
    let windows = input.scorecard.map_or(&[][..], |scorecard| &scorecard.windows);
    let choice = |(place, window): (usize, &Window)| Choice {
        href: format!("{}&window={window}", query(input.language)),
        text: words.plural(&words.period, window.days()),
        tag: input.language.tag(),
        is_current: Some(place) == current,
    };
    windows.iter().enumerate().map(choice).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_window_is_shown_where_none_or_an_unknown_one_is_asked_for() {
        let windows = [7, 30, 90].map(Window::of_days);
        let choose = |asked| choose_window(&windows, asked).map(|(place, _)| place);
        assert_eq!(choose(None), Some(1));
        assert_eq!(choose(Some("12d")), Some(1));
        assert_eq!(choose(Some("90d")), Some(2));
        assert_eq!(choose_window(&windows[..1], None).map(|(place, _)| place), Some(0));
        assert_eq!(choose_window(&[], Some("7d")), None);
    }

    #[test]
    fn a_kind_heard_from_two_sources_is_counted_together() {
        let kind = |second, deliveries| HeardKind {
            kind: "push".to_owned(),
            last_heard: Timestamp::from_second(second),
            deliveries,
        };
        let heard = [kind(9, 2), kind(5, 3)];
        assert_eq!(by_kind(&heard)["push"], (Timestamp::from_second(9), 5));
    }
}
