-- Commits of merge requests. Columns come as: project, last_at or reach, key, registers.

--: get
-- One row by its key.
SELECT
    instance, project_id, last_at, merge_request, sha
FROM merge_request_commit
WHERE instance = ?1 AND project_id = ?2 AND merge_request = ?3 AND sha = ?4

--: put
-- The row as it now is.
REPLACE INTO merge_request_commit (
    instance, project_id, merge_request, sha, last_at
) VALUES (
    ?1, ?2, ?3, ?4, ?5
)

--: load
-- Rows that reach ?1.
SELECT
    instance, project_id, last_at, merge_request, sha
FROM merge_request_commit
WHERE last_at >= ?1

--: complete
-- Rows heard before ?2 of merge requests that reach ?1.
SELECT
    own.instance, own.project_id, iif(parent.open, 9223372036854775807, parent.last_at), own.last_at,
    own.merge_request, own.sha
FROM merge_request AS parent
CROSS JOIN merge_request_commit AS own
    ON own.instance = parent.instance
    AND own.project_id = parent.project_id
    AND own.merge_request = parent.iid
WHERE (parent.last_at >= ?1 OR parent.open) AND own.last_at < ?2

--: expired
-- Keys of at most ?2 rows that nobody needs any more.
SELECT instance, project_id, merge_request, sha
FROM merge_request_commit AS own
WHERE last_at < ?1 AND NOT EXISTS (
    SELECT 1 FROM merge_request AS parent
    WHERE parent.instance = own.instance
        AND parent.project_id = own.project_id
        AND parent.iid = own.merge_request
)
LIMIT ?2

--: forget
-- Removes one of them, unless it was heard of since.
DELETE FROM merge_request_commit
WHERE instance = ?1 AND project_id = ?2 AND merge_request = ?3 AND sha = ?4
    AND last_at < ?5
