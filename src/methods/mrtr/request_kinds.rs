//! Validates input requests and the responses to them, for each kind (specification: basic patterns, "Multi Round-Trip
//! Requests"; client, "Elicitation", "Sampling", "Roots").

use crate::text::json::{brief, clip, kind};
use crate::tools::schema::output;
use serde_json::{Map, Value, json};

/// Maximum number of input requests in one round.
const MOST: usize = 20;

/// Validates the input requests that a method in Odoo raised: an object of keys and requests.
///
/// # Errors
/// The first problem, for the method's author.
pub fn check(requests: &Map<String, Value>) -> Result<(), String> {
    if requests.len() > MOST {
        return Err(format!(
            "it asks {} questions at once; {MOST} are the most",
            requests.len()
        ));
    }
    for (key, request) in requests {
        check_one(request).map_err(|wrong| format!("{:?}: {wrong}", clip(key, 64)))?;
    }
    Ok(())
}

fn check_one(request: &Value) -> Result<(), String> {
    let params = &request["params"];
    match request["method"].as_str() {
        Some("elicitation/create") => {
            if params["message"].as_str().is_none_or(str::is_empty) {
                return Err("its message is no text".into());
            }
            check_form(&params["requestedSchema"])
        }
        Some("sampling/createMessage") => {
            let messages = params["messages"].as_array().map(Vec::as_slice);
            let Some([_, ..]) = messages else {
                return Err("it has no messages".into());
            };
            match params["maxTokens"].as_u64() {
                Some(1..) => Ok(()),
                _ => Err(format!("maxTokens is {}", brief(&params["maxTokens"]))),
            }
        }
        Some("roots/list") => Ok(()),
        _ => Err(format!("{} cannot be asked", brief(&request["method"]))),
    }
}

/// A form schema is flat: strings, numbers, booleans and choices.
fn check_form(schema: &Value) -> Result<(), String> {
    const KINDS: [&str; 5] = ["string", "number", "integer", "boolean", "array"];
    let Some(fields) = schema["properties"].as_object() else {
        return Err("its schema has no properties".into());
    };
    if schema["type"] != "object" {
        return Err("its schema is not of the type object".into());
    }
    for (name, field) in fields {
        let declared = field["type"].as_str().unwrap_or_default();
        if !KINDS.contains(&declared) {
            return Err(format!(
                "the field {:?} of its schema is of the type {}; a form has {}",
                clip(name, 64),
                brief(&field["type"]),
                KINDS.join(", ")
            ));
        }
    }
    output::form(schema).map(drop)
}

/// The capabilities that the input requests need and the client has not declared; none if it has declared all.
pub fn undeclared(requests: &Map<String, Value>, declared: &Map<String, Value>) -> Option<Value> {
    let mut needed = Map::new();
    let mut missing = false;
    for request in requests.values() {
        let (name, detail) = match request["method"].as_str() {
            Some("elicitation/create") => ("elicitation", form_of(declared)),
            Some("sampling/createMessage") => ("sampling", None),
            _ => ("roots", None),
        };
        let has = declared.get(name).is_some_and(Value::is_object);
        missing |= !has || detail.is_some();
        needed.insert(name.into(), detail.unwrap_or_else(|| json!({})));
    }
    missing.then_some(Value::Object(needed))
}

/// The missing form mode of a client with elicitation. A client that names no mode supports forms.
fn form_of(declared: &Map<String, Value>) -> Option<Value> {
    let elicitation = declared.get("elicitation")?.as_object()?;
    let only_url = elicitation.contains_key("url") && !elicitation.contains_key("form");
    only_url.then(|| json!({"form": {}}))
}

/// The response as the method gets it, without unrequested content.
///
/// # Errors
/// The problem, for the person or program that responded.
pub fn answer(request: &Value, answer: &Value) -> Result<Value, String> {
    let Value::Object(object) = answer else {
        return Err(format!("it is {}, not an object", kind(answer)));
    };
    match request["method"].as_str() {
        Some("elicitation/create") => elicited(&request["params"]["requestedSchema"], object),
        Some("sampling/createMessage") => sampled(object),
        _ => roots(object),
    }
}

