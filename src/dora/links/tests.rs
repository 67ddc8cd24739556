//! Deployment repositories, the versions that their commits name, and whose they are.

use regex::Regex;

use super::*;
use crate::delivery::register::{Earliest, Ever, Furthest, Newest};
use crate::delivery::{
    CommitImages, Deployment, DeploymentId, EnvironmentTier, Fact, FilePath, ImageName, ImageSet,
    ImageVersion, InstanceId, NamedImage, Project, ProjectId, Push, RefName, TagName, TagRelease,
    Timestamp,
};
use crate::dora::policy::NamePattern;

const DEPLOY: u64 = 1;
const CART: u64 = 2;
const MENU: u64 = 3;

fn key(project: u64) -> ProjectKey {
    ProjectKey { instance: InstanceId::new(1), project: ProjectId::new(project).unwrap() }
}

fn sha(digits: &str) -> CommitSha {
    CommitSha::from_hex(&format!("{digits:0<40}")).unwrap()
}

fn pattern(text: &str) -> NamePattern {
    NamePattern::new(Regex::new(text).unwrap())
}

fn link(app: &str, images: Option<&str>, environment: Option<&str>) -> ProjectLink {
    ProjectLink {
        deploy: ProjectPath::new("Shop/deploy").unwrap(),
        app: ProjectPath::new(app).unwrap(),
        images: images.map(pattern),
        environment: environment.map(pattern),
    }
}

fn image(text: &str) -> NamedImage {
    let (file, version) = text.split_once(' ').unwrap();
    NamedImage {
        file: FilePath::new(file).unwrap(),
        image: ImageName::new("registry/app").ok(),
        version: ImageVersion::new(version).unwrap(),
    }
}

/// Three projects, the second with the tags `v1.0.0` and `2.0.0` and a commit `abcdef1234`.
fn world() -> History {
    let mut history = History::default();
    for (project, path) in [(DEPLOY, "shop/deploy"), (CART, "shop/cart"), (MENU, "shop/menu")] {
        let path = Newest::at(Timestamp::from_second(0), ProjectPath::new(path).unwrap());
        say(&mut history, project, FactBody::Project(Project { path, ..Project::default() }));
    }
    let tag = |name: &str, commit: &str| {
        FactBody::Push(Push::new(RefName::new(&format!("refs/tags/{name}")).unwrap(), sha(commit)))
    };
    say(&mut history, CART, tag("v1.0.0", "11"));
    say(&mut history, CART, tag("2.0.0", "22"));
    let main = RefName::new("refs/heads/main").unwrap();
    say(&mut history, CART, FactBody::Push(Push::new(main, sha("abcdef1234"))));
    history
}

fn say(history: &mut History, project: u64, body: FactBody) {
    history.fold(Fact { project: key(project), body });
}

/// A deployment to `environment` of a commit of its own, which names these images.
fn deployed(history: &mut History, id: u64, environment: &str, images: Option<&[&str]>) {
    let commit = sha(&format!("d{id}"));
    let at = Timestamp::from_second(i64::try_from(id).unwrap() * 1_000);
    let environment = EnvironmentName::new(environment).unwrap();
    let tier = Newest::at(at, EnvironmentTier::Production);
    let seen_at = Earliest::at(at);
    say(
        history,
        DEPLOY,
        FactBody::Environment(Environment { name: environment.clone(), tier, seen_at }),
    );
    say(
        history,
        DEPLOY,
        FactBody::Deployment(Deployment {
            environment: Greatest(Some(environment)),
            sha: Greatest(Some(commit)),
            status: Furthest::at(at, DeploymentStatus::Success),
            succeeded_at: Earliest::at(at),
            ..Deployment::new(DeploymentId::new(id).unwrap())
        }),
    );
    if let Some(images) = images {
        let images = ImageSet::new(images.iter().map(|text| image(text)).collect());
        let read = Ever(true);
        let own = CommitImages { images, read, ..CommitImages::new(commit) };
        say(history, DEPLOY, FactBody::CommitImages(own));
    }
}

/// What a project is said to have got by each deployment that it takes.
fn got(
    links: &[ProjectLink],
    history: &History,
    app: u64,
) -> Vec<(u64, Result<CommitSha, VersionFault>)> {
    let facts = facts(links, history, key(app)).unwrap();
    let taken = facts.linked.taken.iter();
    let got = taken.map(|(id, taken)| {
        let row = facts.deployments().find(*id).unwrap();
        let commit = row.sha().map(|commit| facts.sha(commit));
        (id.get(), commit.ok_or_else(|| taken.fault.unwrap()))
    });
    got.collect()
}

