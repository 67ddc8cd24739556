//! One file per metric: from pooled samples to its figures, with its definition and source.

pub mod batch;
pub mod change_fail_rate;
pub mod change_lead_time;
pub mod deployment_frequency;
pub mod deployment_rework_rate;
pub mod failed_deployment_recovery_time;
pub mod inventory;
pub mod milestones;
pub mod need_lead_time;
pub mod promotion_time;
pub mod releasable_time;
pub mod release_feedback;
pub mod rhythm;
pub mod step_duration;
pub mod time_to_restore_service;
pub mod work_categories;
