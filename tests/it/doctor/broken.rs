//! Broken set-ups, one a line: each gives its finding, what to do about it, and the right exit code.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::process::{Place, TOKEN};

/// A set-up, by what stands in a sound configuration and what stands there instead; the finding by
/// code and a part of its words; and the exit code.
type Case = (&'static str, &'static str, &'static str, &'static str, i32);

const SECRET: &str = "signing_tokens = [\"whsec_dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q=\"]";
const SERVER: &str = "[server]\n";
const STORE: &str = "[store]\n";
const GITLAB: &str = "[[gitlab]]\n";
const END: &str = "# end";
const WRONG: &str = "setting_wrong";
const DOUBTFUL: &str = "setting_doubtful";

const CASES: &[Case] = &[
    (END, "[log]\nlevle = \"info\"", WRONG, "log.levle is not a setting", 3),
    (END, "[metrics]\nport = 1", WRONG, "metrics is not a setting", 3),
    (END, "[page", WRONG, "config.toml", 3),
    (SERVER, "[server]\nadmin_listen = \"nowhere\"\n", WRONG, "server.admin_listen", 3),
    (SERVER, "[server]\nbody_limit = \"1KiB\"\n", WRONG, "server.body_limit", 3),
    (SERVER, "[server]\ninflight_limit = \"2MiB\"\n", WRONG, "server.inflight_limit", 3),
    (SERVER, "[server]\nexternal_url = \"dora.example.com\"\n", WRONG, "server.external_url", 3),
    (SERVER, "[server]\nexternal_url = \"https://x/?a=b\"\n", WRONG, "server.external_url", 3),
    (SERVER, "[server]\nhead_timeout = \"soon\"\n", WRONG, "server.head_timeout", 3),
    (SERVER, "[server]\nconnections = 1\n", WRONG, "server.connections", 3),
    (SECRET, "", WRONG, "gitlab has no secret", 3),
    (SECRET, "secret_tokens = [\"short\"]", WRONG, "holds a secret of 5 bytes", 3),
    (SECRET, "signing_tokens = [\"whsec_x\"]", WRONG, "holds no signing token", 3),
    (SECRET, "secret_tokens_file = [\"/nowhere/at/all\"]", WRONG, "cannot be read", 3),
    (SECRET, "secret_tokens_env = [\"NOT_SET\"]", WRONG, "secret_tokens_env", 3),
    (GITLAB, "[[gitlab]]\nname = \"main\"\n[[gitlab]]\n", WRONG, "as gitlab[0].name is already", 3),
    (GITLAB, "[[gitlab]]\ntoken = \"glpat-x\"\n", WRONG, "gitlab[0].url is missing", 3),
    (
        GITLAB,
        "[[gitlab]]\nurl = \"http://gitlab.example.com\"\ntoken = \"glpat-x\"\n",
        WRONG,
        "gitlab[0].url",
        3,
    ),
    (GITLAB, "[[gitlab]]\nca_file = \"/dev/null\"\n", WRONG, "gitlab[0].ca_file", 3),
    (
        GITLAB,
        "[[gitlab]]\nproxy = \"http://user:password@proxy\"\n",
        WRONG,
        "no address of a proxy",
        3,
    ),
    (GITLAB, "[[gitlab]]\nrequests_per_minute = 0\n", WRONG, "requests_per_minute", 3),
    (GITLAB, "[[gitlab]]\nprojects = [\"a[\"]\n", WRONG, "gitlab[0].projects", 3),
    (GITLAB, "[[gitlab]]\nhooks = \"always\"\n", WRONG, "gitlab[0].hooks", 3),
    (
        GITLAB,
        "[[gitlab]]\nhooks = \"sync\"\n",
        WRONG,
        "is \"sync\", and something that it takes is missing",
        3,
    ),
    (GITLAB, "[[gitlab]]\nhooks_without = [\"deployment\"]\n", WRONG, "hooks_without", 3),
    (STORE, "[store]\njournal_retention = \"1d\"\n", WRONG, "store.journal_retention", 3),
    (STORE, "[store]\nfacts_retention = \"7d\"\n", WRONG, "store.facts_retention", 3),
    (END, "[exposition]\nwindows = []", WRONG, "exposition.windows", 3),
    (END, "[exposition]\nmax_series = 1", WRONG, "exposition.max_series", 3),
    (END, "[policy]\ntimezone = \"Europe/Atlantis\"", WRONG, "policy.timezone", 3),
    (
        END,
        "[policy]\ntier_overrides = [{ match = \"(\", tier = \"staging\" }]",
        WRONG,
        "tier_overrides",
        3,
    ),
    (END, "[ingest]\ndeadline = \"30s\"", WRONG, "ingest.deadline", 3),
    (END, "[log]\nformat = \"xml\"", WRONG, "log.format", 3),
    (END, "[page]\nlanguages = [\"de\"]", WRONG, "page.languages", 3),
    (END, "[[team]]\nname = \"x\"\nprojects = []", WRONG, "team[0].projects", 3),
    (END, "[prometheus]\nurl = \"prometheus:9090\"", WRONG, "prometheus.url", 3),
    (
        END,
        "[prometheus]\nurl = \"http://prometheus:9090\"\ntoken = \"x\"",
        WRONG,
        "prometheus.url",
        3,
    ),
    (
        SECRET,
        "secret_tokens = [\"twenty bytes of words\"]",
        DOUBTFUL,
        "holds a secret of 21 bytes",
        1,
    ),
    (SERVER, "[server]\nbody_limit = \"1MiB\"\n", DOUBTFUL, "less than GitLab sends", 1),
    (SERVER, "[server]\nadmin_listen = \"127.0.0.1:1\"\n", "server_silent", "127.0.0.1:1", 0),
    (GITLAB, "[[gitlab]]\nname = \"other\"\n[[gitlab]]\n", DOUBTFUL, "has no secret", 1),
    (
        GITLAB,
        "[[gitlab]]\nstrict = true\n[[gitlab]]\nname=\"b\"\nsecret_tokens=[\"0123456789abcdef0123456789abcdef\"]\n#",
        WRONG,
        "gitlab[0].name is missing",
        3,
    ),
];

