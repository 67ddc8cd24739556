//! Images that commits name, and the tags by which they are known.

use crate::delivery::register::{Ever, Greatest};
use crate::delivery::{CommitImages, Fact, FactBody, ImageSet, NamedImage, Push, RefName};
use crate::gitlab::resource::{ApiDiff, ApiTag};
use crate::record::Record;

use super::super::statement::{Silence, need, need_part, read};
use super::about;

/// What a commit changed of one file. The record without a file ends a commit: all that GitLab shows
/// of it was read, or as much as is ever asked for.
pub(super) fn diff(record: &Record) -> Result<Vec<Fact>, Silence> {
    let own: ApiDiff = read(record)?;
    let mut statement = about(record, own.project_id)?;
    let sha = need(own.diff_of, "diff_of")?;
    let file = own.new_path.get();
    let named = own.images().iter().filter_map(|image| {
        let (image, version) = (image.image.clone(), image.version.clone());
        Some(NamedImage { file: file?.clone(), image, version })
    });
    statement.say(FactBody::CommitImages(CommitImages {
        images: ImageSet::new(named.collect()),
        cut: Ever(own.is_cut()),
        read: Ever(file.is_none()),
        ..CommitImages::new(sha)
    }));
    Ok(statement.end())
}

/// A tag, said as the push that made it.
pub(super) fn tag(record: &Record) -> Result<Vec<Fact>, Silence> {
    let own: ApiTag = read(record)?;
    let mut statement = about(record, own.project_id)?;
    let name = need(own.name, "name")?;
    let commit = need(need_part(own.commit, "commit")?.id, "commit.id")?;
    let unreadable = |_| Silence::Unreadable("name: no name of a tag".to_owned());
    let ref_name = RefName::new(&format!("refs/tags/{name}")).map_err(unreadable)?;
    statement.say(FactBody::Push(Push {
        checkout: Greatest(Some(commit)),
        ..Push::new(ref_name, own.target.value().unwrap_or(commit))
    }));
    Ok(statement.end())
}
