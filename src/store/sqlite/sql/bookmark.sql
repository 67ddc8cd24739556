-- Which spans of GitLab's API were read.

--: all
SELECT project_id, resource, since, until FROM bookmark
WHERE instance = ?1
ORDER BY project_id, resource, since

--: of_project
SELECT project_id, resource, since, until FROM bookmark
WHERE instance = ?1 AND project_id = ?2
ORDER BY resource, since

--: absorbed
-- The end of what the span from ?4 to ?5 touches, itself included.
SELECT max(?5, coalesce(max(until), ?5)) FROM bookmark
WHERE instance = ?1 AND project_id = ?2 AND resource = ?3 AND since >= ?4 AND since <= ?5

--: absorb
DELETE FROM bookmark
WHERE instance = ?1 AND project_id = ?2 AND resource = ?3 AND since > ?4 AND since <= ?5

--: put
INSERT INTO bookmark (instance, project_id, resource, since, until) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (instance, project_id, resource, since) DO UPDATE SET until = max(until, excluded.until)

--: is_read
SELECT EXISTS (
    SELECT 1 FROM merge_request_read WHERE instance = ?1 AND project_id = ?2 AND iid = ?3
)

--: set_read
INSERT OR IGNORE INTO merge_request_read (instance, project_id, iid) VALUES (?1, ?2, ?3)
