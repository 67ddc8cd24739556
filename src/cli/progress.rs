//! How far a long command is: a bar on a terminal, a line every ten seconds elsewhere.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::clock::Clock;

/// How often a log wants to hear of it.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// The progress of one stage, on stderr: stdout carries results only.
#[derive(Debug)]
pub(super) struct Progress {
    stage: &'static str,
    total: u64,
    done: u64,
    clock: Arc<dyn Clock>,
    begun: Instant,
    next_line: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Begins a stage of `total` steps.
    pub(super) fn begin(stage: &'static str, total: u64, clock: &Arc<dyn Clock>) -> Self {
        let now = clock.monotonic();
        let bar = std::io::stderr().is_terminal().then(|| {
            let template = "{prefix}  {wide_bar}  {pos}/{len}  {per_sec}  {eta} left";
            let style = ProgressStyle::with_template(template)
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(total).with_style(style).with_prefix(stage)
        });
        let clock = Arc::clone(clock);
        Self { stage, total, done: 0, clock, begun: now, next_line: now + LINE_EVERY, bar }
    }

    /// One step is done.
    pub(super) fn step(&mut self) {
        self.steps(1);
    }

    /// So many steps are done.
    pub(super) fn steps(&mut self, steps: u64) {
        self.done += steps;
        if let Some(bar) = &self.bar {
            return bar.inc(steps);
        }
        if self.clock.monotonic() >= self.next_line {
            self.next_line += LINE_EVERY;
            self.line("");
        }
    }

    /// So many steps more are needed than was known at its begin.
    pub(super) fn more(&mut self, steps: u64) {
        self.total += steps;
        if let Some(bar) = &self.bar {
            bar.inc_length(steps);
        }
    }

    /// The stage is over; says how long it took.
    pub(super) fn end(self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        self.line(" done");
    }

    fn line(&self, word: &str) {
        let seconds = self.clock.monotonic().duration_since(self.begun).as_secs_f64();
        // Nobody may be there to read it.
        let _ = writeln!(
            std::io::stderr(),
            "{}{word}: {} of {} in {seconds:.1} s",
            self.stage,
            self.done,
            self.total
        );
    }
}
