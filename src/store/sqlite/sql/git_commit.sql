-- Commits. Columns come as: project, last_at or reach, key, registers.

--: get
-- One row by its key.
SELECT
    instance, project_id, last_at, sha, authored_at, committed_at, is_merge, author_excluded,
    picked_from, reverts, identity
FROM git_commit
WHERE instance = ?1 AND project_id = ?2 AND sha = ?3

--: put
-- The row as it now is.
REPLACE INTO git_commit (
    instance, project_id, sha, authored_at, committed_at, is_merge, author_excluded,
    picked_from, reverts, identity, last_at
) VALUES (
    ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11
)

--: load
-- Rows that reach ?1.
SELECT
    instance, project_id, last_at, sha, authored_at, committed_at, is_merge, author_excluded,
    picked_from, reverts, identity
FROM git_commit
WHERE last_at >= ?1

--: complete
-- Commits heard before ?2 of merge requests that reach ?1.
SELECT
    own.instance, own.project_id, iif(parent.open, 9223372036854775807, parent.last_at), own.last_at,
    own.sha, own.authored_at, own.committed_at, own.is_merge, own.author_excluded,
    own.picked_from, own.reverts, own.identity
FROM merge_request AS parent
CROSS JOIN merge_request_commit AS link
    ON link.instance = parent.instance
    AND link.project_id = parent.project_id
    AND link.merge_request = parent.iid
CROSS JOIN git_commit AS own
    ON own.instance = link.instance
    AND own.project_id = link.project_id
    AND own.sha = link.sha
WHERE (parent.last_at >= ?1 OR parent.open) AND own.last_at < ?2

--: expired
-- Keys of at most ?2 rows that nobody needs any more.
SELECT instance, project_id, sha
FROM git_commit
WHERE last_at < ?1
LIMIT ?2

--: forget
-- Removes one of them, unless it was heard of since.
DELETE FROM git_commit
WHERE instance = ?1 AND project_id = ?2 AND sha = ?3
    AND last_at < ?4
