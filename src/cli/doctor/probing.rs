//! Probes through the public address: deliveries of our own, proved as GitLab's are, which the
//! exporter answers and does not keep. What does not come back as it should says what stands between.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::Read as _;
use std::time::Duration;

use bytes::Bytes;
use flate2::read::GzDecoder;
use serde::Deserialize;
use tokio::sync::mpsc;

use super::finding::{Area, Findings};
use super::serving::Serving;
use crate::cli::exit::Exit;
use crate::clock::{Clock as _, SystemClock};
use crate::config::Settings;
use crate::http::WEBHOOK_PATH;
use crate::proof::{ClearSecret, Nonce, SigningToken, probe_body};
use crate::rest::{Cause, Parts, Sent, Visit, Visited, visit};
use crate::words::diagnoses::way::{
    PROBE_ARRIVES, PROBE_BLOCKED, PROBE_BUFFERED, PROBE_CENSORED, PROBE_CHANGED, PROBE_COMPRESSED,
    PROBE_DOWN, PROBE_IMPOSSIBLE, PROBE_IN_CLEAR, PROBE_LARGE, PROBE_LIMITED, PROBE_LOST,
    PROBE_OLD, PROBE_OTHER_SECRETS, PROBE_REDIRECTED, PROBE_REPEATED, PROBE_SILENT, PROBE_STALE,
    PROBE_STRIPPED, PROBE_UNBELIEVED,
};

const AREA: Area = Area::Address;
/// The largest body that GitLab sends.
const LARGEST_BYTES: usize = 25 << 20;
/// More than an answer of ours takes.
const ANSWER_BYTES: u64 = 64 << 10;
/// Sizes that are tried when the largest is refused, in MiB.
const SMALLER_MIB: [usize; 4] = [10, 5, 2, 1];
/// What commit messages and titles may hold, and what some filters take for an attack.
const ODD_TEXT: &str = "fix: <script>alert(1)</script> ' OR 1=1; -- ../../etc/passwd ${jndi:ldap}";
/// How long a body pauses halfway: longer than a body of this size ever takes, and far from any
/// time limit.
const PAUSE: Duration = Duration::from_millis(600);
/// Refusals by reason, which tell why a probe was not believed.
const REFUSALS: &str = "gitlab_dora_exporter_webhooks_rejected_total";

/// How a probe is proved.
enum Proof<'a> {
    Signature(SigningToken),
    Token(&'a ClearSecret),
}

/// Sends probes and says what became of them.
pub(super) async fn look(settings: &Settings, findings: &mut Findings) {
    let (Some(external_url), Some(proof)) = (&settings.server.external_url, proof(settings)) else {
        return findings.fail(Exit::Failed, AREA, PROBE_IMPOSSIBLE.of([]));
    };
    let url = format!("{external_url}{WEBHOOK_PATH}");
    if matches!(proof, Proof::Token(_)) && !is_private(&url) {
        return findings.note(AREA, PROBE_IN_CLEAR.of([&url]));
    }
    let sender = Sender { url: &url, proof };
    let before = refusals(settings).await;
    let (answer, echo) = sender.probe("", 0).await;
    let Some(echo) = echo else {
        let after = refusals(settings).await;
        return sender.lost(answer, risen(&before, &after).as_deref(), findings);
    };
    findings.ok(AREA, PROBE_ARRIVES.of([&url]));
    if let Some(encoding) = echo.encoding {
        findings.note(AREA, PROBE_COMPRESSED.of([&url, &encoding]));
    }
    sender.odd_text(findings).await;
    sender.pause(findings).await;
    sender.large(findings).await;
}

/// The proof of the first sender that has one; a signature where there is a choice, for it tells
/// nobody anything.
fn proof(settings: &Settings) -> Option<Proof<'_>> {
    let secrets = || settings.senders.iter().map(|sender| &sender.hook_secrets);
    let signing = secrets().find_map(|own| own.signing.as_ref());
    if let Some(token) = signing.and_then(|own| SigningToken::parse(own.expose()).ok()) {
        return Some(Proof::Signature(token));
    }
    secrets().find_map(|own| own.secret.as_ref()).map(Proof::Token)
}

