//! `bench` works: every figure is there. How good they are depends on the machine, and is no test.

use std::collections::BTreeMap;
use std::process::Command;

/// What `bench` prints with these arguments, line by line: the figure's name and its value, which is
/// numbers and a unit.
fn figures(folder: &std::path::Path, arguments: &[&str]) -> Vec<(String, String)> {
    let output = Command::new(env!("CARGO_BIN_EXE_gitlab-dora-exporter"))
        .arg("bench")
        .args(arguments)
        .env_clear()
        .env("TMPDIR", folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let stdout = String::from_utf8(output.stdout).unwrap();
    let cell = |line: &str, nth| line.split('|').nth(nth).unwrap().trim().to_owned();
    stdout.lines().skip(2).map(|line| (cell(line, 1), cell(line, 2))).collect()
}

#[test]
fn every_figure_of_the_bench_comes_out_and_nothing_is_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let figures = figures(folder.path(), &["--smoke", "--projects", "20"]);
    let names: Vec<&str> = figures.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "memory, idle",
            "4 KiB deployment hooks, 64 connections",
            "bare handler, same requests",
            "ratio",
            "20 KiB pipeline hooks, 64 connections",
            "bare handler, same requests",
            "ratio",
            "acknowledgement p50",
            "÷ one fdatasync (p50), p50",
            "acknowledgement p99",
            "÷ one fdatasync (p50), p99",
            "burst of 300 on 256 connections",
            "series in a scrape",
            "scrapes, plain",
            "÷ static buffer",
            "scrapes, compressed",
            "÷ static buffer",
            "ingest while scraped ÷ without",
            "memory, after all of this",
            "start to ready",
            "memory then",
            "the first start, which counts it all",
            "binary",
        ]
    );
    let (_, series) = figures.iter().find(|(name, _)| name == "series in a scrape").unwrap();
    let count: u32 = series.parse().unwrap();
    assert!(count > 20 * 10, "all projects are in the scrape: {count} series");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// How much more memory ten times the rows may take, in MiB: what the store caches, 16 of pages, 8 of
/// facts and 2 of keys, and a page more under way. The rows of the longer past alone are 50 MiB on the
/// wire, and more as records with their facts.
const MOST_MORE_MIB: f64 = 42.0;

#[test]
fn ten_times_the_projects_cost_ten_times_the_requests_and_hardly_more_memory() {
    let folder = tempfile::tempdir().unwrap();
    let figures = figures(folder.path(), &["--backfill", "--smoke"]);
    let [tenth, whole] = [0, figures.len() / 2].map(|from| {
        let value = |value: &str| value.split(' ').next().unwrap().parse::<f64>().unwrap();
        let half = figures.iter().skip(from).take(figures.len() / 2);
        half.map(|(name, own)| (name.as_str(), value(own))).collect::<BTreeMap<&str, f64>>()
    });
    assert!(tenth.contains_key("backfill of 10 projects"), "{tenth:?}");
    assert!(whole.contains_key("backfill of 100 projects"), "{whole:?}");
    for reading in [&tenth, &whole] {
        let ratio = reading["requests ÷ fewest"];
        assert!((1.0..=1.2).contains(&ratio), "{reading:?}");
    }
    assert!(whole["facts"] > 9.9 * tenth["facts"], "{figures:?}");
    let more = whole["memory, peak"] - tenth["memory, peak"];
    assert!(more < MOST_MORE_MIB, "{more} MiB more: {figures:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
