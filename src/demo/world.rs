//! The company as a whole: all sites on one agenda, in the order of time.

use super::calendar::{Calendar, DAY_SECONDS, midnight};
use super::chance::Chance;
use super::company::SERVICES;
use super::delivery::Delivery;
use super::desk::Desk;
use super::happening::{Commit, Happening, Sha};
use super::payload;
use super::story::Site;
use crate::delivery::Timestamp;

/// The company's history up to an instant, and what happens after it, faster than life.
#[derive(Debug, Clone)]
pub struct Company {
    desk: Desk,
    sites: Vec<Site>,
    identities: Chance,
}

impl Company {
    /// A company whose history covers the `days` days before `now`; from then on its time passes
    /// `pace` times faster than the clock.
    ///
    /// The same arguments give the same company. Its GitLab is upgraded from 18.x to 19.x after
    /// three fifths of the history.
    #[must_use]
    pub fn new(seed: u64, now: Timestamp, days: u32, pace: u32) -> Self {
        let span = u64::from(days.max(1)) * DAY_SECONDS;
        let begun = midnight(now).minus(span);
        let upgraded_at = begun.plus(span / 5 * 3);
        let calendar = Calendar::new(now, pace);
        let mut desk = Desk::new(begun, calendar, Chance::new(seed), upgraded_at);
        let mut sites = Vec::new();
        for (index, service) in SERVICES.iter().enumerate() {
            let author = desk.chance.pick(service.team);
            let head = Commit {
                sha: Sha(desk.chance.sha()),
                author,
                authored_at: begun.minus(DAY_SECONDS),
                message: String::from("What was there before the history begins"),
            };
            let mut site = Site::new(index, service, head);
            site.begin(&mut desk);
            site.greet(now, &mut desk);
            sites.push(site);
        }
        if let Some(site) = sites.first() {
            site.complain(now, &mut desk);
        }
        Self { desk, sites, identities: Chance::new(!seed) }
    }

    /// The next delivery that happens strictly before `end`, in the order of time.
    pub fn next_before(&mut self, end: Timestamp) -> Option<Delivery> {
        let happening = self.happening_before(end)?;
        let (high, low) = (self.identities.bits(), self.identities.bits());
        Some(payload::deliver(&happening, &self.desk.calendar, identity(high, low)))
    }

    /// When the next thing happens; `None` never comes, because there is always a tomorrow.
    #[must_use]
    pub fn next_at(&self) -> Option<Timestamp> {
        self.desk.next_due().map(|due| self.desk.calendar.told(due))
    }

    /// How many deliveries happen strictly before `end`; consumes the company to find out.
    #[must_use]
    pub fn count_before(mut self, end: Timestamp) -> u64 {
        let mut count = 0;
        while self.happening_before(end).is_some() {
            count += 1;
        }
        count
    }

    fn happening_before(&mut self, end: Timestamp) -> Option<Happening> {
        let end = self.desk.calendar.reached(end);
        loop {
            if let Some(happening) = self.desk.take() {
                return Some(happening);
            }
            let (index, step) = self.desk.due(end)?;
            if let Some(site) = self.sites.get_mut(index) {
                site.tell(step, &mut self.desk);
            }
        }
    }
}

