//! What the diff of a commit and a tag mean, and that nothing else of a diff is kept.

use serde_json::{Value, json};

use super::{Projection, project};
use crate::delivery::{
    CommitImages, CommitSha, FactBody, ImageName, Merge as _, ProjectId, Push, RefName,
};
use crate::gitlab::fixtures::{INSTANCE, pseudonyms};
use crate::gitlab::resource::{Resource, Within, scrub_resource};

fn sha(digit: &str) -> CommitSha {
    CommitSha::from_hex(&digit.repeat(40)).unwrap()
}

fn told(resource: Resource, body: &Value) -> FactBody {
    let commit = (resource == Resource::CommitDiff).then(|| sha("a"));
    let within = Within { commit, ..Within::project(ProjectId::new(71).unwrap()) };
    let body = body.to_string();
    let record = scrub_resource(INSTANCE, (resource, within), &body, &pseudonyms()).unwrap();
    let json = String::from_utf8(record.json.to_vec()).unwrap();
    assert!(!json.contains("canary"), "{json}");
    match project(&record) {
        Projection::Facts(mut facts) => facts.remove(0).body,
        other => panic!("{other:?}"),
    }
}

fn images(body: &Value) -> CommitImages {
    match told(Resource::CommitDiff, body) {
        FactBody::CommitImages(own) => own,
        other => panic!("{other:?}"),
    }
}

#[test]
fn of_a_diff_the_images_of_added_lines_are_kept_with_their_file_and_nothing_else() {
    let own = images(&json!({
        "old_path": "old/canary.yaml", "new_path": "apps/cart/values.yaml", "new_file": false,
        "diff": "@@ -1,4 +1,4 @@\n canary: 1\n-  tag: canary-0\n+  tag: \"1.2.3\"\n+  # canary\n\
                 +password: canary\n+image: registry.example:5000/cart:1.2.3\n",
    }));
    let named: Vec<_> = own.images.as_slice().iter().collect();
    let texts: Vec<_> = named
        .iter()
        .map(|own| (own.image.as_ref().map(ImageName::as_str), own.version.as_str()))
        .collect();
    assert_eq!(texts, [(None, "1.2.3"), (Some("registry.example:5000/cart"), "1.2.3")]);
    assert_eq!(own.images.as_slice()[0].file.as_str(), "apps/cart/values.yaml");
    assert_eq!((own.sha, own.cut.0, own.read.0), (sha("a"), false, false));
}

#[test]
fn a_commit_is_read_when_its_end_is_and_what_gitlab_keeps_back_is_noted() {
    let mut own = images(&json!({"new_path": "big.yaml", "diff": "", "too_large": true}));
    assert_eq!((own.cut.0, own.read.0, own.may_name_more()), (true, false, true));
    own.merge(images(&json!({})));
    assert_eq!((own.cut.0, own.read.0), (true, true));
    assert!(images(&json!({"new_path": "a", "diff": "", "collapsed": true})).cut.0);
    assert_eq!(images(&json!({"new_path": "a", "diff": null})), CommitImages::new(sha("a")));
}

#[test]
fn a_tag_is_said_as_the_push_that_made_it() {
    let of = |target: &str| {
        told(
            Resource::Tag,
            &json!({"name": "v1.2.3", "message": "canary", "target": target.repeat(40),
                    "commit": {"id": "b".repeat(40), "title": "canary"}}),
        )
    };
    for target in ["b", "c"] {
        let FactBody::Push(push) = of(target) else { panic!("no push") };
        let key = Push::new(RefName::new("refs/tags/v1.2.3").unwrap(), sha(target));
        assert_eq!((&push.ref_name, push.after), (&key.ref_name, key.after));
        assert_eq!(push.checkout.0, Some(sha("b")));
    }
}
