-- Environments. Columns come as: project, last_at or reach, key, registers.

--: get
-- One row by its key.
SELECT
    instance, project_id, last_at, name, tier, tier_at, seen_at
FROM environment
WHERE instance = ?1 AND project_id = ?2 AND name = ?3

--: put
-- The row as it now is.
REPLACE INTO environment (
    instance, project_id, name, tier, tier_at, seen_at, last_at
) VALUES (
    ?1, ?2, ?3, ?4, ?5, ?6, ?7
)

--: load
-- Every environment: they are few.
SELECT
    instance, project_id, 9223372036854775807, name, tier, tier_at, seen_at
FROM environment
WHERE ?1 IS NOT NULL

--: expired
-- Keys of at most ?2 rows that nobody needs any more.
SELECT instance, project_id, name
FROM environment
WHERE last_at < ?1
LIMIT ?2

--: forget
-- Removes one of them, unless it was heard of since.
DELETE FROM environment
WHERE instance = ?1 AND project_id = ?2 AND name = ?3
    AND last_at < ?4
