-- Merge requests. Columns come as: project, last_at or reach, key, registers.

--: get
-- One row by its key.
SELECT
    instance, project_id, last_at, iid, author, author_excluded, source_project, source_branch,
    source_branch_at, target_branch, target_branch_at, state, state_at, created_at, merged_at,
    merge_reported_at, was_draft, ready_at, labels, labels_at, milestone, milestone_at, head,
    head_at, merge_commit, merge_commit_at, squash_commit, squash_commit_at, reverts,
    reverts_at, closes, closes_at
FROM merge_request
WHERE instance = ?1 AND project_id = ?2 AND iid = ?3

--: put
-- The row as it now is.
REPLACE INTO merge_request (
    instance, project_id, iid, author, author_excluded, source_project, source_branch,
    source_branch_at, target_branch, target_branch_at, state, state_at, created_at, merged_at,
    merge_reported_at, was_draft, ready_at, labels, labels_at, milestone, milestone_at, head,
    head_at, merge_commit, merge_commit_at, squash_commit, squash_commit_at, reverts,
    reverts_at, closes, closes_at, last_at, open
) VALUES (
    ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
    ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33
)

--: load
-- Rows that reach ?1, and those still open, which reach any instant.
SELECT
    instance, project_id, iif(open, 9223372036854775807, last_at), iid, author,
    author_excluded, source_project, source_branch, source_branch_at, target_branch,
    target_branch_at, state, state_at, created_at, merged_at, merge_reported_at, was_draft,
    ready_at, labels, labels_at, milestone, milestone_at, head, head_at, merge_commit,
    merge_commit_at, squash_commit, squash_commit_at, reverts, reverts_at,
    closes, closes_at
FROM merge_request
WHERE last_at >= ?1 OR open

--: expired
-- Keys of at most ?2 rows that nobody needs any more.
SELECT instance, project_id, iid
FROM merge_request
WHERE last_at < ?1 AND NOT open
LIMIT ?2

--: forget
-- Removes one of them, unless it was heard of since.
DELETE FROM merge_request
WHERE instance = ?1 AND project_id = ?2 AND iid = ?3
    AND last_at < ?4 AND NOT open