/// Whether nobody on the way can read what is sent.
fn is_private(url: &str) -> bool {
    url.starts_with("https://")
        || crate::rest::Origin::parse(url).is_ok_and(|origin| origin.is_loopback())
}

/// What the exporter said of a probe.
#[derive(Deserialize)]
struct Answer {
    status: String,
    nonce: Option<String>,
    bytes: Option<usize>,
    elapsed_ms: Option<u64>,
}

/// A probe that came back.
struct Echo {
    elapsed: Duration,
    encoding: Option<String>,
}

struct Sender<'a> {
    url: &'a str,
    proof: Proof<'a>,
}

impl Sender<'_> {
    /// Sends one probe with this text, of so many bytes at least; what was answered, and what the
    /// exporter said, if it was the exporter.
    async fn probe(&self, text: &str, size_bytes: usize) -> (Result<Visited, Cause>, Option<Echo>) {
        let nonce = nonce();
        let body = Bytes::from(probe_body(&nonce, text, size_bytes));
        let sent = Sent::Whole(body.clone());
        self.send(&nonce, &body, sent).await
    }

    async fn send(
        &self,
        nonce: &Nonce,
        body: &Bytes,
        sent: Sent,
    ) -> (Result<Visited, Cause>, Option<Echo>) {
        let mut request = Visit::get(self.url);
        (request.body, request.headers) = (Some(sent), self.headers(nonce, body));
        let answer = visit(request).await;
        let echo = answer.as_ref().ok().and_then(|answer| echo(answer, nonce, body.len()));
        (answer, echo)
    }

    fn headers(&self, nonce: &Nonce, body: &[u8]) -> Vec<(&'static str, String)> {
        let (id, now) = (format!("probe-{}", nonce.as_str()), SystemClock.now().to_string());
        let proof = match &self.proof {
            Proof::Signature(token) => {
                ("webhook-signature", token.sign(id.as_bytes(), now.as_bytes(), body))
            }
            Proof::Token(secret) => ("x-gitlab-token", secret.expose().to_owned()),
        };
        vec![
            ("content-type", "application/json".to_owned()),
            ("x-gitlab-event", "Exporter Probe".to_owned()),
            ("webhook-id", id),
            ("webhook-timestamp", now),
            proof,
        ]
    }

    /// Says why a probe did not come back.
    fn lost(&self, answer: Result<Visited, Cause>, reason: Option<&str>, findings: &mut Findings) {
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                return findings.warn(AREA, PROBE_SILENT.of([self.url, &error.deepest()]));
            }
        };
        let said: Option<Answer> = serde_json::from_slice(&answer.body).ok();
        let status = answer.status.to_string();
        let told = match answer.status {
            300..=399 => {
                let there = answer.moved_to.unwrap_or_else(|| "?".to_owned());
                PROBE_REDIRECTED.of([self.url, &there])
            }
            200..=299 if said.is_some_and(|said| said.status != "probe") => {
                PROBE_OLD.of([self.url])
            }
            200..=299 => PROBE_LOST.of([self.url]),
            401 if &*answer.body == br#"{"error":"unauthorized"}"# => {
                let diagnosis = match reason {
                    Some("no_proof" | "incomplete_signature" | "unsigned") => PROBE_STRIPPED,
                    Some("repeated_header") => PROBE_REPEATED,
                    Some("wrong_signature" | "malformed_signature" | "malformed_timestamp") => {
                        PROBE_CHANGED
                    }
                    Some("wrong_token" | "no_signing_token") => PROBE_OTHER_SECRETS,
                    Some("stale_timestamp") => PROBE_STALE,
                    _ => PROBE_UNBELIEVED,
                };
                diagnosis.of([self.url])
            }
            502..=504 => PROBE_DOWN.of([self.url, &status]),
            _ => PROBE_BLOCKED.of([self.url, &status]),
        };
        findings.fail(Exit::Failed, AREA, told);
    }

    async fn odd_text(&self, findings: &mut Findings) {
        if let (answer, None) = self.probe(ODD_TEXT, 0).await {
            let status = answer.map_or_else(|e| e.deepest(), |answer| answer.status.to_string());
            findings.fail(Exit::Failed, AREA, PROBE_CENSORED.of([self.url, &status]));
        }
    }

    /// A body that pauses halfway arrives as it is sent, unless somebody holds it back.
    async fn pause(&self, findings: &mut Findings) {
        let nonce = nonce();
        let body = Bytes::from(probe_body(&nonce, "", 4_096));
        let (parts, coming) = mpsc::channel(1);
        let (first, second) = (body.slice(..body.len() / 2), body.slice(body.len() / 2..));
        let pausing = async move {
            // Nobody waits for it any more when the connection has ended.
            let _ = parts.send(first).await;
            SystemClock.sleep(PAUSE).await;
            let _ = parts.send(second).await;
        };
        let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
        let sent = Sent::Parts(Parts { coming, length });
        let ((), (_, echo)) = tokio::join!(pausing, self.send(&nonce, &body, sent));
        if echo.is_some_and(|echo| echo.elapsed < PAUSE / 2) {
            findings.note(AREA, PROBE_BUFFERED.of([self.url]));
        }
    }

    async fn large(&self, findings: &mut Findings) {
        if self.probe("", LARGEST_BYTES).await.1.is_some() {
            return findings.ok(AREA, PROBE_LARGE.of([self.url]));
        }
        let mut taken = 0;
        for size in SMALLER_MIB {
            if self.probe("", size << 20).await.1.is_some() {
                taken = size;
                break;
            }
        }
        let told = PROBE_LIMITED.of([self.url, &taken.to_string()]);
        findings.fail(Exit::Failed, AREA, told);
    }
}

