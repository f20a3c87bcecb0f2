//! Input requests to the client: its answers, and the state that it carries meanwhile.

use odoo_mcp::methods::mrtr::context::InputOutcome;
use odoo_mcp::methods::mrtr::input_requests::InputRequests;
use odoo_mcp::methods::mrtr::{begin, request_kinds};
use odoo_mcp::methods::request::Call;
use odoo_mcp::odoo::settings::Settings;
use odoo_mcp::wire::auth_context::AuthContext;
use odoo_mcp::wire::http::Request;
use odoo_mcp::wire::version::{META_CAPABILITIES, META_VERSION, Version};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::inputs::{damaged, json, json_of, name, object_of, repeated, scalar, text};
use crate::runner::Suite;
use crate::sealed::Secret;

const NOW: i64 = 1_000_000;
const SECONDS: i64 = 600;

fn auth(uid: i64, key: i64) -> AuthContext {
    let auth = json!({
        "principal": {"user_id": uid, "api_key_id": key}, "login": "demo", "api_key_name": "laptop",
        "settings": Settings::from_parameters(&Map::new()), "cors": null, "started": 1, "max_body_bytes": 1_000_000});
    AuthContext::from_json(&auth).expect("a pass")
}

fn request() -> Request {
    serde_json::from_value(json!({"call_id": "6f1f9d4e-7a55-4a7a-9a7e-0c8f9c1f0a11"}))
        .expect("a request")
}

/// A tool call that began at that time.
fn begun(auth: &AuthContext, params: Map<String, Value>, now: i64) -> Result<InputOutcome, i64> {
    let call = Call {
        db: &Secret("secret"),
        auth,
        version: Version::V2026_07_28,
        id: json!(1),
        params,
        request: &request(),
        log_level: None,
        sink: None,
        input_context: None,
        session: None,
        answered: None,
    };
    begin(&call, "tools/call", now)
        .map_err(|error| error.to_json_rpc().1["code"].as_i64().unwrap_or_default())
}

fn params(tool: &str, arguments: &Map<String, Value>) -> Map<String, Value> {
    let meta = json!({META_VERSION: "2026-07-28", META_CAPABILITIES: {"elicitation": {}, "sampling": {}, "roots": {}}});
    let params = json!({"name": tool, "arguments": arguments, "_meta": meta});
    params.as_object().cloned().unwrap_or_default()
}

fn forms() -> Value {
    let form = |field: &str, kind: &str| {
        json!({"method": "elicitation/create", "params": {"message": field, "requestedSchema": {
            "type": "object", "properties": {field: {"type": kind}}, "required": [field]}}})
    };
    json!({"name": form("name", "string"), "age": form("age", "integer")})
}

/// The state of the result that asks for input.
fn asked(auth: &AuthContext, params: Map<String, Value>, kept: &Value) -> Option<String> {
    let Ok(InputOutcome::Run(asker)) = begun(auth, params, NOW) else {
        return None;
    };
    let question = InputRequests::of_outcome(&json!({"requests": forms(), "state": kept})).ok()?;
    match asker.asked(&Secret("secret"), question, NOW).ok()? {
        InputOutcome::InputRequired(result) => result["requestState"].as_str().map(str::to_owned),
        InputOutcome::Run(_) => None,
    }
}

fn with(mut params: Map<String, Value>, state: Value, answers: Value) -> Map<String, Value> {
    params.insert("requestState".into(), state);
    params.insert("inputResponses".into(), answers);
    params
}

fn told(begun: Result<InputOutcome, i64>) -> Option<Value> {
    match begun {
        Ok(InputOutcome::Run(asker)) => {
            let mut step = json!({});
            asker.tell(&mut step);
            Some(step)
        }
        _ => None,
    }
}

fn arguments() -> impl Strategy<Value = Map<String, Value>> {
    object_of(name(), json_of(name(), scalar()))
}

fn answer() -> impl Strategy<Value = Value> {
    let action = prop::sample::select(vec!["accept", "decline", "cancel", "x"]);
    prop_oneof![
        json(),
        (action, object_of(prop_oneof![Just("name".to_owned()), Just("age".to_owned()), name()], scalar()))
            .prop_map(|(action, content)| json!({"action": action, "content": content})),
        text().prop_map(|text| json!({"role": "assistant", "model": "m", "content": {"type": "text", "text": text}})),
        vec(text(), 0..3).prop_map(|uris| json!({"roots": uris.iter().map(|uri| json!({"uri": uri})).collect::<Vec<_>>()})),
    ]
}

