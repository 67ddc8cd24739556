//! The list of phrases: what a language must be able to say.

use crate::delivery::Doubt;

use super::{Language, Plural, Text};

/// Declares [`Phrases`] and, for tests, the list of all its patterns.
macro_rules! phrases {
    ($($(#[$doc:meta])* $name:ident: $kind:ty,)+) => {
        /// Everything we say, in one language.
        #[derive(Debug)]
        pub(crate) struct Phrases {
            /// Whose rules of plural and of numbers apply.
            pub(crate) language: Language,
            $($(#[$doc])* pub(crate) $name: $kind,)+
        }

        #[cfg(test)]
        impl Phrases {
            /// Every pattern with the name of its phrase.
            pub(crate) fn patterns(&self) -> Vec<(&'static str, &'static str)> {
                let mut all = Vec::new();
                $(all.extend(Pattern::patterns(&self.$name).into_iter().map(|p| (stringify!($name), p)));)+
                all
            }
        }
    };
}

phrases! {
    // The frame of the page.
    /// Heading and title.
    title: &'static str,
    /// What the page is, in one sentence.
    lede: &'static str,
    /// The link over which a keyboard reaches the content first.
    skip: &'static str,
    /// Names the choice of language.
    language_label: &'static str,
    /// Names the choice of period.
    period_label: &'static str,
    /// A period of so many days.
    period: Plural,
    /// When the numbers were measured.
    measured_on: Text<1>,
    /// When GitLab was last heard.
    last_delivery: Text<1>,
    /// GitLab was never heard.
    no_delivery: &'static str,
    /// How long ago; filled with a duration.
    ago: Text<1>,
    /// Less than a minute ago.
    just_now: &'static str,

    // Tables of figures.
    /// Heading of groups.
    groups: &'static str,
    /// Heading of teams.
    teams: &'static str,
    /// Heading of projects.
    projects: &'static str,
    /// Head of the column of groups.
    group: &'static str,
    /// Head of the column of teams.
    team: &'static str,
    /// Head of the column of projects.
    project: &'static str,
    /// What the table of groups shows; filled with the period.
    groups_caption: Text<1>,
    /// What the table of teams shows; filled with the period.
    teams_caption: Text<1>,
    /// What the table of projects shows; filled with the period.
    projects_caption: Text<1>,
    /// Only the first rows are shown: how many, of how many.
    cut: Text<2>,
    /// So many projects without production.
    without_production: Plural,
    /// Facts of so many projects are known to be missing.
    incomplete: Plural,
    /// Of so many of them because of this; filled with a number and the reason.
    incomplete_because: Text<2>,
    /// What is missing and what to do, in the order of all doubts.
    doubts: [&'static str; Doubt::ALL.len()],
    /// Mark of a row of which facts are missing.
    is_incomplete: &'static str,
    /// What of a project belongs to none of its services.
    of_no_service: &'static str,
    /// A row without production.
    no_production: &'static str,
    /// So many projects were pooled.
    pooled: Plural,
    /// The project is known for a shorter time than the period; filled with a duration.
    data_for: Text<1>,

    // The five numbers.
    /// DORA's deployment frequency.
    deployment_frequency: &'static str,
    /// DORA's change lead time.
    change_lead_time: &'static str,
    /// DORA's change fail rate.
    change_fail_rate: &'static str,
    /// DORA's failed deployment recovery time.
    recovery_time: &'static str,
    /// DORA's deployment rework rate.
    rework_rate: &'static str,
    /// What the first means.
    deployment_frequency_means: &'static str,
    /// What the second means.
    change_lead_time_means: &'static str,
    /// What the third means.
    change_fail_rate_means: &'static str,
    /// What the fourth means.
    recovery_time_means: &'static str,
    /// What the fifth means.
    rework_rate_means: &'static str,
    /// Nothing to measure.
    not_enough_data: &'static str,
    /// Several deployments a day; filled with how many.
    a_day: Plural,
    /// One deployment a day.
    every_day: &'static str,
    /// One deployment in so many days.
    every_days: Plural,
    /// A single deployment in a period of so many days.
    once_in_days: Plural,
    /// No deployment in a period of so many days.
    none_in_days: Plural,
    /// From one to another.
    to: Text<2>,
    /// So many of so many.
    of: Text<2>,
    /// Sample of a frequency.
    deployments: Plural,
    /// No or so many changes, where there is no median.
    changes: Plural,
    /// No or so many recoveries, where there is no median.
    recoveries: Plural,
    /// Sample of a lead time.
    median_of_changes: Plural,
    /// Sample of a recovery time.
    median_of_recoveries: Plural,

    // Beside the surveys.
    /// Opens the table.
    surveys: &'static str,
    /// What it shows; filled with the period and the year of the levels.
    surveys_caption: Text<2>,
    /// The mean answer of public administrations.
    public_sector: &'static str,
    /// The mean answer of everybody.
    all_industries: &'static str,
    /// Levels by `Level::ALL`.
    levels: [&'static str; 4],
    /// No class of that year holds the number.
    no_level: &'static str,
    /// A year without classes of fail rates: the year, and its figure of each level.
    figures_of_levels: Text<5>,
    /// How little a level says.
    surveys_caution: &'static str,

    // Open incidents.
    /// Heading.
    open_incidents: &'static str,
    /// What the table shows.
    open_incidents_caption: &'static str,
    /// Head of the number of incidents.
    open: &'static str,
    /// Head of the severities.
    by_severity: &'static str,
    /// Head of the age of the oldest.
    oldest: &'static str,
    /// So many of one severity: number, severity.
    severity_count: Text<2>,
    /// Severities by `Severity::ALL`.
    severities: [&'static str; 5],
    /// None are open.
    no_open_incident: &'static str,
    /// They cannot be known.
    incidents_unheard: &'static str,

    // What was heard of each project.
    /// Heading, and the link to it.
    setup: &'static str,
    /// What the page is for.
    setup_lede: &'static str,
    /// What the table shows.
    setup_caption: &'static str,
    /// Heard no longer ago than usual.
    speaks: &'static str,
    /// Not heard for longer than usual.
    silent: &'static str,
    /// Heard too seldom for a rhythm.
    no_rhythm: &'static str,
    /// Known, but never heard of by webhook.
    unheard: &'static str,
    /// From when on it is silent: duration.
    usual_pause: Text<1>,
    /// What silence means, and what to do.
    silence_means: &'static str,

    // What GitLab tells us.
    /// Heading.
    hooks: &'static str,
    /// What the table is for.
    hooks_intro: &'static str,
    /// What the table shows.
    hooks_caption: &'static str,
    /// Head of the events.
    event: &'static str,
    /// Head of what an event makes possible.
    makes_possible: &'static str,
    /// Head of the number of deliveries.
    deliveries: &'static str,
    /// Head of when it was last heard.
    last_heard: &'static str,
    /// Head of the state.
    state: &'static str,
    /// Heard.
    heard: &'static str,
    /// Never heard and needed.
    missing: &'static str,
    /// Never heard and only useful.
    optional: &'static str,
    /// Heard, and nothing is made of it.
    unused: &'static str,
    /// Never.
    never: &'static str,
    /// What deployment events make possible.
    deployment_unlocks: &'static str,
    /// What merge request events make possible.
    merge_request_unlocks: &'static str,
    /// What issue events make possible.
    issue_unlocks: &'static str,
    /// What push events make possible.
    push_unlocks: &'static str,
    /// What comments make possible.
    note_unlocks: &'static str,
    /// What any other event is good for.
    other_unlocks: &'static str,

    // What `doctor` prints around its findings.
    /// A finding is as it should be, good to know, may go wrong, does not work.
    found_levels: [&'static str; 4],
    /// What to do about a missing event; filled with what it is needed for.
    tick_event: Text<1>,
    /// Stands before what to do.
    advised: &'static str,
    /// So many findings do not let the command succeed.
    findings_count: Plural,

    // Setting up the hook.
    /// History is still being read.
    loading: &'static str,
    /// Heading of an empty page.
    waiting: &'static str,
    /// Nothing was heard.
    waiting_for_delivery: &'static str,
    /// Deliveries came, but no project is known by them.
    waiting_for_deployment: &'static str,
    /// Names the steps.
    set_up: &'static str,
    /// Where hooks are set up.
    step_open: &'static str,
    /// Which address.
    step_url: &'static str,
    /// The address of this server, for want of a better name.
    this_server: &'static str,
    /// Which token.
    step_token: &'static str,
    /// Which events to tick.
    step_events: &'static str,
    /// Which to leave.
    step_leave: &'static str,
    /// How to see that it works.
    step_save: &'static str,

    // Reading aid and footer.
    /// Heading of the definitions.
    definitions: &'static str,
    /// DORA's warnings, in short.
    caution: &'static str,
    /// Link to DORA's own definitions.
    dora_guide: &'static str,
    /// Link to `/metrics`.
    metrics_link: &'static str,
    /// Link to `/-/healthy`.
    healthy_link: &'static str,
    /// Link to `/-/ready`.
    ready_link: &'static str,
    /// Names the links of the footer.
    links_label: &'static str,
    /// Where the documentation is.
    documentation: &'static str,
    /// The version; filled with it.
    version: Text<1>,

    // Numbers and dates.
    /// Days of a duration.
    days: Plural,
    /// The twelve months.
    months: [&'static str; 12],
    /// The first day of a month; any other is a plain number.
    first_of_month: &'static str,
    /// A date: day, month, year, hour, minute.
    date: Text<5>,
}

/// What can list the patterns it is written with.
#[cfg(test)]
trait Pattern {
    fn patterns(&self) -> Vec<&'static str>;
}

#[cfg(test)]
impl Pattern for &'static str {
    fn patterns(&self) -> Vec<&'static str> {
        vec![self]
    }
}

#[cfg(test)]
impl<const N: usize> Pattern for [&'static str; N] {
    fn patterns(&self) -> Vec<&'static str> {
        self.to_vec()
    }
}

#[cfg(test)]
impl<const N: usize> Pattern for Text<N> {
    fn patterns(&self) -> Vec<&'static str> {
        vec![self.pattern()]
    }
}

#[cfg(test)]
impl Pattern for Plural {
    fn patterns(&self) -> Vec<&'static str> {
        vec![self.one.pattern(), self.many.pattern()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_phrase_is_empty_or_has_loose_spaces() {
        for language in Language::ALL {
            for (name, phrase) in language.phrases().patterns() {
                assert!(!phrase.is_empty(), "{name}");
                assert_eq!(phrase.trim(), phrase, "{name}");
                assert!(!phrase.contains("  "), "{name}");
            }
        }
    }

    #[test]
    fn every_phrase_is_typeset_with_true_apostrophes_and_quotes() {
        for language in Language::ALL {
            for (name, phrase) in language.phrases().patterns() {
                assert!(!phrase.contains(['\'', '"', '<', '>', '&']), "{name}: {phrase}");
            }
        }
    }

    #[test]
    fn french_puts_a_space_that_does_not_break_before_double_punctuation() {
        let double = [':', ';', '?', '!', '%', '»'];
        let no_break = ['\u{a0}', '\u{202f}'];
        for (name, phrase) in Language::French.phrases().patterns() {
            let text = phrase.replace("://", "");
            let well_set = text.match_indices(double).all(|(place, _)| {
                text.get(..place).is_some_and(|before| before.ends_with(no_break))
            });
            assert!(well_set, "{name}: {phrase}");
        }
    }

    #[test]
    fn no_sentence_was_left_untranslated() {
        let (english, french) =
            (Language::English.phrases().patterns(), Language::French.phrases().patterns());
        for ((name, english), (_, french)) in english.into_iter().zip(french) {
            let is_sentence = english.split(' ').count() > 2 && !english.starts_with('{');
            assert!(!is_sentence || english != french, "{name}: {english}");
        }
    }
}
