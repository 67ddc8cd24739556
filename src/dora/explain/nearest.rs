//! The name that somebody most likely meant.

/// Names longer than this are no slips of the pen; it bounds the work.
const LONGEST: usize = 256;

/// The known name with the fewest letters changed, left out or put in; `None` when none is near:
/// more than a third of the letters would be others.
#[must_use]
pub fn nearest<'a>(meant: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let letters: Vec<char> = meant.chars().take(LONGEST).collect();
    known
        .map(|name| (distance(&letters, name), name))
        .filter(|(far, name)| *far * 3 <= letters.len().max(name.chars().count()))
        .min()
        .map(|(_, name)| name)
}

/// Levenshtein's distance, a row at a time.
fn distance(from: &[char], to: &str) -> usize {
    let mut above: Vec<usize> = (0..=from.len()).collect();
    for (line, letter) in to.chars().take(LONGEST).enumerate() {
        let mut left = line + 1;
        let mut row = vec![left];
        for (pair, own) in above.windows(2).zip(from) {
            let [diagonal, over] = pair else { continue };
            left = (diagonal + usize::from(*own != letter)).min(over + 1).min(left + 1);
            row.push(left);
        }
        above = row;
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_understood_and_a_strange_word_is_not() {
        let known = ["dora_change_fail_ratio", "dora_deployment_days", "group/app"];
        let found = |meant| nearest(meant, known.into_iter());
        assert_eq!(found("dora_change_fial_ratio"), Some("dora_change_fail_ratio"));
        assert_eq!(found("dora_change_failure_ratio"), Some("dora_change_fail_ratio"));
        assert_eq!(found("dora_deployments_days"), Some("dora_deployment_days"));
        assert_eq!(found("groupe/app"), Some("group/app"));
        assert_eq!(found("weather"), None);
        assert_eq!(distance(&['a', 'b'], ""), 2);
    }
}
