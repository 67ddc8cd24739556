//! Which room names which, read from the text of the sources.

use std::collections::BTreeSet;

use super::tree::File;

/// Which of the rooms above it a room may import.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Above {
    These(&'static [&'static str]),
    All,
}

/// One room, the rooms it may import, and what it must never name.
#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) name: &'static str,
    imports: Above,
    never: &'static [&'static [&'static str]],
}

/// A line of the table of rooms.
pub(crate) const fn room(
    name: &'static str,
    imports: Above,
    never: &'static [&'static [&'static str]],
) -> Room {
    Room { name, imports, never }
}

impl Room {
    /// Whether it may import `other`.
    pub(crate) fn may_import(&self, other: &str, rooms: &[Room]) -> bool {
        match self.imports {
            Above::These(names) => names.contains(&other),
            Above::All => rooms
                .iter()
                .take_while(|room| room.name != self.name)
                .any(|room| room.name == other),
        }
    }
}

/// Imports of a room that stands further down, or nowhere, in the table.
pub(crate) fn cycles(rooms: &[Room]) -> Vec<String> {
    let mut known = Vec::new();
    let mut problems = Vec::new();
    for room in rooms {
        if let Above::These(imports) = room.imports {
            let later = imports.iter().filter(|import| !known.contains(*import));
            problems.extend(later.map(|later| format!("`{}` imports later `{later}`", room.name)));
        }
        known.push(room.name);
    }
    problems
}

/// The room a source file belongs to; `None` for the map (`lib.rs`) and for `main.rs`.
pub(crate) fn room_of(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("src/")?;
    let room = inside.split(['/', '.']).next()?;
    (!["lib", "main"].contains(&room)).then_some(room)
}

/// How many modules lie between the file's module and the crate: `src/dora/mod.rs` is 1 deep.
fn depth(path: &str) -> usize {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    inside.split('/').count()
}

/// What is wrong with the imports of one file.
pub(crate) fn import_problems(file: &File, rooms: &[Room]) -> Vec<String> {
    let Some(own) = room_of(&file.path) else { return Vec::new() };
    let Some(room) = rooms.iter().find(|room| room.name == own) else {
        return vec![format!("{}: `{own}` is not in the table of rooms", file.path)];
    };
    mentions(file, rooms)
        .into_iter()
        .filter(|named| named != own && !room.may_import(named, rooms))
        .map(|named| format!("{}: `{own}` may not import `{named}`", file.path))
        .collect()
}

/// What one file names although its room must not.
pub(crate) fn naming_problems(file: &File, rooms: &[Room]) -> Vec<String> {
    let room = room_of(&file.path).and_then(|own| rooms.iter().find(|room| room.name == own));
    let code = file.code();
    room.map_or(&[][..], |room| room.never)
        .iter()
        .copied()
        .flatten()
        .filter(|never| names(&code, never))
        .map(|never| format!("{}: must not name `{never}`", file.path))
        .collect()
}

/// Every room a file mentions: imports, paths, doc links, braces, and `super` up to the crate.
fn mentions(file: &File, rooms: &[Room]) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for root in ["crate", "gitlab_dora_exporter"] {
        named.extend(heads_after(&file.text, root));
    }
    let mut rest = file.text.as_str();
    while let Some((_, after)) = rest.split_once("super::") {
        let mut steps = 1;
        rest = after;
        while let Some(after) = rest.strip_prefix("super::") {
            (steps, rest) = (steps + 1, after);
        }
        if steps >= depth(&file.path) {
            let is_room = |head: &String| rooms.iter().any(|room| room.name == head);
            named.extend(heads(rest).into_iter().filter(is_room));
        }
    }
    named
}

/// Whether code names `path`: a crate (`serde`), or a module of `std` (`std::fs`), or a
/// suffix (`.await`).
fn names(code: &str, path: &str) -> bool {
    match path.split_once("::") {
        None if path.starts_with('.') => code.contains(path),
        Some((root, module)) => heads_after(code, root).iter().any(|head| head == module),
        None => starts_of(code, path).any(|after| {
            after.starts_with("::") || after.starts_with(';') || after.starts_with(" as ")
        }),
    }
}

/// The first names of every path that starts with `root::`.
fn heads_after(text: &str, root: &str) -> Vec<String> {
    starts_of(text, root).filter_map(|after| after.strip_prefix("::")).flat_map(heads).collect()
}

