//! Requests signed in advance: what is measured is the receiver, not the making of hooks.

use std::sync::Arc;

use crate::clock::Clock;
use crate::delivery::Timestamp;
use crate::demo::synthetic::{self, Wanted};
use crate::proof::SigningToken;

/// Which hooks are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hooks {
    /// 4 KiB deployment hooks, running and success in turn.
    Deployments,
    /// 20 KiB pipeline hooks.
    Pipelines,
}

impl Hooks {
    /// What they are called in the report.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Deployments => "4 KiB deployment hooks",
            Self::Pipelines => "20 KiB pipeline hooks",
        }
    }

    const fn bytes(self) -> usize {
        match self {
            Self::Deployments => 4 * 1_024,
            Self::Pipelines => 20 * 1_024,
        }
    }

    const fn event(self) -> &'static str {
        match self {
            Self::Deployments => "Deployment Hook",
            Self::Pipelines => "Pipeline Hook",
        }
    }
}

/// Complete requests, heads and bodies.
pub(super) type Requests = Arc<[Vec<u8>]>;

/// Makes requests that no receiver has seen before.
#[derive(Debug)]
pub(super) struct Press {
    token: SigningToken,
    clock: Arc<dyn Clock>,
    path: String,
    projects: u64,
    /// Distinguishes the deliveries of this run from those of every other.
    run: u64,
    last: u64,
}

impl Press {
    /// A press for `path`, signing with `token`; hooks are spread over `projects` projects.
    pub(super) fn new(
        token: SigningToken,
        clock: Arc<dyn Clock>,
        path: String,
        projects: u64,
    ) -> Self {
        let run = u64::try_from(clock.now_ms()).unwrap_or(0);
        Self { token, clock, path, projects: projects.max(1), run, last: 0 }
    }

    /// The next `count` requests. They are dated now and refused as too old five minutes later.
    pub(super) fn make(&mut self, hooks: Hooks, count: u64) -> Requests {
        let now = self.clock.now();
        (0..count).map(|_| self.one(hooks, now)).collect()
    }

    fn one(&mut self, hooks: Hooks, now: Timestamp) -> Vec<u8> {
        self.last += 1;
        let number = self.last;
        let deployment = number.div_ceil(2);
        let project = deployment % self.projects;
        // Spread over eighty days, so that the windows hold different things; a deployment runs
        // for a minute.
        let begun = deployment.wrapping_mul(7_919) % (80 * 86_400) + 61;
        let at = now.minus(begun - (number + 1) % 2 * 60);
        let wanted = Wanted { project, number, at, bytes: hooks.bytes() };
        let body = match hooks {
            Hooks::Deployments => synthetic::deployment(wanted),
            Hooks::Pipelines => synthetic::pipeline(wanted),
        };
        let id = format!("{:016x}-{number:016x}", self.run);
        let timestamp = now.to_string();
        let signature = self.token.sign(id.as_bytes(), timestamp.as_bytes(), &body);
        let mut request = format!(
            "POST {} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n\
             user-agent: GitLab/19.6.0\r\nx-gitlab-event: {}\r\nidempotency-key: {id}\r\n\
             webhook-id: {id}\r\nwebhook-timestamp: {timestamp}\r\n\
             webhook-signature: {signature}\r\ncontent-length: {}\r\n\r\n",
            self.path,
            hooks.event(),
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(&body);
        request
    }
}
