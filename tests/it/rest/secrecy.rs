//! The token appears in no log, no error and no debug form.

use std::fmt::Write as _;
use std::io;
use std::sync::{Arc, Mutex};

use super::Pair;
use crate::support::fake_gitlab::{API_TOKEN, Fault, Travel, refusal};

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[tokio::test]
async fn the_token_appears_in_no_log_no_error_and_no_debug_form() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    // Where there is one subscriber, whoever reaches a line of the log first decides by the
    // subscriber of his own thread whether it is ever written, and another test has none. So there
    // are two.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let pair = Pair::start().await;
    let mut shown = format!("{:?} {:?}", pair.client, pair.client.pages(&["projects"], &[]));
    let faults = [401, 403, 404, 422].map(|status| {
        // A proxy or GitLab itself may repeat what it was sent.
        Fault::Instead(refusal(status, &format!("token {API_TOKEN} is bad")))
    });
    let moved = refusal(302, "").header("location", format!("https://x.example/{API_TOKEN}"));
    let last = [Fault::Instead(moved), Fault::Badly(Travel::Nothing)];
    for fault in faults.into_iter().chain(last) {
        pair.gitlab.fault("projects", fault);
        let client = pair.client.clone();
        let asked = async move { client.get(&["projects"], &[]).await };
        let asked = tokio::select! {
            asked = asked => asked,
            () = pair.pass(1) => continue,
        };
        let error = asked.unwrap_err();
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        writeln!(shown, "{error} {error:?} {:?} {cause:?}", error.said()).unwrap();
    }
    assert!(shown.contains("token … is bad"), "the reason is kept: {shown}");
    let log = log.text();
    assert!(log.contains("asking GitLab again later"), "the log was listened to: {log}");
    let canary = API_TOKEN.trim_start_matches("glpat-");
    assert!(!shown.contains(canary), "{shown}");
    assert!(!log.contains(canary), "{log}");
}
