//! Delivers as GitLab does: signed, by HTTP, several at a time.
