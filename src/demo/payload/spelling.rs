//! How GitLab spells instants: by version and by field, several in one body.

use jiff::tz::{Offset, TimeZone};

use crate::delivery::Timestamp;
use crate::demo::calendar::Calendar;
use crate::demo::happening::Dialect;

/// Spells company time as GitLab would.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spelling<'a> {
    pub(super) dialect: Dialect,
    pub(super) calendar: &'a Calendar,
}

/// The company works in one place; a fixed offset is enough for an author's clock.
const LOCAL_HOURS: i8 = 2;

impl Spelling<'_> {
    /// Most fields: `2026-06-01 09:14:07 UTC` before 19.x, `2026-06-01T09:14:07.482Z` after.
    pub(super) fn time(&self, at: Timestamp) -> String {
        match self.dialect {
            Dialect::V18 => self.ruby(at),
            Dialect::V19 => {
                let thousandths = at.as_second().rem_euclid(997);
                let whole = self.spell(at, "%Y-%m-%dT%H:%M:%S", 0);
                format!("{whole}.{thousandths:03}Z")
            }
        }
    }

    /// Jobs of a pipeline, in every version: `2026-06-01 09:14:07 UTC`.
    pub(super) fn ruby(&self, at: Timestamp) -> String {
        self.spell(at, "%Y-%m-%d %H:%M:%S UTC", 0)
    }

    /// Status changes of deployments: `2026-06-01 11:14:07 +0200`, or
    /// `2026-06-01T09:14:07.000+00:00` in 19.x.
    pub(super) fn status_change(&self, at: Timestamp) -> String {
        match self.dialect {
            Dialect::V18 => self.spell(at, "%Y-%m-%d %H:%M:%S %z", LOCAL_HOURS),
            Dialect::V19 => self.spell(at, "%Y-%m-%dT%H:%M:%S.000%:z", 0),
        }
    }

    /// Decisions on deployments: `2026-06-01T09:14:07.000Z`.
    pub(super) fn decision(&self, at: Timestamp) -> String {
        self.spell(at, "%Y-%m-%dT%H:%M:%S.000Z", 0)
    }

    /// Dates of commits, in their author's zone: `2026-06-01T11:14:07+02:00`.
    pub(super) fn authored(&self, at: Timestamp) -> String {
        self.spell(at, "%Y-%m-%dT%H:%M:%S%:z", LOCAL_HOURS)
    }

    /// Dates without a time: `2026-06-01`.
    pub(super) fn day(&self, at: Timestamp) -> String {
        self.spell(at, "%Y-%m-%d", 0)
    }

    fn spell(&self, at: Timestamp, format: &str, offset_hours: i8) -> String {
        let at = self.calendar.told(at).as_second();
        let at = jiff::Timestamp::from_second(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let zone = TimeZone::fixed(Offset::constant(offset_hours));
        at.to_zoned_datetime(zone).strftime(format).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_spelt_as_its_version_of_gitlab_spells_it() {
        let at = Timestamp::from_second(1_780_305_247);
        let calendar = Calendar::new(at.plus(1), 60);
        let [old, new] =
            [Dialect::V18, Dialect::V19].map(|dialect| Spelling { dialect, calendar: &calendar });
        assert_eq!(old.time(at), "2026-06-01 09:14:07 UTC");
        assert_eq!(new.time(at).len(), "2026-06-01T09:14:07.482Z".len());
        assert!(new.time(at).starts_with("2026-06-01T09:14:07."));
        assert_eq!(old.status_change(at), "2026-06-01 11:14:07 +0200");
        assert_eq!(new.status_change(at), "2026-06-01T09:14:07.000+00:00");
        assert_eq!(new.authored(at), "2026-06-01T11:14:07+02:00");
        assert_eq!(new.day(at), "2026-06-01");
    }
}
