use super::*;
use serde_json::json;

fn row(model: &str, more: Value) -> Restriction {
    let mut whole = json!({"model": model, "read": true, "write": true, "create": true, "unlink": true, "call": true});
    for (key, value) in more.as_object().unwrap() {
        whole[key] = value.clone();
    }
    serde_json::from_value(whole).unwrap()
}

fn merged(access: Option<&Restriction>, line: Option<&Restriction>) -> ModelPolicy {
    let everywhere = Everywhere {
        scope_all_models: line.map(|_| false),
        ..Everywhere::default()
    };
    ModelPolicy::merge("res.partner", everywhere, access, line, &[1, 2])
}

fn layer(policy: &ModelPolicy, operation: Operation) -> Option<Layer> {
    policy.refusal(operation).map(|refusal| refusal.layer)
}

#[test]
fn nothing_restricts_nothing() {
    let policy = merged(None, None);
    assert!(
        Operation::ALL
            .into_iter()
            .all(|operation| policy.refusal(operation).is_none())
    );
    assert!(policy.hides("email").is_none() && policy.method_refusal("anything").is_none());
    assert!(!policy.has_field_restrictions() && policy.terms().is_empty());
}

#[test]
fn what_one_refuses_the_other_cannot_give() {
    let access = row("res.partner", json!({"write": false}));
    let line = row("res.partner", json!({"unlink": false, "write": true}));
    let policy = merged(Some(&access), Some(&line));
    assert_eq!(layer(&policy, Operation::Read), None);
    assert_eq!(layer(&policy, Operation::Write), Some(Layer::AccessRecord));
    assert_eq!(layer(&policy, Operation::Unlink), Some(Layer::KeyScope));
    // Operations that a row does not mention are refused.
    let unsaid: Restriction = serde_json::from_value(json!({"model": "res.partner"})).unwrap();
    assert!(merged(Some(&unsaid), None).is_closed());
}

#[test]
fn fields_must_be_shown_by_all_and_hidden_by_none() {
    let access = row(
        "res.partner",
        json!({"allowed_fields": ["name", "email", "phone"]}),
    );
    let line = row(
        "res.partner",
        json!({"allowed_fields": ["name", "email"], "hidden_fields": ["email"]}),
    );
    let policy = merged(Some(&access), Some(&line));
    let shown = |field: &str| policy.hides(field).is_none();
    assert!(shown("id") && shown("name"));
    assert!(!shown("email") && !shown("phone") && !shown("vat"));
    assert!(
        policy
            .hides("vat")
            .unwrap()
            .reason
            .contains("access record")
    );
    assert!(policy.hides("phone").unwrap().reason.contains("scope"));
}

#[test]
fn groups_of_a_record_close_it_to_others() {
    let access = |groups: Value| row("res.partner", json!({"groups": groups}));
    assert!(
        merged(Some(&access(json!([[2, "B"], [9, "C"]]))), None)
            .refusal(Operation::Read)
            .is_none()
    );
    let policy = merged(Some(&access(json!([[9, "Chiefs"]]))), None);
    assert!(policy.is_closed());
    assert!(
        policy
            .refusal(Operation::Read)
            .unwrap()
            .reason
            .contains("Chiefs")
    );
}

#[test]
fn a_scope_without_the_model_has_nothing_of_it_unless_it_says_so() {
    let of = |all_models| {
        let everywhere = Everywhere {
            scope_all_models: Some(all_models),
            ..Everywhere::default()
        };
        ModelPolicy::merge("res.partner", everywhere, None, None, &[])
    };
    assert!(of(false).is_closed() && !of(true).is_closed());
}

#[test]
fn closed_models_are_opened_by_a_record_only_and_some_never_for_changes() {
    let of = |model: &str, access: Option<&Restriction>| {
        ModelPolicy::merge(model, Everywhere::default(), access, None, &[])
    };
    assert_eq!(
        layer(&of("ir.rule", None), Operation::Read),
        Some(Layer::Closed)
    );
    assert!(
        of("ir.rule", Some(&row("ir.rule", json!({}))))
            .refusal(Operation::Write)
            .is_none()
    );
    for model in ["mcp.access", "res.users.apikeys", "mcp.key.scope.line"] {
        let policy = of(model, Some(&row(model, json!({}))));
        assert!(policy.refusal(Operation::Read).is_none(), "{model}");
        for operation in &Operation::ALL[1..] {
            assert_eq!(layer(&policy, *operation), Some(Layer::Closed), "{model}");
        }
    }
    // A scope line opens nothing.
    let line = row("ir.rule", json!({}));
    let policy = ModelPolicy::merge("ir.rule", Everywhere::default(), None, Some(&line), &[]);
    assert!(policy.is_closed());
    let everywhere = Everywhere {
        default_none: true,
        ..Everywhere::default()
    };
    assert!(ModelPolicy::merge("res.partner", everywhere, None, None, &[]).is_closed());
    let access = row("res.partner", json!({}));
    assert!(!ModelPolicy::merge("res.partner", everywhere, Some(&access), None, &[]).is_closed());
}

