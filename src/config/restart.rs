//! Which settings a reload cannot change while the program runs.

use super::{Exposition, Ingest, Log, Page, Sender, Server, Settings, Storage};

impl Settings {
    /// Keys that differ in `newer` and have no effect before the next start, in the order of the
    /// reference. All other settings are applied by a reload.
    #[must_use]
    pub fn waiting_for_restart(&self, newer: &Self) -> Vec<&'static str> {
        let Exposition { refresh_seconds, .. } = &self.exposition;
        let Storage { directory, .. } = &self.storage;
        let Log { format, filter } = &self.log;
        let Page { languages, levels } = &self.page;
        let apis = |settings: &Self| {
            settings.senders.iter().filter_map(|sender| sender.api.clone()).collect::<Vec<_>>()
        };
        let otherwise =
            |reads: fn(&Sender) -> Option<u64>| differs(&self.senders, &newer.senders, reads);
        let hooks =
            differs(&self.senders, &newer.senders, |own| (own.hooks, own.hooks_without.clone()));
        let others = [
            ("gitlab.token", apis(self) != apis(newer)),
            ("gitlab.hooks", hooks),
            ("gitlab.backfill_since", otherwise(|own| own.backfill_since_seconds)),
            ("store.directory", *directory != newer.storage.directory),
            ("exposition.refresh", *refresh_seconds != newer.exposition.refresh_seconds),
            ("log.format", *format != newer.log.format),
            ("log.level", *filter != newer.log.filter),
            ("page.languages", *languages != newer.page.languages),
            ("page.levels", *levels != newer.page.levels),
        ];
        let [token, hooks, since, store, rest @ ..] = others;
        server(&self.server, &newer.server)
            .into_iter()
            .chain([token, hooks, since, store])
            .chain(ingest(&self.ingest, &newer.ingest))
            .chain(rest)
            .filter_map(|(key, differs)| differs.then_some(key))
            .collect()
    }
}

/// Whether of a GitLab that can be asked before and after something is set otherwise.
fn differs<T: PartialEq>(old: &[Sender], new: &[Sender], set: fn(&Sender) -> T) -> bool {
    old.iter().filter(|own| own.api.is_some()).any(|own| {
        let mut same = new.iter().filter(|other| other.name == own.name && other.api.is_some());
        same.any(|other| set(other) != set(own))
    })
}

// Taken apart by name, so that a new setting cannot be forgotten.

fn server(old: &Server, new: &Server) -> [(&'static str, bool); 10] {
    let Server {
        listen,
        admin_listen,
        external_url,
        connections,
        head_timeout,
        keep_alive,
        body_limit_bytes,
        inflight_limit_bytes,
        drain_delay,
        stop_timeout,
    } = new;
    [
        ("server.listen", old.listen != *listen),
        ("server.admin_listen", old.admin_listen != *admin_listen),
        ("server.external_url", old.external_url != *external_url),
        ("server.connections", old.connections != *connections),
        ("server.head_timeout", old.head_timeout != *head_timeout),
        ("server.keep_alive", old.keep_alive != *keep_alive),
        ("server.body_limit", old.body_limit_bytes != *body_limit_bytes),
        ("server.inflight_limit", old.inflight_limit_bytes != *inflight_limit_bytes),
        ("server.drain_delay", old.drain_delay != *drain_delay),
        ("server.stop_timeout", old.stop_timeout != *stop_timeout),
    ]
}

fn ingest(old: &Ingest, new: &Ingest) -> [(&'static str, bool); 6] {
    let Ingest {
        deadline,
        linger,
        queue_events,
        queue_limit_bytes,
        batch_events,
        batch_limit_bytes,
        // A reload builds the authenticator anew.
        signature_tolerance_seconds: _,
    } = new;
    [
        ("ingest.deadline", old.deadline != *deadline),
        ("ingest.linger", old.linger != *linger),
        ("ingest.queue_events", old.queue_events != *queue_events),
        ("ingest.queue_limit", old.queue_limit_bytes != *queue_limit_bytes),
        ("ingest.batch_events", old.batch_events != *batch_events),
        ("ingest.batch_limit", old.batch_limit_bytes != *batch_limit_bytes),
    ]
}
