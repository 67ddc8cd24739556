-- Release objects. Columns come as: project, last_at or reach, key, registers.

--: get
-- One row by its key.
SELECT
    instance, project_id, last_at, tag, created_at, released_at, released_at_at, sha, deleted,
    deleted_at
FROM tag_release
WHERE instance = ?1 AND project_id = ?2 AND tag = ?3

--: put
-- The row as it now is.
REPLACE INTO tag_release (
    instance, project_id, tag, created_at, released_at, released_at_at, sha, deleted,
    deleted_at, last_at
) VALUES (
    ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
)

--: load
-- Rows that reach ?1.
SELECT
    instance, project_id, last_at, tag, created_at, released_at, released_at_at, sha, deleted,
    deleted_at
FROM tag_release
WHERE last_at >= ?1

--: expired
-- Keys of at most ?2 rows that nobody needs any more.
SELECT instance, project_id, tag
FROM tag_release
WHERE last_at < ?1
LIMIT ?2

--: forget
-- Removes one of them, unless it was heard of since.
DELETE FROM tag_release
WHERE instance = ?1 AND project_id = ?2 AND tag = ?3
    AND last_at < ?4
