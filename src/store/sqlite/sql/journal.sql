-- The journal, and what makes an entry count once.

--: insert
INSERT INTO journal (
    entry_id, received_day, received_ms, source, channel, delivery_key, record_digest, kind,
    state, detail, unread_size_bytes, unread_position, projection, codec, body, seal
) VALUES (
    ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 0, ?14, ?15
)

--: update
UPDATE journal SET state = ?2, detail = ?3, projection = ?4, seal = ?5 WHERE entry_id = ?1

--: length
SELECT coalesce(sum(entries), 0) FROM journal_day

--: same
SELECT source, delivery_key, record_digest FROM journal WHERE entry_id = ?1

--: recent
SELECT entry_id, source, delivery_key FROM journal WHERE entry_id > ?1

--: seen
SELECT entry_id FROM seen WHERE fingerprint = ?1

--: remember
INSERT OR IGNORE INTO seen (fingerprint, entry_id) VALUES (?1, ?2)

--: day
INSERT INTO journal_day (day, first_entry, last_entry, entries) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (day) DO UPDATE SET
    last_entry = excluded.last_entry,
    entries = entries + excluded.entries

--: hear
INSERT INTO heard (source, kind, first_ms, last_ms, deliveries) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (source, kind) DO UPDATE SET
    first_ms = min(first_ms, excluded.first_ms),
    last_ms = max(last_ms, excluded.last_ms),
    deliveries = deliveries + excluded.deliveries

--: kinds
SELECT source, kind FROM heard
