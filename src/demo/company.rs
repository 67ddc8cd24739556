//! Who: an invented company of three groups, its services, its people and its habits.

/// Where the company's GitLab claims to be; a name that cannot resolve.
pub(super) const GITLAB_URL: &str = "https://gitlab.example";

/// Somebody with an account.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) id: u64,
    pub(super) name: &'static str,
    pub(super) username: &'static str,
}

const fn person(id: u64, name: &'static str, username: &'static str) -> Person {
    Person { id, name, username }
}

/// The bot that updates dependencies; no sample of a metric by default.
pub(super) static BOT: Person = person(90, "Renovate", "renovate");

static HORIZON: [Person; 6] = [
    person(11, "Ash Quill", "aquill"),
    person(12, "Wren Alder", "walder"),
    person(13, "Lark Finch", "lfinch"),
    person(14, "Moss Hazel", "mhazel"),
    person(15, "Fern Sorrel", "fsorrel"),
    person(16, "Brook Heron", "bheron"),
];

static ATLAS: [Person; 5] = [
    person(21, "Reed Plover", "rplover"),
    person(22, "Ivy Marten", "imarten"),
    person(23, "Teal Birch", "tbirch"),
    person(24, "Clay Siskin", "csiskin"),
    person(25, "Dune Osprey", "dosprey"),
];

static BOREAL: [Person; 5] = [
    person(31, "Jay Larch", "jlarch"),
    person(32, "Sage Dunlin", "sdunlin"),
    person(33, "Flint Rowan", "frowan"),
    person(34, "Cedar Swift", "cswift"),
    person(35, "Heath Merle", "hmerle"),
];

/// How a merge request lands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Landing {
    /// By a merge commit.
    MergeCommit,
    /// Squashed to one commit, without a merge commit.
    Squash,
    /// The branch itself becomes the default branch.
    FastForward,
}

/// When a service goes to production.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rhythm {
    /// After every merge.
    EachMerge,
    /// Every working day.
    Daily,
    /// On one day (Monday = 0) of every so many weeks.
    Weeks {
        /// How many weeks apart.
        every: i64,
        /// Which day.
        on: i64,
    },
}

/// Whether somebody must say yes before production.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    /// Nobody.
    Open,
    /// An approver.
    Approval,
}

/// One project, and the habits of its team.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) id: u64,
    pub(super) path: &'static str,
    pub(super) team: &'static [Person],
    pub(super) landing: Landing,
    pub(super) rhythm: Rhythm,
    pub(super) gate: Gate,
    /// Where a version is tried before production, in order.
    pub(super) rehearsals: &'static [&'static str],
    /// What is production; several are rolled out one after the other.
    pub(super) production: &'static [&'static str],
    pub(super) requests_per_week: u64,
    /// Median working hours from the first commit to being ready, and from there to the merge.
    pub(super) coding_hours: u64,
    pub(super) review_hours: u64,
    /// How many of a hundred releases harm users, and of a hundred deployment jobs fail.
    pub(super) harmful_percent: u64,
    pub(super) broken_job_percent: u64,
}

const ONE: &[&str] = &["production"];
const RECETTE: &[&str] = &["recette"];
const BOTH: &[&str] = &["recette", "preprod"];

/// A service of middling habits; the list below says what differs.
const fn service(id: u64, path: &'static str, team: &'static [Person]) -> Service {
    Service {
        id,
        path,
        team,
        landing: Landing::MergeCommit,
        rhythm: Rhythm::Weeks { every: 1, on: 1 },
        gate: Gate::Open,
        rehearsals: BOTH,
        production: ONE,
        requests_per_week: 4,
        coding_hours: 9,
        review_hours: 8,
        harmful_percent: 18,
        broken_job_percent: 5,
    }
}

