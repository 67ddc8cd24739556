//! What is to change in a hook, in words.

use super::Language;

/// What is to change in a hook.
#[derive(Debug, Clone, Copy)]
pub(crate) enum HookChange<'a> {
    /// This event is to be sent.
    On(&'a str),
    /// This event is no longer to be sent.
    Off(&'a str),
    /// Our certificate is to be checked.
    CheckCertificate,
    /// Pushes of all branches are to be sent.
    AllBranches,
    /// GitLab's own bodies are to be sent.
    NoTemplate,
    /// It is to have a secret token.
    SecretToken,
    /// It is to have a signing token.
    SigningToken,
}

impl Language {
    /// The change as a phrase of a list.
    pub(crate) fn hook_change(self, change: HookChange<'_>) -> String {
        let [english, french] = match change {
            HookChange::On(event) => [format!("{event} on"), format!("{event} à activer")],
            HookChange::Off(event) => [format!("{event} off"), format!("{event} à désactiver")],
            HookChange::CheckCertificate => {
                ["certificate checked", "certificat à vérifier"].map(str::to_owned)
            }
            HookChange::AllBranches => {
                ["pushes of all branches", "push de toutes les branches"].map(str::to_owned)
            }
            HookChange::NoTemplate => {
                ["no custom template", "sans modèle personnalisé"].map(str::to_owned)
            }
            HookChange::SecretToken => {
                ["secret token set", "jeton secret à définir"].map(str::to_owned)
            }
            HookChange::SigningToken => {
                ["signing token set", "jeton de signature à définir"].map(str::to_owned)
            }
        };
        match self {
            Self::English => english,
            Self::French => french,
        }
    }
}
