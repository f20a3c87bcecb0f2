//! `mcp_validate`: checks what an administrator enters, by the rules that apply when it is used.

use crate::error::{Error, Result};
use crate::odoo::domain::record_domain;
use crate::prompts::template as prompt_template;
use crate::resources::template::Template;
use crate::tools::schema;
use crate::wire::{address, param_headers};
use serde_json::{Value, json};

/// Every kind of value that [`validate`] knows.
const KINDS: [&str; 5] = [
    "networks",
    "uri_template",
    "prompt_text",
    "tool_schema",
    "record_domain",
];

/// Check a value of one kind. The result always has `problem`: null, or the end of a sentence about the value.
///
/// * `networks`: `{"networks": lines, "strategy": text, "address": text}`; also returns `admits`, whether the networks
///   admit the address, or null without an address. The strategy is `deny` by default.
/// * `uri_template`: a URI or a URI template (RFC 6570, level 1); also returns the names of its `variables`.
/// * `prompt_text`: a text with placeholders; also returns their names as `placeholders`, and whether the text `is_one`
///   placeholder.
/// * `tool_schema`: the JSON Schema of a tool's parameters.
/// * `record_domain`: the domain of an access record or a key's rule, a Python literal; also returns its `terms`, with
///   `{"var": name}` in place of a variable.
///
/// # Errors
/// An unknown kind; a value of another JSON type.
pub fn validate(kind: &str, value: &Value) -> Result<Value> {
    let text = || value.as_str().ok_or_else(|| mistyped(kind, "a string"));
    match kind {
        "networks" => networks(value),
        "uri_template" => Ok(uri_template(text()?)),
        "prompt_text" => Ok(prompt_text(text()?)),
        "tool_schema" => Ok(json!({"problem": tool_schema(value)})),
        "record_domain" => Ok(domain(text()?)),
        _ => Err(Error::bad_arguments(format!(
            "kind: {kind:?} is none of {}.",
            KINDS.join(", ")
        ))),
    }
}

fn mistyped(kind: &str, expected: &str) -> Error {
    Error::bad_arguments(format!("value: for the kind {kind} it must be {expected}."))
}

fn networks(value: &Value) -> Result<Value> {
    let Value::Object(given) = value else {
        return Err(mistyped("networks", "an object"));
    };
    let text = |name: &str, default| given.get(name).and_then(Value::as_str).unwrap_or(default);
    let (strategy, address) = (text("strategy", "deny"), text("address", ""));
    Ok(address::examine(text("networks", ""), strategy, address))
}

fn uri_template(text: &str) -> Value {
    match Template::parse(text) {
        Ok(template) => json!({"problem": null, "variables": template.variables()}),
        Err(problem) => json!({"problem": problem, "variables": []}),
    }
}

fn prompt_text(text: &str) -> Value {
    let is_one = prompt_template::only_place(text).is_some();
    match prompt_template::places(text) {
        Ok(names) => json!({"problem": null, "placeholders": names, "is_one": is_one}),
        Err(fault) => json!({"problem": fault.to_string(), "placeholders": [], "is_one": false}),
    }
}

fn domain(text: &str) -> Value {
    match record_domain::parse(text) {
        Ok(terms) => json!({"problem": null, "terms": terms}),
        Err(error) => json!({"problem": error.to_string(), "terms": null}),
    }
}

fn tool_schema(value: &Value) -> Option<String> {
    let compiled = schema::compile(value).err().map(|error| error.to_string());
    compiled.or_else(|| param_headers::problem(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(kind: &str, value: Value) -> String {
        let found = validate(kind, &value).unwrap();
        found["problem"].as_str().unwrap_or_default().to_owned()
    }

    #[test]
    fn kinds_and_types_are_checked() {
        for (kind, value) in [
            ("", json!("")),
            ("domain", json!("[]")),
            ("networks", json!("")),
            ("uri_template", json!(5)),
            ("prompt_text", json!(null)),
        ] {
            let error = validate(kind, &value).unwrap_err().to_string();
            assert!(error.contains("kind"), "{error}");
        }
    }

    #[test]
    fn networks_admit_or_not() {
        let of = |networks: &str, strategy: &str, address: &str| {
            let value = json!({"networks": networks, "strategy": strategy, "address": address});
            validate("networks", &value).unwrap()
        };
        assert_eq!(
            of("192.0.2.0/24", "allow", "192.0.2.7"),
            json!({"problem": null, "admits": true})
        );
        assert_eq!(of("192.0.2.0/24", "deny", "192.0.2.7")["admits"], false);
        assert_eq!(of("", "deny", "")["admits"], Value::Null);
        assert!(problem("networks", json!({"networks": "here"})).contains("neither an address"));
    }

    #[test]
    fn addresses_have_variables() {
        let found = validate("uri_template", &json!("x://{b}/{a}")).unwrap();
        assert_eq!(found, json!({"problem": null, "variables": ["b", "a"]}));
        for (text, part) in [
            ("no scheme", "scheme"),
            ("", "scheme"),
            ("x://{a", "brace"),
            ("x://{a}{b}", "nothing between"),
            ("x://{a}/{a}", "twice"),
            ("x://\u{e9}", "ASCII"),
        ] {
            assert!(
                problem("uri_template", json!(text)).contains(part),
                "{text}"
            );
        }
    }

    #[test]
    fn texts_have_placeholders() {
        let found = validate("prompt_text", &json!("{{ {who} and {who} }}")).unwrap();
        let names = json!(["who", "who"]);
        assert_eq!(
            found,
            json!({"problem": null, "placeholders": names, "is_one": false})
        );
        assert_eq!(
            validate("prompt_text", &json!("{uri}")).unwrap()["is_one"],
            true
        );
        for text in ["", "{{uri}}", "x{uri}", "{uri}{uri}", "{}"] {
            assert_eq!(
                validate("prompt_text", &json!(text)).unwrap()["is_one"],
                false
            );
        }
        assert!(problem("prompt_text", json!("Hello {")).contains("character 7"));
    }

    #[test]
    fn schemas_compile_and_their_headers_can_be_used() {
        let of = |properties: Value| {
            problem(
                "tool_schema",
                json!({"type": "object", "properties": properties}),
            )
        };
        let header = |name: &str| json!({"type": "string", "x-mcp-header": name});
        assert_eq!(of(json!({"a": header("Region")})), "");
        assert_eq!(of(json!({"x-mcp-header": {"type": "string"}})), "");
        assert!(of(json!({"a": {"type": "text"}})).contains("text"));
        assert!(of(json!({"a": header("A"), "b": header("a")})).contains("two parameters"));
        assert!(of(json!({"a": {"items": header("A")}})).contains("properties"));
    }
}
