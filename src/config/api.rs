//! `[[gitlab]]`: how GitLab's own API is asked, where a token allows it.

use std::fs;

use super::layers::Environment;
use super::mistake::Mistake;
use super::raw::{Field, Table};
use super::secret::{self, Keys};
use crate::rest::{Authorities, Origin, Proxy, RestSettings, Timeouts, Token};

const TOKEN: Keys = ["token", "token_env", "token_file"];
/// The system's own bundle of all authorities takes 250 KiB.
const CA_LIMIT_BYTES: u64 = 1 << 20;
/// What GitLab is asked in a minute when nothing is said: one request a second is never noticed.
const REQUESTS_PER_MINUTE: u64 = 60;
/// No proxy, whatever the environment says.
const NO_PROXY: &str = "none";

/// A mistake was told.
struct Told;

/// How the GitLab of this block is asked, by its name and its address; `None` without a token, and
/// after a mistake. Names of variables are added to `variables`.
pub(super) fn read(
    block: &Table<'_>,
    name: Option<&str>,
    url: Option<&str>,
    environment: &Environment,
    variables: &mut Vec<String>,
) -> Option<RestSettings> {
    let token = token(block, environment, variables);
    let rate = block.field("requests_per_minute");
    let rate = rate.map_or(Some(REQUESTS_PER_MINUTE), |field| field.number(&(6..=60_000)));
    let authorities = block.field("ca_file").map(|field| authorities(&field));
    let proxy = block.field("proxy").map(|field| proxy(&field));
    let token = token?;
    let origin = origin(block, url)?;
    let proxy = match proxy {
        Some(named) => named.ok()?,
        None => environment_proxy(&origin, environment),
    };
    Some(RestSettings {
        name: name?.to_owned(),
        origin,
        token,
        requests_per_minute: u32::try_from(rate?).ok()?,
        authorities: authorities.map_or(Some(None), |found| found.map(Some))?,
        proxy,
        timeouts: Timeouts::default(),
    })
}

/// The token of this block, if it has one.
pub(super) fn token(
    block: &Table<'_>,
    environment: &Environment,
    variables: &mut Vec<String>,
) -> Option<Token> {
    let secret::Found { field, secret } = secret::read_one(block, TOKEN, environment, variables)?;
    match Token::new(secret.expose()) {
        Ok(token) => Some(token),
        Err(bad) => {
            field.refuse("holds no token", bad);
            None
        }
    }
}

/// Where the token goes. `url` is `None` for an address that is none, which was told.
fn origin(block: &Table<'_>, url: Option<&str>) -> Option<Origin> {
    let Some(field) = block.field("url") else {
        let key = format!("{}.url", block.path());
        block.report().mistake(
            Mistake::new(key, "is missing, and there is a token for it")
                .allowed("the address of the GitLab, like https://gitlab.example.com"),
        );
        return None;
    };
    match Origin::parse(url?) {
        Ok(origin) => Some(origin),
        Err(bad) => {
            field.wrong(bad);
            None
        }
    }
}

/// The authorities that a field names.
pub(super) fn authorities(field: &Field<'_>) -> Option<Authorities> {
    let path = field.text()?;
    let small = |length| length <= CA_LIMIT_BYTES;
    let read = fs::metadata(path)
        .and_then(|found| if small(found.len()) { fs::read(path).map(Some) } else { Ok(None) });
    let pem = match read {
        Ok(Some(pem)) => pem,
        Ok(None) => {
            field.wrong("a file of at most 1 MiB");
            return None;
        }
        Err(error) => {
            field.refuse(format!("is {path:?}, which cannot be read: {error}"), "a PEM file");
            return None;
        }
    };
    match Authorities::parse(&pem) {
        Ok(authorities) => Some(authorities),
        Err(bad) => {
            field.wrong(bad);
            None
        }
    }
}

/// The proxy, if any; [`Told`] when it is none.
fn proxy(field: &Field<'_>) -> Result<Option<Proxy>, Told> {
    if field.is(NO_PROXY) {
        return Ok(None);
    }
    let allowed = "an address like http://proxy.example.com:3128, or \"none\"; one with a password \
                   belongs into the environment variable https_proxy";
    let url = field.text().ok_or(Told)?;
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    if rest.is_none_or(|host| host.is_empty() || host.contains(['@', '?', '#', ' '])) {
        // Not quoted: it may hold a password.
        field.refuse("is no address of a proxy", allowed);
        return Err(Told);
    }
    Ok(Some(Proxy { url: url.to_owned(), except: String::new() }))
}

/// The proxy that the environment names for everybody, as curl reads it; none leads to this
/// machine.
fn environment_proxy(origin: &Origin, environment: &Environment) -> Option<Proxy> {
    if origin.is_loopback() {
        return None;
    }
    let first = |names: [&str; 2]| names.into_iter().find_map(|name| environment.get(name));
    let url =
        first(["https_proxy", "HTTPS_PROXY"]).or_else(|| first(["all_proxy", "ALL_PROXY"]))?;
    let except = first(["no_proxy", "NO_PROXY"]).unwrap_or_default();
    Some(Proxy { url: url.to_owned(), except: except.to_owned() })
}
