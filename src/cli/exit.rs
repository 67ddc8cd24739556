//! How commands end: the code for the caller, and the words for whoever reads stderr.

use std::error::Error;
use std::process::ExitCode;

use super::output;
use crate::config::ConfigError;

/// What an exit code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything was done.
    Done = 0,
    /// Something failed that has no code of its own.
    Failed = 1,
    /// The command line cannot be understood.
    Usage = 2,
    /// The configuration is wrong.
    Configuration = 3,
    /// GitLab refused.
    GitLabRefused = 4,
    /// The store cannot be used.
    StoreUnavailable = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ended early.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    error: Box<dyn Error + Send + Sync>,
    suggestion: Option<String>,
}

impl Failure {
    /// A command that ends with `exit` because of `error`.
    pub fn new(exit: Exit, error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { exit, error: error.into(), suggestion: None }
    }

    /// The same, and what the reader may try.
    #[must_use]
    pub fn suggesting(self, suggestion: impl Into<String>) -> Self {
        Self { suggestion: Some(suggestion.into()), ..self }
    }

    /// The code that the process ends with.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        self.exit
    }

    /// Says on stderr what failed, because of what, and what to try.
    pub fn report(&self) {
        output::complain(&self.words());
    }

    /// `error:`, then `caused by:` for each cause, then `try:`, a line each; of a configuration,
    /// every mistake by itself.
    fn words(&self) -> String {
        if let Some(ConfigError { mistakes }) = self.error.downcast_ref() {
            return lines("error", mistakes.iter().map(ToString::to_string));
        }
        let causes = std::iter::successors(self.error.source(), |cause| (*cause).source());
        let error = lines("error", [self.error.to_string()]);
        let causes = lines("caused by", causes.map(ToString::to_string));
        error + &causes + &lines("try", self.suggestion.clone())
    }
}

fn lines(label: &str, texts: impl IntoIterator<Item = String>) -> String {
    texts.into_iter().map(|text| [label, ": ", &text, "\n"].concat()).collect()
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::new(Exit::Configuration, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("open the store")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn a_failure_names_the_error_its_causes_and_a_remedy() {
        let cause = std::io::Error::other("no room is left");
        let failure = Failure::new(Exit::StoreUnavailable, Outer(cause)).suggesting("free some");
        let expected = "error: open the store\ncaused by: no room is left\ntry: free some\n";
        assert_eq!(failure.words(), expected);
        assert_eq!(failure.exit() as u8, 5);
    }
}
