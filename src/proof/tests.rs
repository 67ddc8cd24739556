//! Who is believed and who is not: every combination of proofs, and every odd form of each.

use bytes::Bytes;
use globset::{Glob, GlobSet};
use proptest::prelude::*;

use super::{
    Authenticator, DeliveryHeaders, ProofKind, Refusal, SecretToken, SigningToken, Source,
};
use crate::delivery::{InstanceId, Timestamp};

const SIGNING: &str = "whsec_dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q=";
const NEXT_SIGNING: &str = "whsec_bmV4dG5leHRuZXh0bmV4dG5leHRuZXh0bmV4dG5leHQ=";
const FOREIGN_SIGNING: &str = "whsec_Zm9yZWlnbmZvcmVpZ25mb3JlaWduZm9yZWlnbjEyMzQ=";
const SECRET: &[u8] = b"an invented secret token";
const NEXT_SECRET: &[u8] = b"the token that comes after it";
const ID: &[u8] = b"0f4c3b1e-9d5a-4c0e-8a53-1f2e3d4c5b6a";
const BODY: &[u8] = br#"{"object_kind":"deployment"}"#;
const NOW: i64 = 1_744_578_123;
const TOLERANCE: u64 = 300;

const A: InstanceId = InstanceId::new(1);
const B: InstanceId = InstanceId::new(2);

