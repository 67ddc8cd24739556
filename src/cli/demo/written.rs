//! `demo --write`: every delivery as a file, and a manifest, so that anybody can recount.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use crate::delivery::Timestamp;
use crate::demo::Company;

/// Writes the deliveries before `now` to `folder`, which must not exist: `deliveries/000001.json`
/// and so on in the order of time, and `manifest.tsv` with number, instant, project, event and what
/// happened.
///
/// # Errors
/// When the folder exists or cannot be written.
pub(super) fn write(company: &Company, now: Timestamp, folder: &Path) -> io::Result<String> {
    let bodies = folder.join("deliveries");
    fs::create_dir(folder)?;
    fs::create_dir(&bodies)?;
    let mut manifest = String::from("number\tinstant\tproject\tevent\tsummary\n");
    let mut company = company.clone();
    let mut number = 0_u64;
    while let Some(delivery) = company.next_before(now) {
        number += 1;
        fs::write(bodies.join(format!("{number:06}.json")), &delivery.body)?;
        let (project, event, summary) = (delivery.project, delivery.event, &delivery.summary);
        let at = instant(delivery.at);
        // Writing to a string cannot fail.
        let _ = writeln!(manifest, "{number:06}\t{at}\t{project}\t{event}\t{summary}");
    }
    fs::write(folder.join("manifest.tsv"), manifest)?;
    Ok(format!("{number} deliveries before {} written to {}", instant(now), folder.display()))
}

fn instant(at: Timestamp) -> String {
    jiff::Timestamp::from_second(at.as_second())
        .map_or_else(|_| at.to_string(), |at| at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_delivery_is_a_file_and_a_line_of_the_manifest() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("written");
        let now = Timestamp::from_second(1_780_315_200);
        let company = Company::new(1, now, 3, 60);
        let count = company.clone().count_before(now);
        let said = write(&company, now, &folder).unwrap();

        assert!(said.starts_with(&format!("{count} deliveries before 2026-06-01T12:00:00Z")));
        let manifest = fs::read_to_string(folder.join("manifest.tsv")).unwrap();
        let lines: Vec<&str> = manifest.lines().skip(1).collect();
        assert_eq!(u64::try_from(lines.len()), Ok(count));
        assert_eq!(
            u64::try_from(fs::read_dir(folder.join("deliveries")).unwrap().count()),
            Ok(count)
        );
        assert!(lines[0].starts_with("000001\t2026-05-29T"), "{}", lines[0]);
        assert!(write(&company, now, &folder).is_err(), "an existing folder is left alone");
    }
}