#[test]
fn secrets_are_shown_only_by_name() {
    let of = |access: Value| {
        ModelPolicy::merge(
            "res.users",
            Everywhere::default(),
            Some(&row("res.users", access)),
            None,
            &[],
        )
    };
    assert!(of(json!({})).closes_secret("password").is_some());
    assert!(
        of(json!({"allowed_fields": ["login"]}))
            .closes_secret("password")
            .is_some()
    );
    assert!(
        of(json!({"allowed_fields": ["login", "password"]}))
            .closes_secret("password")
            .is_none()
    );
    assert!(
        of(json!({"allowed_fields": ["password"], "hidden_fields": ["password"]}))
            .hides("password")
            .is_some()
    );
}

#[test]
fn methods_are_allowed_by_all_and_by_name_where_something_is_hidden() {
    let call = |access: Value, line: Option<Value>, method: &str| {
        let line = line.map(|line| row("res.partner", line));
        merged(Some(&row("res.partner", access)), line.as_ref())
            .method_refusal(method)
            .is_none()
    };
    assert!(call(json!({}), None, "open"));
    assert!(!call(
        json!({"blocked_methods": "a\n open \n"}),
        None,
        "open"
    ));
    assert!(call(json!({"allowed_methods": "open\nshut"}), None, "open"));
    assert!(!call(json!({"allowed_methods": "shut"}), None, "open"));
    assert!(!call(
        json!({"allowed_methods": "open", "blocked_methods": "open"}),
        None,
        "open"
    ));
    assert!(!call(json!({"hidden_fields": ["vat"]}), None, "open"));
    assert!(call(
        json!({"hidden_fields": ["vat"], "allowed_methods": "open"}),
        None,
        "open"
    ));
    assert!(!call(
        json!({"domain": "[[\"a\", \"=\", 1]]"}),
        None,
        "open"
    ));
    assert!(!call(json!({"read": false}), None, "open"));
    // Each restriction that hides something must allow the method itself.
    assert!(!call(
        json!({"hidden_fields": ["vat"]}),
        Some(json!({"allowed_methods": "open"})),
        "open"
    ));
    assert!(!call(
        json!({"allowed_methods": "open"}),
        Some(json!({"hidden_fields": ["vat"]})),
        "open"
    ));
    assert!(
        !call(json!({}), None, "renew_token")
            && call(
                json!({"allowed_methods": "renew_token"}),
                None,
                "renew_token"
            )
    );
    // No restriction can allow a method that checks a password.
    assert!(!call(
        json!({"allowed_methods": "change_password"}),
        None,
        "change_password"
    ));
}

#[test]
fn domains_of_all_hold() {
    let access = row(
        "res.partner",
        json!({"domain": "[\"|\", [\"a\", \"=\", 1], [\"b\", \"=\", 2]]"}),
    );
    let line = row("res.partner", json!({"domain": "[[\"c\", \"=\", 3]]"}));
    let policy = merged(Some(&access), Some(&line));
    assert_eq!(
        json!(policy.terms()),
        json!(["|", ["a", "=", 1], ["b", "=", 2], ["c", "=", 3]])
    );
}

#[test]
fn read_only_refuses_every_change_first() {
    let refusal = Refusal::new(Layer::ReadOnly, "x");
    let everywhere = Everywhere {
        read_only: Some(&refusal),
        ..Everywhere::default()
    };
    let policy = ModelPolicy::merge("ir.rule", everywhere, None, None, &[]);
    assert_eq!(layer(&policy, Operation::Write), Some(Layer::ReadOnly));
    assert_eq!(layer(&policy, Operation::Read), Some(Layer::Closed));
    let policy = ModelPolicy::merge("res.partner", everywhere, None, None, &[]);
    assert_eq!(layer(&policy, Operation::Call), Some(Layer::ReadOnly));
    assert_eq!(layer(&policy, Operation::Read), None);
}

#[test]
fn reports_are_printed_where_nothing_is_hidden_or_they_are_allowed_by_name() {
    let refused = |access: Option<&Restriction>, line: Option<&Restriction>, hidden: bool| {
        let everywhere = Everywhere::default();
        let policy = ModelPolicy::merge("res.partner", everywhere, access, line, &[]);
        let refusal = policy.report_refusal("a.report", hidden);
        refusal.map(|refusal| refusal.layer)
    };
    let blocked = Some(Layer::BlockedMethod);
    let plain = row("res.partner", json!({}));
    let named = row("res.partner", json!({"allowed_methods": "other\na.report"}));
    let others = row("res.partner", json!({"allowed_methods": "other"}));
    let never = row("res.partner", json!({"blocked_methods": "a.report"}));
    let partial = row("res.partner", json!({"hidden_fields": ["email"]}));
    let both = row(
        "res.partner",
        json!({"hidden_fields": ["email"], "allowed_methods": "a.report"}),
    );
    assert_eq!(refused(None, None, false), None);
    assert_eq!(refused(Some(&plain), None, false), None);
    assert_eq!(refused(None, None, true), blocked);
    assert_eq!(refused(Some(&plain), None, true), blocked);
    assert_eq!(refused(Some(&named), None, true), None);
    assert_eq!(refused(Some(&others), None, false), blocked);
    assert_eq!(refused(Some(&never), None, false), blocked);
    assert_eq!(refused(Some(&partial), None, true), blocked);
    assert_eq!(refused(Some(&both), None, true), None);
    // One restriction allows it and the other does not.
    assert_eq!(refused(Some(&both), Some(&partial), true), blocked);
    assert_eq!(refused(Some(&named), Some(&others), true), blocked);
}
