//! `doctor` beside a running exporter, and what it says in French.

use serde_json::Value;

use super::{assert_found, codes, is_ready, looked_with};
use crate::support::process::Place;

#[tokio::test(flavor = "multi_thread")]
async fn beside_a_running_exporter_the_store_is_read_and_left_alone() {
    let place = Place::new("");
    let served = place.serve().await;
    is_ready(&place).await;
    let told =
        looked_with(&place, &["doctor", "--json", "--only", "store", "--only", "server"]).await;
    assert_found(&told, "ok server: the exporter answers at 127.0.0.1:");
    assert_found(&told, "ok store: SQLite finds no damage");
    assert_found(&told, "at every commit (journal_mode wal, synchronous full)");
    let names = std::fs::read_dir(place.config().with_file_name("store")).unwrap();
    let names: Vec<_> = names.map(|file| file.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name == "store.trial"), "{names:?}");
    assert!(!codes(&told).iter().any(|code| code == "store_unclean"), "{told:?}");
    assert_eq!(told.code, Some(0), "{told:?}");
    assert_eq!(served.terminate(), Some(0));

    let told = looked_with(&place, &["doctor", "--json", "--only", "store", "--deep"]).await;
    let codes = codes(&told);
    let timed = ["disk_honest", "disk_too_fast", "disk_slow"];
    assert!(codes.iter().any(|code| timed.contains(&code.as_str())), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_readiness_alone_gets_one_word() {
    let place = Place::new("");
    let told = looked_with(&place, &["doctor", "--ready"]).await;
    assert_eq!((told.code, told.out.as_str()), (Some(1), ""));
    assert!(told.err.starts_with("error: not ready: "), "{told:?}");
    let served = place.serve().await;
    is_ready(&place).await;
    let told = looked_with(&place, &["doctor", "--ready"]).await;
    assert_eq!((told.code, told.out.as_str()), (Some(0), "ready\n"), "{told:?}");
    assert_eq!(served.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn french_and_english_tell_the_same_findings() {
    let place = Place::new("[page]\nlanguages = [\"fr\", \"en\"]\n");
    let french = looked_with(&place, &["doctor", "--json"]).await;
    let english = looked_with(&place, &["doctor", "--json", "--language", "en"]).await;
    let [fr, en]: [Value; 2] =
        [&french, &english].map(|told| serde_json::from_str(&told.out).unwrap());
    assert_eq!((&fr["language"], &en["language"]), (&Value::from("fr"), &Value::from("en")));
    for key in ["code", "level", "area"] {
        let all = |report: &Value| -> Vec<Value> {
            let findings = report["findings"].as_array().unwrap().iter();
            findings.map(|finding| finding[key].clone()).collect()
        };
        assert_eq!(all(&fr), all(&en), "{key}");
    }
    assert!(french.out.contains("tous les réglages sont utilisables"), "{}", french.out);
    assert!(french.err.contains("à traiter"), "{}", french.err);
    let text = looked_with(&place, &["doctor", "--language", "fr"]).await;
    assert!(text.out.contains("faire: lancez `serve`"), "{}", text.out);
    let told = looked_with(&place, &["doctor", "--language", "de"]).await;
    assert_eq!(told.code, Some(2));
}
