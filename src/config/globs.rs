//! Patterns of projects, branches and people.

use globset::{Glob, GlobBuilder, GlobSet};

use super::raw::Field;

/// Patterns of project paths: `*` stays within one part of a path, `**` crosses parts. GitLab's
/// paths ignore case, and so do these.
pub(super) fn project_globs(field: &Field<'_>) -> GlobSet {
    globs(field, |text| {
        GlobBuilder::new(text).literal_separator(true).case_insensitive(true).build()
    })
}

/// Patterns of branches: `*` stands for anything, as in GitLab's protected branches.
pub(super) fn branch_globs(field: &Field<'_>) -> GlobSet {
    globs(field, Glob::new)
}

/// Patterns of user names, in any case.
pub(super) fn author_globs(field: &Field<'_>) -> GlobSet {
    globs(field, |text| GlobBuilder::new(text).case_insensitive(true).build())
}

fn globs(field: &Field<'_>, compile: impl Fn(&str) -> Result<Glob, globset::Error>) -> GlobSet {
    let mut set = GlobSet::builder();
    for item in field.items() {
        let allowed = "a pattern like group/* or group/**";
        if let Some(glob) =
            item.read(allowed, |text| if text.is_empty() { None } else { compile(text).ok() })
        {
            set.add(glob);
        }
    }
    set.build().unwrap_or_else(|_| {
        field.refuse("holds too many or too large patterns", "fewer or simpler patterns");
        GlobSet::empty()
    })
}
