//! Why something near a number does not count.

/// Declares the rules, each with its stable name.
macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident: $name:literal,)+) => {
        /// A ruling of the definitions that leaves something out; what it says is in `words`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $($(#[$doc])* $rule,)+
        }

        impl Rule {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$rule),+];

            /// A stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$rule => $name,)+
                }
            }
        }
    };
}

rules! {
    /// The instant that places it lies before the window.
    BeforeWindow: "before_window",
    /// The same version again is not counted.
    Redeploy: "redeploy",
    /// It is of another kind than asked for.
    OtherKind: "other_kind",
    /// The deployment failed.
    DeploymentFailed: "deployment_failed",
    /// The deployment was canceled.
    DeploymentCanceled: "deployment_canceled",
    /// The deployment was skipped.
    DeploymentSkipped: "deployment_skipped",
    /// An approver refused the deployment.
    DeploymentRejected: "deployment_rejected",
    /// The deployment has not ended, or not with anything that was heard.
    DeploymentUnfinished: "deployment_unfinished",
    /// What was deployed is not known.
    DeploymentWithoutCommit: "deployment_without_commit",
    /// It is measured as another project's.
    MeasuredElsewhere: "measured_elsewhere",
    /// What its commit changed was not told yet.
    VersionUntold: "version_untold",
    /// Its commit names no image.
    VersionUnchanged: "version_unchanged",
    /// No commit of the application is known by the version that it names.
    VersionUnknown: "version_unknown",
    /// What it names are several commits of the application.
    VersionUnclear: "version_unclear",
    /// It brings no new version forward.
    NotForward: "not_forward",
    /// The release before it lies before the window, or there is none.
    NothingBefore: "nothing_before",
    /// It delivered no change.
    NothingDelivered: "nothing_delivered",
    /// It is the first of the tier: what it delivered was there at an unknown time.
    FirstRelease: "first_release",
    /// A release may contain it, for all that is known, or it stands on no inventory branch.
    NotWaiting: "not_waiting",
    /// The environment is of another tier.
    OtherTier: "other_tier",
    /// Its author matches `exclude_authors`.
    ExcludedAuthor: "excluded_author",
    /// It has a label of `exclude_labels`.
    ExcludedLabel: "excluded_label",
    /// It only carries other changes onwards.
    Promotion: "promotion",
    /// The first release of the tier contains it.
    Baseline: "baseline",
    /// No release of the tier is known to contain it.
    NotDelivered: "not_delivered",
    /// A direct commit has no stages.
    WithoutStages: "without_stages",
    /// It is of another kind of work than asked for.
    OtherCategory: "other_category",
    /// It failed under a signal of higher priority.
    HigherPriority: "higher_priority",
    /// It failed, and has not recovered.
    NotRecovered: "not_recovered",
    /// It is open.
    StillOpen: "still_open",
    /// It is closed.
    Closed: "closed",
    /// It has another severity than asked for.
    OtherSeverity: "other_severity",
    /// It duplicates another, or moved.
    Duplicate: "duplicate",
    /// It has a label that the incident filter excludes.
    FilteredLabel: "filtered_label",
    /// It is less severe than the incident filter asks for.
    BelowSeverity: "below_severity",
    /// Nothing that was delivered caused it.
    External: "external",
    /// What it names as its cause is in no counted release of the tier.
    CauseNotReleased: "cause_not_released",
    /// No release came close enough before it.
    NoReleaseBefore: "no_release_before",
    /// A release was blamed for it.
    Attributed: "attributed",
    /// The policy does not listen to this signal.
    SignalOff: "signal_off",
    /// It begins elsewhere than asked for.
    OtherBasis: "other_basis",
    /// Not all merge requests that close it are delivered, or only in the first release.
    NeedNotDelivered: "need_not_delivered",
    /// It did not reach the first of the two tiers before, or only in its first release.
    NotPromoted: "not_promoted",
    /// Nothing tells how long it took in this step.
    WithoutStep: "without_step",
    /// Its deadline lies ahead.
    NotDue: "not_due",
    /// The time for users to say something is not over.
    FeedbackOpen: "feedback_open",
    /// Users said nothing of it.
    NothingReported: "nothing_reported",
    /// It took longer than the bucket holds.
    AboveBound: "above_bound",
    /// GitLab's windows end yesterday.
    DayNotOver: "day_not_over",
    /// Nothing was linked or closed on that day.
    NothingThatDay: "nothing_that_day",
}
