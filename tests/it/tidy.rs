//! The architecture as a test: which room may import which, what it may name, how files are kept.
#![expect(clippy::unwrap_used, reason = "a test that cannot read the tree should stop")]

mod habits;
mod rooms;
mod tree;

use habits::{
    dead_links, has_unreleased_section, held_problems, path_problems, shape_problems, sql_problems,
    unlinked_documents,
};
use rooms::{Above, Room, import_problems, naming_problems, room, room_of};

/// What a room without I/O, clock and async never names.
const IO: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::time",
    "std::thread",
    "std::process",
    ".await",
    "actix_web",
    "clap",
    "figment",
    "futures_util",
    "indicatif",
    "reqwest",
    "rusqlite",
    "rustix",
    "tokio",
    "tracing",
    "tracing_subscriber",
];

/// What a room never names that knows no format of files or wires.
const FORMATS: &[&str] = &["serde", "serde_json", "prometheus"];

const DATABASE: &[&str] = &["rusqlite"];
const SERVER: &[&str] = &["actix_web"];
const CLIENT: &[&str] = &["reqwest"];

/// Every room and the rooms it may import. Order is the direction of data flow.
const ROOMS: &[Room] = &[
    room("delivery", Above::These(&[]), &[IO, FORMATS]),
    room("record", Above::These(&["delivery"]), &[IO, FORMATS]),
    room("proof", Above::These(&["delivery", "record"]), &[IO, FORMATS]),
    room("gitlab", Above::These(&["delivery", "record", "proof"]), &[IO]),
    room("projection", Above::These(&["delivery", "record", "gitlab"]), &[IO]),
    room("dora", Above::These(&["delivery"]), &[IO, FORMATS]),
    room("exposition", Above::These(&["delivery", "dora"]), &[IO]),
    room("words", Above::These(&["delivery", "dora"]), &[IO, FORMATS]),
    room("report", Above::These(&["delivery", "dora", "exposition", "words"]), &[IO]),
    room("page", Above::These(&["delivery", "dora", "exposition", "words"]), &[IO, FORMATS]),
    room("clock", Above::These(&["delivery"]), &[DATABASE, SERVER, CLIENT]),
    room("instruments", Above::These(&["delivery"]), &[DATABASE, SERVER, CLIENT]),
    room("telemetry", Above::These(&[]), &[DATABASE, SERVER, CLIENT]),
    room("store", Above::These(&["delivery", "record"]), &[SERVER, CLIENT]),
    room(
        "ingest",
        Above::These(&[
            "clock",
            "instruments",
            "delivery",
            "record",
            "proof",
            "gitlab",
            "projection",
            "store",
        ]),
        &[DATABASE, SERVER, CLIENT],
    ),
    room(
        "scoreboard",
        Above::These(&["clock", "instruments", "delivery", "dora", "exposition", "store"]),
        &[DATABASE, SERVER, CLIENT],
    ),
    room(
        "rest",
        Above::These(&["clock", "instruments", "delivery", "gitlab"]),
        &[DATABASE, SERVER],
    ),
    room(
        "backfill",
        Above::These(&["clock", "delivery", "record", "gitlab", "store", "ingest", "rest"]),
        &[DATABASE, SERVER, CLIENT],
    ),
    room(
        "hooks",
        Above::These(&["clock", "instruments", "delivery", "proof", "gitlab", "rest"]),
        &[DATABASE, SERVER, CLIENT],
    ),
    room(
        "http",
        Above::These(&[
            "clock",
            "instruments",
            "delivery",
            "proof",
            "dora",
            "exposition",
            "words",
            "report",
            "page",
            "ingest",
            "scoreboard",
        ]),
        &[DATABASE, CLIENT],
    ),
    room("demo", Above::These(&["clock", "delivery", "proof", "gitlab"]), &[DATABASE, SERVER]),
    room(
        "config",
        Above::These(&[
            "delivery",
            "proof",
            "dora",
            "exposition",
            "words",
            "telemetry",
            "store",
            "rest",
            "hooks",
        ]),
        &[DATABASE, SERVER, CLIENT],
    ),
    room("app", Above::All, &[]),
    room("cli", Above::All, &[]),
];

/// Rooms of the composition: nobody but `app` and `cli` imports them.
const COMPOSITION: [&str; 5] = ["http", "demo", "config", "app", "cli"];

/// Stops with every problem, one a line.
#[track_caller]
fn assert_none(problems: impl IntoIterator<Item = String>) {
    let problems: Vec<String> = problems.into_iter().collect();
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn the_room_graph_has_no_cycle() {
    assert_none(rooms::cycles(ROOMS));
}

#[test]
fn only_app_and_cli_may_import_the_composition() {
    for room in ROOMS.iter().filter(|room| !["app", "cli"].contains(&room.name)) {
        for import in COMPOSITION {
            assert!(!room.may_import(import, ROOMS), "`{}` imports `{import}`", room.name);
        }
    }
}

#[test]
fn every_room_of_the_table_exists() {
    let sources = tree::sources();
    for room in ROOMS {
        let exists = sources.iter().any(|file| room_of(&file.path) == Some(room.name));
        assert!(exists, "`{}` is in the table only", room.name);
    }
}

#[test]
fn rooms_import_only_what_the_table_allows() {
    assert_none(tree::sources().iter().flat_map(|file| import_problems(file, ROOMS)));
}

#[test]
fn rooms_never_name_what_would_bring_in_or_out() {
    assert_none(tree::sources().iter().flat_map(|file| naming_problems(file, ROOMS)));
}

#[test]
fn files_open_with_their_purpose_and_stay_short() {
    assert_none(tree::rust_files().iter().flat_map(shape_problems));
}

#[test]
fn nothing_is_ignored_allowed_or_left_to_do() {
    assert_none(tree::rust_files().iter().flat_map(held_problems));
}

#[test]
fn sql_lives_in_sql_files() {
    assert_none(tree::sources().iter().flat_map(sql_problems));
}

#[test]
fn no_file_names_a_folder_of_somebodys_machine() {
    assert_none(tree::files().iter().flat_map(path_problems));
}

#[test]
fn the_readme_leads_to_every_document() {
    let files = tree::files();
    let Some(readme) = files.iter().find(|file| file.path == "README.md") else {
        return;
    };
    let is_document = |file: &&tree::File| file.path.starts_with("docs/") && file.is_a("md");
    let documents: Vec<&str> =
        files.iter().filter(is_document).map(|file| file.path.as_str()).collect();
    assert_none(unlinked_documents(&readme.text, &documents));
}

#[test]
fn every_link_of_a_document_leads_to_a_file() {
    let files = tree::files();
    // On the disk, for a picture is no text file.
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let exists = |path: &str| root.join(path).exists();
    let documents = files.iter().filter(|file| file.is_a("md"));
    assert_none(documents.flat_map(|file| dead_links(file, exists)));
}

#[test]
fn the_changelog_has_room_for_the_next_change() {
    let files = tree::files();
    let Some(changelog) = files.iter().find(|file| file.path == "CHANGELOG.md") else {
        return;
    };
    assert!(has_unreleased_section(&changelog.text));
}
