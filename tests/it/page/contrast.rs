//! Contrast of the page's colours, computed from its style sheet in both schemes.

use std::collections::BTreeMap;

use gitlab_dora_exporter::page::ASSETS;

/// Colours by property, of the first `:root` and of the one for dark screens.
fn schemes() -> [BTreeMap<&'static str, [u8; 3]>; 2] {
    let style = ASSETS[0].body;
    let (light, rest) = style.split_once("@media").unwrap();
    let (dark, _) = rest.split_once("body {").unwrap();
    [light, dark].map(|scheme| {
        scheme
            .lines()
            .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #"))
            .map(|(name, value)| {
                let number = u32::from_str_radix(value.trim_end_matches(';'), 16).unwrap();
                let [_, red, green, blue] = number.to_be_bytes();
                (name, [red, green, blue])
            })
            .collect()
    })
}

/// Relative luminance, as WCAG 2.2 defines it.
fn luminance(colour: [u8; 3]) -> f64 {
    let [red, green, blue] = colour.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

#[test]
fn the_measure_of_contrast_knows_its_extremes() {
    assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
    assert!((contrast([7; 3], [7; 3]) - 1.0).abs() < 1e-9);
}

#[test]
fn every_text_stands_out_from_what_it_is_written_on() {
    for colours in schemes() {
        assert!(colours.len() >= 10, "{colours:?}");
        for (text, grounds) in [
            ("text", &["ground", "surface"][..]),
            ("muted", &["ground", "surface"]),
            ("accent", &["ground", "surface", "accent-soft"]),
            ("warn", &["warn-soft"]),
            ("ok", &["ok-soft"]),
            ("text", &["accent-soft"]),
        ] {
            for ground in grounds {
                let contrast = contrast(colours[text], colours[ground]);
                assert!(contrast >= 4.5, "{text} on {ground}: {contrast:.2}");
            }
        }
    }
}
