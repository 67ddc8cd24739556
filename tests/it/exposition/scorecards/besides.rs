//! What stands beside DORA's figures in an invented scorecard.

use gitlab_dora_exporter::delivery::Timestamp;
use gitlab_dora_exporter::dora::gitlab_parity::GitlabFigures;
use gitlab_dora_exporter::dora::scorecard::ContactFigures;
use gitlab_dora_exporter::dora::shared::Shared;

pub(super) fn contact(is_silent: Option<bool>) -> ContactFigures {
    let last_delivery = Timestamp::from_second(1_709_000_000);
    ContactFigures { last_delivery, is_silent, lacks: [false, true, is_silent.is_none()] }
}

/// A busy window and quiet ones, as many as asked for.
pub(super) fn gitlab(windows: usize) -> Shared<Option<GitlabFigures>> {
    let busy = GitlabFigures {
        deployments: 4,
        deployment_frequency: 4.0 / 7.0,
        lead_time_for_changes: Some(5_400.25),
        time_to_restore_service: None,
        change_failure_rate: Some(1.5),
    };
    let mut shown = vec![None; windows];
    shown.iter_mut().take(1).for_each(|own| *own = Some(busy));
    shown.into()
}
