use super::super::restrictions::Switches;
use super::super::rules::{Rules, Scope};
use super::*;
use crate::error::Result;
use crate::odoo::model_facts::ModelFacts;
use crate::odoo::settings::Confirm;
use crate::pg::{Database, Param, Row};
use crate::wire::principal::Principal;
use std::rc::Rc;

/// A database that must not be queried.
struct Unasked;

impl Database for Unasked {
    fn read(&self, sql: &'static str, _: &[Param]) -> Result<Option<String>> {
        panic!("asked: {sql}")
    }
    fn rows(&self, sql: &'static str, _: &[Param]) -> Result<Vec<Row>> {
        panic!("asked: {sql}")
    }
    fn change(&self, sql: &'static str, _: &[Param]) -> Result<usize> {
        panic!("asked: {sql}")
    }
    fn write(&self, sql: &'static str, _: &[Param]) -> Result<Option<String>> {
        panic!("asked: {sql}")
    }
    fn relax(&self) -> Result<()> {
        panic!("asked to relax")
    }
    fn limited(&self, _: u64, _: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        panic!("asked for a subtransaction")
    }
}

const USER: i64 = 2;
const GROUP: i64 = 7;

const FACTS: [[&str; 4]; 12] = [
    ["cascade", "task", "project_id", "project"],
    ["cascade", "task", "parent_id", "task"],
    ["cascade", "timesheet", "task_id", "task"],
    ["cascade", "receipt", "timesheet_id", "timesheet"],
    ["cascade", "milestone", "project_id", "project"],
    // Odoo's log and its dependents.
    ["cascade", "mail.followers", "partner_id", "project"],
    ["cascade", "note", "follower_id", "mail.followers"],
    // Closed by its name.
    ["cascade", "payment.token", "project_id", "project"],
    // A part of employees, deleted with them.
    ["part", "version", "employee_id", "employee"],
    ["inherits", "employee", "version_id", "version"],
    ["cascade", "version", "employee_id", "employee"],
    ["cascade", "version", "company_id", "company"],
];

/// A policy row that allows all operations, except as `more` says.
fn row(model: &str, more: &Value) -> Value {
    let mut whole = json!({"model": model, "read": true, "write": true, "create": true, "unlink": true, "call": true});
    for (key, value) in more.as_object().unwrap() {
        whole[key] = value.clone();
    }
    whole
}

type NamedModels<'m> = [(&'m str, Value)];

/// A policy without any restriction.
fn free(facts: &[[&str; 4]]) -> Policy<'static> {
    let owned = |row: &[&str; 4]| {
        let [kind, model, field, other] = row.map(str::to_owned);
        (kind, model, field, other)
    };
    Policy {
        db: &Unasked,
        principal: Principal {
            user_id: USER,
            api_key_id: None,
        },
        group_ids: vec![GROUP],
        company_ids: vec![1],
        rules: Rc::new(Rules {
            series: Some(19),
            ..Rules::default()
        }),
        dead: None,
        read_only: None,
        switches: Switches {
            read_only: false,
            default_none: false,
            unscoped_none: false,
            confirm: Confirm::None,
        },
        facts: Rc::new(ModelFacts::of(facts.iter().map(owned).collect())),
        models: Default::default(),
        administered: Default::default(),
        derived: Default::default(),
        allowed_effects: Default::default(),
    }
}

/// A policy with restrictions on models that the facts do not relate.
fn among(facts: &[[&str; 4]], policy: Policy<'static>) -> Policy<'static> {
    Policy {
        facts: free(facts).facts,
        models: Default::default(),
        ..policy
    }
}

fn rules<'p>(policy: &'p mut Policy<'static>) -> &'p mut Rules {
    Rc::get_mut(&mut policy.rules).unwrap()
}

/// A policy with these access records.
fn access(records: &NamedModels) -> Policy<'static> {
    let mut policy = free(&FACTS);
    for (model, more) in records {
        let row = serde_json::from_value(row(model, more)).unwrap();
        rules(&mut policy).access.insert((*model).to_owned(), row);
    }
    policy
}

