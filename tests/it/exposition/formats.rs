//! What a scraper reads is what the scorecard says, in every format and encoding.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::sync::Arc;

use bytes::Bytes;
use flate2::read::GzDecoder;
use gitlab_dora_exporter::exposition::{
    Encoding, Escaping, Format, Histograms, Limits, Scrape, Tail, catalog, render, scrape,
};
use gitlab_dora_exporter::instruments::Instruments;
use prometheus::proto::MetricFamily;
use proptest::prelude::*;

use super::committed::assert_committed;
use super::expected;
use super::parser::{self, Labels, Read};
use super::scorecards::{scorecards, small};

pub(crate) const OPEN: Format = Format::OpenMetrics { escaping: Escaping::Unnamed };

pub(crate) fn text_of(scrape: &Scrape) -> String {
    String::from_utf8(scrape.body.concat()).unwrap()
}

fn unpacked(scrape: &Scrape) -> String {
    let mut text = String::new();
    let bytes = scrape.body.concat();
    // Not the decoder of several members: what stands behind the first must not matter.
    GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
    text
}

/// Full name, labels and the exact bits of the value, of every sample.
fn exact<'a>(
    samples: impl IntoIterator<Item = &'a (String, Labels, f64)>,
) -> BTreeSet<(String, Labels, u64)> {
    samples
        .into_iter()
        .map(|(name, labels, value)| (name.clone(), labels.clone(), value.to_bits()))
        .collect()
}

fn all_samples(families: &[Read]) -> BTreeSet<(String, Labels, u64)> {
    exact(families.iter().flat_map(|family| &family.samples))
}

#[test]
fn own_metrics_kept_over_a_new_snapshot_end_both_streams_rightly() {
    let (older, tail) = (small(), Tail::render(&[], OPEN));
    let mut newer = small();
    newer.future_events += 1;
    for scorecard in [&older, &newer, &older] {
        let snapshot = render(scorecard, &Limits::default());
        let plain = text_of(&scrape(Some(&snapshot), &tail, Encoding::Identity));
        assert_eq!(unpacked(&scrape(Some(&snapshot), &tail, Encoding::Gzip)), plain);
    }
    let alone = text_of(&scrape(None, &tail, Encoding::Identity));
    assert_eq!(unpacked(&scrape(None, &tail, Encoding::Gzip)), alone);
}

#[test]
fn a_small_scorecard_is_this_text_and_this_openmetrics() {
    let snapshot = render(&small(), &Limits::default());
    for (format, path) in [
        (Format::Text, "tests/snapshots/exposition.prom"),
        (OPEN, "tests/snapshots/exposition.openmetrics"),
    ] {
        let text =
            text_of(&scrape(Some(&snapshot), &Tail::render(&[], format), Encoding::Identity));
        parser::read(&text, format);
        assert_committed(path, &text);
    }
}

#[test]
fn families_come_in_the_order_of_the_catalogue_with_its_words() {
    let (snapshot, own) = (render(&small(), &Limits::default()), Instruments::new().gather());
    let text =
        text_of(&scrape(Some(&snapshot), &Tail::render(&own, Format::Text), Encoding::Identity));
    let read = parser::read(&text, Format::Text);
    let names: Vec<_> = read.iter().map(|family| family.name.as_str()).collect();
    let order: Vec<_> = catalog::all().map(|metric| metric.name).collect();
    let place = |name: &&str| order.iter().position(|known| known == name);
    assert!(names.iter().all(|name| place(name).is_some()), "{names:?}");
    assert!(names.iter().map(place).is_sorted());
    for family in &read {
        let metric = catalog::find(&family.name).unwrap();
        assert_eq!(metric.help, family.help, "{}", family.name);
        for (_, labels, _) in &family.samples {
            let labels: Vec<_> = labels.keys().map(String::as_str).filter(|l| *l != "le").collect();
            assert_eq!(metric.label_names(), labels, "labels of {}", family.name);
        }
    }
}

