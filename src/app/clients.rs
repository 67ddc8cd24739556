//! The clients of every GitLab's API, made once: whoever asks one GitLab shares its budget.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::clock::Clock;
use crate::config::Settings;
use crate::instruments::Instruments;
use crate::rest::{Budget, Cause, Client, RestSettings};

/// A client for each block with a token, by the operator's name for it. Blocks of one address share
/// a budget, the smallest of theirs.
///
/// # Errors
/// [`Cause`] when a client cannot be made.
pub(super) fn clients(
    settings: &Settings,
    clock: &Arc<dyn Clock>,
    instruments: &Arc<Instruments>,
) -> Result<BTreeMap<String, Client>, Cause> {
    let all: Vec<&RestSettings> =
        settings.senders.iter().filter_map(|sender| sender.api.as_ref()).collect();
    let mut rates: BTreeMap<String, u32> = BTreeMap::new();
    for api in &all {
        let rate = rates.entry(api.origin.to_string()).or_insert(u32::MAX);
        *rate = (*rate).min(api.requests_per_minute);
    }
    let budget = |(address, rate)| (address, Arc::new(Budget::new(rate, Arc::clone(clock))));
    let budgets: BTreeMap<String, Arc<Budget>> = rates.into_iter().map(budget).collect();
    let client = |api: &RestSettings| {
        let (clock, instruments) = (Arc::clone(clock), Arc::clone(instruments));
        match budgets.get(&api.origin.to_string()) {
            Some(budget) => Client::sharing(Arc::clone(budget), api.clone(), clock, instruments),
            None => Client::new(api.clone(), clock, instruments),
        }
    };
    all.into_iter().map(|api| Ok((api.name.clone(), client(api)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use crate::config::{Environment, Inputs, Purpose, load};

    #[test]
    fn blocks_of_one_address_share_the_smallest_budget() {
        let block = |name: &str, url: &str, rate: u32| {
            format!(
                "{{name=\"{name}\",url=\"{url}\",token=\"glpat-x\",requests_per_minute={rate}}}"
            )
        };
        let (one, other) = ("http://127.0.0.1:1", "http://127.0.0.1:2");
        let list = [block("a", one, 600), block("b", one, 60), block("c", other, 600)].join(",");
        let environment = Environment::of([("GITLAB_DORA_GITLAB", &format!("[{list}]"))]);
        let inputs = Inputs { environment, ..Inputs::default() };
        let settings = load(&inputs, Purpose::Other).settings.unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let clients = clients(&settings, &clock, &Arc::new(Instruments::new())).unwrap();
        let budget = |name: &str| clients.get(name).unwrap().budget();
        assert!(Arc::ptr_eq(&budget("a"), &budget("b")));
        assert!(!Arc::ptr_eq(&budget("a"), &budget("c")));
        let slow = Budget::new(60, Arc::clone(&clock));
        assert_eq!(format!("{:?}", budget("a")), format!("{slow:?}"));
    }
}
