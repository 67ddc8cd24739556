//! What one delivery costs before it is queued: verify, scrub, project; beside two yardsticks.
//!
//! `cargo bench --bench ingest`. Each figure is the median of rounds in which all steps take turns,
//! so that a machine that slows down slows them all.

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;

use bytes::Bytes;
use gitlab_dora_exporter::delivery::{InstanceId, Timestamp};
use gitlab_dora_exporter::demo::Company;
use gitlab_dora_exporter::demo::synthetic::{self, Wanted};
use gitlab_dora_exporter::gitlab::{self, Pseudonyms};
use gitlab_dora_exporter::projection;
use gitlab_dora_exporter::proof::{Authenticator, DeliveryHeaders, SigningToken, Source};
use globset::GlobSet;
use rustix::time::{ClockId, clock_gettime};
use sha2::{Digest as _, Sha256};

/// Rounds, of which the median is shown.
const ROUNDS: usize = 15;
/// Bodies of one kind; more than the processor's caches hold would measure memory.
const BODIES: u64 = 64;
/// How often each body is taken in a round.
const REPEATS: u64 = 8;

const INSTANCE: InstanceId = InstanceId::new(1);
const NOW: Timestamp = Timestamp::from_second(1_780_315_200);

/// One delivery with its headers.
struct Signed {
    id: String,
    timestamp: String,
    signature: String,
    body: Bytes,
}

impl Signed {
    fn new(token: &SigningToken, number: usize, body: Vec<u8>) -> Self {
        let (id, timestamp) = (format!("{number:032x}"), NOW.to_string());
        let signature = token.sign(id.as_bytes(), timestamp.as_bytes(), &body);
        Self { id, timestamp, signature, body: Bytes::from(body) }
    }

    fn headers(&self) -> DeliveryHeaders<'_> {
        DeliveryHeaders::read(|name| {
            let value = match name {
                "webhook-id" => Some(self.id.as_bytes()),
                "webhook-timestamp" => Some(self.timestamp.as_bytes()),
                "webhook-signature" => Some(self.signature.as_bytes()),
                _ => None,
            };
            value.into_iter()
        })
    }
}

/// A kind of work, and the processor time that one body took in each round, in nanoseconds.
struct Step<'a> {
    name: &'static str,
    work: Box<dyn FnMut(&Signed) + 'a>,
    rounds: Vec<f64>,
}

fn main() {
    let key = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    let Ok(token) = SigningToken::parse(key) else { return };
    let source = Source {
        instance: INSTANCE,
        name: String::from("bench"),
        signing_tokens: vec![token.clone()],
        secret_tokens: Vec::new(),
        strict: true,
        projects: GlobSet::empty(),
    };
    let authenticator = Authenticator::new(vec![source], 300);
    let pseudonyms = Pseudonyms::new(&[7; 32], GlobSet::empty());
    let mut report = String::new();
    for (name, bodies) in kinds() {
        let signed: Vec<Signed> = bodies
            .into_iter()
            .enumerate()
            .map(|(number, body)| Signed::new(&token, number, body))
            .collect();
        let bytes = signed.iter().map(|one| one.body.len()).sum::<usize>() / signed.len().max(1);
        let _ = writeln!(report, "\n{name}, {bytes} bytes");
        measure(&signed, &authenticator, &pseudonyms, &mut report);
    }
    let _ = std::io::stdout().write_all(report.as_bytes());
}

/// Bodies by kind: two of a fixed size, and the commonest of an invented company.
fn kinds() -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let wanted =
        |number, bytes| Wanted { project: number % 1_000, number, at: NOW.minus(number), bytes };
    let deployments = (1..=BODIES).map(|n| synthetic::deployment(wanted(n, 4_096))).collect();
    let pipelines = (1..=BODIES).map(|n| synthetic::pipeline(wanted(n, 20_480))).collect();
    let mut company = Company::new(1, NOW, 30, 1);
    let requests = std::iter::from_fn(|| company.next_before(NOW))
        .filter(|delivery| delivery.event == "Merge Request Hook")
        .map(|delivery| delivery.body)
        .take(usize::try_from(BODIES).unwrap_or(1))
        .collect();
    vec![
        ("deployment hook", deployments),
        ("merge request hook", requests),
        ("pipeline hook", pipelines),
    ]
}

fn measure(
    signed: &[Signed],
    authenticator: &Authenticator,
    pseudonyms: &Pseudonyms,
    report: &mut String,
) {
    let verify = |one: &Signed| authenticator.verify(&one.headers(), one.body.clone(), NOW);
    let verified: Vec<_> = signed.iter().filter_map(|one| verify(one).ok()).collect();
    let records: Vec<_> =
        verified.iter().filter_map(|one| gitlab::scrub(one, pseudonyms).ok()).collect();
    let mut copy = Vec::new();
    let mut turn = verified.iter().cycle();
    let mut next = records.iter().cycle();
    let mut steps = [
        step("copy of the body", |one| {
            copy.clear();
            copy.extend_from_slice(black_box(&one.body));
            black_box(&copy);
        }),
        step("SHA-256 of the body", |one| {
            black_box(Sha256::digest(black_box(&one.body)));
        }),
        step("verify", |one| {
            let _ = black_box(verify(one));
        }),
        step("scrub", |_| {
            let _ = black_box(turn.next().map(|one| gitlab::scrub(one, pseudonyms)));
        }),
        step("project", |_| {
            let _ = black_box(next.next().map(projection::project));
        }),
    ];
    for _ in 0..ROUNDS {
        for step in &mut steps {
            let begun = processor_time();
            for one in (0..REPEATS).flat_map(|_| signed) {
                (step.work)(one);
            }
            let elapsed = processor_time() - begun;
            let bodies =
                u32::try_from(signed.len()).unwrap_or(1) * u32::try_from(REPEATS).unwrap_or(1);
            step.rounds.push(elapsed / f64::from(bodies.max(1)));
        }
    }
    let medians = steps.map(|step| (step.name, median(step.rounds)));
    let hash = medians.iter().find(|(name, _)| name.starts_with("SHA")).map_or(1.0, |one| one.1);
    for (name, nanoseconds) in medians {
        let ratio = nanoseconds / hash;
        let _ = writeln!(report, "  {name:<20} {nanoseconds:>10.0} ns   {ratio:>6.2} × SHA-256");
    }
}

/// Nanoseconds for which this thread ran: neighbours on the machine do not count.
#[expect(clippy::cast_precision_loss, reason = "far below 2⁵³")]
fn processor_time() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 * 1e9 + now.tv_nsec as f64
}

fn step<'a>(name: &'static str, work: impl FnMut(&Signed) + 'a) -> Step<'a> {
    Step { name, work: Box::new(work), rounds: Vec::new() }
}

fn median(mut rounds: Vec<f64>) -> f64 {
    rounds.sort_unstable_by(f64::total_cmp);
    rounds.get(rounds.len() / 2).copied().unwrap_or(0.0)
}