#[test]
fn every_gathered_own_metric_is_in_the_catalogue_and_no_other_is() {
    let instruments = Instruments::new();
    let now = gitlab_dora_exporter::delivery::Timestamp::from_second(1);
    instruments.clock_compared(now, now);
    instruments.secret_used("00000000", now);
    instruments.http_answered("/metrics", 200);
    instruments.snapshot_made(std::time::Duration::ZERO, now, 1);
    instruments.config_loaded(now);
    instruments.gitlab_asked(&["projects"], Some(200));
    instruments.gitlab_budget("main", 1.0);
    instruments.reconciled("main", now);
    instruments.gitlab_up("main", true);
    instruments.gitlab_token_ends("main", now);
    instruments.gitlab_hooks("main", "executable", 1);
    let disabled = std::collections::BTreeMap::from([("projects/7/hooks/1".to_owned(), now)]);
    instruments.gitlab_hooks_disabled("main", &disabled);
    instruments.projects_without_hook("main", 0);
    instruments.looking_for_gaps("main");
    instruments.keeping_hooks("main");
    instruments.store_opened("wal", "full", "3.51.3");
    instruments.deliveries_missing("main", 0);
    instruments.wants("main", 0, 0, 0);
    let kind = gitlab_dora_exporter::instruments::DeliveryResult::Stored;
    instruments.delivery_accepted("push", kind, now);
    let gathered = instruments.gather();
    let names: BTreeSet<_> = gathered.iter().map(MetricFamily::name).collect();
    let known: BTreeSet<_> = catalog::OWN.iter().map(|metric| metric.name).collect();
    let known: BTreeSet<_> = if cfg!(target_os = "linux") {
        known
    } else {
        known.into_iter().filter(|name| !name.starts_with("process_")).collect()
    };
    assert_eq!(names, known);
    assert!(catalog::OWN.is_sorted_by_key(|metric| metric.name));
}

#[test]
fn a_scrape_before_the_first_snapshot_holds_this_process_alone() {
    let own = Instruments::new().gather();
    for format in [Format::Text, OPEN] {
        let plain = scrape(None, &Tail::render(&own, format), Encoding::Identity);
        let families = parser::read(&text_of(&plain), format);
        assert!(families.iter().all(|family| !family.name.starts_with("dora_")));
        let packed = scrape(None, &Tail::render(&own, format), Encoding::Gzip);
        assert_eq!(unpacked(&packed), text_of(&plain));
    }
}

#[test]
fn a_scrape_says_what_it_is_and_how_long_it_is() {
    let snapshot = render(&small(), &Limits::default());
    let named = Format::OpenMetrics { escaping: Escaping::Named };
    for (format, encoding, content_type, content_encoding) in [
        (Format::Text, Encoding::Identity, "text/plain; version=0.0.4; charset=utf-8", None),
        (
            OPEN,
            Encoding::Gzip,
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Some("gzip"),
        ),
        (
            named,
            Encoding::Gzip,
            "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores",
            Some("gzip"),
        ),
    ] {
        let answer = scrape(Some(&snapshot), &Tail::render(&[], format), encoding);
        assert_eq!(answer.content_type, content_type);
        assert_eq!(answer.content_encoding, content_encoding);
        assert_eq!(answer.length(), answer.body.concat().len());
    }
}

#[test]
fn the_large_part_of_every_scrape_is_the_same_memory_and_compressed_all_of_it() {
    let snapshot = render(&small(), &Limits::default());
    let own = Instruments::new().gather();
    let start = |scrape: &Scrape| scrape.body.first().map(|part: &Bytes| part.as_ptr());
    // Own metrics that changed stand behind the same plain snapshot.
    let [one, two] =
        [(), ()].map(|()| scrape(Some(&snapshot), &Tail::render(&own, OPEN), Encoding::Identity));
    assert_eq!(start(&one), start(&two));
    // Compressed, they are joined with it once, and sent as one piece from then on.
    let tail = Tail::render(&own, OPEN);
    let [one, two] = [(), ()].map(|()| scrape(Some(&snapshot), &tail, Encoding::Gzip));
    assert_eq!(start(&one), start(&two));
    assert_eq!(one.body.iter().filter(|part| !part.is_empty()).count(), 1);
}

