-- What was heard of each project: kinds of deliveries, and the longest pause of each of the last
-- weeks. Written a little after the deliveries themselves; instants are seconds since the epoch.

CREATE TABLE contact_kind (
    instance   INTEGER NOT NULL,
    project_id INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    last_at    INTEGER NOT NULL,
    deliveries INTEGER NOT NULL,
    PRIMARY KEY (instance, project_id, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE contact_week (
    instance              INTEGER NOT NULL,
    project_id            INTEGER NOT NULL,
    week                  INTEGER NOT NULL,
    longest_pause_seconds INTEGER NOT NULL,
    PRIMARY KEY (instance, project_id, week)
) STRICT, WITHOUT ROWID;
