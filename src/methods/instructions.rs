//! The server's `instructions`: short, and limited to what this user may do.

use super::request::caller_params;
use super::tools_list;
use crate::cache::{self, Cache};
use crate::error::Result;
use crate::odoo::builtin_tool::BuiltinTool;
use crate::pg::{Database, Param, read_json};
use crate::wire::auth_context::AuthContext;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::rc::Rc;

thread_local! {
    static TEXTS: Cache<String> = Cache::default();
}

/// Maximum characters of the administrator's text in the instructions. The setting rejects longer texts.
const MOST: usize = 2_000;

#[derive(Deserialize)]
struct Facts {
    /// Names of the user's tools, by implementing method.
    tools: Map<String, Value>,
    /// URI of the resource that describes the user, the companies and the limits.
    #[serde(default)]
    system: Option<String>,
    /// Whether one of the tools may change data.
    writes: bool,
}

/// Cache version of a user's instructions: the version of the tools list, and the administrator's text.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn version(db: &dyn Database, auth: &AuthContext) -> Result<String> {
    let more = auth.settings.instructions.as_str();
    // A line feed separates the two; no version contains one.
    Ok(format!("{}\n{more}", tools_list::version(db, auth)?))
}

/// The user's instructions, cached by `version`.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn read(db: &dyn Database, auth: &AuthContext, version: &str) -> Result<Rc<String>> {
    const FACTS: &str = sql!(
        "fragments/held_groups",
        "fragments/visible_tools",
        "methods/instructions"
    );
    let more = auth.settings.instructions.as_str();
    cache::get_or_insert_with(&TEXTS, version.to_owned(), || {
        let [key, read_only, unscoped] = caller_params(auth);
        let params = [
            Param::from(auth.principal.user_id),
            key,
            read_only,
            unscoped,
        ];
        let facts: Facts = read_json(db, FACTS, &params)?;
        Ok(compose(&facts, more))
    })
}

