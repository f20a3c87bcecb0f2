//! The rules of 2026-07-28 for a request: required metadata, and headers that must match the body.

use super::http::Request;
use super::version::{META_CAPABILITIES, META_VERSION, MODERN, Version};
use crate::error::{Error, Result, code};
use crate::text::json::clip;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

/// Check a request in the order of the specification: metadata, the version header, the version, the other headers.
/// Returns the version of the request.
///
/// # Errors
/// Status 400 with -32602, -32020 or -32022.
pub fn check(request: &Request, method: &str, params: &Map<String, Value>) -> Result<Version> {
    let version = required(params)?;
    let header = request.header("mcp-protocol-version")?;
    match header {
        None => return Err(mismatch("MCP-Protocol-Version is missing.".into())),
        Some(header) if header != version => {
            return Err(mismatch(versions_differ(header, version)));
        }
        Some(_) => {}
    }
    let version = supported(version)?;
    match request.header("mcp-method")? {
        None => return Err(mismatch("Mcp-Method is missing.".into())),
        Some(header) if header != method => {
            return Err(mismatch(methods_differ(header, method)));
        }
        Some(_) => {}
    }
    check_name(request, method, params)?;
    Ok(version)
}

/// Check a notification. The specification does not say which headers and metadata a notification over HTTP requires,
/// so none is required; those present must match.
///
/// # Errors
/// Status 400 with -32020 or -32022.
pub fn check_notification(
    request: &Request,
    method: &str,
    params: &Map<String, Value>,
) -> Result<Version> {
    let said = params
        .get("_meta")
        .and_then(|meta| meta.get(META_VERSION))
        .and_then(Value::as_str);
    let header = request.header("mcp-protocol-version")?;
    if let (Some(header), Some(said)) = (header, said)
        && header != said
    {
        return Err(mismatch(versions_differ(header, said)));
    }
    let version = supported(header.or(said).unwrap_or_default())?;
    match request.header("mcp-method")? {
        Some(header) if header != method => Err(mismatch(methods_differ(header, method))),
        _ => Ok(version),
    }
}

fn versions_differ(header: &str, version: &str) -> String {
    format!(
        "MCP-Protocol-Version is {:?}, but _meta says {:?}.",
        clip(header, 64),
        clip(version, 64)
    )
}

fn methods_differ(header: &str, method: &str) -> String {
    format!(
        "Mcp-Method is {:?}, but the body's method is {:?}.",
        clip(header, 64),
        clip(method, 64)
    )
}

fn supported(version: &str) -> Result<Version> {
    Version::parse(version)
        .filter(|version| version.is_modern())
        .ok_or_else(|| {
            Error::protocol(
                400,
                code::UNSUPPORTED_VERSION,
                format!("Protocol version {:?} is not supported.", clip(version, 64)),
            )
            .with_data(json!({"supported": MODERN, "requested": clip(version, 64)}))
        })
}

/// Check the required members of `params._meta`. Returns the version's name.
fn required(params: &Map<String, Value>) -> Result<&str> {
    let missing = |key: &str, what: &str| {
        Error::protocol(
            400,
            code::INVALID_PARAMS,
            format!("params._meta[{key:?}] must be {what}."),
        )
    };
    let meta = params
        .get("_meta")
        .and_then(Value::as_object)
        .ok_or_else(|| missing(META_VERSION, "the protocol version"))?;
    let version = meta
        .get(META_VERSION)
        .and_then(Value::as_str)
        .ok_or_else(|| missing(META_VERSION, "the protocol version"))?;
    if !meta.get(META_CAPABILITIES).is_some_and(Value::is_object) {
        return Err(missing(META_CAPABILITIES, "an object, {} at least"));
    }
    Ok(version)
}

/// `Mcp-Name` repeats the name or URI in the parameters.
fn check_name(request: &Request, method: &str, params: &Map<String, Value>) -> Result<()> {
    let key = match method {
        "tools/call" | "prompts/get" => "name",
        "resources/read" => "uri",
        _ => return Ok(()),
    };
    let Some(expected) = params.get(key).and_then(Value::as_str) else {
        // The method itself reports the missing parameter.
        return Ok(());
    };
    let header = request
        .header("mcp-name")?
        .ok_or_else(|| mismatch("Mcp-Name is missing.".into()))?;
    if decode(header)? != expected {
        return Err(mismatch(format!(
            "Mcp-Name is {:?}, but params.{key} is {:?}.",
            clip(header, 64),
            clip(expected, 64)
        )));
    }
    Ok(())
}

/// Decode a header value that may be wrapped as `=?base64?…?=` (specification: transports, "Value Encoding").
///
/// # Errors
/// -32020 if the wrapped part is not base64 of UTF-8, or if an unwrapped value has characters other than visible ASCII,
/// blanks and tabs.
pub fn decode(value: &str) -> Result<String> {
    if value.contains(|c: char| !(' '..='~').contains(&c) && c != '\t') {
        return Err(mismatch(format!(
            "{:?} has characters that no header may have. Send it as =?base64?…?= of its UTF-8 bytes.",
            clip(value, 64)
        )));
    }
    let Some(encoded) = value
        .strip_prefix("=?base64?")
        .and_then(|rest| rest.strip_suffix("?="))
    else {
        return Ok(value.to_owned());
    };
    STANDARD
        .decode(encoded)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| {
            mismatch(format!(
                "{:?} is not valid base64 of UTF-8 text.",
                clip(value, 64)
            ))
        })
}

