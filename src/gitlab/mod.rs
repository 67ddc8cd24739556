//! GitLab's dialect: what its hooks say, which of it may be kept, and how.
