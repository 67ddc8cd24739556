//! The landing page, as text: what it says, in which words, and that nothing hostile gets through.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

use gitlab_dora_exporter::dora::levels::Year;
use gitlab_dora_exporter::dora::scorecard::Scorecard;
use gitlab_dora_exporter::page::{
    ASSETS, DORA_GUIDE, HeardKind, Landing, SECURITY_HEADERS, landing,
};
use gitlab_dora_exporter::words::Language;

mod contrast;
mod levels;
pub(crate) mod sample;
mod services;

use sample::{AS_OF, Sample};

fn input<'a>(scorecard: Option<&'a Scorecard>, heard: &'a [HeardKind]) -> Landing<'a> {
    Landing {
        scorecard,
        heard,
        language: Language::English,
        languages: &Language::ALL,
        version: "1.2.3",
        window: None,
        now: AS_OF.plus(20),
        public_url: None,
        levels: Some(Year::Y2024),
    }
}

fn in_both(input: &Landing<'_>) -> [String; 2] {
    Language::ALL.map(|language| landing(&Landing { language, ..*input }))
}

/// Compares with the file of that name under `tests/snapshots`; `UPDATE_SNAPSHOTS=1` rewrites it.
fn assert_snapshot(name: &str, text: &str) {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&file, text).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    let differs = text.lines().zip(kept.lines()).position(|(new, old)| new != old);
    assert!(
        text == kept,
        "{name} differs (first in line {:?}); read the change, then run with UPDATE_SNAPSHOTS=1",
        differs.map(|line| line + 1)
    );
}

/// Every tag with its attributes, in order.
pub(crate) fn tags(html: &str) -> Vec<&str> {
    html.split('<').skip(1).filter_map(|part| part.split_once('>')).map(|(tag, _)| tag).collect()
}

