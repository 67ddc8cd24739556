//! The address that GitLab sends to, seen as GitLab would see it.

use super::finding::{Area, Findings};
use crate::cli::exit::Exit;
use crate::config::Settings;
use crate::http::WEBHOOK_PATH;
use crate::rest::{Visit, Visited, visit};
use crate::words::diagnoses::way::{
    ADDRESS_ANSWERS, ADDRESS_FOREIGN, ADDRESS_REDIRECTS, ADDRESS_SILENT, ADDRESS_UNKNOWN,
};

const AREA: Area = Area::Address;

/// Asks the public address as a stranger. Who asks by GET is told that only POST is for it: any
/// other answer comes from something that stands before the exporter.
pub(super) async fn look(settings: &Settings, findings: &mut Findings) {
    let Some(external_url) = &settings.server.external_url else {
        return findings.note(AREA, ADDRESS_UNKNOWN.of([]));
    };
    let url = format!("{external_url}{WEBHOOK_PATH}");
    match visit(Visit::get(&url)).await {
        Ok(Visited { status: 405, allow: Some(allow), .. }) if allow == "POST" => {
            findings.ok(AREA, ADDRESS_ANSWERS.of([&url]));
        }
        Ok(Visited { status: 300..=399, moved_to, .. }) => {
            let there = moved_to.unwrap_or_else(|| "?".to_owned());
            findings.fail(Exit::Failed, AREA, ADDRESS_REDIRECTS.of([&url, &there]));
        }
        Ok(Visited { status, .. }) => {
            let told = ADDRESS_FOREIGN.of([&url, &status.to_string()]);
            findings.fail(Exit::Failed, AREA, told);
        }
        Err(error) => findings.warn(AREA, ADDRESS_SILENT.of([&url, &error.deepest()])),
    }
}
