use super::*;
use crate::wire::version::Version;

fn settings() -> Settings {
    Settings::from_parameters(
        json!({"odoo_mcp.audit_redact": "wage"})
            .as_object()
            .unwrap(),
    )
}

fn claims(key: Option<&str>, api_key_id: Option<i64>, digest: &str) -> Option<IdempotencyClaim> {
    let once = ControlArguments {
        key: key.map(str::to_owned),
        confirmation: None,
        undeclared: false,
        digest: digest.into(),
    };
    let principal = Principal {
        user_id: 7,
        api_key_id,
    };
    IdempotencyClaim::new(
        (principal, "create"),
        &once,
        None,
        &json!(["prepared"]),
        &settings(),
    )
}

fn mine() -> IdempotencyClaim {
    claims(Some("k"), Some(3), "d").unwrap()
}

fn row(answer: Option<StoredAnswer>) -> ClaimRow {
    ClaimRow {
        call_id: "c".into(),
        credential: "key 3".into(),
        digest: "d".into(),
        prepared: canonical_json::digest(&json!(["prepared"])),
        answer,
    }
}

const CREATED: &str = r#"{"model": "a", "ids": [5, 6], "names": ["x", "y"]}"#;

fn created() -> Answer {
    Answer::object(serde_json::from_str(CREATED).unwrap()).records(vec![5, 6])
}

fn shape(method: &str, may_read: bool) -> ReplayContext<'_> {
    ReplayContext {
        method,
        model: Some("a"),
        called: Some("m"),
        has_schema: true,
        may_read,
    }
}

fn again(kept: StoredAnswer, may_read: bool) -> Replay {
    mine()
        .compare(row(Some(kept)), shape("_tool_create", may_read))
        .unwrap()
}

#[test]
fn only_a_key_is_claimed() {
    assert!(claims(None, Some(3), "d").is_none());
    let rows = mine().rows("c");
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(rows[0]["key"], "k");
    assert_eq!(
        (&rows[0]["user_id"], &rows[0]["credential"]),
        (&json!(7), &json!("key 3"))
    );
    assert_eq!(rows[0]["seconds"], 86_400);
}

#[test]
fn the_answer_comes_again_and_says_so() {
    let repeat = again(StoredAnswer::of(&created(), &[]), true);
    let result = repeat.to_result(Some(Version::V2025_11_25));
    assert_eq!(
        result["structuredContent"],
        json!({"model": "a", "ids": [5, 6], "names": ["x", "y"], "repeated": true})
    );
    assert_eq!(
        (&result["isError"], &result["_meta"]),
        (&json!(false), &json!({REPEATED: true}))
    );
    let text = again(StoredAnswer::of(&Answer::text("Done.".into()), &[]), true);
    assert_eq!(text.answer, Answer::text(format!("Done.\n{AGAIN}")));
    let parts = vec![json!({"type": "text", "text": "a"})];
    let parts = again(
        StoredAnswer::of(&Answer::parts(parts, Some(json!(1))), &[]),
        true,
    );
    assert!(
        parts
            .answer
            .texts()
            .starts_with("a\n(Answer of an earlier call")
    );
    assert_eq!(parts.answer.structured(), Some(&json!(1)));
}

#[test]
fn another_call_is_refused_and_what_differs_is_not_told() {
    let refused = |mine: IdempotencyClaim, row: ClaimRow| {
        let error = mine.compare(row, shape("_tool_create", true)).unwrap_err();
        error.to_string()
    };
    let kept = || row(Some(StoredAnswer::of(&created(), &[])));
    let other = refused(claims(Some("k"), Some(3), "e").unwrap(), kept());
    assert!(
        other.contains("other arguments") && !other.contains("\"x\""),
        "{other}"
    );
    // The same key under another credential is refused, whatever the arguments.
    for digest in ["d", "e"] {
        for key in [None, Some(4)] {
            let other = refused(claims(Some("k"), key, digest).unwrap(), kept());
            assert!(other.contains("another API key"), "{other}");
        }
    }
    let unknown = refused(mine(), row(None));
    assert!(
        unknown.contains("not known") && unknown.contains("call c"),
        "{unknown}"
    );
}

#[test]
fn what_is_long_secret_or_for_other_rights_is_told_in_short() {
    let brief = json!({"model": "a", "ids": [5, 6], "names": [null, null], "repeated": true, "note": NOT_WHOLE});
    let short = |repeat: Replay| {
        assert!(!repeat.partial);
        assert_eq!(repeat.answer.structured(), Some(&brief));
    };
    // The caller may no longer read the model.
    short(again(StoredAnswer::of(&created(), &[]), false));
    // The same arguments are prepared differently under the policy of now.
    let mut changed = row(Some(StoredAnswer::of(&created(), &[])));
    changed.prepared = "other".into();
    short(
        mine()
            .compare(changed, shape("_tool_create", true))
            .unwrap(),
    );
    let with = |member: &str, value: Value| {
        let mut object: Value = serde_json::from_str(CREATED).unwrap();
        object[member] = value;
        StoredAnswer::of(
            &Answer::object(object).records(vec![5, 6]),
            &["wage".to_owned()],
        )
    };
    for kept in [
        with("text", json!("x".repeat(MOST_BYTES))),
        with("password", json!("hunter2")),
        with("wage", json!(5)),
    ] {
        assert!(!json!(kept).to_string().contains("hunter2"));
        short(again(kept, true));
    }
    // The other tools' shapes. A partial answer cannot satisfy a tool's output schema.
    let of = |method: &str| {
        let row = row(Some(StoredAnswer::Ids(vec![5])));
        mine().compare(row, shape(method, true)).unwrap()
    };
    assert_eq!(
        of("_tool_write").answer.structured().unwrap()["ids"],
        json!([5])
    );
    assert_eq!(
        of("_tool_method_call").answer.structured().unwrap()["result"],
        Value::Null
    );
    let other = of("_tool_other");
    assert!(other.partial && other.answer.texts().contains("Their ids: [5]"));
    assert_eq!(other.to_result(None)["isError"], true);
}