fn elicited(schema: &Value, answer: &Map<String, Value>) -> Result<Value, String> {
    match answer.get("action").and_then(Value::as_str) {
        Some(action @ ("decline" | "cancel")) => return Ok(json!({"action": action})),
        Some("accept") => {}
        _ => return Err("its action is none of accept, decline, cancel".into()),
    }
    let mut content = match answer.get("content") {
        Some(Value::Object(content)) => content.clone(),
        None => Map::new(),
        Some(other) => return Err(format!("its content is {}, not an object", kind(other))),
    };
    content.retain(|name, _| schema["properties"].get(name).is_some());
    let content = Value::Object(content);
    let form = output::form(schema)?;
    match output::first_wrong(&form, &content) {
        None => Ok(json!({"action": "accept", "content": content})),
        Some(wrong) => Err(wrong),
    }
}

fn sampled(answer: &Map<String, Value>) -> Result<Value, String> {
    let text = |key: &str| answer.get(key).and_then(Value::as_str);
    if !matches!(text("role"), Some("user" | "assistant")) {
        return Err("its role is neither user nor assistant".into());
    }
    if text("model").is_none() {
        return Err("it does not name its model".into());
    }
    let content = answer.get("content").unwrap_or(&Value::Null);
    let blocks = match content {
        Value::Array(blocks) => blocks.as_slice(),
        one => std::slice::from_ref(one),
    };
    for block in blocks {
        let whole = match block["type"].as_str() {
            Some("text") => block["text"].is_string(),
            Some("image" | "audio") => block["data"].is_string() && block["mimeType"].is_string(),
            Some("tool_use") => block["name"].is_string() && block["input"].is_object(),
            Some("tool_result") => block["content"].is_array(),
            _ => false,
        };
        if !whole {
            return Err("its content is no message's".into());
        }
    }
    Ok(kept(answer, &["role", "content", "model", "stopReason"]))
}

fn roots(answer: &Map<String, Value>) -> Result<Value, String> {
    let roots = answer.get("roots").and_then(Value::as_array);
    let roots = roots.ok_or("it has no list of roots")?;
    for root in roots {
        let uri = root["uri"].as_str();
        if uri.is_none_or(|uri| fluent_uri::Uri::parse(uri).is_err()) {
            return Err(format!("{} is no root", brief(root)));
        }
        if root.get("name").is_some_and(|name| !name.is_string()) {
            return Err("a root's name is no text".into());
        }
    }
    Ok(kept(answer, &["roots"]))
}