/// A version 4 UUID made of these bits.
fn identity(high: u64, low: u64) -> String {
    let (high, low) = (high & !0xf000 | 0x4000, low & (u64::MAX >> 2) | 1 << 63);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::LazyLock;

    use serde_json::Value;

    use super::*;

    /// Monday 2026-06-01, 12:00 UTC.
    const NOW: Timestamp = Timestamp::from_second(1_780_315_200);

    fn history(seed: u64, days: u32) -> Vec<Delivery> {
        let mut company = Company::new(seed, NOW, days, 60);
        std::iter::from_fn(|| company.next_before(NOW)).collect()
    }

    /// The history that most tests look at.
    static HISTORY: LazyLock<Vec<Delivery>> = LazyLock::new(|| history(1, 120));

    fn json(delivery: &Delivery) -> Value {
        serde_json::from_slice(&delivery.body).unwrap()
    }

    #[test]
    fn the_same_seed_and_instant_give_the_same_history() {
        assert_eq!(history(1, 20), history(1, 20));
        assert_ne!(history(1, 20), history(2, 20));
    }

    #[test]
    fn history_is_long_in_the_order_of_time_and_over_before_now() {
        let history = &*HISTORY;
        assert!((12_000..30_000).contains(&history.len()), "{}", history.len());
        assert!(history.is_sorted_by_key(|delivery| delivery.at));
        assert!(history.iter().all(|delivery| delivery.at < NOW));
        let counted = Company::new(1, NOW, 120, 60).count_before(NOW);
        assert_eq!(u64::try_from(history.len()), Ok(counted));
        let ids: BTreeSet<&str> = history.iter().map(|delivery| delivery.id.as_str()).collect();
        assert_eq!(ids.len(), history.len(), "every delivery has an id of its own");
    }

    #[test]
    fn everything_that_can_happen_does() {
        let history = &*HISTORY;
        let told: BTreeSet<String> = history
            .iter()
            .map(|delivery| {
                let words: Vec<&str> = delivery
                    .summary
                    .split(' ')
                    .filter(|word| {
                        word.chars().all(|c| c.is_ascii_lowercase() || c == '(' || c == ')')
                    })
                    .collect();
                words.join(" ")
            })
            .collect();
        for expected in [
            "incident open high",
            "incident reopen critical",
            "incident close medium",
            "issue open",
            "merge request open",
            "merge request update (ready)",
            "merge request update (pushed)",
            "merge request approved",
            "merge request merge",
            "merge request close",
            "note on merge request",
            "note on incident",
            "milestone create",
            "milestone close",
            "deployment blocked production",
            "deployment approved production",
            "deployment rejected production",
            "deployment running recette",
            "deployment success preprod",
            "deployment failed production",
            "tag",
            "release",
        ] {
            assert!(told.contains(expected), "{expected}: {told:#?}");
        }
        let texts: String =
            history.iter().map(|delivery| String::from_utf8_lossy(&delivery.body)).collect();
        for expected in [
            "This reverts merge request !",
            "hotfix/",
            "\"username\":\"renovate\"",
            "\"title\":\"external\"",
            "production-sud",
            "merged_at",
            "squash_commit_sha",
        ] {
            assert!(texts.contains(expected), "{expected}");
        }
    }

    #[test]
    fn the_default_branch_is_one_chain_of_pushes_without_a_gap() {
        let mut heads: BTreeMap<&str, Value> = BTreeMap::new();
        for delivery in HISTORY.iter().filter(|delivery| delivery.event == "Push Hook") {
            let body = json(delivery);
            if body["ref"] != "refs/heads/main" {
                continue;
            }
            let commits = body["commits"].as_array().unwrap();
            assert_eq!(body["total_commits_count"], commits.len());
            assert!(commits.len() <= 20, "GitLab lists no more");
            assert_eq!(commits.last().unwrap()["id"], body["after"]);
            if let Some(head) = heads.insert(delivery.project, body["after"].clone()) {
                assert_eq!(head, body["before"], "{}", delivery.summary);
            }
        }
        assert_eq!(heads.len(), SERVICES.len());
    }

    #[test]
    fn what_reaches_production_is_on_the_default_branch() {
        let mut landed: BTreeSet<String> = BTreeSet::new();
        let mut unknown: BTreeSet<(&str, String)> = BTreeSet::new();
        for delivery in HISTORY.iter() {
            if !["Push Hook", "Deployment Hook"].contains(&delivery.event) {
                continue;
            }
            let body = json(delivery);
            if body["ref"] == "refs/heads/main" {
                landed.insert(body["after"].as_str().unwrap().to_owned());
            }
            let sha = body["commit_url"].as_str().and_then(|url| url.rsplit('/').next());
            let unheard = sha.filter(|sha| !landed.contains(*sha));
            unknown.extend(unheard.map(|sha| (delivery.project, sha.to_owned())));
        }
        assert_eq!(unknown.len(), SERVICES.len(), "only the first version of each: {unknown:?}");
    }

    #[test]
    fn nights_are_quieter_than_days_and_weekends_than_weeks() {
        let history = &*HISTORY;
        let count = |wanted: fn(i64, i64) -> bool| {
            history
                .iter()
                .filter(|delivery| {
                    let weekday = super::super::calendar::weekday(delivery.at);
                    wanted(weekday, delivery.at.as_second().rem_euclid(86_400) / 3_600)
                })
                .count()
        };
        let office = count(|weekday, hour| weekday < 5 && (7..17).contains(&hour));
        let weekend = count(|weekday, _| weekday >= 5);
        assert!(office * 10 > history.len() * 8, "{office} of {}", history.len());
        assert!(weekend * 20 < history.len(), "{weekend} of {}", history.len());
    }

    #[test]
    fn after_history_life_goes_on_and_nothing_claims_to_come_from_the_future() {
        // A Saturday evening: nobody is at work, and yet there is something to see.
        const NOW: Timestamp = Timestamp::from_second(1_780_315_200 + 5 * 86_400 + 9 * 3_600);
        let mut company = Company::new(1, NOW, 10, 60);
        while company.next_before(NOW).is_some() {}
        let hour = NOW.plus(3_600);
        let live: Vec<Delivery> = std::iter::from_fn(|| company.next_before(hour)).collect();
        let minutes = |from: u64, to: u64| {
            let span = NOW.plus(from * 60)..NOW.plus(to * 60);
            live.iter().filter(|delivery| span.contains(&delivery.at)).count()
        };
        assert!((10..100).contains(&minutes(0, 5)), "{} in the first minutes", minutes(0, 5));
        assert!((180..1_200).contains(&minutes(0, 60)), "{} in an hour", minutes(0, 60));
        assert!(live.iter().all(|delivery| (NOW..hour).contains(&delivery.at)));
        let latest = live
            .iter()
            .filter_map(|delivery| json(delivery)["status_changed_at"].as_str().map(str::to_owned))
            .max();
        assert!(latest.unwrap().as_str() < "2026-06-06T22:00:00");
        assert!(company.next_at().unwrap() >= hour);
    }
}
