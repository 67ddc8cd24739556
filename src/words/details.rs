//! What else an explanation says of a row, in words.

use super::Language;
use super::format::machine_time;
use crate::delivery::Timestamp;
use crate::dora::assessment::changes::Origin;
use crate::dora::explain::Detail;

impl Language {
    /// A detail of a row, as a phrase that fits behind a comma.
    pub(crate) fn detail(self, detail: &Detail) -> String {
        let is_english = self == Self::English;
        let say = |english: String, french: String| if is_english { english } else { french };
        let dated = |[english, french]: [&str; 2], at: Timestamp| {
            format!("{} {}", if is_english { english } else { french }, instant(at))
        };
        match detail {
            Detail::Since(at) => dated(["since", "depuis"], *at),
            Detail::Clamped => say(
                "its start is dated after its end, so it took 0 s".to_owned(),
                "son début est daté après sa fin : 0 s".to_owned(),
            ),
            Detail::Release(id) => say(format!("release {id}"), format!("mise en production {id}")),
            Detail::Delivers(Origin::MergeRequest(iid)) => format!("!{iid}"),
            Detail::Delivers(Origin::DirectCommit(sha)) => {
                // As many digits as GitLab shows.
                sha.to_string().chars().take(8).collect()
            }
            Detail::DeliveredBy(id) => {
                say(format!("by release {id}"), format!("par la mise en production {id}"))
            }
            Detail::FailedBy(signal) => {
                let signal = signal.as_str();
                say(format!("failed by {signal}"), format!("défaillante : {signal}"))
            }
            Detail::Incident(iid) => say(format!("incident #{iid}"), format!("incident n° {iid}")),
            Detail::RemediedBy(id) => say(
                format!("remedied by release {id}"),
                format!("corrigée par la mise en production {id}"),
            ),
            Detail::RecoveredAt(at) => dated(["recovered", "rétablie"], *at),
            Detail::GoesBack => {
                say("rework: it goes back".to_owned(), "reprise : retour arrière".to_owned())
            }
            Detail::Hotfix(iid) => say(
                format!("rework: it delivers hotfix !{iid}"),
                format!("reprise : livre le correctif !{iid}"),
            ),
            Detail::Revert(own, original) => say(
                format!("it delivers !{own}, which reverts !{original}"),
                format!("livre !{own}, qui annule !{original}"),
            ),
            Detail::Severity(severity) => {
                let severity = severity.as_str();
                say(format!("severity {severity}"), format!("sévérité {severity}"))
            }
            Detail::Deadline(at) => dated(["due before", "échéance avant"], *at),
            Detail::DeliveredAt(at) => dated(["delivered", "livré"], *at),
            Detail::ReportedAt(at) => dated(["first report", "premier retour"], *at),
            Detail::LinkedFor(iid, seconds) => say(
                format!("!{iid} {seconds} s after its merge"),
                format!("!{iid} {seconds} s après sa fusion"),
            ),
            Detail::LastedFor(iid, seconds) => say(
                format!("incident #{iid} of {seconds} s"),
                format!("incident n° {iid} de {seconds} s"),
            ),
            Detail::Tier(tier) => say(format!("tier {tier}"), format!("niveau {tier}")),
        }
    }
}

fn instant(at: Timestamp) -> String {
    machine_time(at).unwrap_or_else(|| at.to_string())
}
