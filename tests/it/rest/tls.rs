//! Encryption and the way there: whose certificate is believed, and what a proxy sees.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use gitlab_dora_exporter::rest::{Authorities, Proxy, RestError, RestSettings};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{Pair, ids, rows, settings};
use crate::support::fake_gitlab::{
    API_TOKEN, FakeGitlab, Listener, Reply, Seen, converse, refusal,
};

type Log = Arc<Mutex<Vec<Seen>>>;

/// Certificates that an invented authority made for localhost, good for a hundred years.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
}

/// A server that speaks TLS, and what it was asked.
async fn encrypted() -> (SocketAddr, Log) {
    let chain = CertificateDer::pem_file_iter(fixture("server.pem")).unwrap();
    let chain = chain.collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(fixture("server-key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, log) = (listener.local_addr().unwrap(), Log::default());
    let remembering = Arc::clone(&log);
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            // Whoever does not believe the certificate hangs up.
            let Ok(connection) = acceptor.accept(connection).await else { continue };
            let remembering = Arc::clone(&remembering);
            let answer = move |seen: Seen| {
                remembering.lock().unwrap().push(seen);
                Reply::json(200, &json!(rows(1..=1)))
            };
            tokio::spawn(converse(connection, Arc::new(answer)));
        }
    });
    (address, log)
}

/// A client of the encrypted server, by the name in its certificate.
async fn pair(address: SocketAddr, change: impl FnOnce(&mut RestSettings)) -> Pair {
    let mut settings = settings(&format!("https://localhost:{}", address.port()));
    change(&mut settings);
    Pair::with(FakeGitlab::start().await, settings)
}

fn authority() -> Authorities {
    Authorities::parse(&std::fs::read(fixture("authority.pem")).unwrap()).unwrap()
}

/// The error of a request that is tried again and again.
async fn failure(pair: &Pair) -> RestError {
    let client = pair.client.clone();
    let asked = tokio::spawn(async move { client.get(&["projects"], &[]).await });
    pair.finish(asked).await.unwrap_err()
}

#[tokio::test]
async fn an_authority_of_ones_own_is_believed_when_it_is_named() {
    let (address, log) = encrypted().await;
    let pair = pair(address, |settings| settings.authorities = Some(authority())).await;
    let answer = pair.client.get(&["projects"], &[]).await.unwrap();
    assert_eq!(ids(answer.body()), [1]);
    let log = log.lock().unwrap();
    assert_eq!(log[0].headers["authorization"], format!("Bearer {API_TOKEN}"));
}

#[tokio::test]
async fn an_unknown_authority_gets_no_request() {
    let (address, log) = encrypted().await;
    let pair = pair(address, |_| {}).await;
    let error = failure(&pair).await;
    assert!(matches!(error, RestError::Transport(_)), "{error:?}");
    assert_eq!(log.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_certificate_for_another_name_gets_no_request() {
    let (address, log) = encrypted().await;
    let mut settings = settings(&format!("https://127.0.0.2:{}", address.port()));
    settings.authorities = Some(authority());
    let pair = Pair::with(FakeGitlab::start().await, settings);
    assert!(matches!(failure(&pair).await, RestError::Transport(_)));
    assert_eq!(log.lock().unwrap().len(), 0);
}

#[test]
fn a_file_without_a_certificate_names_no_authority() {
    for pem in ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA"] {
        assert!(Authorities::parse(pem.as_bytes()).is_err(), "{pem}");
    }
}

#[tokio::test]
async fn a_proxy_is_told_where_to_connect_and_sees_no_token() {
    let log = Log::default();
    let remembering = Arc::clone(&log);
    let proxy = Listener::start(move |seen| {
        remembering.lock().unwrap().push(seen);
        refusal(403, "no")
    })
    .await;
    let url = format!("http://user:pass@{}", proxy.address);
    let (address, encrypted_log) = encrypted().await;
    let pair = pair(address, |settings| {
        settings.authorities = Some(authority());
        settings.proxy = Some(Proxy { url, except: String::new() });
    })
    .await;
    let error = failure(&pair).await;
    let shown = format!("{error:?}");
    assert!(matches!(error, RestError::Transport(_)) && !shown.contains("pass"), "{shown}");
    let log = log.lock().unwrap();
    let asked = &log[0];
    assert_eq!(asked.method, "CONNECT");
    assert_eq!(asked.target, format!("localhost:{}", address.port()));
    assert!(asked.headers.contains_key("proxy-authorization"), "{asked:?}");
    assert!(!format!("{log:?}").contains(API_TOKEN), "{log:?}");
    assert_eq!(encrypted_log.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_host_that_the_proxy_is_not_for_is_asked_straight() {
    let (address, log) = encrypted().await;
    let pair = pair(address, |settings| {
        settings.authorities = Some(authority());
        let url = "http://127.0.0.1:1".to_owned();
        settings.proxy = Some(Proxy { url, except: "localhost".to_owned() });
    })
    .await;
    pair.client.get(&["projects"], &[]).await.unwrap();
    assert_eq!(log.lock().unwrap().len(), 1);
}
