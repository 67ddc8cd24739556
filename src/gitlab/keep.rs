//! What may become of a value of a hook: the words in which the allow-list is written.

/// What may become of a value.
#[derive(Debug)]
pub enum Keep {
    /// A text, number, truth value or null, kept as it came; anything else is left out.
    Value,
    /// Read for something derived, then dropped.
    Read(Ingredient),
    /// Both kept and read.
    Both(Ingredient),
    /// An object, of which these keys are looked at; left out when nothing of it is kept.
    Object(&'static [(&'static str, Keep)]),
    /// An object that gets a `derived` object of its own, or is noted when it ends.
    Whole(Item, &'static [(&'static str, Keep)]),
    /// A list, of which every element is treated alike.
    Each(&'static Keep),
}

/// An object that means something as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// A commit: who wrote what, and when.
    Commit,
    /// An assignee or reviewer.
    Person,
}

/// A value that is read for something derived from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ingredient {
    /// Who acted: a numeric user id.
    ActorId,
    /// Who acted: a user name.
    ActorName,
    /// Who wrote the object: a numeric user id.
    AuthorId,
    /// Who wrote the object: a user name.
    AuthorName,
    /// An assignee's or reviewer's numeric user id.
    PersonId,
    /// An assignee's or reviewer's user name.
    PersonName,
    /// How far a reviewer got.
    PersonState,
    /// A description of a merge request or issue.
    Description,
    /// The text of a note.
    Note,
    /// The text of a note that may be GitLab's own, about what somebody did.
    NoteOrAct,
    /// A link that ends in a commit id.
    CommitUrl,
    /// A link that tells an incident from an issue.
    IssueUrl,
    /// A link to the issue that this one repeats, or null.
    DuplicateUrl,
    /// What changed about the reviewers.
    ReviewersChange,
    /// Name of a commit's author.
    CommitAuthorName,
    /// E-mail address of a commit's author.
    CommitAuthorEmail,
    /// Message of a commit.
    CommitMessage,
    /// Title of a commit.
    CommitTitle,
    /// Authored date of a commit.
    CommitTime,
    /// What a commit changed of a file.
    Diff,
}
