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

/// The Rust files of the library and the program.
pub(crate) fn sources() -> Vec<File> {
    rust_files().into_iter().filter(|file| file.path.starts_with("src/")).collect()
}