pub fn properties(suite: &mut Suite) {
    suite.property(
        "requestState: it comes back to the same request of the same user and key, for ten minutes",
        (arguments(), arguments(), json(), text()),
        |(arguments, others, kept, name)| {
            let me = auth(7, 1);
            let params = || params("confirm", &arguments);
            let state = asked(&me, params(), &kept);
            prop_assert!(state.is_some());
            let state = json!(state);
            let accept = |content: Value| json!({"action": "accept", "content": content});
            let answers =
                json!({"name": accept(json!({"name": name})), "age": accept(json!({"age": 7}))});
            let retry = |auth: &AuthContext, params: Map<String, Value>, now: i64| {
                begun(auth, with(params, state.clone(), answers.clone()), now)
            };
            let step = told(retry(&me, params(), NOW + SECONDS - 1)).unwrap_or_default();
            prop_assert_eq!(&step["input_state"], &kept);
            prop_assert_eq!(&step["inputs"]["name"]["content"]["name"], &json!(name));
            for wrong in [
                retry(&me, params(), NOW + SECONDS),
                retry(&auth(8, 1), params(), NOW),
                retry(&auth(7, 2), params(), NOW),
                retry(&me, crate::questions::params("other", &arguments), NOW),
            ] {
                prop_assert_eq!(wrong.err(), Some(-32602));
            }
            if others != arguments {
                let wrong = retry(&me, crate::questions::params("confirm", &others), NOW);
                prop_assert_eq!(wrong.err(), Some(-32602));
            }
            Ok(())
        },
    );
    suite.property(
        "requestState: any other is refused",
        {
            let state = asked(
                &auth(7, 1),
                params("confirm", &Map::new()),
                &json!({"step": 1}),
            )
            .unwrap_or_default();
            (
                prop_oneof![
                    damaged(Just(state.clone())).prop_map(Value::from),
                    json(),
                    text().prop_map(Value::from)
                ],
                Just(state),
            )
        },
        |(given, state)| {
            let retried = begun(
                &auth(7, 1),
                with(params("confirm", &Map::new()), given.clone(), json!({})),
                NOW,
            );
            match retried {
                Err(code) => prop_assert_eq!(code, -32602),
                Ok(_) => prop_assert_eq!(given, json!(state)),
            }
            Ok(())
        },
    );
    suite.property(
        "inputResponses: whatever is answered, the question is run with right answers or asked again",
        (object_of(prop_oneof![Just("name".to_owned()), Just("age".to_owned()), name()], answer()), json(), any::<bool>()),
        |(answers, odd, is_odd)| {
            let me = auth(7, 1);
            let params = || params("confirm", &Map::new());
            let state = json!(asked(&me, params(), &json!(1)));
            let answers = if is_odd { odd } else { Value::Object(answers) };
            match begun(&me, with(params(), state, answers.clone()), NOW) {
                Err(code) => {
                    prop_assert_eq!(code, -32602);
                    prop_assert!(!answers.is_object());
                }
                Ok(InputOutcome::InputRequired(result)) => {
                    let open = result["inputRequests"].as_object().map_or(0, Map::len);
                    prop_assert!(open == 1 || open == 2);
                }
                Ok(InputOutcome::Run(asker)) => {
                    let mut step = json!({});
                    asker.tell(&mut step);
                    for (key, answer) in step["inputs"].as_object().into_iter().flatten() {
                        prop_assert_eq!(request_kinds::answer(&forms()[key], &answers[key]), Ok(answer.clone()));
                        let accepted = answer["action"] == "accept";
                        prop_assert!(!accepted || answer["content"][key] == answers[key]["content"][key]);
                    }
                }
            }
            Ok(())
        },
    );
    suite.property(
        "a question of any shape is asked or the author's fault",
        (object_of(name(), json()), json()),
        |(requests, state)| {
            if let Ok(question) =
                InputRequests::of_outcome(&json!({"requests": requests, "state": state}))
            {
                prop_assert!(!requests.is_empty() || !state.is_null());
                prop_assert!(question.requests == requests);
            }
            Ok(())
        },
    );
    suite.growth(
        "inputResponses",
        &[
            ("many answers", |n| {
                Value::Object(
                    (0..n / 20)
                        .map(|at| (format!("a{at}"), json!({"action": "accept"})))
                        .collect(),
                )
            }),
            (
                "a long answer",
                |n| json!({"name": {"action": "accept", "content": {"name": "x".repeat(n)}}}),
            ),
            ("many members", |n| {
                let content: Map<String, Value> =
                    (0..n / 10).map(|at| (format!("a{at}"), json!(1))).collect();
                json!({"name": {"action": "accept", "content": content}})
            }),
            (
                "a long action",
                |n| json!({"name": {"action": "x".repeat(n)}}),
            ),
        ],
        |answers: Value| {
            let me = auth(7, 1);
            let arguments = Map::from_iter([("a".to_owned(), answers.clone())]);
            let state = asked(&me, params("confirm", &arguments), &json!(1));
            let _ = begun(
                &me,
                with(params("confirm", &arguments), json!(state), answers),
                NOW,
            );
        },
    );
    suite.growth(
        "requestState",
        &[
            ("letters", |n| "a".repeat(n)),
            ("dots", |n| ".".repeat(n)),
            ("base64", |n| {
                repeated("YWFh", n / 2) + "." + &repeated("YWFh", n / 2)
            }),
        ],
        |state: String| {
            let _ = begun(
                &auth(7, 1),
                with(params("confirm", &Map::new()), json!(state), json!({})),
                NOW,
            );
        },
    );
}