/// `more`: the administrator's text.
fn compose(facts: &Facts, more: &str) -> String {
    let more = more.trim();
    let tool = |tool: BuiltinTool| facts.tools.get(tool.method()).and_then(Value::as_str);
    let mut text =
        "This is an Odoo database. Everything happens with the rights of the signed-in user."
            .to_owned();
    let mut say = |sentence: &str| {
        text.push(' ');
        text.push_str(sentence);
    };
    if facts.tools.is_empty() {
        say("No tool is open to this user; an Odoo administrator can change that.");
    } else if !facts.writes {
        say("No tool that this user has changes anything.");
    }
    let uses = [
        (BuiltinTool::Search, "search"),
        (BuiltinTool::Read, "read"),
        (BuiltinTool::Create, "create"),
        (BuiltinTool::Write, "write"),
    ];
    let uses: Vec<&str> = uses
        .into_iter()
        .filter(|(used, _)| tool(*used).is_some())
        .map(|(_, verb)| verb)
        .collect();
    let before = match uses.as_slice() {
        [] => String::new(),
        [one] => format!(" before you {one}"),
        [all @ .., last] => format!(" before you {} or {last}", all.join(", ")),
    };
    match (
        tool(BuiltinTool::ListModels),
        tool(BuiltinTool::DescribeModel),
    ) {
        (Some(list), Some(describe)) => say(&format!(
            "Find models with {list} and their fields with {describe}{before}."
        )),
        (Some(list), None) => say(&format!("Find models with {list}{before}.")),
        (None, Some(describe)) => say(&format!(
            "Find the fields of a model with {describe}{before}."
        )),
        (None, None) => {}
    }
    if !uses.is_empty() {
        say("Times are in the user's time zone (UTC for who has none) and carry their offset.");
    }
    if tool(BuiltinTool::Search).is_some() {
        say("Search returns columns and rows; ask only for the fields you need.");
    }
    if let (Some(search), Some(file)) = (tool(BuiltinTool::Search), tool(BuiltinTool::ReadFile)) {
        say(&format!(
            "Files of a record: {search} ir.attachment by res_model and res_id, then {file}. Its messages: mail.message \
             by model and res_id; its activities: mail.activity by res_model and res_id."
        ));
    }
    if let (Some(call), true) = (tool(BuiltinTool::MethodCall), facts.writes) {
        say(&format!(
            "With {call}: message_post with kwargs {{\"body\": \"...\"}} leaves a note (with \"subtype_xmlid\": \
             \"mail.mt_comment\" a message that followers get); activity_schedule with {{\"act_type_xmlid\": \
             \"mail.mail_activity_data_todo\", \"summary\": \"...\", \"date_deadline\": \"2026-01-31\"}} plans an \
             activity; action_feedback on mail.activity ends one."
        ));
    }
    if let Some(uri) = &facts.system {
        say(&format!(
            "The resource {uri} tells who the user is, the companies and the limits."
        ));
    }
    if !more.is_empty() {
        text.push_str("\n\n");
        text.extend(more.chars().take(MOST));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn instructions_of(tools: Value, writes: bool, more: Option<&str>) -> String {
        let facts = Facts {
            tools: tools.as_object().cloned().unwrap(),
            system: None,
            writes,
        };
        compose(&facts, more.unwrap_or_default())
    }

    #[test]
    fn only_tools_that_the_user_has_are_named() {
        let all = json!({"_tool_search": "search", "_tool_read": "read", "_tool_create": "create",
            "_tool_write": "write", "_tool_list_models": "models", "_tool_describe_model": "describe"});
        let text = instructions_of(all, true, None);
        assert!(text.contains("Find models with models and their fields with describe before you search, read, create or write."), "{text}");
        assert!(!text.contains("changes anything"), "{text}");
        let text = instructions_of(
            json!({"_tool_describe_model": "describe", "_tool_read": "r"}),
            false,
            None,
        );
        assert!(
            text.contains("No tool that this user has changes anything."),
            "{text}"
        );
        assert!(text.contains("with describe before you read."), "{text}");
        assert!(
            !text.contains("Search") && !text.contains("Find models"),
            "{text}"
        );
        let text = instructions_of(json!({"_tool_custom": "custom"}), true, None);
        assert!(!text.contains("custom") && !text.contains("zone"), "{text}");
        assert!(instructions_of(json!({}), false, None).contains("No tool is open"));
    }

    #[test]
    fn what_has_no_tool_of_its_own_is_told() {
        let all =
            json!({"_tool_search": "find", "_tool_read_file": "file", "_tool_method_call": "do"});
        let text = instructions_of(all.clone(), true, None);
        assert!(
            text.contains("find ir.attachment by res_model and res_id, then file."),
            "{text}"
        );
        assert!(
            text.contains(r#"With do: message_post with kwargs {"body": "..."} leaves a note"#),
            "{text}"
        );
        assert!(!instructions_of(all, false, None).contains("message_post"));
        assert!(
            !instructions_of(json!({"_tool_search": "find"}), true, None).contains("ir.attachment")
        );
    }

    #[test]
    fn the_resource_about_the_system_is_named_where_there_is_one() {
        let instructions_of = |system: Option<&str>| {
            let facts = Facts {
                tools: Map::new(),
                system: system.map(str::to_owned),
                writes: false,
            };
            compose(&facts, "")
        };
        assert!(
            instructions_of(Some("odoo://system")).contains("The resource odoo://system tells")
        );
        assert!(!instructions_of(None).contains("resource"));
    }

    #[test]
    fn the_administrators_words_come_last_and_are_capped() {
        let text = instructions_of(json!({}), false, Some("  Amounts are in EUR.\n"));
        assert!(text.ends_with("\n\nAmounts are in EUR."), "{text}");
        assert!(!instructions_of(json!({}), false, Some(" \n ")).contains("\n\n"));
        let long = "ä".repeat(3_000);
        let text = instructions_of(json!({}), false, Some(&long));
        assert_eq!(text.chars().filter(|c| *c == 'ä').count(), MOST);
    }
}