#[test]
fn a_version_is_a_tag_or_the_first_digits_of_a_commit_and_never_guessed() {
    let all = [link("shop/Cart", None, None)];
    for (version, expected) in [
        ("1.0.0", Ok(sha("11"))),
        ("v1.0.0", Ok(sha("11"))),
        ("v2.0.0", Ok(sha("22"))),
        ("abcdef12", Ok(sha("abcdef1234"))),
        ("main-ABCDEF123", Ok(sha("abcdef1234"))),
        ("abcdef1234000000000000000000000000000000", Ok(sha("abcdef1234"))),
        ("abcdef1", Err(VersionFault::Unknown)),
        ("abcdef13", Err(VersionFault::Unknown)),
        ("3.0.0", Err(VersionFault::Unknown)),
        ("latest", Err(VersionFault::Unknown)),
        ("sha256:abcdef1234", Err(VersionFault::Unknown)),
    ] {
        let mut history = world();
        deployed(&mut history, 5, "production", Some(&[&format!("values.yaml {version}")]));
        assert_eq!(got(&all, &history, CART), [(5, expected)], "{version}");
    }
}

#[test]
fn a_tag_that_was_moved_and_digits_of_two_commits_are_unclear() {
    let mut history = world();
    let moved = Push::new(RefName::new("refs/tags/2.0.0").unwrap(), sha("33"));
    say(&mut history, CART, FactBody::Push(moved));
    let main = RefName::new("refs/heads/main").unwrap();
    say(&mut history, CART, FactBody::Push(Push::new(main, sha("abcdef1299"))));
    deployed(&mut history, 5, "production", Some(&["values.yaml 2.0.0"]));
    deployed(&mut history, 6, "production", Some(&["values.yaml abcdef12"]));
    deployed(&mut history, 7, "production", Some(&["values.yaml 1.0.0", "other.yaml abcdef1234"]));
    deployed(&mut history, 8, "production", Some(&["values.yaml 1.0.0", "redis.yaml 7.2"]));
    let several = Err(VersionFault::Several);
    let expected = [(5, several), (6, several), (7, several), (8, Ok(sha("11")))];
    assert_eq!(got(&[link("shop/cart", None, None)], &history, CART), expected);
}

#[test]
fn a_deployment_is_the_applications_alone_with_its_environment_and_times() {
    let mut history = world();
    deployed(&mut history, 5, "production", Some(&["values.yaml 2.0.0"]));
    let all = [link("shop/cart", None, None)];
    let cart = facts(&all, &history, key(CART)).unwrap();
    let [row] = cart.deployments().rows() else { panic!("one deployment") };
    assert_eq!(row.succeeded_at(), Some(Timestamp::from_second(5_000)));
    let production = EnvironmentName::new("production").unwrap();
    let environment = cart.environment_named(&production).unwrap();
    assert_eq!(environment.tier.value(), Some(&EnvironmentTier::Production));
    assert_eq!(cart.linked.environments, BTreeSet::from([production]));
    let deploy = facts(&all, &history, key(DEPLOY)).unwrap();
    assert_eq!(deploy.linked.given, BTreeSet::from([DeploymentId::new(5).unwrap()]));
    let menu = facts(&all, &history, key(MENU)).unwrap();
    assert!(matches!(menu, Cow::Borrowed(_)), "no link is about it");
    let none = facts(&[], &history, key(DEPLOY)).unwrap();
    assert!(none.linked.given.is_empty());
}

#[test]
fn several_applications_are_told_apart_by_files_and_a_commit_may_deploy_two() {
    let mut history = world();
    say(
        &mut history,
        MENU,
        FactBody::TagRelease(TagRelease {
            sha: Greatest(Some(sha("44"))),
            ..TagRelease::new(TagName::new("2.0.0").unwrap())
        }),
    );
    deployed(&mut history, 5, "production", Some(&["apps/cart/values.yaml 2.0.0"]));
    deployed(&mut history, 6, "production", Some(&["apps/menu/values.yaml 2.0.0"]));
    let both = ["apps/cart/values.yaml 1.0.0", "apps/menu/values.yaml 2.0.0"];
    deployed(&mut history, 7, "production", Some(&both));
    deployed(&mut history, 8, "production", Some(&["README.md 2.0.0"]));
    deployed(&mut history, 9, "production", Some(&[]));
    deployed(&mut history, 10, "production", None);
    let links = [link("shop/cart", Some("cart/"), None), link("shop/menu", Some("menu/"), None)];
    let (unchanged, untold) = (Err(VersionFault::Unchanged), Err(VersionFault::Untold));
    let cart =
        [(5, Ok(sha("22"))), (7, Ok(sha("11"))), (8, unchanged), (9, unchanged), (10, untold)];
    assert_eq!(got(&links, &history, CART), cart);
    let menu =
        [(6, Ok(sha("44"))), (7, Ok(sha("44"))), (8, unchanged), (9, unchanged), (10, untold)];
    assert_eq!(got(&links, &history, MENU), menu);
}

#[test]
fn environments_are_told_apart_and_others_stay_the_deploying_projects_own() {
    let mut history = world();
    let staged = ["staging/values.yaml 2.0.0"];
    deployed(&mut history, 5, "staging", Some(&staged));
    // The same commit, for which production changes nothing.
    deployed(&mut history, 6, "production", Some(&staged));
    deployed(&mut history, 7, "docs", Some(&["values.yaml 2.0.0"]));
    let links = [
        link("shop/cart", Some("^staging/"), Some("^staging$")),
        link("shop/cart", Some("^production/"), Some("^production$")),
    ];
    let expected = [(5, Ok(sha("22"))), (6, Err(VersionFault::Unchanged))];
    assert_eq!(got(&links, &history, CART), expected);
    let deploy = facts(&links, &history, key(DEPLOY)).unwrap();
    let given: Vec<u64> = deploy.linked.given.iter().map(|id| id.get()).collect();
    assert_eq!(given, [5, 6]);
}

