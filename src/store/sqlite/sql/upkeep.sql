-- Retention: finding what has had its time, and removing it.

--: old_day
-- The oldest day of receipt before ?1.
SELECT day, first_entry, last_entry FROM journal_day WHERE day < ?1 ORDER BY day LIMIT 1

--: old_entries
SELECT entry_id, source, delivery_key FROM journal
WHERE entry_id BETWEEN ?1 AND ?2 AND received_day = ?3
ORDER BY entry_id
LIMIT ?4

--: forget_entry
DELETE FROM journal WHERE entry_id = ?1

--: forget_seen
DELETE FROM seen WHERE fingerprint = ?1 AND entry_id = ?2

--: forget_day
DELETE FROM journal_day WHERE day = ?1

--: free_pages
PRAGMA freelist_count
