-- Projects. Columns come as: project, last_at or reach, key, registers.

--: get
-- One row by its key.
SELECT
    instance, project_id, last_at, path, path_at, default_branch, default_branch_at, deleted,
    deleted_at
FROM project
WHERE instance = ?1 AND project_id = ?2

--: put
-- The row as it now is.
REPLACE INTO project (
    instance, project_id, path, path_at, default_branch, default_branch_at, deleted,
    deleted_at, last_at
) VALUES (
    ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
)

--: load
-- Every project: they are few.
SELECT
    instance, project_id, 9223372036854775807, path, path_at, default_branch,
    default_branch_at, deleted, deleted_at
FROM project
WHERE ?1 IS NOT NULL

--: expired
-- Keys of at most ?2 rows that nobody needs any more.
SELECT instance, project_id
FROM project
WHERE last_at < ?1
LIMIT ?2

--: forget
-- Removes one of them, unless it was heard of since.
DELETE FROM project
WHERE instance = ?1 AND project_id = ?2
    AND last_at < ?3
