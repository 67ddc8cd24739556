//! The address that GitLab sends to, seen as GitLab would see it.

use super::finding::Findings;
use crate::cli::exit::Exit;
use crate::config::Settings;
use crate::http::WEBHOOK_PATH;
use crate::rest::{Probed, probe};

const AREA: &str = "address";

/// Asks the public address as a stranger. Who asks by GET is told that only POST is for it: any
/// other answer comes from something that stands before the exporter.
pub(super) async fn look(settings: &Settings, findings: &mut Findings) {
    let Some(external_url) = &settings.server.external_url else {
        let advice = "set server.external_url: the page, `hooks` and this check use it";
        findings.note(AREA, "it is not known by which address GitLab reaches the exporter", advice);
        return;
    };
    let url = format!("{external_url}{WEBHOOK_PATH}");
    match probe(&url).await {
        Ok(Probed { status: 405, allow: Some(allow), .. }) if allow == "POST" => {
            findings.ok(AREA, format!("{url} is answered by the exporter"));
        }
        Ok(Probed { status: 300..=399, moved_to, .. }) => {
            let there = moved_to.unwrap_or_else(|| "another place".to_owned());
            let what =
                format!("{url} points to {there}: GitLab shows success, and events are lost");
            let advice = "let the proxy pass this path through, without log-in and redirect";
            findings.fail(Exit::Failed, AREA, what, Some(advice));
        }
        Ok(Probed { status, .. }) => {
            let what = format!("{url} answers {status}, which is not the exporter's answer");
            let advice = "check the proxy before it, and that `serve` runs";
            findings.fail(Exit::Failed, AREA, what, Some(advice));
        }
        Err(error) => {
            let causes = std::iter::successors(std::error::Error::source(&error), |e| e.source());
            let cause = causes.last().map_or_else(|| error.to_string(), ToString::to_string);
            let advice =
                "is `serve` running? From here the address may be out of reach all the same";
            findings.warn(AREA, format!("{url} does not answer: {cause}"), advice);
        }
    }
}
