//! Log levels, least severe first (specification: server utilities, "Logging"; RFC 5424, 6.2.1).

use super::version::META_LOG_LEVEL;
use crate::error::{Error, Result};
use crate::text::json::brief;
use crate::text::suggest::did_you_mean;
use serde_json::{Map, Value};

pub const LEVELS: [&str; 8] = [
    "debug",
    "info",
    "notice",
    "warning",
    "error",
    "critical",
    "alert",
    "emergency",
];

/// The severity of a level; `None` for an unknown level.
pub fn severity(level: &str) -> Option<usize> {
    LEVELS.iter().position(|known| *known == level)
}

/// Parse the level in a parameter, named `place` in errors.
///
/// # Errors
/// -32602 for an unknown level.
pub fn parse(value: Option<&Value>, place: &str) -> Result<String> {
    match value {
        Some(Value::String(level)) if severity(level).is_some() => Ok(level.clone()),
        other => {
            let given = other.map_or("missing".to_owned(), brief);
            let nearest = match other {
                Some(Value::String(level)) => did_you_mean(level, LEVELS.into_iter()),
                _ => String::new(),
            };
            Err(Error::invalid_params(format!(
                "{place} is {given}; it must be one of {}.{nearest}",
                LEVELS.join(", ")
            )))
        }
    }
}

/// The minimum log level of a 2026-07-28 request; without one the client receives no log messages.
///
/// # Errors
/// As [`parse`].
pub fn of_meta(params: &Map<String, Value>) -> Result<Option<String>> {
    let level = params
        .get("_meta")
        .and_then(|meta| meta.get(META_LOG_LEVEL));
    match level {
        None => Ok(None),
        level => parse(level, &format!("params._meta[{META_LOG_LEVEL:?}]")).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_level_is_one_of_eight() {
        assert_eq!(parse(Some(&json!("info")), "x"), Ok("info".to_owned()));
        for bad in [json!("INFO"), json!("warn"), json!(3), Value::Null] {
            let error = parse(Some(&bad), "params.level").unwrap_err();
            assert_eq!(
                error.to_json_rpc().1["code"],
                crate::error::code::INVALID_PARAMS
            );
            assert!(error.to_string().contains("warning"), "{error}");
        }
        assert!(parse(None, "params.level").is_err());
        assert!(severity("debug") < severity("emergency"));
    }

    #[test]
    fn a_request_of_the_stateless_version_hears_nothing_unless_it_asks() {
        let meta = |level: Value| json!({"_meta": {META_LOG_LEVEL: level}});
        assert_eq!(of_meta(&Map::new()), Ok(None));
        let asked = meta(json!("debug"));
        assert_eq!(
            of_meta(asked.as_object().unwrap()),
            Ok(Some("debug".into()))
        );
        assert!(of_meta(meta(json!("loud")).as_object().unwrap()).is_err());
    }
}
