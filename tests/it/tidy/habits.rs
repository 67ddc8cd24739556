//! Habits of writing: how files open, how long they are, what they must not hold.

use super::tree::File;

/// Longest file, in lines, its tests included.
const MAX_FILE_LINES: usize = 400;
/// Longest function body, in lines that are neither blank nor comment.
const MAX_FUNCTION_LINES: usize = 60;

/// What is wrong with the shape of a Rust file.
pub(crate) fn shape_problems(file: &File) -> Vec<String> {
    let mut problems = Vec::new();
    if !file.text.starts_with("//! ") {
        problems.push(format!("{}: must open with a `//!` line", file.path));
    }
    let lines = file.text.lines().count();
    if lines > MAX_FILE_LINES {
        problems.push(format!("{}: {lines} lines, at most {MAX_FILE_LINES}", file.path));
    }
    problems.extend(long_functions(file));
    problems
}

/// Functions whose body is too long; relies on the layout that `cargo fmt` keeps.
fn long_functions(file: &File) -> Vec<String> {
    let lines: Vec<&str> = file.text.lines().collect();
    let mut problems = Vec::new();
    for (start, line) in lines.iter().enumerate().filter(|(_, line)| opens_function(line)) {
        let indent = &line[..line.len() - line.trim_start().len()];
        let end = format!("{indent}}}");
        let without_body = format!("{indent})");
        let body = lines.iter().skip(start);
        let Some(length) = body.clone().position(|line| {
            *line == end || (line.starts_with(&without_body) && line.ends_with(';'))
        }) else {
            continue;
        };
        let body = body.take(length).skip_while(|line| !line.ends_with('{')).skip(1);
        let counted =
            body.map(|line| line.trim()).filter(|line| !line.is_empty() && !line.starts_with("//"));
        let counted = counted.count();
        if counted > MAX_FUNCTION_LINES {
            let place = start + 1;
            problems.push(format!("{}:{place}: function of {counted} lines", file.path));
        }
    }
    problems
}

/// Whether a line begins a function that goes on below.
fn opens_function(line: &str) -> bool {
    let words = ["pub", "pub(crate)", "pub(super)", "const", "async", "unsafe", "extern", "\"C\""];
    let mut rest = line.split_whitespace().skip_while(|word| words.contains(word));
    rest.next() == Some("fn") && !line.ends_with('}') && !line.ends_with(';')
}

/// What no Rust file may hold outside a comment; written in halves, so as not to hold it itself.
const NEVER: [(&str, &str); 7] = [
    ("#[", "ignore"),
    ("#[", "allow"),
    ("#![", "allow"),
    ("todo", "!("),
    ("unimplemented", "!("),
    ("dbg", "!("),
    ("include!", "("),
];

/// What a Rust file holds although it must not.
pub(crate) fn held_problems(file: &File) -> Vec<String> {
    let code = file.code();
    NEVER
        .iter()
        .map(|(head, tail)| format!("{head}{tail}"))
        .filter(|never| code.contains(never))
        .map(|never| format!("{}: holds `{never}`", file.path))
        .collect()
}

/// How statements begin that belong in `.sql` files.
const STATEMENTS: [&str; 7] =
    ["SELECT ", "INSERT ", "UPDATE ", "DELETE FROM ", "CREATE ", "ALTER ", "WITH "];

/// SQL in a string of a source file: statements live in `.sql` files, whole and never built.
///
/// Tests inside a source file may ask the database what they like.
pub(crate) fn sql_problems(file: &File) -> Vec<String> {
    let code = file.code();
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    if file.path.ends_with("/tests.rs") || file.path.contains("/tests/") {
        return Vec::new();
    }
    code.split('"')
        .skip(1)
        .filter(|string| STATEMENTS.iter().any(|start| string.trim_start().starts_with(start)))
        .map(|string| format!("{}: SQL outside a .sql file: {:.40}", file.path, string.trim()))
        .collect()
}

/// Folders of the machines on which people work, without their leading slash.
const PRIVATE_FOLDERS: [&str; 3] = ["work", "home", "root"];

/// Absolute paths that mean something on one machine only.
pub(crate) fn path_problems(file: &File) -> Vec<String> {
    let mut problems = Vec::new();
    for folder in PRIVATE_FOLDERS {
        let path = format!("/{folder}");
        let is_part = |c: char| c.is_alphanumeric() || "_-.~*}/".contains(c);
        let found = file.text.match_indices(&path).any(|(start, _)| {
            let after = &file.text[start + path.len()..];
            !file.text[..start].ends_with(is_part)
                && !after.starts_with(|c: char| c.is_alphanumeric() || "_-.".contains(c))
        });
        if found {
            problems.push(format!("{}: names the machine's folder {path}", file.path));
        }
    }
    problems
}

/// Documents that the README does not lead to, by their own path or by that of their folder.
pub(crate) fn unlinked_documents(readme: &str, documents: &[&str]) -> Vec<String> {
    documents
        .iter()
        .filter(|path| {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let by_folder = folder != "docs" && readme.contains(&format!("({folder}"));
            !by_folder && !readme.contains(&format!("({path}"))
        })
        .map(|path| format!("README.md does not link to {path}"))
        .collect()
}