#[test]
fn two_installations_that_know_the_same_path_are_told_apart() {
    let mut scorecard = small();
    let mut other = Arc::clone(&scorecard.projects[0]);
    Arc::make_mut(&mut other).project = super::scorecards::key(2, 7);
    scorecard.projects.push(other);
    let gitlabs = [(1, "public"), (2, "internal")]
        .map(|(id, name)| (gitlab_dora_exporter::delivery::InstanceId::new(id), name.to_owned()));
    let limits = Limits { gitlabs: gitlabs.into(), ..Limits::default() };
    let snapshot = render(&scorecard, &limits);
    let text =
        text_of(&scrape(Some(&snapshot), &Tail::render(&[], Format::Text), Encoding::Identity));
    let read = parser::read(&text, Format::Text);
    let open = read.iter().find(|family| family.name == "dora_incidents_open").unwrap();
    let gitlabs: BTreeSet<_> =
        open.samples.iter().map(|(_, labels, _)| &labels["gitlab"]).collect();
    assert_eq!(gitlabs.into_iter().collect::<Vec<_>>(), ["internal", "public"]);
    assert_eq!(snapshot.dropped().projects, 0);
}

#[test]
fn histograms_can_be_switched_off_and_nothing_else_goes() {
    let hidden = Limits { histograms: Histograms::Hidden, ..Limits::default() };
    let [all, fewer] = [Limits::default(), hidden].map(|limits| {
        let snapshot = render(&small(), &limits);
        let text =
            text_of(&scrape(Some(&snapshot), &Tail::render(&[], Format::Text), Encoding::Identity));
        parser::read(&text, Format::Text)
    });
    let kept: Vec<_> = all.into_iter().filter(|family| family.kind != "histogram").collect();
    assert_eq!(kept, fewer);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_sample_is_what_the_scorecard_says_and_nothing_is_left_out(
        scorecard in scorecards("[a-z]{1,3}(/[a-z\"\\\\]{1,3})?")
    ) {
        let snapshot = render(&scorecard, &Limits::default());
        let text = text_of(&scrape(Some(&snapshot), &Tail::render(&[], Format::Text), Encoding::Identity));
        let read = parser::read(&text, Format::Text);
        let expected = expected::samples(&scorecard);
        prop_assert_eq!(snapshot.series(), expected.len() as u64);
        prop_assert_eq!(all_samples(&read), exact(&expected));
    }

    #[test]
    fn text_and_openmetrics_agree_sample_by_sample_plain_and_packed(
        scorecard in scorecards("\\PC{1,8}")
    ) {
        let snapshot = render(&scorecard, &Limits::default());
        let own = Instruments::new().gather();
        let both = [Format::Text, OPEN].map(|format| {
            let plain = text_of(&scrape(Some(&snapshot), &Tail::render(&own, format), Encoding::Identity));
            let packed = scrape(Some(&snapshot), &Tail::render(&own, format), Encoding::Gzip);
            assert_eq!(unpacked(&packed), plain);
            parser::read(&plain, format)
        });
        let [text, open] = &both;
        prop_assert_eq!(text.len(), open.len());
        for (text, open) in text.iter().zip(open) {
            prop_assert_eq!(&text.help, &open.help);
            prop_assert_eq!(exact(&text.samples), exact(&open.samples));
            let suffix = match open.kind.as_str() {
                "counter" => "_total",
                "info" => "_info",
                _ => "",
            };
            prop_assert_eq!(&text.name, &format!("{}{suffix}", open.name));
        }
    }

    #[test]
    fn the_order_of_projects_groups_and_windows_reaches_no_output(
        scorecard in scorecards("[a-z]{1,4}")
    ) {
        let mut turned = scorecard.clone();
        turned.projects.reverse();
        turned.groups.reverse();
        turned.windows.reverse();
        let figures = turned.projects.iter_mut().flat_map(|own| {
            let own = Arc::make_mut(own);
            let services = own.services.iter_mut().map(|service| &mut service.figures);
            services.chain([&mut own.figures])
        });
        let pools = turned.groups.iter_mut().chain(&mut turned.teams);
        for figures in figures.chain(pools.map(|own| &mut Arc::make_mut(own).figures)) {
            figures.time_to_restore_service.reverse();
            figures.value_stream.windows.reverse();
            figures.gitlab.iter_mut().for_each(|own| own.reverse());
            figures.value_stream.promotions.iter_mut().for_each(|own| own.times.reverse());
            figures.tiers.reverse();
            figures.tiers.iter_mut().for_each(|tier| tier.windows.reverse());
        }
        let [one, two] = [scorecard, turned].map(|scorecard| {
            let snapshot = render(&scorecard, &Limits::default());
            text_of(&scrape(Some(&snapshot), &Tail::render(&[], OPEN), Encoding::Identity))
        });
        prop_assert_eq!(one, two);
    }
}
