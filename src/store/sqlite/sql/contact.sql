-- What was heard of each project.

--: kinds
SELECT instance, project_id, kind, last_at, deliveries FROM contact_kind

--: weeks
SELECT instance, project_id, week, longest_pause_seconds FROM contact_week

--: keep_kind
INSERT INTO contact_kind (instance, project_id, kind, last_at, deliveries) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (instance, project_id, kind) DO UPDATE SET
    last_at = excluded.last_at,
    deliveries = excluded.deliveries

--: keep_week
INSERT INTO contact_week (instance, project_id, week, longest_pause_seconds) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (instance, project_id, week) DO UPDATE SET
    longest_pause_seconds = excluded.longest_pause_seconds

--: forget_weeks
DELETE FROM contact_week WHERE instance = ?1 AND project_id = ?2 AND week < ?3
