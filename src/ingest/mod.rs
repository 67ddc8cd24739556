//! The way in: verify, scrub, project, queue, commit; then acknowledge.
