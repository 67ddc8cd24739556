//! Jobs and services by their names.

use super::{keys, mistakes, settings};
use crate::delivery::ProjectPath;

#[test]
fn services_are_told_apart_by_rules_of_a_project() {
    let policies = settings(
        r#"
        [[policy.override]]
        match = ["group/monorepo"]
        service_map = [{ match = "-API$", service = "api" }, { match = "web", service = "web/v2" }]
        "#,
    )
    .policies;
    let of = |path: &str| policies.resolve(&ProjectPath::new(path).unwrap()).service_map.clone();
    assert_eq!(of("group/app"), []);
    let [api, web] = of("group/monorepo").try_into().unwrap();
    assert_eq!((api.service.as_str(), web.service.as_str()), ("api", "web/v2"));
    assert!(api.pattern.is_match("production-api") && !api.pattern.is_match("api-production"));
    for (rule, key) in [
        (r#"{ match = "(", service = "a" }"#, "policy.service_map[0].match"),
        (r#"{ match = "a", service = "two words" }"#, "policy.service_map[0].service"),
        (r#"{ match = "a" }"#, "policy.service_map[0].service"),
        (r#"{ match = "a", service = "a", tier = "b" }"#, "policy.service_map[0].tier"),
    ] {
        let found = mistakes(&format!("[policy]\nservice_map = [{rule}]\n"));
        assert_eq!(keys(&found), [key], "{rule}");
    }
    let many = vec![r#"{ match = "a", service = "a" }"#; 51].join(", ");
    let found = mistakes(&format!("[policy]\nservice_map = [{many}]\n"));
    assert_eq!(keys(&found), ["policy.service_map"]);
}

#[test]
fn jobs_are_kept_in_memory_for_the_patterns_of_all_projects() {
    let policies = settings(
        r#"
        [[policy.override]]
        match = ["group/a"]
        deployment_source = "pipeline:^Deploy"
        [[policy.override]]
        match = ["group/b"]
        deployment_source = "pipeline:ship"
        "#,
    )
    .policies;
    let is_kept = |name: &str| policies.job_patterns().iter().any(|own| own.is_match(name));
    let kept = ["deploy prod", "to ship", "undeploy", "test"].map(is_kept);
    assert_eq!(kept, [true, true, false, false]);
    assert!(settings("").policies.job_patterns().is_empty());
}
