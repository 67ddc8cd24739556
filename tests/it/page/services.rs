//! Services of one repository on the page, through the front door and in a real browser.

use serde_json::Value;

use crate::browser::chromium;
use crate::support::{Delivery, Plan, TestApp, deployment};

const POLICY: &str = "[policy]\nservice_map = [{ match = \"api\", service = \"api\" }, { match = \"web\", service = \"web\" }]\n";

async fn app() -> TestApp {
    let app = Plan::new(POLICY).start().await;
    let places = ["production-api", "production-web", "production-api", "production"];
    for (id, environment) in (1..).zip(places) {
        let mut body: Value = deployment(id);
        body["environment"] = environment.into();
        assert_eq!(app.deliver(&Delivery::new(body.to_string())).await, 200);
    }
    app.measure().await;
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn each_service_has_a_row_of_its_own_in_both_languages() {
    let app = app().await;
    for (path, other) in [("/?lang=en", "other deployments"), ("/?lang=fr", "autres déploiements")]
    {
        let answer = app.get(path).await;
        assert_eq!(answer.status, 200);
        let html = answer.text();
        for part in ["api", "web", other] {
            assert!(html.contains(&format!("group/app ·\u{a0}{part}<")), "{part} {html}");
        }
        // What belongs to no service is not taken for the whole.
        assert!(!html.contains(">group/app<"), "{html}");
    }
    if let Some(browser) = chromium::find() {
        let url = app.url("/");
        let visit = tokio::task::spawn_blocking(move || chromium::visit(browser, &url, "fr"));
        let visit = visit.await.unwrap();
        assert!(visit.dom.contains("autres déploiements"), "{}", visit.dom);
        assert_eq!(visit.complaints, Vec::<String>::new());
    }
    assert!(app.stop().await.result.is_ok());
}
