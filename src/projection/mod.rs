//! What a record means: from GitLab's words to facts.
