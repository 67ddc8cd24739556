//! The files of the repository, as text.

use std::fs;
use std::path::Path;

/// One text file; its path is relative to the repository, with `/`.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    /// A file that exists in a test only.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Whether its name ends with that extension.
    pub(crate) fn is_a(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|own| own == extension)
    }

    /// The text without the lines that are comments.
    pub(crate) fn code(&self) -> String {
        let lines = self.text.lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.flat_map(|line| [line, "\n"]).collect()
    }
}

/// Folders that are made, not written.
const MADE: [&str; 2] = [".git", "target"];

/// Every text file of the repository, sorted by path; binary files are passed over.
pub(crate) fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    walk(root, root, &mut files);
    files.sort_by(|one, other| one.path.cmp(&other.path));
    assert!(files.iter().any(|file| file.path == "src/lib.rs"), "the walk found no sources");
    files
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<File>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let relative = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        if MADE.contains(&relative.as_str()) || path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            walk(root, &path, files);
        } else if let Ok(text) = fs::read_to_string(&path) {
            files.push(File { path: relative, text });
        }
    }
}

/// The Rust files among them.
pub(crate) fn rust_files() -> Vec<File> {
    let is_rust =
        |file: &File| Path::new(&file.path).extension().is_some_and(|extension| extension == "rs");
    files().into_iter().filter(is_rust).collect()
}

/// The Rust files of the library and the program, without those that exist in tests only: what a
/// test of one room looks at in another binds nobody.
pub(crate) fn sources() -> Vec<File> {
    let all: Vec<File> =
        rust_files().into_iter().filter(|file| file.path.starts_with("src/")).collect();
    let tests: Vec<String> = all.iter().flat_map(test_modules).collect();
    let is_test = |file: &File| {
        tests.iter().any(|path| {
            file.path == format!("{path}.rs") || file.path.starts_with(&format!("{path}/"))
        })
    };
    all.into_iter().filter(|file| !is_test(file)).collect()
}

/// Paths, without ending, of the modules that a file declares for tests only.
fn test_modules(file: &File) -> Vec<String> {
    let folder = file.path.strip_suffix("/mod.rs").or(file.path.strip_suffix(".rs"));
    let folder = folder.unwrap_or(&file.path);
    let lines: Vec<&str> = file.text.lines().map(str::trim).collect();
    let declared = lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]");
    let name = |line: &str| Some(line.strip_suffix(';')?.rsplit_once("mod ")?.1.to_owned());
    declared.filter_map(|pair| Some(format!("{folder}/{}", name(pair[1])?))).collect()
}

#[test]
fn a_module_declared_for_tests_is_found_with_its_folder() {
    let file = File::new(
        "src/gitlab/mod.rs",
        "mod a;\n#[cfg(test)]\npub(crate) mod b;\n#[cfg(test)]\nmod c {\n",
    );
    assert_eq!(test_modules(&file), ["src/gitlab/b"]);
}