/// A delivery as it could arrive.
#[derive(Default, Clone)]
struct Request(Vec<(&'static str, Vec<u8>)>);

impl Request {
    fn with(mut self, name: &'static str, value: impl Into<Vec<u8>>) -> Self {
        self.0.push((name, value.into()));
        self
    }

    /// As GitLab 19 signs.
    fn signed(token: &str) -> Self {
        let at = NOW.to_string();
        Self::default().signed_with(token, ID, at.as_bytes(), BODY)
    }

    fn signed_with(self, token: &str, id: &[u8], at: &[u8], body: &[u8]) -> Self {
        let signature = SigningToken::parse(token).unwrap().sign(id, at, body);
        self.with("webhook-id", id)
            .with("webhook-timestamp", at)
            .with("webhook-signature", signature)
    }

    fn token(self, token: &[u8]) -> Self {
        self.with("x-gitlab-token", token)
    }

    fn headers(&self) -> DeliveryHeaders<'_> {
        DeliveryHeaders::read(|name| {
            self.0.iter().filter(move |(known, _)| *known == name).map(|(_, value)| &value[..])
        })
    }

    /// What `verify` says, after checking that `precheck` refuses nothing that it believes.
    fn proof(&self, authenticator: &Authenticator) -> Result<(InstanceId, ProofKind), Refusal> {
        let (headers, now) = (self.headers(), Timestamp::from_second(NOW));
        let verified = authenticator.verify(&headers, Bytes::from_static(BODY), now);
        if let Err(early) = authenticator.precheck(&headers) {
            assert_eq!(verified.as_ref().err(), Some(&early), "refused early, believed later");
        }
        verified.map(|verified| (verified.source, verified.proof))
    }
}

fn source(instance: InstanceId, signing: &[&str], secret: &[&[u8]]) -> Source {
    Source {
        instance,
        name: "main".to_owned(),
        signing_tokens: signing.iter().map(|text| SigningToken::parse(text).unwrap()).collect(),
        secret_tokens: secret.iter().map(|secret| SecretToken::new(secret).unwrap()).collect(),
        strict: false,
        projects: GlobSet::empty(),
    }
}

fn knowing(signing: &[&str], secret: &[&[u8]]) -> Authenticator {
    Authenticator::new(vec![source(A, signing, secret)], TOLERANCE)
}

fn both() -> Authenticator {
    knowing(&[SIGNING], &[SECRET])
}

const BY_SIGNATURE: Result<(InstanceId, ProofKind), Refusal> = Ok((A, ProofKind::SigningToken));
const BY_TOKEN: Result<(InstanceId, ProofKind), Refusal> = Ok((A, ProofKind::SecretToken));

#[test]
fn every_combination_of_signature_token_and_strictness_has_its_one_answer() {
    for strict in [false, true] {
        for (token, offered) in
            [(None, None), (Some(false), Some(&b"no"[..])), (Some(true), Some(SECRET))]
        {
            let by_token = match (token, strict) {
                (None, _) => Err(Refusal::NoProof),
                (Some(false), _) => Err(Refusal::WrongToken),
                (Some(true), true) => Err(Refusal::Unsigned),
                (Some(true), false) => BY_TOKEN,
            };
            let (good, bad) = (Request::signed(SIGNING), Request::signed(FOREIGN_SIGNING));
            for (request, signing, expected) in [
                (good.clone(), &[SIGNING][..], BY_SIGNATURE),
                (bad, &[SIGNING], Err(Refusal::WrongSignature)),
                (Request::default(), &[SIGNING], by_token),
                (Request::default(), &[], by_token),
                (good, &[], Err(Refusal::NoSigningToken)),
            ] {
                let mut known = source(A, signing, &[SECRET]);
                known.strict = strict;
                let request = offered.map_or(request.clone(), |token| request.token(token));
                let found = request.proof(&Authenticator::new(vec![known], TOLERANCE));
                assert_eq!(found, expected, "{request:?} strict {strict}", request = request.0);
            }
        }
    }
}

/// 1–6 of the authentication cases.
#[test]
fn a_token_is_right_to_the_byte_and_stands_once() {
    let authenticator = both();
    assert_eq!(Request::default().proof(&authenticator), Err(Refusal::NoProof));
    let longer = [SECRET, b"x"].concat();
    let ten_kilobytes = vec![b'x'; 10_240];
    let blanks = [b" ".as_slice(), b"\t", b"\r\n", b"\n", b"\0"].map(|end| [SECRET, end].concat());
    let upper = SECRET.to_ascii_uppercase();
    let others: [&[u8]; 7] = [
        b"",
        &SECRET[..SECRET.len() - 1],
        &SECRET[1..],
        &longer,
        &upper,
        b"\xff\xfe",
        &ten_kilobytes,
    ];
    for token in others.into_iter().chain(blanks.iter().map(Vec::as_slice)) {
        let found = Request::default().token(token).proof(&authenticator);
        assert_eq!(found, Err(Refusal::WrongToken), "{token:?}");
    }
    let twice = Request::default().token(SECRET).token(SECRET);
    assert_eq!(twice.proof(&authenticator), Err(Refusal::Repeated("X-Gitlab-Token")));
    assert_eq!(Request::default().token(SECRET).proof(&authenticator), BY_TOKEN);
}

#[test]
fn a_token_of_any_bytes_can_be_a_secret() {
    let secret = "clé secrète d'un projet inventé".as_bytes();
    let authenticator = knowing(&[], &[secret]);
    assert_eq!(Request::default().token(secret).proof(&authenticator), BY_TOKEN);
}

/// 8–11 of the authentication cases.
#[test]
fn a_signature_that_is_present_but_odd_is_not_absent() {
    let authenticator = both();
    let good = Request::signed(SIGNING);
    let value = good.0[2].1.clone();
    let encoded = value.strip_prefix(b"v1,").unwrap();
    let alone = |signature: &[u8]| {
        let mut request = good.clone().token(SECRET);
        request.0[2].1 = signature.to_vec();
        request.proof(&authenticator)
    };
    for prefix in [&b""[..], b"v2,", b"v1a,", b"V1,", b"v1 ,"] {
        assert_eq!(alone(&[prefix, encoded].concat()), Err(Refusal::MalformedSignature));
    }
    for odd in [&b""[..], b" ", b"\xff", b"v1,", b"null"] {
        assert_eq!(alone(odd), Err(Refusal::MalformedSignature), "{odd:?}");
    }
    let zeros: &[u8] = b"v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    assert_eq!(alone(zeros), Err(Refusal::WrongSignature));
    assert_eq!(alone(&[zeros, b" v2,x ", &value].concat()), BY_SIGNATURE);
    let twice = good.clone().with("webhook-signature", value.clone()).token(SECRET);
    assert_eq!(twice.proof(&authenticator), Err(Refusal::Repeated("webhook-signature")));
}

/// 12 of the authentication cases.
#[test]
fn a_signature_over_the_same_json_written_differently_is_wrong() {
    let at = NOW.to_string();
    let spaced = br#"{"object_kind": "deployment"}"#;
    let request = Request::default().signed_with(SIGNING, ID, at.as_bytes(), spaced);
    assert_eq!(request.proof(&both()), Err(Refusal::WrongSignature));
}

/// 13 of the authentication cases.
#[test]
fn a_time_is_plain_digits_within_the_tolerance() {
    let authenticator = both();
    let at = |text: &str| {
        let request = Request::default().signed_with(SIGNING, ID, text.as_bytes(), BODY);
        request.token(SECRET).proof(&authenticator)
    };
    for skew in [-300, -1, 0, 1, 300] {
        assert_eq!(at(&(NOW - skew).to_string()), BY_SIGNATURE, "{skew}");
    }
    for skew_seconds in [-86_400, -301, 301, NOW] {
        let stale = Err(Refusal::Stale { skew_seconds });
        assert_eq!(at(&(NOW - skew_seconds).to_string()), stale);
    }
    for odd in
        ["", "-1744578123", "+1744578123", "1744578123.0", " 1744578123", "1744578123\t", "0x67"]
    {
        assert_eq!(at(odd), Err(Refusal::MalformedTimestamp), "{odd}");
    }
    assert_eq!(at("99999999999999999999"), Err(Refusal::MalformedTimestamp));
    let far = 1_000_000_000_000_000_000_i64;
    assert_eq!(at(&far.to_string()), Err(Refusal::Stale { skew_seconds: NOW - far }));
}

#[test]
fn a_stale_time_is_told_to_those_alone_who_hold_the_key() {
    let request = Request::default().signed_with(FOREIGN_SIGNING, ID, b"1", BODY);
    assert_eq!(request.proof(&both()), Err(Refusal::WrongSignature));
}

/// 14 of the authentication cases.
#[test]
fn an_id_is_signed_as_it_is_and_stands_once() {
    let (authenticator, at) = (both(), NOW.to_string());
    let signed = |id: &[u8]| Request::default().signed_with(SIGNING, id, at.as_bytes(), BODY);
    for id in [&b"a.b.c"[..], b"", &[b'x'; 10_240], b"\xff"] {
        assert_eq!(signed(id).proof(&authenticator), BY_SIGNATURE);
    }
    let mut upper = signed(ID);
    upper.0[0].1.make_ascii_uppercase();
    assert_eq!(upper.proof(&authenticator), Err(Refusal::WrongSignature));
    let twice = signed(ID).with("webhook-id", ID);
    assert_eq!(twice.proof(&authenticator), Err(Refusal::Repeated("webhook-id")));
    for (missing, name) in [(0, "webhook-id"), (1, "webhook-timestamp")] {
        let mut request = signed(ID).token(SECRET);
        request.0.remove(missing);
        assert_eq!(request.proof(&authenticator), Err(Refusal::Incomplete(name)));
    }
}

/// 15 of the authentication cases; also what an unsigned delivery of GitLab 19 looks like.
#[test]
fn an_id_and_a_time_without_a_signature_prove_nothing_and_hinder_nothing() {
    let request = Request::default().with("webhook-id", ID).with("webhook-timestamp", "odd");
    assert_eq!(request.proof(&both()), Err(Refusal::NoProof));
    assert_eq!(request.clone().token(SECRET).proof(&both()), BY_TOKEN);
    let twice = request.with("webhook-id", ID).token(SECRET);
    assert_eq!(twice.proof(&both()), BY_TOKEN);
}

#[test]
fn while_rotating_the_old_and_the_new_secret_are_both_believed() {
    let authenticator = knowing(&[SIGNING, NEXT_SIGNING], &[SECRET, NEXT_SECRET]);
    for token in [SIGNING, NEXT_SIGNING] {
        assert_eq!(Request::signed(token).proof(&authenticator), BY_SIGNATURE);
    }
    for token in [SECRET, NEXT_SECRET] {
        assert_eq!(Request::default().token(token).proof(&authenticator), BY_TOKEN);
    }
    assert_eq!(
        Request::signed(SIGNING).proof(&knowing(&[NEXT_SIGNING], &[SECRET])),
        Err(Refusal::WrongSignature)
    );
    assert_eq!(
        Request::default().token(SECRET).proof(&knowing(&[], &[NEXT_SECRET])),
        Err(Refusal::WrongToken)
    );
}

#[test]
fn the_secret_that_verifies_names_the_source_and_its_projects() {
    let mut second = source(B, &[NEXT_SIGNING], &[NEXT_SECRET]);
    second.projects = GlobSet::builder().add(Glob::new("team/**").unwrap()).build().unwrap();
    let first = source(A, &[SIGNING], &[SECRET]);
    let authenticator = Authenticator::new(vec![first, second], TOLERANCE);

    let by_b = Request::default().token(NEXT_SECRET);
    assert_eq!(by_b.proof(&authenticator), Ok((B, ProofKind::SecretToken)));
    assert_eq!(
        Request::signed(NEXT_SIGNING).proof(&authenticator),
        Ok((B, ProofKind::SigningToken))
    );
    let path = |path: &'static str| move || path.to_owned();
    let unasked = || unreachable!("no path decides this");
    assert!(authenticator.allows(A, unasked));
    assert!(authenticator.allows(B, path("team/app")));
    assert!(!authenticator.allows(B, path("other/app")));
    assert!(!authenticator.allows(InstanceId::new(3), unasked));
}

#[test]
fn a_strict_source_does_not_make_the_others_strict() {
    let mut strict = source(B, &[NEXT_SIGNING], &[NEXT_SECRET]);
    strict.strict = true;
    let lenient = source(A, &[SIGNING], &[SECRET]);
    let authenticator = Authenticator::new(vec![strict, lenient], TOLERANCE);
    assert_eq!(Request::default().token(SECRET).proof(&authenticator), BY_TOKEN);
    let by_strict = Request::default().token(NEXT_SECRET);
    assert_eq!(by_strict.proof(&authenticator), Err(Refusal::Unsigned));
}

#[test]
fn what_is_verified_keeps_its_bytes_and_says_when_and_by_what() {
    let request = Request::signed(SIGNING).with("x-gitlab-event", "Deployment Hook");
    let now = Timestamp::from_second(NOW + 9);
    let verified = both().verify(&request.headers(), Bytes::from_static(BODY), now).unwrap();
    assert_eq!(verified.body, BODY);
    assert_eq!(verified.key.as_bytes(), ID);
    assert_eq!(verified.event.as_ref().unwrap().as_str(), "Deployment Hook");
    assert_eq!(verified.sent_at, Some(Timestamp::from_second(NOW)));
    assert_eq!(verified.secret(), SigningToken::parse(SIGNING).unwrap().fingerprint());
}

#[test]
fn a_delivery_made_for_a_test_has_the_key_of_its_body() {
    let verified = super::Verified::for_test(A, BODY);
    assert_eq!(verified.key, super::Verified::for_test(A, BODY).key);
    assert_ne!(verified.key, super::Verified::for_test(B, BODY).key);
}

proptest! {
    #[test]
    fn whatever_stands_in_the_headers_nobody_is_believed_without_a_secret(
        values in prop::collection::vec((0..6_usize, prop::collection::vec(any::<u8>(), 0..80)), 0..8)
    ) {
        let names = [
            "webhook-signature",
            "webhook-id",
            "webhook-timestamp",
            "x-gitlab-token",
            "idempotency-key",
            "x-gitlab-event",
        ];
        let add = |request: Request, (name, value): (usize, Vec<u8>)| request.with(names[name], value);
        let request = values.into_iter().fold(Request::default(), add);
        prop_assert!(request.proof(&both()).is_err());
    }
}

#[test]
fn no_refusal_repeats_what_was_sent() {
    let canary = b"canary-canary-canary";
    for request in [
        Request::default().token(canary),
        Request::default().with("webhook-signature", *canary).token(canary),
        Request::default().signed_with(SIGNING, ID, canary, BODY),
        Request::default().signed_with(FOREIGN_SIGNING, canary, b"1", BODY),
    ] {
        let refusal = request.proof(&both()).unwrap_err();
        assert!(!format!("{refusal} {refusal:?} {}", refusal.reason()).contains("canary"));
    }
}
