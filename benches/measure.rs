//! What measuring costs: processor time per deployment for projects of every size, how it grows,
//! and the memory that a deployment with its changes takes in a history.
//!
//! `cargo bench --bench measure [-- DEPLOYMENTS]` measures up to DEPLOYMENTS in all, 10⁶ where
//! nothing is said. Times are processor time of the thread, so that a busy machine changes them
//! little; the yardstick is a sort of as many numbers in the same run.
#![expect(clippy::print_stdout, reason = "a table is what a benchmark is for")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]
#![expect(clippy::cast_precision_loss, reason = "far below 2⁵³")]

use std::convert::Infallible;
use std::hint::black_box;

use gitlab_dora_exporter::config::{self, Inputs, Purpose};
use gitlab_dora_exporter::delivery::register::{Earliest, Furthest, Greatest, Newest};
use gitlab_dora_exporter::delivery::{
    CommitSha, Deployment, DeploymentId, DeploymentStatus, EnvironmentName, Fact, FactBody,
    History, InstanceId, Project, ProjectHistory, ProjectId, ProjectKey, ProjectPath, Timestamp,
};
use gitlab_dora_exporter::demo::Past;
use gitlab_dora_exporter::dora::measure::measure;
use gitlab_dora_exporter::dora::measuring::Measuring;
use gitlab_dora_exporter::dora::policy::Policies;
use gitlab_dora_exporter::dora::window::Window;
use gitlab_dora_exporter::scoreboard::Board;
use rustix::time::{ClockId, clock_gettime};

/// The last instant of every past, and the instant of measure.
const NOW: i64 = 1_780_000_000;
/// Pasts are this long: a little more than the longest window.
const DAYS: u64 = 120;
const WINDOWS: [Window; 3] = [Window::of_days(7), Window::of_days(30), Window::of_days(90)];
/// Different projects are measured in turn, so that caches hold none of them.
const AT_ONCE: u64 = 100_000;
/// Deployments of the project for which a bar stands.
const USUAL: u64 = 1_000;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let most = arguments.next().map_or(1_000_000, |text| text.parse().unwrap());
    // First, while nothing that was freed can be used again.
    memory();
    println!("\n{:<44}{:>12}{:>12}", "one project of", "measures", "ns each");
    let mut by_size = Vec::new();
    for size in [100, 1_000, 10_000, 100_000].into_iter().filter(|size| *size <= most) {
        let own = per_deployment(size, most.min(10 * size.max(10_000)), "deployments");
        by_size.push((size as f64, own * size as f64));
    }
    println!("  grows with the size to the power of {:.3}", exponent(&by_size));
    println!("\n{:<44}{:>12}{:>12}", "projects of 1,000, in all", "measures", "ns each");
    let mut by_total = Vec::new();
    let mut total = 10_000;
    while total <= most {
        by_total.push((total as f64, per_deployment(USUAL, total, "") * total as f64));
        total *= 10;
    }
    println!("  grows with the number to the power of {:.3}", exponent(&by_total));
    sorting();
    refreshes("in groups of 250");
    refreshes("alone");
}

/// Prints what a refresh costs when ten of ten thousand projects changed, without rendering; in
/// groups, or without any.
fn refreshes(where_projects_are: &str) {
    const PROJECTS: u64 = 10_000;
    const DIRTY: u64 = 10;
    const ROUNDS: u64 = 40;
    let title = format!("refresh of 10,000 projects, {where_projects_are}");
    println!("\n{title:<44}{:>12}{:>12}", "measured", "ms");
    let mut board = Board::new(Measuring {
        policies: policies(),
        windows: WINDOWS.to_vec(),
        teams: Vec::new(),
    });
    for number in 1..=PROJECTS {
        for body in wanted(number, 10).facts() {
            board.fold(Fact { project: key(number), body });
        }
        if where_projects_are == "alone" {
            let path = ProjectPath::new(&format!("project-{number}")).unwrap();
            let path = Newest::at(Timestamp::from_second(NOW), path);
            let body = FactBody::Project(Project { path, ..Project::default() });
            board.fold(Fact { project: key(number), body });
        }
    }
    board.shrink();
    let mut now = Timestamp::from_second(NOW);
    let turn = |board: &mut Board, now| board.turn(now, |_| Ok::<_, Infallible>(()));
    let mut shown = None;
    let seconds = timed(|| shown = Some(turn(&mut board, now)));
    println!("{:<44}{PROJECTS:>12}{:>12.1}", "  the first", seconds * 1e3);
    let mut rounds: Vec<f64> = Vec::new();
    for round in 0..ROUNDS {
        for nth in 0..DIRTY {
            let number = (round * DIRTY + nth) * 7_919 % PROJECTS + 1;
            for body in deployed(1_000_000_000 + round * DIRTY + nth, now) {
                board.fold(Fact { project: key(number), body });
            }
        }
        now = now.plus(15);
        // What was shown before is given up by the refresh.
        rounds.push(timed(|| shown = Some(turn(&mut board, now))));
    }
    rounds.sort_by(f64::total_cmp);
    let at = |place: usize| rounds.get(place).copied().unwrap_or_default() * 1e3;
    println!("{:<44}{DIRTY:>12}{:>12.2}", "  the next ones, median of 40", at(rounds.len() / 2));
    println!("{:<44}{DIRTY:>12}{:>12.2}", "  the slowest of them", at(rounds.len() - 1));
    black_box(shown);
}

