-- What the value stream is measured from: when issues got their labels and milestones, what merge
-- requests close, when somebody first answered an incident, what due days were.

ALTER TABLE merge_request ADD COLUMN closes TEXT;
ALTER TABLE merge_request ADD COLUMN closes_at INTEGER;
ALTER TABLE issue ADD COLUMN first_note_at INTEGER;
ALTER TABLE pipeline ADD COLUMN merge_request INTEGER;

CREATE TABLE issue_label (
    instance   INTEGER NOT NULL,
    project_id INTEGER NOT NULL,
    issue      INTEGER NOT NULL,
    label      TEXT NOT NULL,
    added_at   INTEGER,
    last_at    INTEGER NOT NULL,
    PRIMARY KEY (instance, project_id, issue, label)
) STRICT, WITHOUT ROWID;

CREATE TABLE issue_milestone (
    instance   INTEGER NOT NULL,
    project_id INTEGER NOT NULL,
    issue      INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    before     INTEGER,
    milestone  INTEGER,
    last_at    INTEGER NOT NULL,
    PRIMARY KEY (instance, project_id, issue, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE milestone_due (
    instance   INTEGER NOT NULL,
    project_id INTEGER NOT NULL,
    milestone  INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    due_day    INTEGER,
    last_at    INTEGER NOT NULL,
    PRIMARY KEY (instance, milestone, project_id, at)
) STRICT, WITHOUT ROWID;