/// What a reader sees of an element's text, spaces of any kind made plain.
fn text(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<') {
        text.push_str(part.split_once('>').map_or(part, |(_, text)| text));
        text.push(' ');
    }
    text.replace(['\u{a0}', '\u{202f}'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_full_page_reads_as_kept() {
    let (scorecard, heard) = (sample::full(), sample::heard());
    let [english, french] = in_both(&input(Some(&scorecard), &heard));
    assert_snapshot("landing_en.html", &english);
    assert_snapshot("landing_fr.html", &french);
}

#[test]
fn the_page_of_a_fresh_install_reads_as_kept() {
    let scorecard = sample::empty();
    let fresh =
        Landing { public_url: Some("https://dora.example.org/"), ..input(Some(&scorecard), &[]) };
    let [english, french] = in_both(&fresh);
    assert_snapshot("landing_empty_en.html", &english);
    assert_snapshot("landing_empty_fr.html", &french);
}

#[test]
fn an_empty_page_says_what_to_do_and_shows_no_number() {
    let scorecard = sample::empty();
    let [english, french] = in_both(&input(Some(&scorecard), &[]));
    assert!(text(&english).contains("waits for its first word from GitLab"));
    assert!(text(&french).contains("attend des nouvelles de GitLab"));
    for page in [english, french] {
        assert!(page.contains("/webhooks/gitlab</code>"));
        assert!(page.contains("<details class=\"setup\" open>"));
        assert!(!page.contains("class=\"value\""));
    }
}

#[test]
fn a_page_without_a_scorecard_says_that_the_history_is_being_read() {
    let page = landing(&input(None, &sample::heard()));
    assert!(text(&page).contains("The history is being read"));
    assert!(!page.contains("<time"));
}

#[test]
fn deliveries_without_a_deployment_are_acknowledged_in_words() {
    let scorecard = sample::empty();
    let page = landing(&input(Some(&scorecard), &sample::heard()));
    assert!(text(&page).contains("GitLab’s webhook arrives."));
}

#[test]
fn every_number_stands_beside_its_sample_size() {
    let (scorecard, heard) = (sample::full(), sample::heard());
    for page in in_both(&input(Some(&scorecard), &heard)) {
        let cells: Vec<&str> = page
            .split("<td")
            .skip(1)
            .filter(|cell| cell.contains("class=\"value\"") || cell.contains("class=\"sample\""))
            .collect();
        // Three groups and four projects with production.
        assert_eq!(cells.len(), 7 * 5);
        for cell in cells {
            let (_, sample) = cell.split_once("class=\"sample\">").unwrap();
            let (sample, _) = sample.split_once("</span>").unwrap();
            assert!(sample.contains(|c: char| c.is_ascii_digit()), "{cell}");
        }
    }
}

#[test]
fn the_five_numbers_are_written_in_words() {
    let (scorecard, heard) = (sample::full(), sample::heard());
    let [english, french] = in_both(&input(Some(&scorecard), &heard)).map(|page| text(&page));
    for expected in [
        "harbour/ferry-booking 1.4 a day 41 deployments 3 days 4 h median of 58 changes \
         3 of 41 7.3% 1 h 30 min median of 3 recoveries 4 of 41 9.8%",
        "harbour/lock-control no production environment heard of yet",
        "harbour/tide-tables known for 6 days only once in 30 days 1 deployment 12 days 1 change \
         0 of 1 0% not enough data 0 recoveries 0 of 1 0%",
        "orchard/seed-bank none in 30 days 0 deployments not enough data 0 changes \
         not enough data 0 deployments",
        "1 project has no production environment.",
        "harbour/ferry-booking 3 2 critical, 1 unknown 2 days 5 h",
    ] {
        let expected = expected.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(english.contains(&expected), "{expected}\n{english}");
    }
    for expected in [
        "1,4 par jour 41 déploiements 3 jours 4 h médiane de 58 changements 3 sur 41 7,3 %",
        "orchard/cider 1 projet 41,1 par jour 1 234 déploiements",
        "aucun en 30 jours 0 déploiement pas assez de données 0 changement",
        "2 de gravité critique, 1 de gravité inconnue",
    ] {
        assert!(french.contains(expected), "{expected}\n{french}");
    }
}

#[test]
fn projects_keep_the_alphabetical_order_of_the_scorecard() {
    let scorecard = sample::full();
    let page = landing(&input(Some(&scorecard), &[]));
    let places: Vec<_> = scorecard
        .projects
        .iter()
        .map(|project| page.find(&format!("<bdi>{}</bdi>", project.path)).unwrap())
        .collect();
    assert!(places.is_sorted());
}

#[test]
fn the_asked_window_is_shown_and_an_unknown_one_is_passed_over() {
    let scorecard = sample::full();
    let asked = |window| text(&landing(&Landing { window, ..input(Some(&scorecard), &[]) }));
    assert!(asked(Some("90d")).contains("Last 90 days, production"));
    assert!(asked(Some("90d")).contains("123 deployments"));
    assert!(asked(Some("7d")).contains("10 deployments"));
    assert_eq!(asked(Some("\"><script>")), asked(None));
    assert!(asked(None).contains("Last 30 days, production"));
}

#[test]
fn open_incidents_are_not_called_none_where_they_cannot_be_known() {
    let mut scorecard = sample::full();
    scorecard.projects.remove(0);
    let unheard = text(&landing(&input(Some(&scorecard), &[])));
    assert!(unheard.contains("Not known: GitLab has not sent any issue event"));
    let heard = text(&landing(&input(Some(&scorecard), &sample::heard())));
    assert!(heard.contains("None in the projects known."));
}

#[test]
fn hook_kinds_say_what_they_make_possible_and_what_is_missing() {
    let page = text(&landing(&input(None, &sample::heard())));
    for expected in [
        "Deployment events deployment ✓ heard Deployment frequency",
        "Confidential issues events issue work_item ✓ heard",
        "99 3 h ago Push events push ✓ heard",
        "Comments note ○ not heard, useful",
        "build · heard, not needed Nothing shown here. 61,440 2 min ago",
    ] {
        assert!(page.contains(expected), "{expected}\n{page}");
    }
    let page = text(&landing(&input(None, &[])));
    assert_eq!(page.matches("⚠\u{fe0e} missing, needed").count(), 3);
}

/// Names that try to leave their place: tags, attributes, comments, entities, styles, templates,
/// and marks that turn the direction of writing.
pub(crate) const HOSTILE: [&str; 10] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'\" onmouseover='alert(1)' x=\"",
    "--><svg/onload=alert(1)><!--",
    "</bdi></th></table></main><style>*{display:none}</style>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "&lt;script&gt;&#x3c;b&#x3e;",
    "{{ words.title }}{% if true %}",
    "\u{202e}gro.elpmaxe\u{2066}",
    "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=alert() )//%0D%0A//</stYle/</titLe/</teXtarEa/</scRipt/--!>\\x3csVg/<sVg/oNloAd=alert()//>\\x3e",
];

pub(crate) fn named(name: &str) -> (Scorecard, Vec<HeardKind>) {
    let mut figures = sample::figures(Sample { deployments: 2, ..Sample::default() });
    figures.incidents_open = [1; 5];
    let scorecard = Scorecard {
        projects: vec![sample::project(1, name, figures)],
        groups: vec![sample::pooled(name, 1, Sample::default())],
        teams: vec![sample::pooled(name, 1, Sample::default())],
        ..sample::empty()
    };
    let kind = HeardKind { kind: name.to_owned(), last_heard: AS_OF, deliveries: 1 };
    (scorecard, vec![kind])
}

#[test]
fn hostile_names_stay_text() {
    let (scorecard, heard) = named("plain");
    let plain = landing(&input(Some(&scorecard), &heard));
    for hostile in HOSTILE {
        let (scorecard, heard) = named(hostile);
        let page = landing(&Landing {
            version: hostile,
            public_url: Some(hostile),
            window: Some(hostile),
            ..input(Some(&scorecard), &heard)
        });
        assert_eq!(tags(&page), tags(&plain), "{hostile}");
    }
}

#[test]
fn the_page_runs_no_script_and_names_no_foreign_address() {
    let (scorecard, heard) = (sample::full(), sample::heard());
    for page in in_both(&input(Some(&scorecard), &heard)) {
        for tag in tags(&page) {
            let name = tag.split_whitespace().next().unwrap();
            assert!(!["script", "style", "iframe", "object", "form"].contains(&name), "<{tag}>");
            let is_handler = |part: &str| part.starts_with("on") || part.starts_with("style=");
            assert!(!tag.split_whitespace().skip(1).any(is_handler), "<{tag}>");
            let foreign = tag.contains("//") && !tag.contains(DORA_GUIDE);
            assert!(!foreign, "<{tag}>");
        }
        assert_eq!(page.matches("https://").count(), 2, "DORA's guide and the webhook's address");
    }
    for asset in ASSETS {
        let body = asset.body.replace("http://www.w3.org/2000/svg", "");
        assert!(!body.contains("//"), "{}", asset.path);
        assert!(!body.contains("@import") && !body.contains("url("), "{}", asset.path);
    }
}

#[test]
fn every_file_the_page_loads_is_an_asset() {
    let page = landing(&input(None, &[]));
    for asset in ASSETS {
        assert!(page.contains(&format!("\"{}\"", asset.path.trim_start_matches('/'))));
    }
    assert_eq!(page.matches("src=").count() + page.matches("<link rel=\"stylesheet\"").count(), 2);
    let (_, policy) = SECURITY_HEADERS[0];
    assert!(policy.starts_with("default-src 'none';"));
    assert!(!policy.contains("unsafe"));
}

#[test]
fn the_page_has_one_heading_named_landmarks_and_tables_with_captions_and_scopes() {
    let (scorecard, heard) = (sample::full(), sample::heard());
    for (page, tag) in in_both(&input(Some(&scorecard), &heard)).iter().zip(["en", "fr"]) {
        assert!(page.contains(&format!("<html lang=\"{tag}\">")));
        for once in ["<h1>", "<main ", "<footer ", "<header ", "class=\"skip\" href=\"#content\""] {
            assert_eq!(page.matches(once).count(), 1, "{once}");
        }
        assert_eq!(page.matches("<table").count(), page.matches("<caption>").count());
        assert_eq!(page.matches("<th ").count(), page.matches("scope=").count());
        assert_eq!(
            page.matches("<th ").count(),
            page.matches("<th").count() - page.matches("<thead").count()
        );
        for id in page.split("aria-labelledby=\"").skip(1).filter_map(|rest| rest.split('"').next())
        {
            assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
        }
        let unnamed = page.matches("<nav").count()
            - page.matches("<nav aria-label").count()
            - page.matches("<nav class=\"periods\" aria-label").count();
        assert_eq!(unnamed, 0);
        assert_eq!(page.matches("aria-current=\"true\"").count(), 2, "one language, one period");
    }
}

#[test]
fn a_flood_of_projects_and_kinds_is_cut_and_says_so() {
    let figures = || sample::figures(Sample::default());
    let projects = (1..=1_001).map(|n| sample::project(n, &format!("a/{n:04}"), figures()));
    let scorecard = Scorecard { projects: projects.collect(), ..sample::empty() };
    let heard: Vec<HeardKind> = (0..500)
        .map(|n| HeardKind { kind: format!("kind_{n}"), last_heard: AS_OF, deliveries: 1 })
        .collect();
    let page = landing(&input(Some(&scorecard), &heard));
    assert!(text(&page).contains("The first 1,000 of 1,001 are shown"));
    assert!(page.matches("<bdi>").count() < 2_100, "each row twice: with its levels");
}