/// A policy of a key whose scope has these lines.
fn scope(all_models: bool, lines: &NamedModels) -> Policy<'static> {
    let mut policy = free(&FACTS);
    let scope = json!({"active": true, "read_only": false, "all_models": all_models});
    let mut scope: Scope = serde_json::from_value(scope).unwrap();
    for (model, more) in lines {
        let row = serde_json::from_value(row(model, more)).unwrap();
        scope.lines.insert((*model).to_owned(), row);
    }
    rules(&mut policy).scope = Some(scope);
    policy
}

fn off(model: &str) -> (&str, Value) {
    (model, json!({"unlink": false}))
}

/// A restriction to the user's own records.
fn mine(model: &str) -> (&str, Value) {
    let domain = r#"[["user_id", "=", {"var": "uid"}]]"#;
    (model, json!({"domain": domain}))
}

fn looked(parent: &str, model: &str, field: &str, domain: Value) -> Value {
    json!({"parent": parent, "model": model, "field": field, "domain": domain})
}

fn none_may_go(parent: &str, model: &str, field: &str, layer: &str) -> Value {
    json!({"parent": parent, "model": model, "field": field, "domain": null, "layer": layer})
}

fn unchanged(model: &str, layer: &str) -> Value {
    json!({"model": model, "unchanged": ["unlink"], "layer": layer})
}

#[track_caller]
fn assert_nothing(found: &Deletion) {
    assert!(found.children.is_empty(), "{found:?}");
    assert!(found.unchanged.is_empty(), "{found:?}");
    assert!(found.counted.is_empty(), "{found:?}");
}

/// Compares without the order of the relations.
#[track_caller]
fn assert_looked_at(found: &Deletion, expected: &[Value]) {
    assert_eq!(found.children.len(), expected.len(), "{found:?}");
    for child in expected {
        assert!(found.children.contains(child), "{child} of {found:?}");
    }
}

#[test]
fn a_caller_without_restrictions_has_nothing_looked_at() {
    let mut read_only = free(&FACTS);
    read_only.read_only = Some(super::super::Refusal::new(Layer::ReadOnly, "x"));
    let of_my_group = json!({"groups": [[GROUP, "Mine"], [9, "Others"]]});
    for policy in [
        free(&FACTS),
        read_only,
        access(&[("task", json!({})), ("timesheet", of_my_group)]),
        scope(true, &[]),
        scope(true, &[("task", json!({}))]),
    ] {
        for model in ["project", "task", "employee"] {
            assert_nothing(&policy.deletion(model));
        }
        // The policy does not even build its models.
        assert!(policy.models.borrow().is_empty());
    }
}

#[test]
fn facts_that_are_not_known_lead_nowhere() {
    let mut policy = access(&[off("task")]);
    policy.facts = Rc::default();
    let found = policy.deletion("project");
    assert!(found.children.is_empty());
    assert_eq!(found.unchanged, [unchanged("task", "access_record")]);
}

#[test]
fn of_a_child_that_may_not_be_deleted_none_may_go_and_nothing_below_is_looked_at() {
    let records = [off("task"), mine("timesheet")];
    let found = access(&records).deletion("project");
    let layer = "access_record";
    assert_looked_at(
        &found,
        &[none_may_go("project", "task", "project_id", layer)],
    );
    assert_eq!(found.unchanged, [unchanged("task", layer)]);
    // Odoo's own code may still delete them, so they are counted.
    assert_eq!(found.counted, ["timesheet"]);
}

#[test]
fn what_refuses_is_told() {
    let layer_of = |policy: Policy| {
        let found = policy.deletion("project");
        let task = found.children.iter().find(|child| child["model"] == "task");
        let layers = task.map(|task| [task["domain"].clone(), task["layer"].clone()]);
        layers.unwrap()
    };
    let refused = |layer: &str| [Value::Null, json!(layer)];
    let of_others = json!({"groups": [[9, "Others"]]});
    assert_eq!(layer_of(access(&[off("task")])), refused("access_record"));
    assert_eq!(
        layer_of(access(&[("task", of_others)])),
        refused("access_record")
    );
    assert_eq!(layer_of(scope(true, &[off("task")])), refused("key_scope"));
    let without_tasks = scope(false, &[("project", json!({}))]);
    assert_eq!(layer_of(without_tasks), refused("key_scope"));
}

