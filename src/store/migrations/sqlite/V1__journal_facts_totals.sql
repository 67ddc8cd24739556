-- What was heard, what it says, and what it adds up to.
--
-- Instants of facts are whole seconds since the epoch (*_at), receipt times milliseconds (*_ms);
-- ids that nobody reads are BLOB. A register that keeps a date has a second column *_at; NULL in
-- it means that nothing was heard yet.

CREATE TABLE source (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    url  TEXT
) STRICT;

CREATE TABLE journal (
    entry_id            INTEGER PRIMARY KEY,
    received_day        INTEGER NOT NULL,
    received_ms         INTEGER NOT NULL,
    source              INTEGER NOT NULL,
    channel             TEXT NOT NULL,
    delivery_key        BLOB NOT NULL,
    record_digest       BLOB NOT NULL,
    kind                TEXT,
    state               TEXT NOT NULL,
    detail              TEXT,
    unread_size_bytes   INTEGER,
    unread_position     INTEGER,
    projection          INTEGER NOT NULL,
    codec               INTEGER NOT NULL,
    body                BLOB,
    seal                INTEGER NOT NULL
) STRICT;

-- Which entries a day of receipt holds: retention finds them without reading the journal.
CREATE TABLE journal_day (
    day         INTEGER PRIMARY KEY,
    first_entry INTEGER NOT NULL,
    last_entry  INTEGER NOT NULL,
    entries     INTEGER NOT NULL
) STRICT;