/// A successful deployment of something unheard of.
fn deployed(id: u64, at: Timestamp) -> [FactBody; 1] {
    let mut sha = [1; 20];
    sha.iter_mut().zip(id.to_le_bytes()).for_each(|(to, from)| *to = from);
    [FactBody::Deployment(Deployment {
        environment: Greatest(Some(EnvironmentName::new("production").unwrap())),
        sha: Greatest(Some(CommitSha::from_bytes(&sha).unwrap())),
        status: Furthest::at(at, DeploymentStatus::Success),
        succeeded_at: Earliest::at(at),
        ..Deployment::new(DeploymentId::new(id).unwrap())
    })]
}

/// Prints what a deployment costs when `total` of them are measured in projects of `size`.
fn per_deployment(size: u64, total: u64, unit: &str) -> f64 {
    let distinct = (total.min(AT_ONCE) / size).max(1);
    let histories: Vec<ProjectHistory> = (1..=distinct).map(|number| past(number, size)).collect();
    let (policies, as_of) = (policies(), Timestamp::from_second(NOW));
    let policy = policies.resolve(&ProjectPath::new("group/app").unwrap());
    let measures = (total / size).max(1);
    let seconds = timed(|| {
        for number in 0..measures {
            let place = usize::try_from(number % distinct).unwrap();
            let history = histories.get(place).unwrap();
            black_box(measure(key(number + 1), history, as_of, &policy, &WINDOWS));
        }
    });
    let own = seconds * 1e9 / (measures * size) as f64;
    let name = if unit.is_empty() { total.to_string() } else { format!("{size} {unit}") };
    println!("{name:<44}{measures:>12}{own:>12.0}");
    own
}

/// The yardstick: sorting as many numbers.
fn sorting() {
    let mut state = 1_u64;
    let numbers: Vec<u64> = (0..1_000_000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state >> 33
        })
        .collect();
    let seconds = timed(|| {
        for chunk in numbers.chunks(1_000) {
            let mut own = chunk.to_vec();
            own.sort_unstable();
            black_box(own);
        }
    });
    println!("{:<44}{:>12}{:>12.1}", "yardstick: sorting 1,000 numbers", 1_000, seconds * 1e3);
}

/// Prints what a deployment with its changes takes in memory.
fn memory() {
    println!("{:<44}{:>12}{:>12}", "History, in memory", "facts", "bytes each");
    let mut kept = Vec::new();
    for (projects, deployments) in [(100, 1_000), (10_000, 10)] {
        let before = resident();
        let mut history = History::default();
        let mut facts = 0;
        for number in 1..=projects {
            for body in wanted(number, deployments).facts() {
                facts += 1;
                history.fold(Fact { project: key(number), body });
            }
        }
        history.shrink();
        let bytes = resident().saturating_sub(before) as f64 / (projects * deployments) as f64;
        let name = format!("{projects} projects of {deployments} deployments");
        println!("{name:<44}{facts:>12}{bytes:>12.0}");
        kept.push(history);
    }
    black_box(kept);
}

/// Bytes of this process that are in memory.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1_024
}

fn wanted(project: u64, deployments: u64) -> Past {
    let until = Timestamp::from_second(NOW);
    // Not all at once: each project has its own hours.
    let from = until.minus(DAYS * 86_400 + project * 7_907 % 86_400);
    Past { project, deployments, from, until }
}

fn past(project: u64, deployments: u64) -> ProjectHistory {
    let mut history = ProjectHistory::default();
    for body in wanted(project, deployments).facts() {
        history.fold(body);
    }
    history
}

fn key(number: u64) -> ProjectKey {
    ProjectKey { instance: InstanceId::new(1), project: ProjectId::new(number).unwrap() }
}

/// Seconds of this thread's processor time that `work` takes.
fn timed(work: impl FnOnce()) -> f64 {
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
    };
    let start = now();
    work();
    now() - start
}

/// The power of x that y grows with, by least squares on logarithms.
fn exponent(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(|p| of(p).ln()).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let along = |point: &(f64, f64)| point.0.ln() - x;
    let both: f64 = points.iter().map(|point| along(point) * (point.1.ln() - y)).sum();
    both / points.iter().map(|point| along(point) * along(point)).sum::<f64>()
}

/// The shipped defaults.
fn policies() -> Policies {
    config::load(&Inputs::default(), Purpose::Other).settings.unwrap().policies
}