#[test]
fn a_restricted_model_is_looked_for_along_the_whole_cascade() {
    let found = access(&[off("receipt")]).deletion("project");
    // Models between are deletable. Paths that lead elsewhere are left out.
    assert_looked_at(
        &found,
        &[
            looked("project", "task", "project_id", json!([])),
            looked("task", "task", "parent_id", json!([])),
            looked("task", "timesheet", "task_id", json!([])),
            none_may_go("timesheet", "receipt", "timesheet_id", "access_record"),
        ],
    );
    assert_eq!(found.unchanged, [unchanged("receipt", "access_record")]);
    assert!(found.counted.is_empty());
    // From further down the path is shorter; upwards there is none.
    let found = access(&[off("receipt")]).deletion("timesheet");
    assert_eq!(found.children.len(), 1);
    let found = access(&[off("project")]).deletion("task");
    assert!(found.children.is_empty());
}

#[test]
fn a_domain_of_a_child_holds_for_those_that_go_with_its_parent() {
    let found = access(&[mine("timesheet")]).deletion("project");
    let domain = json!([["user_id", "=", USER]]);
    assert_looked_at(
        &found,
        &[
            looked("project", "task", "project_id", json!([])),
            looked("task", "task", "parent_id", json!([])),
            looked("task", "timesheet", "task_id", domain),
        ],
    );
    assert!(found.unchanged.is_empty());
    assert_eq!(found.counted, ["timesheet"]);
}

#[test]
fn a_model_below_itself_is_looked_at_with_its_own_domain() {
    let found = access(&[mine("task")]).deletion("task");
    let domain = json!([["user_id", "=", USER]]);
    assert_looked_at(&found, &[looked("task", "task", "parent_id", domain)]);
    assert_eq!(found.counted, ["task"]);
}

