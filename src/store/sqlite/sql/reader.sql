-- Settings and statements of connections that only read.

--: settings
PRAGMA query_only = ON;
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
PRAGMA mmap_size = 0;
PRAGMA temp_store = MEMORY;
-- What is read is read once, from end to end.
PRAGMA cache_size = -2048;

--: begin
BEGIN DEFERRED

--: sources
SELECT name, id FROM source ORDER BY name

--: successes
-- Deployments that succeeded before ?1, with the tier of their environments.
SELECT
    own.instance, own.project_id, own.succeeded_at, own.id, own.environment,
    (
        SELECT place.tier FROM environment AS place
        WHERE place.instance = own.instance
            AND place.project_id = own.project_id
            AND place.name = own.environment
    )
FROM deployment AS own
WHERE own.succeeded_at < ?1 AND own.environment IS NOT NULL

--: heard
SELECT source, kind, first_ms, last_ms, deliveries FROM heard ORDER BY source, kind

--: scan
SELECT
    entry_id, source, channel, delivery_key, received_ms, kind, state, detail,
    unread_size_bytes, unread_position, projection, codec, body, record_digest, seal
FROM journal
WHERE entry_id > ?1
ORDER BY entry_id
LIMIT ?2
