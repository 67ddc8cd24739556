//! Everywhere that a text could have got to: files, what is exposed, pages, logs.

use std::path::Path;

use crate::support::TestApp;

/// A place that holds bytes.
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

impl Place {
    /// Whether it holds this text as it is.
    pub(crate) fn holds(&self, text: &str) -> bool {
        self.bytes.windows(text.len()).any(|window| window == text.as_bytes())
    }
}

/// Every file below `folder`, as it is now; `folder` exists.
pub(crate) fn files(folder: &Path) -> Vec<Place> {
    let mut places = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            places.extend(files(&path));
        } else if !path.ends_with("store.ballast") {
            // The ballast is room set aside: allocated, and never written.
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            places.push(Place { name, bytes: std::fs::read(&path).unwrap() });
        }
    }
    places
}

/// Everything that the program answers to a reader, in each format and language.
pub(crate) async fn answers(app: &TestApp) -> Vec<Place> {
    let mut places = Vec::new();
    for (path, header, value) in [
        ("/metrics", "accept", "text/plain"),
        ("/metrics", "accept", "application/openmetrics-text; version=1.0.0"),
        ("/", "accept-language", "en"),
        ("/", "accept-language", "fr"),
        ("/setup", "accept-language", "en"),
        ("/setup", "accept-language", "fr"),
        ("/-/ready", "accept", "*/*"),
    ] {
        let request = app.client().get(app.admin_url(path)).header(header, value);
        let answer = app.ask(request).await;
        assert_eq!(answer.status, 200, "{path}");
        places.push(Place { name: format!("{path} ({value})"), bytes: answer.body });
    }
    places
}
