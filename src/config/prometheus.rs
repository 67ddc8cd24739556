//! `[prometheus]`: the Prometheus that scrapes us, for `doctor` to ask.

use super::layers::Environment;
use super::raw::Table;
use super::{api, web_url};
use crate::rest::{Authorities, Origin, Token};

/// How Prometheus is asked.
#[derive(Debug, Clone)]
pub struct Prometheus {
    /// Its address with its path prefix, without a slash at its end.
    pub url: String,
    /// Proves who asks.
    pub token: Option<Token>,
    /// Authorities that may sign its certificate, besides the system's.
    pub authorities: Option<Authorities>,
}

impl Prometheus {
    /// One that asks nobody who comes.
    #[must_use]
    pub const fn open(url: String) -> Self {
        Self { url, token: None, authorities: None }
    }
}

/// Reads the block; `None` without an address, and after a mistake.
pub(super) fn read(
    table: Table<'_>,
    environment: &Environment,
    variables: &mut Vec<String>,
) -> Option<Prometheus> {
    let field = table.field("url");
    let url = field.as_ref().and_then(web_url::read);
    let authorities = table.field("ca_file").map(|field| api::authorities(&field));
    let token = api::token(&table, environment, variables);
    if let (Some(field), Some(url), Some(_)) = (&field, &url, &token)
        && let Err(bad) = Origin::parse(url)
    {
        field.wrong(bad);
        return None;
    }
    table.finish();
    let authorities = authorities.map_or(Some(None), |found| found.map(Some))?;
    Some(Prometheus { url: url?, token, authorities })
}
