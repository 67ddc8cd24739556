-- Jobs that succeeded, for policies by which a job is a deployment: one row a pipeline, with all of
-- its jobs in one cell.

CREATE TABLE pipeline_jobs (
    instance   INTEGER NOT NULL,
    project_id INTEGER NOT NULL,
    pipeline   INTEGER NOT NULL,
    sha        BLOB,
    ref_name   TEXT,
    jobs       TEXT NOT NULL,
    last_at    INTEGER NOT NULL,
    PRIMARY KEY (instance, pipeline, project_id)
) STRICT, WITHOUT ROWID;
