//! The program as its users start it: what it prints where, and how it ends.

use std::fs;
use std::process::{Command, Output, Stdio};

/// Runs the program with nothing in its environment but `variables`.
fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    command(arguments).envs(variables.iter().copied()).output().unwrap()
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gitlab-dora-exporter"));
    command.args(arguments).env_clear();
    command
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn the_defaults_are_printed_as_they_are_and_are_a_configuration() {
    let output = run(&["config", "default"], &[]);
    assert!(output.status.success());
    assert_eq!(text(&output.stdout), gitlab_dora_exporter::config::DEFAULTS);
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn a_right_configuration_is_ok_and_nothing_else_is_on_stdout() {
    let sender = r#"[{name="main",secret_tokens_env=["SECRET"]}]"#;
    let secret = "an invented secret of a test, long";
    let variables = [("GITLAB_DORA_GITLAB", sender), ("SECRET", secret)];
    let output = run(&["config", "check"], &variables);
    assert_eq!((text(&output.stdout), text(&output.stderr)), ("ok\n", ""));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn serving_without_a_secret_is_a_mistake_of_configuration() {
    let output = run(&["config", "check"], &[]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).starts_with("error: gitlab has no secret"), "{output:?}");
    assert_eq!(text(&output.stdout), "");
}

#[test]
fn every_mistake_is_told_and_no_secret_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.toml");
    let own = "[server]\nlisetn = 1\n[[gitlab]]\nname = \"a b\"\nsecret_tokens = [\"canary\"]\n";
    fs::write(&path, own).unwrap();
    let path = path.to_str().unwrap();
    for named in [&["--config", path][..], &["--config.file", path]] {
        let flags = ["--log-format", "xml", "--effective"];
        let arguments = [&["config", "check"], named, &flags].concat();
        let output = run(&arguments, &[("GITLAB_DORA_SERVER__KEEP_ALIVE", "soon")]);
        assert_eq!(output.status.code(), Some(3));
        let stderr = text(&output.stderr);
        let errors: Vec<_> = stderr.lines().filter(|line| line.starts_with("error: ")).collect();
        let expected = [
            "error: gitlab[0].name is \"a b\"",
            "error: gitlab[0].secret_tokens[0] holds a secret of 6 bytes",
            "error: log.format is \"xml\"",
            "error: server.keep_alive is \"soon\"",
            "error: server.lisetn is not a setting",
        ];
        assert_eq!(errors.get(..5), Some(&expected[..]), "{stderr}");
        assert!(stderr.contains("  try: did you mean server.listen?"), "{stderr}");
        assert!(stderr.contains("  from: environment variable GITLAB_DORA_SERVER__KEEP_ALIVE"));
        assert!(stderr.contains("  from: flag --log-format"), "{stderr}");
        let shown = format!("{stderr}{}", text(&output.stdout));
        assert!(!shown.contains("canary") && shown.contains("********"), "{shown}");
    }
}

#[test]
fn the_file_may_be_named_by_a_variable_and_a_missing_one_is_a_mistake() {
    let output = run(&["config", "check"], &[("GITLAB_DORA_CONFIG", "/nowhere/own.toml")]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("error: /nowhere/own.toml cannot be read"), "{output:?}");
}

#[test]
fn a_misspelt_command_is_a_mistake_of_usage_with_a_suggestion() {
    let output = run(&["confg", "check"], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("'config'"), "{output:?}");
    assert_eq!(run(&["--help"], &[]).status.code(), Some(0));
}

#[cfg(unix)]
#[test]
fn a_reader_who_goes_away_ends_the_program_quietly() {
    let mut child = command(&["config", "default"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
}