#[test]
fn domains_of_an_access_record_and_of_a_scope_hold_both() {
    let mut policy = access(&[("task", json!({"domain": r#"[["a", "=", 1]]"#}))]);
    let lines = scope(true, &[mine("task")]);
    rules(&mut policy).scope = Rc::into_inner(lines.rules).unwrap().scope;
    let found = policy.deletion("project");
    let both = json!([["a", "=", 1], ["user_id", "=", USER]]);
    let tasks = found
        .children
        .iter()
        .filter(|child| child["model"] == "task");
    let domains: Vec<_> = tasks.map(|task| &task["domain"]).collect();
    assert_eq!(domains, [&both, &both]);
}

/// Meetings quote records of any model and are deleted with projects.
const TELLING: [[&str; 4]; 3] = [
    ["cascade", "task", "project_id", "project"],
    ["cascade", "meeting", "project_id", "project"],
    ["reference", "meeting", "res_id", "res_model"],
];

#[test]
fn hidden_fields_keep_no_record_but_those_that_tell_of_them() {
    for fields in [
        json!({"hidden_fields": ["notes"]}),
        json!({"allowed_fields": ["name"]}),
    ] {
        let mut policy = access(&[("task", fields)]);
        assert!(policy.restricts());
        assert_nothing(&policy.deletion("project"));
        policy = among(&TELLING, policy);
        let found = policy.deletion("project");
        let others = json!([["res_model", "not in", ["task"]]]);
        assert_looked_at(
            &found,
            &[looked("project", "meeting", "project_id", others)],
        );
        assert!(found.unchanged.is_empty());
        assert_eq!(found.counted, ["meeting"]);
        assert_nothing(&policy.deletion("task"));
    }
}

#[test]
fn other_operations_that_are_off_keep_no_record_but_those_that_tell_of_them() {
    let policy = access(&[("task", json!({"create": false, "call": false}))]);
    assert!(policy.restricts());
    assert_nothing(&policy.deletion("project"));
    assert_nothing(&among(&TELLING, policy).deletion("project"));
    // A caller who may not write tasks deletes nothing that quotes tasks.
    let policy = among(&TELLING, access(&[("task", json!({"write": false}))]));
    let others = json!([["res_model", "not in", ["task"]]]);
    let meeting = looked("project", "meeting", "project_id", others);
    assert_looked_at(&policy.deletion("project"), &[meeting]);
}

#[test]
fn a_chain_is_followed_to_its_end_and_a_circle_ends() {
    let names: Vec<String> = (0..60).map(|number| format!("level{number}")).collect();
    let below = names.windows(2).map(|pair| [&pair[1], "up_id", &pair[0]]);
    let mut facts: Vec<_> = below
        .map(|[model, field, other]: [&str; 3]| ["cascade", model, field, other])
        .collect();
    // Deleting the lowest level also deletes the highest.
    facts.push(["cascade", "level0", "round_id", "level59"]);
    let policy = among(&facts, access(&[off("level59")]));
    let found = policy.deletion("level0");
    assert_eq!(found.children.len(), 59);
    let last = none_may_go("level58", "level59", "up_id", "access_record");
    assert!(found.children.contains(&last));
    let policy = among(&facts, access(&[mine("level59")]));
    assert_eq!(policy.deletion("level0").children.len(), 60);
}

#[test]
fn every_relation_between_two_models_is_looked_at() {
    let facts = [
        ["cascade", "move", "source_id", "place"],
        ["cascade", "move", "target_id", "place"],
    ];
    let policy = among(&facts, access(&[off("move")]));
    let expected = ["source_id", "target_id"];
    let expected = expected.map(|field| none_may_go("place", "move", field, "access_record"));
    assert_looked_at(&policy.deletion("place"), &expected);
}

#[test]
fn restricted_models_that_no_relation_leads_to_are_watched() {
    let found = access(&[off("account"), mine("invoice")]).deletion("project");
    assert!(found.children.is_empty());
    assert_eq!(found.unchanged, [unchanged("account", "access_record")]);
    assert_eq!(found.counted, ["invoice"]);
}

#[test]
fn a_scope_of_named_models_has_the_others_watched() {
    let lines = [("project", json!({})), ("task", json!({})), off("invoice")];
    let found = scope(false, &lines).deletion("project");
    let layer = "key_scope";
    let of = |model: &str| none_may_go("project", model, "project_id", layer);
    assert_looked_at(
        &found,
        &[
            none_may_go("task", "timesheet", "task_id", layer),
            looked("project", "task", "project_id", json!([])),
            looked("task", "task", "parent_id", json!([])),
            of("milestone"),
        ],
    );
    let (others, named) = found.unchanged.split_last().unwrap();
    let refused = ["invoice", "milestone", "timesheet"];
    assert_eq!(named, refused.map(|model| unchanged(model, layer)));
    assert_eq!(others["layer"], layer);
    assert_eq!(others["unchanged"], json!(["unlink"]));
    let may = |name: &str| others["others"].as_array().unwrap().contains(&json!(name));
    assert!(may("project") && may("task"));
    assert!(!may("invoice") && !may("timesheet") && !may("note") && !may("elsewhere"));
    // Models whose records Odoo attaches to any record, and models closed by name.
    assert!(may("mail.message") && may("mail.alias") && may("bus.bus"));
    let families = others["families"].as_array().unwrap();
    assert!(families.contains(&json!("payment.token")) && families.contains(&json!("mcp.audit")));
    // A scope with all models leaves them to the user's rights.
    let found = scope(true, &[off("invoice")]).deletion("project");
    assert_eq!(found.unchanged, [unchanged("invoice", layer)]);
}

#[test]
fn where_models_without_a_record_are_closed_the_others_are_watched() {
    let mut policy = access(&[("project", json!({})), ("task", json!({}))]);
    policy.switches.default_none = true;
    let found = policy.deletion("project");
    let child = none_may_go("task", "timesheet", "task_id", "access_record");
    assert!(found.children.contains(&child), "{found:?}");
    let others = found.unchanged.last().unwrap();
    assert_eq!(others["layer"], "access_record");
    assert!(
        others["others"]
            .as_array()
            .unwrap()
            .contains(&json!("task"))
    );
}

#[test]
fn the_log_keeps_a_record_only_where_the_policy_names_it() {
    let found = access(&[off("invoice")]).deletion("project");
    assert!(found.children.is_empty());
    let found = access(&[off("mail.followers")]).deletion("project");
    let layer = "access_record";
    assert_looked_at(
        &found,
        &[none_may_go(
            "project",
            "mail.followers",
            "partner_id",
            layer,
        )],
    );
    // The same holds for dependents of the log: they are checked only if the log's model is named.
    let found = access(&[off("note")]).deletion("project");
    assert!(found.children.is_empty());
    let found = access(&[off("note"), ("mail.followers", json!({}))]).deletion("project");
    assert_looked_at(
        &found,
        &[
            looked("project", "mail.followers", "partner_id", json!([])),
            none_may_go("mail.followers", "note", "follower_id", layer),
        ],
    );
}

#[test]
fn what_is_closed_by_its_name_keeps_a_record_only_where_the_policy_names_it() {
    let found = access(&[off("invoice")]).deletion("project");
    assert!(found.children.is_empty());
    let found = access(&[off("payment.token")]).deletion("project");
    assert_looked_at(
        &found,
        &[none_may_go(
            "project",
            "payment.token",
            "project_id",
            "access_record",
        )],
    );
    // A scope line does not open it.
    let found = scope(true, &[("payment.token", json!({}))]).deletion("project");
    assert_nothing(&found);
    let lines = [("payment.token", json!({})), off("invoice")];
    let found = scope(true, &lines).deletion("project");
    let token = none_may_go("project", "payment.token", "project_id", "closed");
    assert_looked_at(&found, &[token]);
}

#[test]
fn a_part_goes_with_its_whole_unless_it_is_named_itself() {
    let found = scope(false, &[("employee", json!({}))]).deletion("employee");
    assert!(found.children.is_empty(), "{found:?}");
    let others = found.unchanged.last().unwrap();
    let others = others["others"].as_array().unwrap();
    assert!(others.contains(&json!("version")));
    let found = scope(false, &[("employee", json!({})), off("version")]).deletion("employee");
    let layer = "key_scope";
    let version = none_may_go("employee", "version", "employee_id", layer);
    assert_looked_at(&found, &[version]);
    // A part stays if its whole may not be deleted.
    let found = scope(false, &[("company", json!({})), off("employee")]).deletion("company");
    let version = none_may_go("company", "version", "company_id", layer);
    assert_looked_at(&found, &[version]);
}

fn edge<'f>(parent: &'f str, model: &'f str) -> Edge<'f> {
    Edge {
        parent,
        model,
        field: "parent_id",
    }
}

#[test]
fn what_leads_to_restricted_models_is_looked_at_and_nothing_else() {
    let edges = [
        edge("order", "line"),
        edge("line", "lot"),
        edge("lot", "line"),
        edge("order", "option"),
        edge("option", "note"),
        edge("lot", "label"),
    ];
    let looked = leading(&edges, &|name| name == "label");
    assert_eq!(looked, [edges[0], edges[1], edges[2], edges[5]]);
    assert!(leading(&edges, &|_| false).is_empty());
    let looked = leading(&edges, &|name| name == "note");
    assert_eq!(looked, [edges[3], edges[4]]);
}

#[test]
fn what_leads_to_the_model_itself_is_looked_at() {
    let edges = [edge("category", "category"), edge("category", "product")];
    assert_eq!(leading(&edges, &|name| name == "category"), [edges[0]]);
}
