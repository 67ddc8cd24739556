-- How far GitLab's API was read: of each resource of each project the spans of time, in seconds
-- since the epoch, whose rows are in the journal.

CREATE TABLE bookmark (
    instance   INTEGER NOT NULL,
    project_id INTEGER NOT NULL,
    resource   TEXT NOT NULL,
    since      INTEGER NOT NULL,
    until      INTEGER NOT NULL,
    PRIMARY KEY (instance, project_id, resource, since)
) STRICT, WITHOUT ROWID;