/// The findings of a run, and its exit code.
fn looked(config: &Path, arguments: &[&str]) -> (Vec<Value>, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gitlab-dora-exporter"));
    let command = command.env_clear().env("GITLAB_DORA_CONFIG", config);
    let output = command.args(["doctor", "--json"]).args(arguments).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    assert!(report["findings"].is_array(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!text.contains(TOKEN) && !text.contains("password@"), "{text}");
    (report["findings"].as_array().unwrap().clone(), output.status.code())
}

#[track_caller]
fn assert_finding(found: &[Value], code: &str, part: &str) {
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let own = found
        .iter()
        .find(|finding| finding["code"] == code && text(finding, "what").contains(part));
    let own = own.unwrap_or_else(|| panic!("no {code} with {part:?} in {found:#?}"));
    assert!(!text(own, "try").is_empty(), "nothing to do about {own}");
}

#[test]
fn each_broken_configuration_gives_its_finding_and_what_to_do() {
    assert!(CASES.len() >= 30);
    for (sound, broken, code, part, exit) in CASES {
        let place = Place::new(END);
        let text = fs::read_to_string(place.config()).unwrap();
        assert!(text.contains(sound), "{sound}");
        fs::write(place.config(), text.replacen(sound, broken, 1)).unwrap();
        fs::set_permissions(place.config(), fs::Permissions::from_mode(0o600)).unwrap();
        let only = ["--strict", "--only", "configuration", "--only", "server"];
        let (found, ended) = looked(&place.config(), &only);
        assert_finding(&found, code, part);
        assert_eq!(ended, Some(*exit), "{broken}: {found:#?}");
    }
}

#[test]
fn files_that_are_missing_or_open_to_all_are_found() {
    let place = Place::new("");
    fs::set_permissions(place.config(), fs::Permissions::from_mode(0o644)).unwrap();
    let (found, _) = looked(&place.config(), &["--only", "configuration"]);
    assert_finding(&found, "configuration_exposed", "every user of this machine may read it");
    fs::set_permissions(place.config(), fs::Permissions::from_mode(0o600)).unwrap();
    let (found, _) = looked(&place.config(), &["--only", "configuration"]);
    assert!(found.iter().all(|finding| finding["level"] == "ok"), "{found:#?}");
    fs::remove_file(place.config()).unwrap();
    let (found, ended) = looked(&place.config(), &["--only", "store"]);
    assert_finding(&found, "setting_wrong", "config.toml");
    assert_eq!(ended, Some(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_broken_store_gives_its_finding_and_what_to_do() {
    let place = Place::new("");
    let store = |place: &Place| place.config().with_file_name("store");
    let only = ["--only", "store", "--strict"];
    let (found, ended) = looked(&place.config(), &only);
    assert_finding(&found, "store_absent", "there is none");
    assert_eq!(ended, Some(5));

    assert_eq!(place.serve().await.terminate(), Some(0));
    let file = store(&place).join("store.sqlite3");
    let sound = fs::read(&file).unwrap();
    let changed = |at: usize, bytes: &[u8]| {
        let mut changed = sound.clone();
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        changed
    };
    let page = u16::from_be_bytes([sound[16], sound[17]]).into();
    for (code, part, bytes, exit) in [
        ("store_damaged", "not a database", b"no database at all".repeat(99), 5),
        ("store_damaged", "too short", b"short".to_vec(), 5),
        ("store_other_version", "another program", changed(68, b"else"), 5),
        ("store_other_version", "is newer than", changed(60, &99_u32.to_be_bytes()), 5),
        ("store_damaged", "corrupt", changed(page, &vec![0xff; page]), 5),
        // 3.40.1, which Debian 12 has.
        ("store_foreign_writer", "3.40.1", changed(96, &3_040_001_u32.to_be_bytes()), 1),
        ("store_not_durable", "journal_mode", changed(18, &[1, 1]), 1),
    ] {
        fs::write(&file, bytes).unwrap();
        let (found, ended) = looked(&place.config(), &only);
        assert_finding(&found, code, part);
        assert_eq!(ended, Some(exit), "{code}: {found:#?}");
    }
    fs::write(&file, &sound).unwrap();
    fs::write(store(&place).join("store.lock"), "12345\n").unwrap();
    let (found, _) = looked(&place.config(), &only);
    assert_finding(&found, "store_unclean", "did not close it");
}
