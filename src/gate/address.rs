//! IP filter: which client addresses are allowed.

use crate::error::{Error, Result, code};
use crate::odoo::settings::Settings;
use crate::wire::address::{admits, examine};

fn is_on(settings: &Settings) -> bool {
    !matches!(settings.ip_strategy.as_str(), "" | "off" | "false")
}

/// The reason why the filter refuses everyone: it is on and its rules cannot be parsed. `None` otherwise.
pub fn problem(settings: &Settings) -> Option<String> {
    let (networks, strategy) = (&settings.ip_networks, &settings.ip_strategy);
    let found = is_on(settings).then(|| examine(networks, strategy, ""))?;
    found["problem"].as_str().map(str::to_owned)
}

/// Check a client address against the administrator's strategy. Rules that cannot be parsed refuse every address.
///
/// # Errors
/// 403.
pub fn check(settings: &Settings, remote_addr: &str) -> Result<()> {
    if !is_on(settings) {
        return Ok(());
    }
    if admits(&settings.ip_strategy, &settings.ip_networks, remote_addr)
        .map_err(|_| unreadable())?
    {
        return Ok(());
    }
    let shown: String = remote_addr.chars().take(64).collect();
    Err(Error::protocol(
        403,
        code::REFUSED,
        format!(
            "Requests from this address ({shown}) are not accepted. An Odoo administrator decides on that in Settings > \
             General Settings > MCP Server."
        ),
    ))
}

fn unreadable() -> Error {
    Error::protocol(
        403,
        code::REFUSED,
        "The list of allowed addresses is invalid, so every request is refused. An Odoo administrator fixes it in \
         Settings > General Settings > MCP Server.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, json};

    fn may_come(strategy: &str, networks: &str, address: &str) -> bool {
        let parameters =
            json!({"odoo_mcp.ip_strategy": strategy, "odoo_mcp.ip_networks": networks});
        let parameters = parameters.as_object().cloned().unwrap_or_default();
        check(&Settings::from_parameters(&parameters), address).is_ok()
    }

    #[test]
    fn without_a_strategy_everybody_may_come() {
        assert!(check(&Settings::from_parameters(&Map::new()), "192.0.2.7").is_ok());
        for off in ["off", "Off", "", "False"] {
            assert!(
                may_come(off, "10.0.0.0/8\noops", "192.0.2.7") && may_come(off, "", "no address"),
                "{off}"
            );
        }
    }

    #[test]
    fn a_strategy_lets_some_in_and_what_cannot_be_read_nobody() {
        assert!(
            may_come("allow", "10.0.0.0/8", "10.0.0.1")
                && !may_come("allow", "10.0.0.0/8", "192.0.2.7")
        );
        assert!(
            !may_come("deny", "10.0.0.0/8", "10.0.0.1")
                && may_come("deny", "10.0.0.0/8", "192.0.2.7")
        );
        for (strategy, networks) in [
            ("allow", "10.0.0.0/8\n10.0.0/8"),
            ("deny", "oops"),
            ("alow", "0.0.0.0/0"),
        ] {
            let parameters =
                json!({"odoo_mcp.ip_strategy": strategy, "odoo_mcp.ip_networks": networks});
            let parameters = parameters.as_object().cloned().unwrap_or_default();
            assert!(problem(&Settings::from_parameters(&parameters)).is_some());
            for address in ["10.0.0.1", "192.0.2.7"] {
                assert!(
                    !may_come(strategy, networks, address),
                    "{strategy} {networks}"
                );
            }
        }
    }
}
