//! Finds tools with names or schemas that strict clients reject. One such tool can make a client reject the whole list.
//! `mcp_status` warns of them.

use serde_json::Value;

#[cfg(test)]
mod tests;

/// Maximum depth of the check; clients stop earlier.
const MOST_DEPTH: usize = 16;

/// The first property of a tool that a strict client rejects, as a message for the administrator; none for a portable
/// tool.
///
/// Sources: OpenAI and Gemini accept function names of letters, digits, `_` and `-`, at most 64 characters. Gemini's
/// schemas have a single type in each place, and neither `$ref` nor combinations. VS Code rejects arrays without a
/// schema of their items.
pub fn complaint(name: &str, parameters: &Value) -> Option<String> {
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if name.len() > 64 || !name.chars().all(letters) {
        return Some("its name has other characters than letters, digits, _ and -".into());
    }
    if parameters.get("properties").is_none() {
        return Some("its parameters have no \"properties\"".into());
    }
    inside(parameters, "its parameters", 0)
}

fn inside(schema: &Value, place: &str, depth: usize) -> Option<String> {
    const COMBINED: [&str; 6] = ["$ref", "anyOf", "oneOf", "allOf", "not", "if"];
    if depth > MOST_DEPTH {
        return Some(format!("{place} is nested too deeply"));
    }
    let Value::Object(members) = schema else {
        return Some(format!("{place} is no schema with a type"));
    };
    if let Some(keyword) = COMBINED.iter().find(|key| members.contains_key(**key)) {
        return Some(format!("{place} has {keyword:?}"));
    }
    match members.get("type") {
        Some(Value::String(kind)) if kind == "array" => match members.get("items") {
            None => Some(format!("{place} is an array without \"items\"")),
            Some(items) => inside(items, &format!("{place}, in its items,"), depth + 1),
        },
        Some(Value::String(kind)) if kind == "object" => {
            let properties = members.get("properties").and_then(Value::as_object);
            properties.into_iter().flatten().find_map(|(name, schema)| {
                inside(schema, &format!("the parameter {name:?}"), depth + 1)
            })
        }
        Some(Value::String(kind)) if kind != "null" => None,
        Some(_) => Some(format!("{place} has not exactly one type other than null")),
        None => Some(format!("{place} has no type")),
    }
}
