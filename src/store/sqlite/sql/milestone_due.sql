-- Due days of milestones. Columns come as: project, last_at or reach, key, registers.

--: get
-- One row by its key.
SELECT
    instance, project_id, last_at, milestone, at, due_day
FROM milestone_due
WHERE instance = ?1 AND project_id = ?2 AND milestone = ?3 AND at = ?4

--: put
-- The row as it now is.
REPLACE INTO milestone_due (
    instance, project_id, milestone, at, due_day, last_at
) VALUES (
    ?1, ?2, ?3, ?4, ?5, ?6
)

--: load
-- Rows that reach ?1.
SELECT
    instance, project_id, last_at, milestone, at, due_day
FROM milestone_due
WHERE last_at >= ?1

--: complete
-- Rows heard before ?2, whatever their age: the oldest one tells what was
-- promised.
SELECT
    instance, project_id, 9223372036854775807, last_at,
    milestone, at, due_day
FROM milestone_due
WHERE last_at < ?2 AND ?1 IS NOT NULL

--: expired
-- Keys of at most ?2 rows that nobody needs any more.
SELECT instance, project_id, milestone, at
FROM milestone_due AS own
WHERE last_at < ?1 AND NOT EXISTS (
    SELECT 1 FROM milestone AS parent
    WHERE parent.instance = own.instance
        AND parent.project_id = own.project_id
        AND parent.id = own.milestone
)
LIMIT ?2

--: forget
-- Removes one of them, unless it was heard of since.
DELETE FROM milestone_due
WHERE instance = ?1 AND project_id = ?2 AND milestone = ?3 AND at = ?4
    AND last_at < ?5
