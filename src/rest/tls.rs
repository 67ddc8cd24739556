//! Encryption: rustls with one provider, chosen here and nowhere else.

use std::fmt;
use std::sync::Arc;

use reqwest::{Certificate, ClientBuilder, NoProxy};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

use super::settings::RestSettings;

/// Why a file names no authorities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a PEM file with at least one certificate, `-----BEGIN CERTIFICATE-----`")]
pub struct BadAuthorities;

/// Certificates of authorities that are trusted besides the system's.
#[derive(Clone)]
pub struct Authorities {
    certificates: Vec<Certificate>,
    pem: Vec<u8>,
}

impl PartialEq for Authorities {
    fn eq(&self, other: &Self) -> bool {
        self.pem == other.pem
    }
}

impl Authorities {
    /// Reads a PEM file.
    ///
    /// # Errors
    /// [`BadAuthorities`] when it holds no certificate, or something broken.
    pub fn parse(pem: &[u8]) -> Result<Self, BadAuthorities> {
        let certificates = Certificate::from_pem_bundle(pem).map_err(|_| BadAuthorities)?;
        if certificates.is_empty() {
            return Err(BadAuthorities);
        }
        Ok(Self { certificates, pem: pem.to_vec() })
    }
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorities({})", self.certificates.len())
    }
}

/// The beginning of a client that speaks plain HTTP only, for loopback: it trusts no certificate,
/// reads none, and so cannot fail for want of any; and it looks for no proxy.
pub fn unencrypted() -> ClientBuilder {
    let trusting_nobody = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map(|config| config.with_root_certificates(RootCertStore::empty()).with_no_client_auth());
    match trusting_nobody {
        Ok(config) => builder().tls_backend_preconfigured(config),
        Err(error) => unreachable!("the provider knows the versions of TLS: {error}"),
    }
}

/// The client of one GitLab: no redirects, no hidden repetition, no proxy but the one that was
/// named, and time limits on everything.
///
/// # Errors
/// When the system's certificates cannot be read, or the proxy is no address.
pub(super) fn client(settings: &RestSettings) -> Result<reqwest::Client, reqwest::Error> {
    let builder = if settings.origin.is_encrypted() {
        trusting(settings.authorities.as_ref())
    } else {
        unencrypted()
    };
    let builder = builder
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .user_agent(concat!("gitlab-dora-exporter/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(settings.timeouts.connect)
        .read_timeout(settings.timeouts.read)
        .timeout(settings.timeouts.whole);
    let builder = match &settings.proxy {
        None => builder,
        Some(proxy) => {
            let except = NoProxy::from_string(&proxy.except);
            builder.proxy(reqwest::Proxy::all(&proxy.url)?.no_proxy(except))
        }
    };
    builder.build()
}

/// What every client begins with: no proxy but the one that is named.
#[expect(clippy::disallowed_methods, reason = "this is where clients begin")]
fn builder() -> ClientBuilder {
    reqwest::Client::builder().no_proxy()
}

/// A client that follows nothing and gives up after `timeout`.
///
/// # Errors
/// As [`client`].
pub(super) fn stranger(
    is_encrypted: bool,
    authorities: Option<&Authorities>,
    timeout: std::time::Duration,
) -> Result<reqwest::Client, reqwest::Error> {
    let builder = if is_encrypted { trusting(authorities) } else { unencrypted() };
    builder.redirect(reqwest::redirect::Policy::none()).timeout(timeout).build()
}

fn trusting_the_system() -> ClientBuilder {
    // Whoever chose before chose the same: nothing else does.
    let _ = ring::default_provider().install_default();
    builder().https_only(true)
}

/// Trusts the system's authorities, and these.
fn trusting(authorities: Option<&Authorities>) -> ClientBuilder {
    let builder = trusting_the_system();
    match authorities {
        None => builder,
        Some(Authorities { certificates, .. }) => {
            builder.tls_certs_merge(certificates.iter().cloned())
        }
    }
}
