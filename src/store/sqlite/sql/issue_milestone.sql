-- Moves of issues into milestones and out of them. Columns come as: project, last_at or reach, key, registers.

--: get
-- One row by its key.
SELECT
    instance, project_id, last_at, issue, at, before, milestone
FROM issue_milestone
WHERE instance = ?1 AND project_id = ?2 AND issue = ?3 AND at = ?4

--: put
-- The row as it now is.
REPLACE INTO issue_milestone (
    instance, project_id, issue, at, before, milestone, last_at
) VALUES (
    ?1, ?2, ?3, ?4, ?5, ?6, ?7
)

--: load
-- Rows that reach ?1.
SELECT
    instance, project_id, last_at, issue, at, before, milestone
FROM issue_milestone
WHERE last_at >= ?1

--: complete
-- Rows heard before ?2, whatever their age: the newest one tells where the issue is.
SELECT
    instance, project_id, 9223372036854775807, last_at,
    issue, at, before, milestone
FROM issue_milestone
WHERE last_at < ?2 AND ?1 IS NOT NULL

--: expired
-- Keys of at most ?2 rows that nobody needs any more.
SELECT instance, project_id, issue, at
FROM issue_milestone AS own
WHERE last_at < ?1 AND NOT EXISTS (
    SELECT 1 FROM issue AS parent
    WHERE parent.instance = own.instance
        AND parent.project_id = own.project_id
        AND parent.iid = own.issue
)
LIMIT ?2

--: forget
-- Removes one of them, unless it was heard of since.
DELETE FROM issue_milestone
WHERE instance = ?1 AND project_id = ?2 AND issue = ?3 AND at = ?4
    AND last_at < ?5
