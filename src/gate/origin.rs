//! The allow-list of `Origin` headers (specification: transports, "Security": DNS rebinding), and CORS headers.

use crate::error::{Error, Result, code};
use crate::odoo::settings::Settings;
use crate::wire::http::{Reply, Request};

/// The request's Origin if it has one and it is allowed: the site's own `web.base.url`, a loopback address on any port,
/// or a configured one. A comparison with `Host` would not suffice: a DNS rebinding attack sends the same value in
/// both.
///
/// # Errors
/// 403.
pub fn check(request: &Request, settings: &Settings) -> Result<Option<String>> {
    let Some(origin) = request.header("origin")? else {
        return Ok(None);
    };
    let allowed = is_serialised(origin)
        && (same(origin, &settings.base_url)
            || settings
                .allowed_origins
                .iter()
                .any(|known| same(origin, known))
            || is_loopback(origin));
    if allowed {
        return Ok(Some(origin.to_owned()));
    }
    Err(Error::protocol(
        403,
        code::REFUSED,
        "This Origin is not allowed. An Odoo administrator can add it in Settings > General Settings > MCP Server.",
    ))
}

/// Whether it is an Origin as browsers serialize it: no path, and only characters valid in a header of the reply.
fn is_serialised(origin: &str) -> bool {
    let after_scheme = origin.split_once("://").map(|(_, rest)| rest);
    after_scheme.is_some_and(|rest| {
        rest.bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"/?#\\".contains(&byte))
    })
}

/// Scheme and authority of a URL, which form its Origin (RFC 6454).
fn origin_of(url: &str) -> Option<(String, String)> {
    let (scheme, rest) = url.trim().split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let scheme = scheme.to_ascii_lowercase();
    let authority = authority.to_ascii_lowercase();
    let default = match scheme.as_str() {
        "http" => ":80",
        "https" => ":443",
        _ => "",
    };
    let bare = authority.strip_suffix(default).unwrap_or(&authority);
    if bare.is_empty() || authority.contains('@') {
        return None;
    }
    Some((scheme, bare.to_owned()))
}

fn same(origin: &str, allowed: &str) -> bool {
    origin_of(origin).is_some_and(|origin| Some(origin) == origin_of(allowed))
}

fn is_loopback(origin: &str) -> bool {
    let Some((scheme, authority)) = origin_of(origin) else {
        return false;
    };
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if is_port(port) => host,
        _ => authority.as_str(),
    };
    ["http", "https"].contains(&scheme.as_str())
        && ["localhost", "127.0.0.1", "[::1]"].contains(&host)
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

/// Methods that a page may use. `GET` resumes the stream of a request that waits for answers.
const METHODS: &str = "POST, GET, DELETE";

/// Headers that a page may send, besides the protocol's `Mcp-…` headers, which the request names.
const HEADERS: [&str; 8] = [
    "Authorization",
    "Content-Type",
    "Accept",
    "Last-Event-ID",
    "MCP-Protocol-Version",
    "Mcp-Session-Id",
    "Mcp-Method",
    "Mcp-Name",
];

/// Headers of responses that a page may read.
const EXPOSED: &str = "Mcp-Session-Id, Retry-After, WWW-Authenticate";

/// The reply to a CORS preflight request (Fetch standard).
pub fn preflight(request: &Request, cors: Option<&str>) -> Reply {
    let reply = Reply::empty(204).header("Allow", "POST, DELETE");
    let Some(origin) = cors else { return reply };
    let wanted = request
        .header("access-control-request-headers")
        .ok()
        .flatten();
    let mut allowed = HEADERS.join(", ");
    // Tools may have parameters in headers (Mcp-Param-…); only the request names these.
    for name in wanted.unwrap_or("").split(',').map(str::trim) {
        let is_token = name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        let is_ours = name
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("mcp-"));
        let is_new = !HEADERS.iter().any(|known| known.eq_ignore_ascii_case(name));
        if is_token && is_ours && is_new {
            allowed.push_str(", ");
            allowed.push_str(name);
        }
    }
    with_cors(reply, Some(origin))
        .header("Access-Control-Allow-Methods", METHODS)
        .header("Access-Control-Allow-Headers", &allowed)
        .header("Access-Control-Max-Age", "3600")
        .header("Vary", "Origin, Access-Control-Request-Headers")
}

/// Add the CORS headers that let a page of an allowed origin read the response.
pub fn with_cors(reply: Reply, cors: Option<&str>) -> Reply {
    match cors {
        None => reply,
        Some(origin) => reply
            .header("Access-Control-Allow-Origin", origin)
            .header("Access-Control-Expose-Headers", EXPOSED)
            .header("Vary", "Origin"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, json};

    fn allowed(origin: &str) -> bool {
        let mut settings = Settings::from_parameters(&Map::new());
        settings.base_url = "https://odoo.example.com".into();
        settings.allowed_origins = vec!["https://chat.example:8443/".into()];
        let request = serde_json::from_value(json!({
            "call_id": "6f1f9d4e-7a55-4a7a-9a7e-0c8f9c1f0a11", "headers": {"origin": origin}}))
        .unwrap();
        check(&request, &settings).is_ok()
    }

    #[test]
    fn only_known_origins_enter() {
        for good in [
            "https://odoo.example.com",
            "https://ODOO.example.com:443",
            "http://localhost",
            "http://localhost:5173",
            "http://127.0.0.1:3000",
            "https://[::1]:8080",
            "https://chat.example:8443",
        ] {
            assert!(allowed(good), "{good}");
        }
        for bad in [
            "http://odoo.example.com",
            "https://odoo.example.com.evil.example",
            "https://evil.example",
            "https://chat.example",
            "http://localhost.evil.example",
            "http://localhost@evil.example",
            "http://127.0.0.1.evil.example:80",
            "file://localhost",
            "https://odoo.example.com/",
            "https://odoo.example.com?",
            "https://odoo.example.com#x",
            "http://localhost/\r\nSet-Cookie: a=b",
            "http://localhost:",
            "http://localhost:65536",
            "null",
            "",
        ] {
            assert!(!allowed(bad), "{bad}");
        }
    }
}
