//! Makes the hooks of a place what they should be.

use bytes::Bytes;

use super::place::Place;
use super::plan::{Step, Wanted};
use crate::gitlab::resource::about::{self, Version};
use crate::gitlab::resource::hook::{self, Hook, HookText};
use crate::proof::ClearSecret;
use crate::rest::{Client, Method, RestError};

/// What a hook of ours is called in GitLab's pages.
const NAME: &str = "gitlab-dora-exporter";

/// The first version that signs deliveries.
pub const SIGNING_SINCE: Version = Version { major: 19, minor: 0 };

/// Why a place could not be seen to.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// GitLab did not do what was asked.
    #[error(transparent)]
    Rest(#[from] RestError),
    /// GitLab answered something else than hooks or projects.
    #[error("the answer is not what GitLab documents")]
    Unread,
    /// This GitLab knows no signing tokens, and there is no secret token: what the hook sent could
    /// not be believed, so it was taken away again.
    #[error("this GitLab knows no signing tokens (before 19.0), and no secret token is configured")]
    NoProof,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// It is there and signs what it sends.
    Signs,
    /// It is there and sends the secret token.
    SendsToken,
    /// It is there and sends the secret token, for GitLab does not keep a signing token.
    SendsTokenOnly,
    /// It is gone.
    Gone,
}

/// Whether this GitLab can prove what hooks of `wanted` send; asks only where a signing token is
/// all there is. A version that is not told is taken for a new one: what is made is looked at.
///
/// # Errors
/// [`SyncError::NoProof`] when it cannot; other [`SyncError`]s when it does not answer.
pub async fn check_proof(client: &Client, wanted: &Wanted) -> Result<(), SyncError> {
    if wanted.secret_token.is_some() {
        return Ok(());
    }
    match version(client).await? {
        Some(version) if version < SIGNING_SINCE => Err(SyncError::NoProof),
        _ => Ok(()),
    }
}

/// The version of GitLab, where the token may know it.
///
/// # Errors
/// [`SyncError`] when GitLab does not answer, or not to this token.
pub async fn version(client: &Client) -> Result<Option<Version>, SyncError> {
    // The first is of 15.2; the second older and to go away.
    for path in ["metadata", "version"] {
        match client.get(&[path], &[]).await {
            Ok(answer) => return Ok(about::version(answer.body())),
            Err(RestError::NotFound | RestError::Forbidden { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

/// The hooks of a place, ours and all others.
///
/// # Errors
/// [`SyncError`].
pub async fn hooks_at(client: &Client, place: &Place) -> Result<Vec<Hook>, SyncError> {
    let mut pages = client.pages(&place.path(&[]), &[]);
    let mut all = Vec::new();
    while let Some(page) = pages.next().await? {
        all.extend(hook::hooks(&page).map_err(|_| SyncError::Unread)?);
    }
    Ok(all)
}

/// How the last twenty deliveries of a hook were answered, newest first.
///
/// # Errors
/// [`SyncError`]; GitLab before 17.3 keeps no such list, and for system hooks none does.
pub async fn last_answers(
    client: &Client,
    place: &Place,
    id: u64,
) -> Result<Vec<String>, SyncError> {
    let id = id.to_string();
    let answer = client.get(&place.path(&[&id, "events"]), &[("per_page", "20")]).await?;
    hook::answers(answer.body()).map_err(|_| SyncError::Unread)
}

/// Does one step. Every write sends every switch and both tokens: GitLab forgets a secret when the
/// address of a hook changes, and some versions forget it at any change (issues 382260, 384326).
///
/// # Errors
/// [`SyncError`]; [`SyncError::NoProof`] when a hook could prove nothing.
pub async fn apply(
    client: &Client,
    place: &Place,
    wanted: &Wanted,
    step: &Step,
) -> Result<Applied, SyncError> {
    match step {
        Step::Remove { id } => {
            let id = id.to_string();
            client.send(Method::Delete, &place.path(&[&id]), None).await?;
            Ok(Applied::Gone)
        }
        Step::Create => {
            let (path, body) = (place.path(&[]), body(place, wanted));
            let answer = client.send(Method::Post, &path, Some(&body)).await?;
            let made = hook::hook(answer.body()).map_err(|_| SyncError::Unread)?;
            let proof = proof(wanted, &made);
            if proof.is_err() {
                let id = made.id.to_string();
                client.send(Method::Delete, &place.path(&[&id]), None).await?;
            }
            proof
        }
        Step::Update { id, .. } => {
            let id = id.to_string();
            let path = place.path(&[&id]);
            let answer = client.send(Method::Put, &path, Some(&body(place, wanted))).await?;
            proof(wanted, &hook::hook(answer.body()).map_err(|_| SyncError::Unread)?)
        }
    }
}

fn body(place: &Place, wanted: &Wanted) -> Bytes {
    let text = HookText {
        url: &wanted.url,
        name: NAME,
        token: wanted.secret_token.as_ref().map_or("", ClearSecret::expose),
        signing_token: wanted.signing_token.as_ref().map(ClearSecret::expose),
    };
    hook::hook_body(place.level, text, &wanted.events).into()
}

/// How the deliveries of a hook will be proved: GitLab before 19.0 takes a signing token without a
/// word and does not keep it.
fn proof(wanted: &Wanted, made: &Hook) -> Result<Applied, SyncError> {
    let signs = made.has_signing_token == Some(true);
    match (&wanted.signing_token, &wanted.secret_token) {
        (Some(_), _) if signs => Ok(Applied::Signs),
        (Some(_), Some(_)) => Ok(Applied::SendsTokenOnly),
        (None, Some(_)) => Ok(Applied::SendsToken),
        (_, None) => Err(SyncError::NoProof),
    }
}
