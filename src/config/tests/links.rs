//! Which projects deploy for which others.

use super::{file, keys, mistakes, settings};
use crate::delivery::{EnvironmentName, ProjectPath};

#[test]
fn links_are_choices_of_the_project_that_deploys() {
    let policies = settings(
        r#"
        [policy]
        project_links = [
            { deploy = "shop/deploy", app = "shop/cart", match = "Cart/" },
            { deploy = "shop/deploy", app = "shop/menu", match = "menu/", environment = "^prod" },
            { deploy = "old/deploy", app = "old/app" },
        ]
        [[policy.override]]
        match = ["old/**"]
        project_links = []
        [[policy.override]]
        match = ["new/deploy"]
        project_links = [{ deploy = "new/deploy", app = "new/app" }]
        "#,
    )
    .policies;
    let links = policies.links();
    let apps: Vec<&str> = links.iter().map(|link| link.app.as_str()).collect();
    assert_eq!(apps, ["shop/cart", "shop/menu", "new/app"]);
    let [_, menu, new] = links else { panic!("three links") };
    let environment = |name: &str| EnvironmentName::new(name).unwrap();
    assert!(menu.means(&environment("Production")) && !menu.means(&environment("staging")));
    assert!(new.means(&environment("staging")));
    assert_eq!(policies.resolve(&ProjectPath::new("old/deploy").unwrap()).project_links, []);
}

#[test]
fn a_link_that_cannot_be_read_or_means_nothing_is_a_mistake() {
    let first = "policy.project_links[0]";
    for (links, key, what) in [
        (r#"{ deploy = "a/b" }"#, "policy.project_links[0].app", "is missing"),
        (r#"{ deploy = "a", app = "a/c" }"#, "policy.project_links[0].deploy", "is \"a\""),
        (r#"{ deploy = "a/*", app = "a/c" }"#, "policy.project_links[0].deploy", "is \"a/*\""),
        (r#"{ deploy = "a/b/", app = "a/c" }"#, "policy.project_links[0].deploy", "is \"a/b/\""),
        (
            r#"{ deploy = "a/b", app = "a/c", match = "(" }"#,
            "policy.project_links[0].match",
            "is \"(\"",
        ),
        (
            r#"{ deploy = "a/b", app = "a/c", branch = "x" }"#,
            "policy.project_links[0].branch",
            "is not a setting",
        ),
        (r#"{ deploy = "a/b", app = "A/B" }"#, first, "links A/B to itself"),
        (
            r#"{ deploy = "a/b", app = "a/c" }, { deploy = "a/c", app = "a/d" }"#,
            first,
            "ends at a/c, which itself deploys for a/d",
        ),
        (
            r#"{ deploy = "a/b", app = "a/c" }, { deploy = "a/b", app = "a/d", match = "d" }"#,
            "policy.project_links[1]",
            "leaves open which deployments of a/b are those of a/c",
        ),
        (
            r#"{ deploy = "a/b", app = "a/c", match = "d" }, { deploy = "a/b", app = "a/d", match = "d" }"#,
            "policy.project_links[1]",
            "leaves open which deployments of a/b are those of a/c",
        ),
    ] {
        let found = mistakes(&format!("[policy]\nproject_links = [{links}]\n"));
        assert_eq!(keys(&found), [key], "{links}: {found:?}");
        assert_eq!(found[0].what, what, "{links}");
    }
    let round = r#"{ deploy = "a/b", app = "a/c" }, { deploy = "a/c", app = "a/b" }"#;
    let found = mistakes(&format!("[policy]\nproject_links = [{round}]\n"));
    assert_eq!(keys(&found), [first, "policy.project_links[1]"]);
    assert_eq!(found[0].what, "goes round in a circle: a/c deploys for a/b, too");
    let many = (0..201).map(|n| format!(r#"{{ deploy = "a/b", app = "a/c", match = "{n}" }}"#));
    let many = many.collect::<Vec<_>>().join(", ");
    let found = mistakes(&format!("[policy]\nproject_links = [{many}]\n"));
    assert_eq!(keys(&found), ["policy.project_links"]);
}

#[test]
fn a_link_must_stand_where_the_deploying_project_is_and_records_of_deployments_count() {
    let found = mistakes(
        r#"
        [[policy.override]]
        match = ["shop/cart"]
        project_links = [{ deploy = "shop/deploy", app = "shop/cart" }]
        "#,
    );
    assert_eq!(keys(&found), ["policy.override[0].project_links[0]"]);
    assert_eq!(found[0].what, "is about shop/deploy, which this override does not match");
    let found = mistakes(
        r#"
        [policy]
        project_links = [{ deploy = "shop/deploy", app = "shop/cart" }]
        [[policy.override]]
        match = ["shop/cart"]
        deployment_source = "release"
        "#,
    );
    assert_eq!(keys(&found), ["policy.project_links[0]"]);
    assert_eq!(
        found[0].allowed.as_deref(),
        Some("deployment_source = \"deployment\" for shop/cart")
    );
}

#[test]
fn links_without_a_token_of_the_api_are_warned_about() {
    let links = r#"project_links = [{ deploy = "shop/deploy", app = "shop/cart" }]"#;
    let [warning] = file(&format!("[policy]\n{links}\n")).warnings.try_into().unwrap();
    assert_eq!(warning.key, "policy.project_links");
    let api = "[[gitlab]]\nname = \"main\"\nurl = \"https://gitlab.example\"\ntoken = \"t\"\n";
    let warnings = file(&format!("{api}[policy]\n{links}\n")).warnings;
    assert!(warnings.iter().all(|warning| warning.key != "policy.project_links"), "{warnings:?}");
}
