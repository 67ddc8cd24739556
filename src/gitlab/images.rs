//! Container images that the added lines of a diff name. The diff itself is read and dropped.

/// Longest name and version kept, in bytes: a tag has 128 characters at most, a name with its
/// registry 255.
const LONGEST: usize = 255;

/// Longest line that is looked at; a longer one is minified, and nobody wrote a version into it.
const LONGEST_LINE: usize = 4_096;

/// Most images read of one file, as many as are kept of a commit.
const MOST: usize = 256;

/// An image as a line names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named<'a> {
    /// Its name, where the line tells it.
    pub image: Option<&'a str>,
    /// Its tag, or the digest where no tag stands beside it.
    pub version: &'a str,
}

/// The images that a unified diff names on lines that it adds, in order.
///
/// Read are `key: value` of YAML and JSON and `key = value` of TOML, HCL and variables. A key that ends
/// in `image` holds a whole reference, `registry/app:1.2.3`; one that ends in `tag`, as `tag`,
/// `newTag` and `image_tag` do, a version by itself; `digest` one too. A template, like
/// `{{ .Values.tag }}` or `$TAG`, is no version.
#[must_use]
pub fn images(diff: &str) -> Vec<Named<'_>> {
    let added = diff.lines().filter_map(|line| line.strip_prefix('+'));
    // What stands above the first hunk is the name of the file.
    let added = added.filter(|line| !line.starts_with("++ ") && line.len() <= LONGEST_LINE);
    added.filter_map(named).take(MOST).collect()
}

fn named(line: &str) -> Option<Named<'_>> {
    let line = line.trim().trim_start_matches("- ").trim_start();
    if line.starts_with('#') || line.starts_with("//") {
        return None;
    }
    let (key, value) = line.split_once([':', '='])?;
    let (key, value) = (unquoted(key.trim()), plain(value)?);
    let key = key.to_ascii_lowercase();
    if key.ends_with("image") {
        return reference(value);
    }
    let is_version = key.ends_with("tag") && is_tag(value) || key == "digest" && is_digest(value);
    is_version.then_some(Named { image: None, version: value })
}

/// A value without its quotes, the comma behind it and a comment; `None` where nothing is left.
fn plain(value: &str) -> Option<&str> {
    let value = value.trim();
    let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''));
    let value = match quote {
        Some(quote) => value.get(1..)?.split(quote).next()?,
        None => value.split(" #").next()?.trim().trim_end_matches(','),
    };
    (!value.is_empty() && value.len() <= LONGEST).then_some(value)
}

fn unquoted(key: &str) -> &str {
    key.trim_matches(|letter| matches!(letter, '"' | '\''))
}

/// `registry:5000/group/app:1.2.3@sha256:…`: the version is the tag, else the digest.
fn reference(value: &str) -> Option<Named<'_>> {
    let (name, digest) = match value.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (value, None),
    };
    // A colon before the last slash belongs to the port of the registry.
    let path = name.rfind('/').map_or(0, |slash| slash + 1);
    let tag = name.get(path..)?.find(':').map(|colon| path + colon);
    let (image, tag) = match tag {
        Some(colon) => (name.get(..colon)?, name.get(colon + 1..)),
        None => (name, None),
    };
    let version = tag.filter(|tag| is_tag(tag)).or(digest.filter(|own| is_digest(own)))?;
    is_name(image).then_some(Named { image: Some(image), version })
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/:".contains(&byte))
}

/// The grammar of the registry's tags, with the `+` that versions of Helm write.
fn is_tag(tag: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"._-+".contains(&byte);
    tag.len() <= 128
        && tag.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_')
        && tag.bytes().all(is_part)
}

fn is_digest(digest: &str) -> bool {
    let digits = digest.strip_prefix("sha256:");
    digits.is_some_and(|own| own.len() == 64 && own.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<(Option<String>, String)> {
        let diff = format!("@@ -1,3 +1,3 @@\n replicas: 2\n+{line}\n");
        let own = images(&diff).first().cloned()?;
        Some((own.image.map(str::to_owned), own.version.to_owned()))
    }

    #[test]
    fn an_image_is_found_in_every_form_in_which_a_version_is_written() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let app = Some("registry.example:5000/shop/app".to_owned());
        for (line, image, version) in [
            ("  image: registry.example:5000/shop/app:1.2.3", &app, "1.2.3"),
            ("- image: \"registry.example:5000/shop/app:v1\"  # new", &app, "v1"),
            (&format!("image: registry.example:5000/shop/app:2.0@{digest}"), &app, "2.0"),
            (&format!("image: registry.example:5000/shop/app@{digest}"), &app, digest.as_str()),
            ("    tag: 1.2.3", &None, "1.2.3"),
            ("  - newTag: '0042'", &None, "0042"),
            ("imageTag: 1a2b3c4d # by the pipeline", &None, "1a2b3c4d"),
            ("\"tag\": \"main-1a2b3c4d\",", &None, "main-1a2b3c4d"),
            ("image_tag = \"1.2.3+4\"", &None, "1.2.3+4"),
            ("APP_IMAGE_TAG=1.2.3", &None, "1.2.3"),
            (&format!("digest: {digest}"), &None, digest.as_str()),
        ] {
            assert_eq!(read(line), Some((image.clone(), version.to_owned())), "{line}");
        }
    }

    #[test]
    fn what_names_no_version_is_passed_over() {
        for line in [
            "replicas: 3",
            "# tag: 1.2.3",
            "tag: {{ .Values.tag }}",
            "tag: \"${TAG}\"",
            "tag:",
            "image: app",
            "image: $CI_REGISTRY_IMAGE:1.2.3",
            "digest: 1.2.3",
            "stage: build",
            "Tags are written as tag names",
            "",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }

    #[test]
    fn only_added_lines_count_in_their_order() {
        let diff = "--- a/values.yaml\n+++ b/tag: 9\n@@ -1,2 +1,2 @@\n-tag: 1\n+tag: 2\n tag: 3\n+newTag: 4\n";
        let versions: Vec<&str> = images(diff).iter().map(|own| own.version).collect();
        assert_eq!(versions, ["2", "4"]);
        let many = "+tag: 1\n".repeat(1_000);
        assert_eq!(images(&many).len(), MOST);
        let long = format!("+tag: {}\n+tag: 1{}\n", "1".repeat(129), " ".repeat(LONGEST_LINE));
        assert_eq!(images(&long), []);
    }
}
