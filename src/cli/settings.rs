//! The flags of every command that reads the configuration.

use std::path::PathBuf;

use clap::Args;

use super::output;
use crate::config::{self, Environment, FILE_VARIABLE, Flag, Inputs, Loaded, Mistake, Purpose};
use crate::delivery::Timestamp;

/// Where the configuration is, and what lies over it. Other exporters' spellings are understood.
#[derive(Debug, Clone, Args)]
pub struct SettingsArgs {
    /// Configuration file, TOML; else the one that `GITLAB_DORA_CONFIG` names
    #[arg(long, alias = "config.file", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address for deliveries and, without --admin-listen, for all else [default: 127.0.0.1:13672]
    #[arg(long, alias = "web.listen-address", value_name = "ADDR")]
    listen: Option<String>,
    /// Second address, for metrics, page and administration
    #[arg(long, value_name = "ADDR")]
    admin_listen: Option<String>,
    /// Which events are logged: error, warn, info, debug, trace, off, or a list by room
    #[arg(long, alias = "log.level", value_name = "LEVEL")]
    log_level: Option<String>,
    /// How events are logged: text or json
    #[arg(long, alias = "log.format", value_name = "FORMAT")]
    log_format: Option<String>,
}

impl SettingsArgs {
    /// The layers that these flags and the environment name.
    #[must_use]
    pub fn inputs(&self, environment: Environment) -> Inputs {
        let from_variable = || environment.get(FILE_VARIABLE).map(PathBuf::from);
        let file = self.config.clone().or_else(from_variable);
        let flags = [
            ("--listen", "server.listen", &self.listen),
            ("--admin-listen", "server.admin_listen", &self.admin_listen),
            ("--log-level", "log.level", &self.log_level),
            ("--log-format", "log.format", &self.log_format),
        ];
        let flags = flags
            .into_iter()
            .filter_map(|(name, key, value)| Some(Flag { name, key, value: value.clone()? }))
            .collect();
        Inputs { file, environment, flags }
    }

    /// Reads the configuration and says on stderr what looks wrong with it; `?` on the settings
    /// ends the command with all mistakes.
    #[must_use]
    pub fn load(&self, environment: Environment, purpose: Purpose) -> Loaded {
        let loaded = config::load(&self.inputs(environment), purpose);
        complain_of(&loaded.warnings);
        loaded
    }
}

/// Says on stderr what looks wrong.
pub(super) fn complain_of(warnings: &[Mistake]) {
    for warning in warnings {
        output::complain(&format!("warning: {warning}\n"));
    }
}

/// An instant as RFC 3339 writes it, fractions of seconds dropped.
pub(super) fn instant(text: &str) -> Result<Timestamp, jiff::Error> {
    let instant: jiff::Timestamp = text.parse()?;
    Ok(Timestamp::from_second(instant.as_second()))
}