/// What the exporter said, when it was the exporter that received the whole probe.
fn echo(answer: &Visited, nonce: &Nonce, bytes: usize) -> Option<Echo> {
    let said: Answer = match answer.encoding.as_deref() {
        Some("gzip") => {
            serde_json::from_reader(GzDecoder::new(&*answer.body).take(ANSWER_BYTES)).ok()?
        }
        _ => serde_json::from_slice(&answer.body).ok()?,
    };
    let is_ours = answer.status == 200
        && said.nonce.as_deref() == Some(nonce.as_str())
        && said.bytes == Some(bytes);
    let elapsed = Duration::from_millis(said.elapsed_ms?);
    is_ours.then(|| Echo { elapsed, encoding: answer.encoding.clone() })
}

/// A number that nobody can guess: the keys of hashing are random, by the system's own source.
fn nonce() -> Nonce {
    let half = || u128::from(RandomState::new().build_hasher().finish());
    Nonce::of(half() << 64 | half())
}

/// How many deliveries were refused so far, by reason as the running exporter tells it.
async fn refusals(settings: &Settings) -> BTreeMap<String, f64> {
    let serving = Serving::look(settings, &mut Findings::of(Vec::new())).await;
    let values = serving.values(REFUSALS);
    values.into_iter().map(|(labels, count)| (labels.to_owned(), count)).collect()
}

/// The reason of which there are more, when it is one alone: a busy exporter refuses others too.
fn risen(before: &BTreeMap<String, f64>, after: &BTreeMap<String, f64>) -> Option<String> {
    let more =
        |(labels, count): &(&String, &f64)| before.get(*labels).is_none_or(|own| own < count);
    let mut risen = after.iter().filter(|(_, count)| **count > 0.0).filter(more);
    let (labels, _) = risen.next()?;
    let (_, reason) = labels.split_once("reason=\"")?;
    let reason = reason.split_once('"')?.0.to_owned();
    risen.next().is_none().then_some(reason)
}