-- Fingerprints of delivery keys, for entries up to meta.seen_up_to; newer ones are in memory.
CREATE TABLE seen (
    fingerprint INTEGER NOT NULL,
    entry_id    INTEGER NOT NULL,
    PRIMARY KEY (fingerprint, entry_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE heard (
    source     INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    first_ms   INTEGER NOT NULL,
    last_ms    INTEGER NOT NULL,
    deliveries INTEGER NOT NULL,
    PRIMARY KEY (source, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE counted (
    instance   INTEGER NOT NULL,
    project_id INTEGER NOT NULL,
    thing      TEXT NOT NULL,
    PRIMARY KEY (instance, project_id, thing)
) STRICT, WITHOUT ROWID;

CREATE TABLE total (
    instance    INTEGER NOT NULL,
    project_id  INTEGER NOT NULL,
    series      TEXT NOT NULL,
    environment TEXT NOT NULL,
    tier        TEXT NOT NULL,
    status      TEXT NOT NULL,
    kind        TEXT NOT NULL,
    severity    TEXT NOT NULL,
    clock       TEXT NOT NULL,
    bucket      INTEGER NOT NULL,
    count       INTEGER NOT NULL,
    sum_seconds INTEGER NOT NULL,
    PRIMARY KEY (instance, project_id, series, environment, tier, status, kind, severity, clock, bucket)
) STRICT, WITHOUT ROWID;

-- Facts. last_at is the newest instant at which the thing was heard of, by our clock or in its own
-- dates; open things are loaded and kept whatever their age.

CREATE TABLE project (
    instance          INTEGER NOT NULL,
    project_id        INTEGER NOT NULL,
    path              TEXT,
    path_at           INTEGER,
    default_branch    TEXT,
    default_branch_at INTEGER,
    deleted           INTEGER,
    deleted_at        INTEGER,
    last_at           INTEGER NOT NULL,
    PRIMARY KEY (instance, project_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE environment (
    instance   INTEGER NOT NULL,
    project_id INTEGER NOT NULL,
    name       TEXT NOT NULL,
    tier       TEXT,
    tier_at    INTEGER,
    seen_at    INTEGER,
    last_at    INTEGER NOT NULL,
    PRIMARY KEY (instance, project_id, name)
) STRICT, WITHOUT ROWID;

-- Ids of deployments and pipelines ascend over a whole GitLab: with the id before the
-- project, new rows lie together at the end of the tree and few pages are written per commit.
CREATE TABLE deployment (
    instance     INTEGER NOT NULL,
    project_id   INTEGER NOT NULL,
    id           INTEGER NOT NULL,
    environment  TEXT,
    sha          BLOB,
    ref_name     TEXT,
    job          INTEGER,
    status       TEXT,
    status_at    INTEGER,
    started_at   INTEGER,
    succeeded_at INTEGER,
    rejected     INTEGER NOT NULL,
    last_at      INTEGER NOT NULL,
    open         INTEGER NOT NULL,
    PRIMARY KEY (instance, id, project_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE merge_request (
    instance          INTEGER NOT NULL,
    project_id        INTEGER NOT NULL,
    iid               INTEGER NOT NULL,
    author            BLOB,
    author_excluded   INTEGER NOT NULL,
    source_project    INTEGER,
    source_branch     TEXT,
    source_branch_at  INTEGER,
    target_branch     TEXT,
    target_branch_at  INTEGER,
    state             TEXT,
    state_at          INTEGER,
    created_at        INTEGER,
    merged_at         INTEGER,
    merge_reported_at INTEGER,
    was_draft         INTEGER NOT NULL,
    ready_at          INTEGER,
    labels            TEXT,
    labels_at         INTEGER,
    milestone         INTEGER,
    milestone_at      INTEGER,
    head              BLOB,
    head_at           INTEGER,
    merge_commit      BLOB,
    merge_commit_at   INTEGER,
    squash_commit     BLOB,
    squash_commit_at  INTEGER,
    reverts           TEXT,
    reverts_at        INTEGER,
    last_at           INTEGER NOT NULL,
    open              INTEGER NOT NULL,
    PRIMARY KEY (instance, project_id, iid)
) STRICT, WITHOUT ROWID;

CREATE TABLE merge_request_commit (
    instance      INTEGER NOT NULL,
    project_id    INTEGER NOT NULL,
    merge_request INTEGER NOT NULL,
    sha           BLOB NOT NULL,
    last_at       INTEGER NOT NULL,
    PRIMARY KEY (instance, project_id, merge_request, sha)
) STRICT, WITHOUT ROWID;

CREATE TABLE review (
    instance      INTEGER NOT NULL,
    project_id    INTEGER NOT NULL,
    merge_request INTEGER NOT NULL,
    at            INTEGER NOT NULL,
    person        BLOB NOT NULL,
    last_at       INTEGER NOT NULL,
    PRIMARY KEY (instance, project_id, merge_request, at, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE git_commit (
    instance        INTEGER NOT NULL,
    project_id      INTEGER NOT NULL,
    sha             BLOB NOT NULL,
    authored_at     INTEGER,
    committed_at    INTEGER,
    is_merge        INTEGER NOT NULL,
    author_excluded INTEGER NOT NULL,
    picked_from     BLOB,
    reverts         BLOB,
    identity        BLOB,
    last_at         INTEGER NOT NULL,
    PRIMARY KEY (instance, project_id, sha)
) STRICT, WITHOUT ROWID;

CREATE TABLE push (
    instance      INTEGER NOT NULL,
    project_id    INTEGER NOT NULL,
    ref_name      TEXT NOT NULL,
    after         BLOB NOT NULL,
    before        BLOB,
    checkout      BLOB,
    commits       BLOB,
    total_commits INTEGER,
    last_at       INTEGER NOT NULL,
    PRIMARY KEY (instance, project_id, ref_name, after)
) STRICT, WITHOUT ROWID;

-- An issue is open unless its newest transition closed it, so it has no column of its own for that.
CREATE TABLE issue (
    instance           INTEGER NOT NULL,
    project_id         INTEGER NOT NULL,
    iid                INTEGER NOT NULL,
    issue_type         TEXT,
    issue_type_at      INTEGER,
    created_at         INTEGER,
    severity           TEXT,
    severity_at        INTEGER,
    labels             TEXT,
    labels_at          INTEGER,
    milestone          INTEGER,
    milestone_at       INTEGER,
    superseded         INTEGER,
    superseded_at      INTEGER,
    described_cause    TEXT,
    described_cause_at INTEGER,
    noted_cause        TEXT,
    noted_cause_at     INTEGER,
    last_at            INTEGER NOT NULL,
    PRIMARY KEY (instance, project_id, iid)
) STRICT, WITHOUT ROWID;

CREATE TABLE issue_transition (
    instance   INTEGER NOT NULL,
    project_id INTEGER NOT NULL,
    issue      INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    transition TEXT NOT NULL,
    last_at    INTEGER NOT NULL,
    PRIMARY KEY (instance, project_id, issue, at, transition)
) STRICT, WITHOUT ROWID;

CREATE TABLE pipeline (
    instance    INTEGER NOT NULL,
    project_id  INTEGER NOT NULL,
    id          INTEGER NOT NULL,
    status      TEXT,
    status_at   INTEGER,
    sha         BLOB,
    ref_name    TEXT,
    created_at  INTEGER,
    finished_at INTEGER,
    last_at     INTEGER NOT NULL,
    open        INTEGER NOT NULL,
    PRIMARY KEY (instance, id, project_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE pipeline_stage (
    instance    INTEGER NOT NULL,
    project_id  INTEGER NOT NULL,
    pipeline    INTEGER NOT NULL,
    stage       TEXT NOT NULL,
    started_at  INTEGER,
    finished_at INTEGER,
    last_at     INTEGER NOT NULL,
    PRIMARY KEY (instance, pipeline, project_id, stage)
) STRICT, WITHOUT ROWID;

CREATE TABLE tag_release (
    instance       INTEGER NOT NULL,
    project_id     INTEGER NOT NULL,
    tag            TEXT NOT NULL,
    created_at     INTEGER,
    released_at    INTEGER,
    released_at_at INTEGER,
    sha            BLOB,
    deleted        INTEGER,
    deleted_at     INTEGER,
    last_at        INTEGER NOT NULL,
    PRIMARY KEY (instance, project_id, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE milestone (
    instance     INTEGER NOT NULL,
    project_id   INTEGER NOT NULL,
    id           INTEGER NOT NULL,
    created_at   INTEGER,
    start_day    INTEGER,
    start_day_at INTEGER,
    due_day      INTEGER,
    due_day_at   INTEGER,
    closed       INTEGER,
    closed_at    INTEGER,
    deleted      INTEGER,
    deleted_at   INTEGER,
    last_at      INTEGER NOT NULL,
    open         INTEGER NOT NULL,
    PRIMARY KEY (instance, id, project_id)
) STRICT, WITHOUT ROWID;
