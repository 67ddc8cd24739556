//! How far the logs of GitLab's hooks were read, and which of their deliveries are known.

use rusqlite::{OptionalExtension as _, params};

use super::rows::section;
use super::sqlite::is_known;
use super::{Store, StoreError};
use crate::delivery::InstanceId;
use crate::record::DeliveryKey;

const SET_META: &str = section(include_str!("sqlite/sql/writer.sql"), "set_meta");
const GET_META: &str = section(include_str!("sqlite/sql/writer.sql"), "get_meta");

impl Store {
    /// Which deliveries were ever kept, in the order of `keys`: for as long as the journal keeps
    /// them, which is many times as long as GitLab's log does.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub fn are_known(
        &self,
        source: InstanceId,
        keys: &[DeliveryKey],
    ) -> Result<Vec<bool>, StoreError> {
        // The newest keys are in the writer's memory alone.
        self.write(|writer| {
            writer.transaction(|step, memory| {
                let known = |key| is_known(step, &memory.recent, source, key);
                keys.iter().map(known).collect()
            })
        })
    }

    /// The newest delivery in the log of a hook, by GitLab's number, up to which everything is
    /// kept; `None` when the log was never read to its end.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn delivery_log_read_to(
        &self,
        instance: InstanceId,
        hook: &str,
    ) -> Result<Option<u64>, StoreError> {
        let name = name(instance, hook);
        let known: Option<i64> = self.read(|conn| {
            conn.prepare_cached(GET_META)?.query_row([name], |row| row.get(0)).optional()
        })?;
        Ok(known.and_then(|number| number.try_into().ok()))
    }

    /// Notes that; it never goes back. Call it once what the log showed is durable.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub fn set_delivery_log_read_to(
        &self,
        instance: InstanceId,
        hook: &str,
        delivery: u64,
    ) -> Result<(), StoreError> {
        let (name, number) = (name(instance, hook), i64::try_from(delivery).unwrap_or(i64::MAX));
        self.write(|writer| {
            writer.transaction(|step, _| {
                step.prepare_cached(SET_META)?.execute(params![name, number]).map(|_| ())
            })
        })
    }
}

fn name(instance: InstanceId, hook: &str) -> String {
    format!("delivery_log_{}_{hook}", instance.get())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::support::{entry, folder, fresh, open};

    const MAIN: InstanceId = InstanceId::new(1);

    #[test]
    fn what_was_kept_is_known_by_its_key_and_its_source_alone() {
        let (_folder, store) = fresh();
        store.commit(&[entry("kept", Vec::new())], 1).unwrap();
        let keys = ["kept", "lost"].map(|text| DeliveryKey::new(text.as_bytes()));
        assert_eq!(store.are_known(MAIN, &keys).unwrap(), [true, false]);
        assert_eq!(store.are_known(InstanceId::new(2), &keys).unwrap(), [false, false]);
    }

    #[test]
    fn how_far_a_log_was_read_outlives_the_process_and_never_goes_back() {
        let folder = folder();
        let store = open(&folder);
        assert_eq!(store.delivery_log_read_to(MAIN, "projects/7/hooks/1").unwrap(), None);
        for number in [40, 12] {
            store.set_delivery_log_read_to(MAIN, "projects/7/hooks/1", number).unwrap();
        }
        drop(store);
        let store = open(&folder);
        let read_to = |hook| store.delivery_log_read_to(MAIN, hook).unwrap();
        assert_eq!(
            (read_to("projects/7/hooks/1"), read_to("projects/7/hooks/2")),
            (Some(40), None)
        );
    }
}
