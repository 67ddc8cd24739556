//! Every French and English phrase that a person reads, and how numbers are written in them.
//!
//! A phrase is a field of `Phrases`: a language that lacks one does not compile, one that nobody
//! reads is reported as dead code, and a translation whose places differ from what is filled in
//! stops the compiler (`Text`).

mod details;
pub(crate) mod diagnoses;
mod en;
pub(crate) mod format;
mod fr;
mod hook_changes;
mod language;
mod phrases;
mod rulings;
mod text;

pub(crate) use hook_changes::HookChange;
pub use language::Language;
pub(crate) use phrases::Phrases;
pub(crate) use text::{Plural, Text};

impl Language {
    /// The phrases of this language.
    #[must_use]
    pub(crate) fn phrases(self) -> &'static Phrases {
        match self {
            Self::English => &en::PHRASES,
            Self::French => &fr::PHRASES,
        }
    }
}
