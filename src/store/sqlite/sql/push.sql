-- Pushes. Columns come as: project, last_at or reach, key, registers.

--: get
-- One row by its key.
SELECT
    instance, project_id, last_at, ref_name, after, before, checkout, commits, total_commits
FROM push
WHERE instance = ?1 AND project_id = ?2 AND ref_name = ?3 AND after = ?4

--: put
-- The row as it now is.
REPLACE INTO push (
    instance, project_id, ref_name, after, before, checkout, commits, total_commits, last_at
) VALUES (
    ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
)

--: load
-- Rows that reach ?1.
SELECT
    instance, project_id, last_at, ref_name, after, before, checkout, commits, total_commits
FROM push
WHERE last_at >= ?1

--: expired
-- Keys of at most ?2 rows that nobody needs any more.
SELECT instance, project_id, ref_name, after
FROM push
WHERE last_at < ?1
LIMIT ?2

--: forget
-- Removes one of them, unless it was heard of since.
DELETE FROM push
WHERE instance = ?1 AND project_id = ?2 AND ref_name = ?3 AND after = ?4
    AND last_at < ?5
