//! Tools of other addons. The core passes their arguments on unchanged and makes an answer from any JSON result.

use super::answer::Answer;
use super::context::{OrmCall, Prepared};
use serde_json::{Map, Value, json};

pub fn prepare(arguments: Map<String, Value>) -> Prepared {
    Prepared::Orm(OrmCall::without_memo(Value::Object(arguments)))
}

pub fn finish(result: Value) -> Answer {
    match result {
        Value::String(text) => Answer::text(text),
        Value::Object(_) => Answer::object(result),
        // Structured content must be an object in all versions but the newest.
        other => Answer::object(json!({"result": other})),
    }
}
