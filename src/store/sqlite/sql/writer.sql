-- Settings of the one connection that writes.

--: settings
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
PRAGMA mmap_size = 0;
PRAGMA secure_delete = ON;
PRAGMA synchronous = FULL;
PRAGMA temp_store = MEMORY;
-- 64 MiB: what a burst leaves behind is given back when the log begins anew.
PRAGMA journal_size_limit = 67108864;
-- The log is copied back when nobody commits, or beside the commits from 64 MiB on. Only where a load
-- leaves that no time does a commit do it, at 128 MiB: whoever waits for it waits for the copy too.
PRAGMA wal_autocheckpoint = 32768;

--: cache
PRAGMA cache_size = -16384;

--: small_cache
PRAGMA cache_size = -512;

--: new_file
PRAGMA page_size = 4096;
PRAGMA auto_vacuum = INCREMENTAL;
-- "dora"
PRAGMA application_id = 0x646f7261;

--: begin
BEGIN IMMEDIATE

--: last_entry
SELECT max(
    coalesce((SELECT max(entry_id) FROM journal), 0),
    coalesce((SELECT max(value) FROM meta WHERE name IN ('seen_up_to', 'purged_up_to')), 0)
)

--: set_meta
INSERT INTO meta (name, value) VALUES (?1, ?2)
ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)

--: get_meta
SELECT value FROM meta WHERE name = ?1

--: source
SELECT id FROM source WHERE name = ?1

--: add_source
INSERT INTO source (id, name, url)
VALUES (coalesce((SELECT max(id) FROM source), 0) + 1, ?1, ?2)
RETURNING id

--: move_source
UPDATE source SET url = ?2 WHERE id = ?1 AND url IS NOT ?2
