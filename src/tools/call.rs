//! One tool call: finds the tool, validates its arguments, and prepares it.

use super::context::{Context, Prepared};
use super::control_arguments::{self, ControlArguments};
use super::record::{Tool, find};
use super::{call_context, dry_run, prepare, schema};
use crate::error::{Error, Result};
use crate::odoo::builtin_tool::PREFIX;
use crate::odoo::user::User;
use crate::wire::http::Request;
use crate::wire::param_headers;
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

thread_local! {
    /// Compiled schemas of this backend by source text. An administrator's edit is a new key.
    static VALIDATORS: RefCell<HashMap<String, Rc<schema::Validator>>> = RefCell::default();
}

/// Maximum number of compiled schemas per backend; the cache is then cleared.
const MOST_VALIDATORS: usize = 256;

/// A call whose arguments have been checked.
pub struct Begun {
    pub tool: Tool,
    pub prepared: Prepared,
    /// The user under the argument `context`, if it changes anything.
    pub user: Option<User>,
    /// The control arguments; none for a tool that only reads.
    pub once: Option<ControlArguments>,
    /// Whether this is a dry run.
    pub dry_run: bool,
}

/// Finds the tool of a call and prepares it. `request`: the HTTP request, in versions whose headers repeat arguments.
///
/// # Errors
/// -32602 for an unknown tool; 400 for a header that contradicts the body; otherwise a tool error, which the model can
/// see.
pub fn begin(
    context: &Context,
    name: &str,
    mut arguments: Map<String, Value>,
    request: Option<&Request>,
) -> Result<Begun> {
    let tool = find(context.db, context.user, context.policy, name)?;
    if !tool.method.starts_with(PREFIX) {
        return Err(Error::failed(format!(
            "The tool {name} names the method {:?}, which is no tool method. An administrator must fix its record.",
            tool.method
        )));
    }
    let input = tool.schema()?;
    if let Some(request) = request {
        param_headers::check(request, &input, &arguments)?;
    }
    let undeclared = control_arguments::undeclared(&tool, &input, &mut arguments);
    schema::coerce(&mut arguments, &input, tool.builtin().is_some())?;
    let arguments = Value::Object(arguments);
    schema::check(&*validator(&tool, &input)?, &arguments)?;
    let Value::Object(mut arguments) = arguments else {
        return Err(Error::Internal("arguments are no object".into()));
    };
    let dry_run = dry_run::take(&tool, &mut arguments)?;
    let once = control_arguments::take(&tool, &mut arguments, undeclared)?;
    let user = call_context::take(context, &tool, &input, &mut arguments)?;
    let prepared = match &user {
        None => prepare(context, &tool, arguments)?,
        Some(user) => {
            let context = Context::new(context.db, user, context.settings, context.policy);
            prepare(&context, &tool, arguments)?
        }
    };
    Ok(Begun {
        tool,
        prepared,
        user,
        once,
        dry_run,
    })
}

fn validator(tool: &Tool, input: &Value) -> Result<Rc<schema::Validator>> {
    let text = tool.parameters.clone().unwrap_or_default();
    if let Some(found) = VALIDATORS.with_borrow(|kept| kept.get(&text).cloned()) {
        return Ok(found);
    }
    let compiled = Rc::new(schema::compile(input)?);
    VALIDATORS.with_borrow_mut(|kept| {
        if kept.len() >= MOST_VALIDATORS {
            kept.clear();
        }
        kept.insert(text, Rc::clone(&compiled));
    });
    Ok(compiled)
}