fn kept(answer: &Map<String, Value>, names: &[&str]) -> Value {
    let members = answer
        .iter()
        .filter(|(name, _)| names.contains(&name.as_str()));
    Value::Object(members.map(|(k, v)| (k.clone(), v.clone())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> Value {
        json!({"method": "elicitation/create", "params": {"message": "Who?", "requestedSchema": {
            "type": "object", "properties": {
                "name": {"type": "string", "minLength": 1}, "mail": {"type": "string", "format": "email"},
                "size": {"type": "integer"}, "colours": {"type": "array", "items": {"type": "string", "enum": ["r", "g"]}}},
            "required": ["name"]}}})
    }

    fn sampling() -> Value {
        json!({"method": "sampling/createMessage", "params": {"messages": [{}], "maxTokens": 5}})
    }

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn what_cannot_be_asked_is_the_authors() {
        let roots = json!({"method": "roots/list", "params": {}});
        assert_eq!(
            check(&map(json!({"a": form(), "b": sampling(), "c": roots}))),
            Ok(())
        );
        let elicit = |message: Value, schema: Value| {
            json!({"method": "elicitation/create",
            "params": {"message": message, "requestedSchema": schema}})
        };
        let nested = json!({"type": "object", "properties": {"x": {"type": "object"}}});
        let broken =
            json!({"type": "object", "properties": {"x": {"type": "string", "minLength": "a"}}});
        for (request, text) in [
            (json!({}), "null cannot be asked"),
            (
                json!({"method": "tools/call"}),
                "\"tools/call\" cannot be asked",
            ),
            (
                elicit(json!(""), form()["params"]["requestedSchema"].clone()),
                "message",
            ),
            (
                elicit(json!("x"), json!({"type": "object"})),
                "no properties",
            ),
            (elicit(json!("x"), json!({"properties": {}})), "type object"),
            (elicit(json!("x"), nested), "\"x\""),
            (elicit(json!("x"), broken), "schema"),
            (
                json!({"method": "sampling/createMessage", "params": {"messages": [], "maxTokens": 5}}),
                "no messages",
            ),
            (
                json!({"method": "sampling/createMessage", "params": {"messages": [{}], "maxTokens": 0}}),
                "maxTokens is 0",
            ),
        ] {
            let error = check(&map(json!({"key": request}))).unwrap_err();
            assert!(
                error.starts_with("\"key\": ") && error.contains(text),
                "{error}"
            );
        }
        let many: Map<String, Value> = (0..30).map(|n| (n.to_string(), form())).collect();
        assert!(check(&many).unwrap_err().contains("30 questions"));
    }

    #[test]
    fn only_declared_capabilities_are_used() {
        let needed = |requests: Value, declared: Value| undeclared(&map(requests), &map(declared));
        let both = json!({"a": form(), "b": sampling()});
        assert_eq!(
            needed(both.clone(), json!({"sampling": {}})),
            Some(json!({"elicitation": {}, "sampling": {}}))
        );
        assert_eq!(
            needed(both, json!({"sampling": {}, "elicitation": {}})),
            None
        );
        let one = || json!({"a": form()});
        assert_eq!(
            needed(one(), json!({"elicitation": {"form": {}, "url": {}}})),
            None
        );
        assert_eq!(
            needed(one(), json!({"elicitation": {"url": {}}})),
            Some(json!({"elicitation": {"form": {}}}))
        );
        assert_eq!(
            needed(one(), json!({"elicitation": true})),
            Some(json!({"elicitation": {}}))
        );
        let roots = json!({"a": {"method": "roots/list"}});
        assert_eq!(needed(roots, json!({})), Some(json!({"roots": {}})));
        assert_eq!(needed(json!({}), json!({})), None);
    }

    #[test]
    fn a_form_is_answered_by_its_schema() {
        let of = |value: Value| answer(&form(), &value);
        let whole = json!({"action": "accept", "content": {"name": "Ann", "size": 5, "colours": ["r"], "other": 1}, "x": 1});
        assert_eq!(
            of(whole),
            Ok(
                json!({"action": "accept", "content": {"name": "Ann", "size": 5, "colours": ["r"]}})
            )
        );
        for action in ["decline", "cancel"] {
            let given = json!({"action": action, "content": {"name": 5}});
            assert_eq!(of(given), Ok(json!({"action": action})));
        }
        let accept = |content: Value| of(json!({"action": "accept", "content": content}));
        for (wrong, text) in [
            (of(json!(12345)), "an integer"),
            (of(json!({})), "action"),
            (of(json!({"action": "ACCEPT"})), "action"),
            (of(json!({"action": "accept"})), "name"),
            (accept(json!([])), "content is an array"),
            (accept(json!({})), "name"),
            (accept(json!({"name": ""})), "`name`"),
            (accept(json!({"name": 5})), "`name`"),
            (accept(json!({"name": "x", "size": "5"})), "`size`"),
            (accept(json!({"name": "x", "mail": "nobody"})), "`mail`"),
            (
                accept(json!({"name": "x", "colours": ["b"]})),
                "`colours[0]`",
            ),
        ] {
            let error = wrong.unwrap_err();
            assert!(error.contains(text), "{error}");
        }
    }

    #[test]
    fn models_and_clients_answer_in_their_shapes() {
        let said = json!({"role": "assistant", "content": {"type": "text", "text": "Paris"}, "model": "m", "stopReason": "endTurn",
                          "_meta": {}});
        let kept = answer(&sampling(), &said).unwrap();
        assert_eq!(kept["content"]["text"], "Paris");
        assert!(kept.get("_meta").is_none());
        let several =
            json!({"role": "assistant", "content": [{"type": "text", "text": "a"}], "model": "m"});
        assert!(answer(&sampling(), &several).is_ok());
        for wrong in [
            json!({"role": "system", "content": {"type": "text", "text": "a"}, "model": "m"}),
            json!({"role": "user", "content": {"type": "text", "text": "a"}}),
            json!({"role": "user", "content": {"type": "text"}, "model": "m"}),
            json!({"role": "user", "content": "a", "model": "m"}),
            json!({"role": "user", "model": "m"}),
        ] {
            assert!(answer(&sampling(), &wrong).is_err(), "{wrong}");
        }
        let roots = json!({"method": "roots/list"});
        let given = json!({"roots": [{"uri": "file:///a", "name": "A"}]});
        assert_eq!(answer(&roots, &given), Ok(given));
        for wrong in [
            json!({}),
            json!({"roots": {}}),
            json!({"roots": [{}]}),
            json!({"roots": [{"uri": "no uri"}]}),
            json!({"roots": [{"uri": "file:///a", "name": 5}]}),
        ] {
            assert!(answer(&roots, &wrong).is_err(), "{wrong}");
        }
    }
}
