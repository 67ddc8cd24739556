//! Where secrets come from, and that they are shown nowhere.

use std::fs;
use std::path::PathBuf;

use super::{file, keys, mistakes, with};
use crate::config::{Environment, Inputs, Purpose, load};

const SIGNING: &str = "whsec_dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q=";
const SECRET: &str = "an invented secret token of a test";

#[test]
fn a_sender_twice_or_a_secret_twice_is_refused() {
    let twice = "[[gitlab]]\nname = \"a\"\n[[gitlab]]\nname = \"a\"\n";
    assert_eq!(keys(&mistakes(twice)), ["gitlab[1].name"]);
    let shared = format!(
        "[[gitlab]]\nname = \"a\"\nsecret_tokens = [{SECRET:?}]\n\
         [[gitlab]]\nname = \"b\"\nsecret_tokens = [{SECRET:?}]\n"
    );
    assert_eq!(keys(&mistakes(&shared)), ["gitlab[1].secret_tokens[0]"]);
    let teams = "[[team]]\nname = \"a\"\nprojects = [\"x\"]\n".repeat(2);
    assert_eq!(keys(&mistakes(&teams)), ["team[1].name"]);
}

#[test]
fn a_secret_comes_by_value_by_variable_or_by_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    fs::write(&path, format!("{SIGNING}\r\n")).unwrap();
    let text = format!(
        "[[gitlab]]\nname = \"a\"\nsecret_tokens = [{SECRET:?}]\n\
         secret_tokens_env = [\"GITLAB_DORA_OWN\"]\nsigning_tokens_file = [{path:?}]\n"
    );
    let environment =
        Environment::of([("GITLAB_DORA_OWN", "another invented secret, long enough")]);
    let loaded = with(&text, environment, Purpose::Serve);
    let settings = loaded.settings.unwrap();
    let [sender] = settings.senders.as_slice() else { panic!("{settings:?}") };
    assert_eq!((sender.secret_tokens.len(), sender.signing_tokens.len()), (2, 1));
    assert!(loaded.warnings.iter().all(|warning| warning.key.ends_with("_file[0]")));
}

#[test]
fn a_list_of_senders_fits_into_one_variable() {
    let value = r#"[{name="main",secret_tokens_env=["WEBHOOK_SECRET"]}]"#;
    let environment = Environment::of([("GITLAB_DORA_GITLAB", value), ("WEBHOOK_SECRET", SECRET)]);
    let inputs = Inputs { environment, ..Inputs::default() };
    let settings = load(&inputs, Purpose::Serve).settings.unwrap();
    assert_eq!(settings.senders[0].name, "main");
    assert_eq!(settings.senders[0].secret_tokens.len(), 1);
}

#[test]
fn no_message_no_debug_form_and_no_listing_shows_a_secret() {
    let (canary, signing) = ("canary-canary", "whsec_canary-canary-canary-canary");
    for text in [
        format!("[[gitlab]]\nname = \"a\"\nsecret_tokens = [\"{canary}\"]"),
        format!("[[gitlab]]\nname = \"a\"\nsecret_tokens = [\"{canary}-{canary}-{canary}\"]"),
        format!("[[gitlab]]\nname = \"a\"\nsecret_tokens = \"{canary}\""),
        format!("[[gitlab]]\nname = \"a\"\nsecret_token = \"{canary}\""),
        format!("[[gitlab]]\nname = \"a\"\nsigning_tokens = [\"{signing}\"]"),
        format!("[[gitlab]]\nname = \"a\"\nsigning_tokens = [\"{signing}\""),
        format!("gitlab = {{ secret_tokens = [\"{canary}\"] }}"),
    ] {
        let loaded = file(&text);
        let shown = format!("{:?} {:?} {}", loaded.settings, loaded.warnings, loaded.effective);
        assert!(!shown.contains("canary"), "{text}: {shown}");
    }
}

#[test]
fn a_secret_that_is_short_is_warned_about_and_one_that_is_shorter_refused() {
    let of = |length: usize| {
        let secret = "x".repeat(length);
        file(&format!("[[gitlab]]\nname = \"a\"\nsecret_tokens = [\"{secret}\"]"))
    };
    assert_eq!(of(32).warnings, []);
    assert_eq!(keys(&of(31).warnings), ["gitlab[0].secret_tokens[0]"]);
    assert!(of(16).settings.is_ok());
    for length in [0, 15] {
        assert_eq!(
            keys(&of(length).settings.unwrap_err().mistakes),
            ["gitlab[0].secret_tokens[0]"]
        );
    }
}

#[test]
fn a_secret_file_is_a_small_readable_line() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let refused = [
        folder.path().join("absent"),
        folder.path().to_owned(),
        write("large", &vec![b'x'; 65_537]),
        write("two-lines", format!("{SECRET}\n{SECRET}\n").as_bytes()),
        write("mark", format!("\u{feff}{SECRET}").as_bytes()),
        write("empty", b"\n"),
        write("bytes", &[0xff; 40]),
        PathBuf::from("/dev/zero"),
    ];
    let of = |path: &PathBuf| {
        file(&format!("[[gitlab]]\nname = \"a\"\nsecret_tokens_file = [{path:?}]"))
    };
    for path in &refused {
        let found = of(path).settings.expect_err(&path.display().to_string()).mistakes;
        assert_eq!(keys(&found), ["gitlab[0].secret_tokens_file[0]"], "{found:?}");
    }
    assert!(of(&write("line", format!("{SECRET}\n").as_bytes())).settings.is_ok());
}

#[cfg(unix)]
#[test]
fn a_secret_file_that_everybody_may_read_is_warned_about() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    fs::write(&path, SECRET).unwrap();
    let warnings = |mode| {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let text = format!("[[gitlab]]\nname = \"a\"\nsecret_tokens_file = [{path:?}]");
        file(&text).warnings.len()
    };
    assert_eq!((warnings(0o600), warnings(0o640), warnings(0o644)), (0, 0, 1));
}