/// Every project of the company.
pub(super) static SERVICES: [Service; 13] = [
    Service {
        rhythm: Rhythm::EachMerge,
        rehearsals: RECETTE,
        requests_per_week: 9,
        coding_hours: 4,
        review_hours: 2,
        harmful_percent: 6,
        ..service(101, "horizon/guichet", &HORIZON)
    },
    Service {
        rhythm: Rhythm::EachMerge,
        landing: Landing::Squash,
        rehearsals: RECETTE,
        requests_per_week: 7,
        coding_hours: 5,
        review_hours: 3,
        harmful_percent: 9,
        ..service(102, "horizon/dossiers", &HORIZON)
    },
    Service {
        rhythm: Rhythm::Daily,
        landing: Landing::FastForward,
        requests_per_week: 6,
        coding_hours: 6,
        review_hours: 4,
        ..service(103, "horizon/annuaire", &HORIZON)
    },
    Service {
        gate: Gate::Approval,
        rhythm: Rhythm::Weeks { every: 1, on: 3 },
        harmful_percent: 12,
        ..service(104, "horizon/reglement", &HORIZON)
    },
    Service { requests_per_week: 3, ..service(105, "horizon/notifications", &HORIZON) },
    Service {
        rhythm: Rhythm::Daily,
        production: &["production-nord", "production-sud"],
        requests_per_week: 6,
        coding_hours: 6,
        review_hours: 5,
        ..service(111, "atlas/cartes", &ATLAS)
    },
    Service {
        landing: Landing::Squash,
        requests_per_week: 4,
        ..service(112, "atlas/adresses", &ATLAS)
    },
    Service {
        rhythm: Rhythm::Weeks { every: 2, on: 1 },
        requests_per_week: 4,
        coding_hours: 16,
        review_hours: 14,
        harmful_percent: 40,
        ..service(113, "atlas/portail/web", &ATLAS)
    },
    Service {
        rhythm: Rhythm::Weeks { every: 2, on: 2 },
        requests_per_week: 3,
        coding_hours: 14,
        harmful_percent: 32,
        ..service(114, "atlas/portail/api", &ATLAS)
    },
    Service {
        rhythm: Rhythm::Weeks { every: 3, on: 2 },
        requests_per_week: 4,
        coding_hours: 22,
        review_hours: 20,
        harmful_percent: 50,
        broken_job_percent: 15,
        ..service(121, "boreal/echeances", &BOREAL)
    },
    Service {
        rhythm: Rhythm::Weeks { every: 3, on: 3 },
        requests_per_week: 3,
        coding_hours: 18,
        review_hours: 24,
        harmful_percent: 45,
        broken_job_percent: 12,
        ..service(122, "boreal/archives", &BOREAL)
    },
    Service {
        rhythm: Rhythm::Weeks { every: 2, on: 0 },
        landing: Landing::FastForward,
        requests_per_week: 2,
        ..service(123, "boreal/statistiques", &BOREAL)
    },
    Service {
        rhythm: Rhythm::Daily,
        rehearsals: RECETTE,
        requests_per_week: 4,
        coding_hours: 5,
        review_hours: 6,
        ..service(124, "boreal/socle", &BOREAL)
    },
];

/// What work is called, and what it is done to: titles are one of each.
pub(super) const VERBS: [&str; 10] = [
    "Simplify",
    "Cache",
    "Validate",
    "Speed up",
    "Split",
    "Document",
    "Retry",
    "Translate",
    "Secure",
    "Rework",
];
/// See [`VERBS`].
pub(super) const NOUNS: [&str; 14] = [
    "address form",
    "upload queue",
    "search page",
    "monthly export",
    "session timeout",
    "printed letters",
    "map tiles",
    "payment step",
    "error pages",
    "nightly job",
    "audit trail",
    "sign-in page",
    "file preview",
    "contact list",
];
/// What the bot updates.
pub(super) const LIBRARIES: [&str; 6] =
    ["http-client", "json-reader", "date-picker", "pdf-writer", "log-adapter", "base-image"];
/// What goes wrong.
pub(super) const TROUBLES: [&str; 6] = [
    "Sign-in answers 500",
    "Search is empty",
    "Uploads time out",
    "Letters are printed twice",
    "Totals are wrong",
    "Pages take 20 seconds",
];