/// Links of a Markdown file that lead to no file of the repository; addresses and places within
/// the page are passed over.
pub(crate) fn dead_links(file: &File, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    file.text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', ' ', '#']).next())
        .filter(|link| !link.is_empty() && !link.contains(':'))
        .filter(|link| !exists(&resolve(folder, link)))
        .map(|link| format!("{}: links to {link}, which is not there", file.path))
        .collect()
}

/// A relative link as a path from the top of the repository.
fn resolve(folder: &str, link: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Whether a changelog has room for the next change.
pub(crate) fn has_unreleased_section(changelog: &str) -> bool {
    changelog.lines().any(|line| line.starts_with("## [Unreleased]") || line == "## Unreleased")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rust(text: &str) -> File {
        File::new("src/dora/policy.rs", text)
    }

    #[test]
    fn a_file_without_an_opening_line_or_with_too_many_is_found() {
        assert_eq!(shape_problems(&rust("use std::fmt;\n")).len(), 1);
        assert_eq!(shape_problems(&rust("//! Fine.\n")).len(), 0);
        let long = format!("//! Long.\n{}", "\n".repeat(MAX_FILE_LINES));
        assert_eq!(shape_problems(&rust(&long)).len(), 1);
    }

    #[test]
    fn a_function_that_is_too_long_is_found_whatever_its_signature() {
        for signature in
            ["fn f() {", "pub(crate) const fn f() {", "async fn f(\n    x: u8,\n) -> u8 {"]
        {
            let of = |lines: usize| {
                let body = "    x();\n".repeat(lines);
                rust(&format!("//! F.\n{signature}\n{body}\n    // why\n}}\n"))
            };
            assert_eq!(shape_problems(&of(MAX_FUNCTION_LINES)).len(), 0, "{signature}");
            assert_eq!(shape_problems(&of(MAX_FUNCTION_LINES + 1)).len(), 1, "{signature}");
        }
        let declared = format!("//! F.\n    fn f(\n    );\n{}}}\n", "    x();\n".repeat(99));
        assert_eq!(shape_problems(&rust(&declared)).len(), 0);
    }

    #[test]
    fn what_must_not_be_held_is_found_in_code_and_not_in_comments() {
        for (head, tail) in NEVER {
            assert_eq!(held_problems(&rust(&format!("{head}{tail}"))).len(), 1, "{head}{tail}");
            assert_eq!(held_problems(&rust(&format!("// {head}{tail}"))).len(), 0);
        }
    }

    #[test]
    fn sql_in_a_string_is_found_and_a_test_may_hold_it() {
        for text in [
            "let x = \"SELECT 1\";",
            "f(\"INSERT INTO fact\", x)",
            "r#\"\n  DELETE FROM fact\"#",
            "format!(\"{a}\", \"UPDATE x\")",
        ] {
            assert_eq!(sql_problems(&rust(text)).len(), 1, "{text}");
        }
        assert_eq!(sql_problems(&rust("include_str!(\"sql/select.sql\")")).len(), 0);
        assert_eq!(sql_problems(&rust("#[cfg(test)]\nlet x = \"SELECT 1\";")).len(), 0);
    }

    #[test]
    fn a_path_of_one_machine_is_found_and_a_part_of_an_address_is_not() {
        for folder in PRIVATE_FOLDERS {
            for text in
                [format!("cd /{folder}/x"), format!("\"/{folder}\""), format!("(/{folder})")]
            {
                assert_eq!(path_problems(&rust(&text)).len(), 1, "{text}");
            }
            for text in [
                format!("https://example.org/{folder}/x"),
                format!("../{folder}/x"),
                format!("/{folder}_item"),
                format!("${{x}}/{folder}/y"),
            ] {
                assert_eq!(path_problems(&rust(&text)).len(), 0, "{text}");
            }
        }
    }

    #[test]
    fn a_document_without_a_link_is_found() {
        let readme = "[a](docs/a.md) and [all](docs/runbooks/)";
        let documents = ["docs/a.md", "docs/b.md", "docs/runbooks/c.md", "docs/other/d.md"];
        assert_eq!(unlinked_documents(readme, &documents).len(), 2);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let dead = |text| {
            let file = File::new("docs/more/a.md", text);
            dead_links(&file, |path| ["docs/b.md", "docs/more"].contains(&path)).len()
        };
        for text in ["[b](b.md)", "![b](../c.png)", "[b](b.md#part)", "[b](docs/b.md)"] {
            assert_eq!(dead(text), 1, "{text}");
        }
        for text in ["[b](../b.md#x)", "[x](https://example.org)", "[x](#x)", "[x](./)"] {
            assert_eq!(dead(text), 0, "{text}");
        }
    }

    #[test]
    fn a_changelog_without_an_unreleased_section_is_found() {
        assert!(has_unreleased_section("# Changelog\n\n## [Unreleased]\n"));
        assert!(!has_unreleased_section("# Changelog\n\n## [1.0.0]\nUnreleased\n"));
    }
}
