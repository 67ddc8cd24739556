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

-- Merge requests whose commits and comments were read after they had merged: once is enough.
CREATE TABLE merge_request_read (
    instance   INTEGER NOT NULL,
    project_id INTEGER NOT NULL,
    iid        INTEGER NOT NULL,
    PRIMARY KEY (instance, project_id, iid)
) STRICT, WITHOUT ROWID;
