//! The Origin header of a browser's page.

use odoo_mcp::gate::origin;
use odoo_mcp::odoo::settings::Settings;
use proptest::prelude::*;
use serde_json::{Map, json};

use crate::headers::request;
use crate::inputs::{damaged, repeated, text};
use crate::runner::Suite;

fn settings() -> Settings {
    let mut settings = Settings::from_parameters(&Map::new());
    settings.base_url = "https://odoo.example.com".into();
    settings.allowed_origins = vec![
        "https://chat.example:8443/".into(),
        "app://desktop".into(),
        "not an origin".into(),
    ];
    settings
}

/// Allowed origins in a form that a browser could send, besides loopback.
const ALLOWED: [&str; 4] = [
    "https://odoo.example.com",
    "https://odoo.example.com:443",
    "https://chat.example:8443",
    "app://desktop",
];

fn near() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "https://odoo.example.com",
        "https://odoo.example.com:443",
        "https://chat.example:8443",
        "app://desktop",
        "http://localhost",
        "http://localhost:5173",
        "https://127.0.0.1:8069",
        "http://[::1]:8080",
        "null",
    ]);
    damaged(known.prop_map(str::to_owned))
}

/// Loopback on any port, detected independently of the parser.
fn is_loopback(origin: &str) -> bool {
    let Some(rest) = ["http://", "https://"]
        .iter()
        .find_map(|scheme| origin.strip_prefix(scheme))
    else {
        return false;
    };
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|host| {
        rest.strip_prefix(host).is_some_and(|port| {
            port.is_empty()
                || port
                    .strip_prefix(':')
                    .is_some_and(|port| port.parse::<u16>().is_ok() && !port.starts_with('+'))
        })
    })
}

pub fn properties(suite: &mut Suite) {
    let settings = settings();
    suite.property(
        "Origin: only the known ones enter, and only as a browser writes them",
        prop_oneof![
            near(),
            text(),
            (near(), text()).prop_map(|(one, other)| one + &other)
        ],
        |given| {
            let request = request(json!({"origin": given}));
            let trimmed = given.trim_matches([' ', '\t']).to_ascii_lowercase();
            let known = ALLOWED.contains(&trimmed.as_str()) || is_loopback(&trimmed);
            match origin::check(&request, &settings) {
                Ok(echoed) => {
                    prop_assert!(known, "{:?} was let in", given);
                    // The reply repeats it in a header.
                    let echoed = echoed.unwrap_or_default();
                    prop_assert!(
                        echoed.bytes().all(|byte| byte.is_ascii_graphic()),
                        "{:?}",
                        echoed
                    );
                }
                Err(error) => {
                    prop_assert!(!known, "{:?} was refused", given);
                    prop_assert_eq!(error.to_json_rpc().0, 403);
                }
            }
            Ok(())
        },
    );
    suite.growth(
        "Origin",
        &[
            ("slashes", |n| "/".repeat(n)),
            ("schemes", |n| repeated("http://", n)),
            ("colons", |n| format!("http://localhost{}", ":".repeat(n))),
            ("digits", |n| format!("http://localhost:{}", "1".repeat(n))),
            ("a long host", |n| {
                format!("https://{}.example", "a".repeat(n))
            }),
        ],
        |given: String| {
            let _ = origin::check(&request(json!({"origin": given})), &settings);
        },
    );
}
