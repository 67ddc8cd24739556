//! Images of commits, and what becomes of them when they merge.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::delivery::register::Ever;
use crate::delivery::{
    CommitImages, CommitSha, FilePath, ImageName, ImageSet, ImageVersion, Merge as _, NamedImage,
};

/// What is known of the images of a commit.
pub(super) fn of_a_commit(
    sha: impl Strategy<Value = CommitSha>,
) -> impl Strategy<Value = CommitImages> {
    (sha, vec(image(), 0..3), any::<bool>(), any::<bool>()).prop_map(|(sha, images, cut, read)| {
        CommitImages { sha, images: ImageSet::new(images), cut: Ever(cut), read: Ever(read) }
    })
}

fn image() -> impl Strategy<Value = NamedImage> {
    let name = prop_oneof![Just("registry/app"), Just("é \"quoted\"")];
    ("[a-c]", option::of(name), "[12]").prop_map(|(file, image, version)| NamedImage {
        file: FilePath::new(&file).unwrap(),
        image: image.map(|name| ImageName::new(name).unwrap()),
        version: ImageVersion::new(&version).unwrap(),
    })
}

#[test]
fn of_too_many_images_the_same_ones_are_kept_in_whatever_order_they_come() {
    let named = |number: usize| NamedImage {
        file: FilePath::new("values.yaml").unwrap(),
        image: None,
        version: ImageVersion::new(&format!("{number:04}")).unwrap(),
    };
    let half = |odd: usize| ImageSet::new((0..300).filter(|n| n % 2 == odd).map(named).collect());
    let (mut one, mut other) = (half(0), half(1));
    one.merge(half(1));
    other.merge(half(0));
    assert_eq!(one, other);
    assert_eq!(one.as_slice().len(), ImageSet::MOST);
    let sha = CommitSha::from_bytes(&[1; 20]).unwrap();
    assert!(CommitImages { images: one, ..CommitImages::new(sha) }.may_name_more());
    assert!(!CommitImages::new(sha).may_name_more());
}
