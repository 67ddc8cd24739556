-- Images that commits name. Columns come as: project, last_at or reach, key, registers.

--: get
-- One row by its key.
SELECT
    instance, project_id, last_at, sha, images, cut, read
FROM commit_images
WHERE instance = ?1 AND project_id = ?2 AND sha = ?3

--: put
-- The row as it now is.
REPLACE INTO commit_images (
    instance, project_id, sha, images, cut, read, last_at
) VALUES (
    ?1, ?2, ?3, ?4, ?5, ?6, ?7
)

--: load
-- Rows that reach ?1.
SELECT
    instance, project_id, last_at, sha, images, cut, read
FROM commit_images
WHERE last_at >= ?1

--: expired
-- Keys of at most ?2 rows that nobody needs any more.
SELECT instance, project_id, sha
FROM commit_images
WHERE last_at < ?1
LIMIT ?2

--: forget
-- Removes one of them, unless it was heard of since.
DELETE FROM commit_images
WHERE instance = ?1 AND project_id = ?2 AND sha = ?3
    AND last_at < ?4
