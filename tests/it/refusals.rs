//! Every reason to refuse a delivery has a counter of its own.

use gitlab_dora_exporter::instruments::reason_label;
use gitlab_dora_exporter::proof::Refusal;

#[test]
fn every_refusal_of_the_proof_is_counted_under_its_own_reason() {
    for refusal in [
        Refusal::NoProof,
        Refusal::WrongToken,
        Refusal::Unsigned,
        Refusal::Repeated("webhook-id"),
        Refusal::NoSigningToken,
        Refusal::Incomplete("webhook-id"),
        Refusal::MalformedSignature,
        Refusal::MalformedTimestamp,
        Refusal::WrongSignature,
        Refusal::Stale { skew_seconds: 301 },
    ] {
        assert_eq!(reason_label(refusal.reason()), refusal.reason(), "{refusal:?}");
    }
}
