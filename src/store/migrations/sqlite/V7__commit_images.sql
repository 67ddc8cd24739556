-- Images that a commit of a deployment repository names anew: one row a commit, with all of its images
-- in one cell.

CREATE TABLE commit_images (
    instance   INTEGER NOT NULL,
    project_id INTEGER NOT NULL,
    sha        BLOB NOT NULL,
    images     TEXT NOT NULL,
    cut        INTEGER NOT NULL,
    read       INTEGER NOT NULL,
    last_at    INTEGER NOT NULL,
    PRIMARY KEY (instance, project_id, sha)
) STRICT, WITHOUT ROWID;
