//! What is to be counted next, once and for ever.

/// Upper bounds of `dora_delivered_change_lead_time_seconds`, in seconds: 1h 4h 12h 1d 2d 7d 14d
/// 30d 90d 180d.
pub const LEAD_TIME_BOUNDS: [u64; 10] =
    [3_600, 14_400, 43_200, 86_400, 172_800, 604_800, 1_209_600, 2_592_000, 7_776_000, 15_552_000];

/// Upper bounds of `dora_closed_incident_duration_seconds`, in seconds: 15m 1h 4h 12h 1d 3d 7d
/// 30d 180d.
pub const INCIDENT_DURATION_BOUNDS: [u64; 9] =
    [900, 3_600, 14_400, 43_200, 86_400, 259_200, 604_800, 2_592_000, 15_552_000];
