-- Jobs that succeeded, by pipeline. Columns come as: project, last_at or reach, key, registers.

--: get
-- One row by its key.
SELECT
    instance, project_id, last_at, pipeline, sha, ref_name, jobs
FROM pipeline_jobs
WHERE instance = ?1 AND project_id = ?2 AND pipeline = ?3

--: put
-- The row as it now is.
REPLACE INTO pipeline_jobs (
    instance, project_id, pipeline, sha, ref_name, jobs, last_at
) VALUES (
    ?1, ?2, ?3, ?4, ?5, ?6, ?7
)

--: load
-- Rows that reach ?1.
SELECT
    instance, project_id, last_at, pipeline, sha, ref_name, jobs
FROM pipeline_jobs
WHERE last_at >= ?1

--: expired
-- Keys of at most ?2 rows that nobody needs any more.
SELECT instance, project_id, pipeline
FROM pipeline_jobs
WHERE last_at < ?1
LIMIT ?2

--: forget
-- Removes one of them, unless it was heard of since.
DELETE FROM pipeline_jobs
WHERE instance = ?1 AND project_id = ?2 AND pipeline = ?3
    AND last_at < ?4