/// What follows each place where `word` stands as a word of its own.
fn starts_of<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(word)
        .filter(|(start, _)| !text[..*start].ends_with(is_name))
        .map(|(start, _)| &text[start + word.len()..])
        .filter(|after| !after.starts_with(is_name))
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The first name of a path, or of each path in braces.
fn heads(path: &str) -> Vec<String> {
    let path = path.trim_start();
    let Some(list) = path.strip_prefix('{') else {
        let head: String = path.chars().take_while(|c| is_name(*c) || *c == '*').collect();
        // `room=debug` is a line of a log filter.
        let is_filter = path[head.len()..].starts_with('=');
        return if is_filter { Vec::new() } else { vec![head] };
    };
    let (mut nested, mut heads, mut is_head) = (0_u32, vec![String::new()], true);
    for character in list.chars() {
        match character {
            '{' => nested += 1,
            '}' if nested == 0 => break,
            '}' => nested -= 1,
            ',' if nested == 0 => {
                heads.push(String::new());
                is_head = true;
            }
            ':' => is_head = false,
            _ if is_head && nested == 0 && (is_name(character) || character == '*') => {
                heads.last_mut().unwrap().push(character);
            }
            ' ' if heads.last().is_some_and(|head| !head.is_empty()) => is_head = false,
            _ => {}
        }
    }
    heads.retain(|head| !head.is_empty() && head != "self");
    heads
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOMS: &[Room] = &[
        room("delivery", Above::These(&[]), &[&["serde"], &["std::fs", ".await"]]),
        room("dora", Above::These(&["delivery"]), &[]),
        room("page", Above::All, &[]),
    ];

    fn imports(path: &str, text: &str) -> usize {
        import_problems(&File::new(path, text), ROOMS).len()
    }

    #[test]
    fn a_cycle_is_found() {
        let ring =
            [room("a", Above::These(&["b"]), &[]), room("b", Above::These(&["a", "c"]), &[])];
        assert_eq!(cycles(&ring).len(), 2);
        assert_eq!(cycles(ROOMS).len(), 0);
    }

    #[test]
    fn a_room_that_may_import_all_above_may_not_import_below() {
        assert_eq!(imports("src/page/view.rs", "use crate::{delivery, dora};"), 0);
        let app = [room("app", Above::All, &[]), room("cli", Above::All, &[])];
        assert!(!app[0].may_import("cli", &app));
        assert!(app[1].may_import("app", &app));
    }

    #[test]
    fn every_spelling_of_a_forbidden_import_is_found() {
        for text in [
            "use crate::page::view;",
            "use crate::page;",
            "let x = crate::page::landing();",
            "use crate::{delivery::Timestamp, page::{view, landing}};",
            "use crate::{\n    delivery::{Tier, page},\n    page,\n};",
            "use crate::{self, page as leaf};",
            "//! See [`landing`](crate::page::landing).",
            "/// Like [`gitlab_dora_exporter::page`].",
            "macro_rules! m { () => { $crate::page::x } }",
            "use super::super::page::view;",
            "use crate::*;",
            "use crate::{*};",
            "use crate::unheard_of::Thing;",
        ] {
            assert_eq!(imports("src/dora/policy.rs", text), 1, "{text}");
        }
        assert_eq!(imports("src/dora/mod.rs", "use super::page;"), 1);
        assert_eq!(imports("src/unheard_of.rs", ""), 1);
    }

    #[test]
    fn what_is_allowed_is_left_alone() {
        for text in [
            "use crate::delivery::Timestamp;",
            "use crate::{delivery::{self, page::Size}, dora::policy};",
            "use super::page_size::page; // a module of one's own",
            "pub(crate) fn page() {}",
            "use other_crate::page;",
            "/// Reads `gitlab_dora_exporter::page=debug`.",
            "use super::super::delivery::Timestamp;",
        ] {
            assert_eq!(imports("src/dora/policy.rs", text), 0, "{text}");
        }
        assert_eq!(imports("src/lib.rs", "use crate::page;"), 0);
        assert_eq!(imports("src/dora/deep/er.rs", "use super::super::page::x;"), 0);
    }

    #[test]
    fn a_forbidden_name_is_found_in_code_and_not_in_comments() {
        let problems =
            |text| naming_problems(&File::new("src/delivery/tier.rs", text), ROOMS).len();
        for text in [
            "use serde::Serialize;",
            "use serde;",
            "use serde as s;",
            "use std::fs;",
            "use std::{collections::BTreeMap, fs::File};",
            "let x = std::fs::read(y);",
            "use std::{\n    fs,\n};",
            "store.commit().await",
        ] {
            assert_eq!(problems(text), 1, "{text}");
        }
        for text in
            ["// use serde::Serialize;", "use serde_other::X;", "use std::fmt;", "let serde = 1;"]
        {
            assert_eq!(problems(text), 0, "{text}");
        }
    }
}
