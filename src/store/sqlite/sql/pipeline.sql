-- Pipelines. Columns come as: project, last_at or reach, key, registers.

--: get
-- One row by its key.
SELECT
    instance, project_id, last_at, id, status, status_at, sha, ref_name, created_at,
    finished_at, merge_request
FROM pipeline
WHERE instance = ?1 AND project_id = ?2 AND id = ?3

--: put
-- The row as it now is.
REPLACE INTO pipeline (
    instance, project_id, id, status, status_at, sha, ref_name, created_at, finished_at,
    merge_request, last_at, open
) VALUES (
    ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12
)

--: load
-- Rows that reach ?1, and those still open, which reach any instant.
SELECT
    instance, project_id, iif(open, 9223372036854775807, last_at), id, status, status_at, sha,
    ref_name, created_at, finished_at, merge_request
FROM pipeline
WHERE last_at >= ?1 OR open

--: expired
-- Keys of at most ?2 rows that nobody needs any more.
SELECT instance, project_id, id
FROM pipeline
WHERE last_at < ?1 AND NOT open
LIMIT ?2

--: forget
-- Removes one of them, unless it was heard of since.
DELETE FROM pipeline
WHERE instance = ?1 AND project_id = ?2 AND id = ?3
    AND last_at < ?4 AND NOT open