/// The error for a header that is missing, malformed or different from the body.
pub fn mismatch(message: String) -> Error {
    Error::protocol(400, code::HEADER_MISMATCH, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(method: &str, headers: Value, params: Value) -> Result<Version> {
        let request = serde_json::from_value(json!({
            "call_id": "6f1f9d4e-7a55-4a7a-9a7e-0c8f9c1f0a11", "headers": headers}))
        .unwrap();
        check(&request, method, params.as_object().unwrap())
    }

    fn meta(version: &str) -> Value {
        json!({META_VERSION: version, META_CAPABILITIES: {}})
    }

    fn code_of(result: Result<Version>) -> i64 {
        let (status, error) = result.unwrap_err().to_json_rpc();
        assert_eq!(status, 400);
        error["code"].as_i64().unwrap()
    }

    #[test]
    fn checks_come_in_the_specified_order() {
        let good = json!({"mcp-protocol-version": "2026-07-28", "mcp-method": "tools/list"});
        let params = json!({"_meta": meta("2026-07-28")});
        assert_eq!(
            run("tools/list", good.clone(), params.clone()),
            Ok(Version::V2026_07_28)
        );
        // Without metadata the check stops.
        assert_eq!(
            code_of(run("tools/list", json!({}), json!({}))),
            code::INVALID_PARAMS
        );
        let no_capabilities = json!({"_meta": {META_VERSION: "2026-07-28"}});
        assert_eq!(
            code_of(run("tools/list", good.clone(), no_capabilities)),
            code::INVALID_PARAMS
        );
        assert_eq!(
            code_of(run("tools/list", json!({}), params.clone())),
            code::HEADER_MISMATCH
        );
        let other = json!({"mcp-protocol-version": "2025-11-25", "mcp-method": "tools/list"});
        assert_eq!(
            code_of(run("tools/list", other, params.clone())),
            code::HEADER_MISMATCH
        );
        let future = json!({"mcp-protocol-version": "2030-01-01"});
        let result = run("tools/list", future, json!({"_meta": meta("2030-01-01")}));
        let (_, error) = result.unwrap_err().to_json_rpc();
        assert_eq!(error["code"], code::UNSUPPORTED_VERSION);
        assert_eq!(error["data"]["supported"], json!(["2026-07-28"]));
        let no_method = json!({"mcp-protocol-version": "2026-07-28"});
        assert_eq!(
            code_of(run("tools/list", no_method, params.clone())),
            code::HEADER_MISMATCH
        );
        assert_eq!(
            code_of(run("tools/call", good, params)),
            code::HEADER_MISMATCH
        );
    }

    #[test]
    fn a_name_may_be_wrapped_in_base64() {
        let headers = |name: &str| json!({"mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": name});
        let params = json!({"name": "größe", "_meta": meta("2026-07-28")});
        let wrapped = format!("=?base64?{}?=", STANDARD.encode("größe"));
        assert!(run("tools/call", headers(&wrapped), params.clone()).is_ok());
        for bad in [
            "größe",
            "=?base64?gr?=",
            "=?base64?!!!?=",
            "=?base64?/w==?=",
            "other",
        ] {
            let result = run("tools/call", headers(bad), params.clone());
            assert_eq!(code_of(result), code::HEADER_MISMATCH, "{bad}");
        }
        assert!(decode("=?base64?").is_ok_and(|text| text == "=?base64?"));
    }

    #[test]
    fn a_notification_needs_no_headers_but_they_must_agree() {
        let notify = |headers: Value, params: Value| {
            let request = serde_json::from_value(json!({
                "call_id": "6f1f9d4e-7a55-4a7a-9a7e-0c8f9c1f0a11", "headers": headers}))
            .unwrap();
            check_notification(
                &request,
                "notifications/cancelled",
                params.as_object().unwrap(),
            )
        };
        let params = json!({"_meta": {META_VERSION: "2026-07-28"}});
        let header = json!({"mcp-protocol-version": "2026-07-28"});
        assert_eq!(notify(header.clone(), json!({})), Ok(Version::V2026_07_28));
        assert_eq!(notify(json!({}), params.clone()), Ok(Version::V2026_07_28));
        assert_eq!(notify(header, params.clone()), Ok(Version::V2026_07_28));
        let other = json!({"mcp-protocol-version": "2025-11-25"});
        assert_eq!(
            code_of(notify(other, params.clone())),
            code::HEADER_MISMATCH
        );
        let method = json!({"mcp-method": "tools/call"});
        assert_eq!(code_of(notify(method, params)), code::HEADER_MISMATCH);
        let future = json!({"mcp-protocol-version": "2030-01-01"});
        assert_eq!(
            code_of(notify(future, json!({}))),
            code::UNSUPPORTED_VERSION
        );
    }
}
