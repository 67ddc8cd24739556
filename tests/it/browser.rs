//! The page in a real browser: it keeps its own security headers, and hostile names stay text.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

pub(crate) mod chromium;
mod server;

use crate::page::{HOSTILE, named, sample, tags};
use gitlab_dora_exporter::dora::levels::Year;
use gitlab_dora_exporter::page::{Landing, landing};
use gitlab_dora_exporter::words::Language;
use server::PageServer;

fn full_page(language: Language) -> String {
    let (scorecard, heard) = (sample::full(), sample::heard());
    page_of(&scorecard, &heard, language)
}

fn page_of(
    scorecard: &gitlab_dora_exporter::dora::scorecard::Scorecard,
    heard: &[gitlab_dora_exporter::page::HeardKind],
    language: Language,
) -> String {
    landing(&Landing {
        scorecard: Some(scorecard),
        heard,
        language,
        languages: &Language::ALL,
        version: "1.2.3",
        window: None,
        now: sample::AS_OF,
        public_url: None,
        levels: Some(Year::Y2024),
    })
}

#[test]
fn a_reader_sees_the_page_in_the_language_of_the_browser() {
    let Some(browser) = chromium::find() else { return };
    let server = PageServer::start(full_page);
    for (path, accept, expected) in [
        ("/", "fr-FR,fr", "médiane de 58 changements"),
        ("/", "en-GB,en", "median of 58 changes"),
        ("/?lang=fr", "en-GB,en", "médiane de 58 changements"),
    ] {
        let visit = chromium::visit(browser, &server.url(path), accept);
        assert!(visit.dom.contains(expected), "{path} {accept}");
        assert_eq!(visit.complaints, Vec::<String>::new(), "{path} {accept}");
    }
}

#[test]
fn the_browser_loads_the_style_and_the_icon_and_nothing_else() {
    let Some(browser) = chromium::find() else { return };
    let server = PageServer::start(full_page);
    let visit = chromium::visit(browser, &server.url("/"), "en");
    assert_eq!(visit.complaints, Vec::<String>::new());
    assert_eq!(server.asked(), ["/", "/assets/icon.svg", "/assets/page.css"]);
}

#[test]
fn the_browser_makes_the_same_document_of_hostile_names_as_of_plain_ones() {
    let Some(browser) = chromium::find() else { return };
    let visit = |names: Vec<&'static str>| {
        let server = PageServer::start(move |language| {
            names
                .iter()
                .map(|name| {
                    let (scorecard, heard) = named(name);
                    page_of(&scorecard, &heard, language)
                })
                .collect()
        });
        chromium::visit(browser, &server.url("/"), "en")
    };
    let plain = visit(vec!["plain"; HOSTILE.len()]);
    assert_eq!(plain.dom.matches("<table").count(), 8 * HOSTILE.len(), "the browser saw the page");
    let hostile = visit(HOSTILE.to_vec());
    assert_eq!(tags(&hostile.dom), tags(&plain.dom));
    assert_eq!(hostile.complaints, Vec::<String>::new());
}

#[test]
fn a_page_that_did_run_a_script_would_be_complained_about() {
    let Some(browser) = chromium::find() else { return };
    let server = PageServer::start(|language| full_page(language) + "<script>alert(1)</script>");
    let visit = chromium::visit(browser, &server.url("/"), "en");
    assert_eq!(visit.complaints.len(), 1, "{:?}", visit.complaints);
}
