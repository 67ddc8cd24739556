//! `bench` works: every figure is there. How good they are depends on the machine, and is no test.

use std::process::Command;

#[test]
fn every_figure_of_the_bench_comes_out_and_nothing_is_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_gitlab-dora-exporter"))
        .args(["bench", "--smoke", "--projects", "20"])
        .env_clear()
        .env("TMPDIR", folder.path())
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let figures: Vec<&str> =
        stdout.lines().skip(2).map(|line| line.split('|').nth(1).unwrap().trim()).collect();
    assert_eq!(
        figures,
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
    let series = stdout.lines().find(|line| line.contains("series in a scrape")).unwrap();
    let count: u32 = series.split('|').nth(2).unwrap().trim().parse().unwrap();
    assert!(count > 20 * 10, "all projects are in the scrape: {count} series");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
