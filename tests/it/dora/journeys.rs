//! Histories of the value stream that the document of definitions tells.

use std::sync::Arc;

use gitlab_dora_exporter::delivery::RunStatus::{Failed, Success};
use gitlab_dora_exporter::dora::policy::{Category, Policy};

use super::definitions::{before, on};
use super::story::{Story, mr};

/// An issue from its opening to production, and the incident that its release caused.
pub(crate) fn journey() -> Story {
    let request = mr(9)
        .commit("m9", on(5, 9.0))
        .opened(on(5, 10.0))
        .draft_until(on(6, 9.0))
        .reviewed(on(6, 15.0), 2)
        .merged(on(7, 15.0));
    let (built, tested) = (on(6, 9.5), on(6, 11.0));
    before()
        .deploy(2, "staging", "c0", on(1, 9.0))
        .push("m9", on(5, 9.0))
        .mr(request.closes(&[12]))
        .issue(12, on(2, 9.0))
        .given(12, "validated", on(4, 9.0))
        .pipeline(
            1,
            ("feature/9", "m9"),
            on(6, 9.0),
            &[("build", on(6, 9.0), built), ("test", built, tested)],
        )
        .deploy(3, "staging", "m9", on(8, 9.0))
        .deploy(4, "production", "m9", on(14, 15.0))
        .began(4, on(14, 14.0))
        .incident(1, on(14, 18.0), &[on(14, 21.0)])
        .noted(1, on(14, 18.5))
}

pub(crate) fn validated(policy: &mut Policy) {
    policy.value_stream.validated_labels = vec!["validated".to_owned()];
}

/// A milestone that is kept with less in it, and one that is moved.
pub(crate) fn milestones() -> Story {
    let closing = |number: u64, day: u32| {
        let (token, written) = (format!("m{number}"), on(day, 9.0));
        mr(number).commit(&token, written).merged(written + 1.0).closes(&[number])
    };
    let planned = |story: Story, number, milestone, day| {
        story.issue(number, on(day, 0.0)).moved(number, (None, Some(milestone)), on(day, 1.0))
    };
    let story = before()
        .push("m21", on(5, 9.0))
        .push("m22", on(6, 9.0))
        .push("m24", on(21, 9.0))
        .mr(closing(21, 5))
        .mr(closing(22, 6))
        .mr(closing(24, 21))
        .deploy(2, "production", "m22", on(9, 10.0))
        .deploy(3, "production", "m24", on(23, 10.0));
    let issues = [(21, 4, 2), (22, 4, 2), (23, 4, 2), (24, 5, 11)];
    let told = issues
        .into_iter()
        .fold(story, |story, (number, own, day)| planned(story, number, own, day));
    told.milestone(4, on(2, 2.0), on(10, 0.0))
        .moved(23, (Some(4), None), on(9, 8.0))
        .milestone(5, on(11, 2.0), on(20, 0.0))
        .due(5, on(18, 8.0), on(25, 0.0))
}

/// Four releases; of the two things that users reported of the second, the next one mends one.
pub(crate) fn feedback() -> Story {
    let mending = |number: u64, issue: u64, day: u32| {
        let written = on(day, 9.0);
        mr(number).commit(&format!("m{number}"), written).merged(written + 1.0).closes(&[issue])
    };
    before()
        .push("m1", on(5, 9.0))
        .push("m3", on(10, 9.0))
        .push("m4", on(18, 9.0))
        .mr(mending(3, 31, 10))
        .mr(mending(4, 32, 18))
        .deploy(2, "production", "m1", on(6, 10.0))
        .deploy(3, "production", "m3", on(13, 10.0))
        .deploy(4, "production", "m4", on(20, 10.0))
        .issue_with(31, on(7, 10.0), &["feedback"])
        .issue_with(32, on(8, 10.0), &["feedback"])
}

pub(crate) fn marked(policy: &mut Policy) {
    policy.value_stream.feedback_labels = vec!["feedback".to_owned()];
}

/// A default branch that is broken for two days of twenty.
pub(crate) fn pipelines() -> Story {
    let story = Story::new().main_ended(1, Success, on(11, 0.0));
    story.main_ended(2, Failed, on(20, 0.0)).main_ended(3, Success, on(22, 0.0))
}

pub(crate) fn by_kind(policy: &mut Policy) {
    let kind = |name: &str, label: &str| Category {
        name: Arc::from(name),
        labels: vec![label.to_owned()],
    };
    policy.categories = vec![kind("maintenance", "mco"), kind("security", "security")];
}
