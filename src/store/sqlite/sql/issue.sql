-- Issues and incidents. Columns come as: project, last_at or reach, key, registers.

--: get
-- One row by its key.
SELECT
    instance, project_id, last_at, iid, issue_type, issue_type_at, created_at, severity,
    severity_at, labels, labels_at, milestone, milestone_at, superseded, superseded_at,
    described_cause, described_cause_at, noted_cause, noted_cause_at, first_note_at
FROM issue
WHERE instance = ?1 AND project_id = ?2 AND iid = ?3

--: put
-- The row as it now is.
REPLACE INTO issue (
    instance, project_id, iid, issue_type, issue_type_at, created_at, severity, severity_at,
    labels, labels_at, milestone, milestone_at, superseded, superseded_at, described_cause,
    described_cause_at, noted_cause, noted_cause_at, first_note_at, last_at
) VALUES (
    ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20
)

--: load
-- Rows that reach ?1, and those still open, which reach any instant.
SELECT
    instance, project_id,
    iif(last_at >= ?1, last_at, 9223372036854775807),
    iid, issue_type, issue_type_at, created_at, severity, severity_at, labels, labels_at,
    milestone, milestone_at, superseded, superseded_at, described_cause, described_cause_at,
    noted_cause, noted_cause_at, first_note_at
FROM issue
WHERE last_at >= ?1
    OR coalesce((
        SELECT t.transition FROM issue_transition AS t
        WHERE t.instance = issue.instance AND t.project_id = issue.project_id AND t.issue = issue.iid
        ORDER BY t.at DESC, t.transition ASC LIMIT 1
    ), 'reopened') <> 'closed'

--: expired
-- Keys of at most ?2 rows that nobody needs any more.
SELECT instance, project_id, iid
FROM issue
WHERE last_at < ?1 AND NOT (
    coalesce((
        SELECT t.transition FROM issue_transition AS t
        WHERE t.instance = issue.instance AND t.project_id = issue.project_id AND t.issue = issue.iid
        ORDER BY t.at DESC, t.transition ASC LIMIT 1
    ), 'reopened') <> 'closed'
)
LIMIT ?2

--: forget
-- Removes one of them, unless it was heard of since.
DELETE FROM issue
WHERE instance = ?1 AND project_id = ?2 AND iid = ?3
    AND last_at < ?4