#[test]
fn what_gitlab_does_not_show_may_name_the_version_and_is_not_taken_for_nothing() {
    let mut history = world();
    deployed(&mut history, 5, "production", Some(&[]));
    let cut = CommitImages { cut: Ever(true), ..CommitImages::new(sha("d5")) };
    say(&mut history, DEPLOY, FactBody::CommitImages(cut));
    let expected = [(5, Err(VersionFault::Unknown))];
    assert_eq!(got(&[link("shop/cart", None, None)], &history, CART), expected);
}

#[test]
fn what_is_missing_is_asked_for_and_nothing_that_is_known() {
    let mut history = world();
    deployed(&mut history, 4, "production", None);
    deployed(&mut history, 5, "production", None);
    deployed(&mut history, 6, "production", Some(&["values.yaml 3.0.0"]));
    deployed(&mut history, 7, "production", Some(&["values.yaml 2.0.0"]));
    deployed(
        &mut history,
        8,
        "production",
        Some(&[&format!("values.yaml sha256:{}", "0".repeat(64))]),
    );
    let links = [link("shop/cart", None, None)];
    let from = Timestamp::from_second(5_000);
    let version =
        Missing::Version(ProjectId::new(CART).unwrap(), ImageVersion::new("3.0.0").unwrap());
    let expected = [(Missing::Images(sha("d5")), from), (version, Timestamp::from_second(6_000))];
    assert_eq!(missing(&links, &history, key(DEPLOY), from), expected);
    assert_eq!(missing(&links, &history, key(CART), from), []);
    let apps: Vec<_> = applications(&links, &history, key(DEPLOY)).collect();
    assert_eq!(apps, [key(CART)]);
    // An application of which nothing was heard yet has no versions to ask for.
    let unheard = [link("shop/other", None, None)];
    let images = missing(&unheard, &history, key(DEPLOY), from);
    assert_eq!(images, [(Missing::Images(sha("d5")), from)]);
}

#[test]
fn neither_another_gitlab_nor_a_deleted_project_deploys_for_an_application() {
    let links = [link("shop/cart", None, None)];
    for is_elsewhere in [true, false] {
        let mut history = world();
        deployed(&mut history, 5, "production", Some(&["values.yaml 2.0.0"]));
        assert_eq!(got(&links, &history, CART), [(5, Ok(sha("22")))]);
        let app = if is_elsewhere {
            let elsewhere = ProjectKey { instance: InstanceId::new(2), ..key(CART) };
            let path = history.project(key(CART)).unwrap().project.path.clone();
            let body = FactBody::Project(Project { path, ..Project::default() });
            history.fold(Fact { project: elsewhere, body });
            elsewhere
        } else {
            let deleted = Newest::at(Timestamp::from_second(9), true);
            let body = FactBody::Project(Project { deleted, ..Project::default() });
            say(&mut history, DEPLOY, body);
            key(CART)
        };
        assert!(facts(&links, &history, app).unwrap().linked.taken.is_empty(), "{is_elsewhere}");
    }
}

#[test]
fn what_did_not_succeed_is_the_applications_only_where_its_version_is_told() {
    let mut history = world();
    let tried = |id: u64, state: DeploymentStatus, ended: bool| {
        let at = Timestamp::from_second(i64::try_from(id).unwrap() * 1_000);
        FactBody::Deployment(Deployment {
            environment: Greatest(Some(EnvironmentName::new("production").unwrap())),
            sha: Greatest(Some(sha(&format!("d{id}")))),
            status: Furthest::at(at, state),
            succeeded_at: if ended { Earliest::at(at) } else { Earliest::default() },
            ..Deployment::new(DeploymentId::new(id).unwrap())
        })
    };
    deployed(&mut history, 4, "production", Some(&["values.yaml 1.0.0"]));
    let told = CommitImages {
        images: ImageSet::new(vec![image("values.yaml 2.0.0")]),
        read: Ever(true),
        ..CommitImages::new(sha("d5"))
    };
    say(&mut history, DEPLOY, FactBody::CommitImages(told));
    say(&mut history, DEPLOY, tried(5, DeploymentStatus::Failed, false));
    say(&mut history, DEPLOY, tried(6, DeploymentStatus::Failed, false));
    say(&mut history, DEPLOY, tried(7, DeploymentStatus::Success, false));
    say(&mut history, DEPLOY, tried(8, DeploymentStatus::Running, true));
    let untold = Err(VersionFault::Untold);
    let expected = [(4, Ok(sha("11"))), (5, Ok(sha("22"))), (7, untold), (8, untold)];
    assert_eq!(got(&[link("shop/cart", None, None)], &history, CART), expected);
}
