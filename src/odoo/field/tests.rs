use serde_json::json;

use super::*;

fn field(name: &str, ttype: &str) -> Field {
    serde_json::from_value(json!({"name": name, "ttype": ttype, "store": true, "selectable": true}))
        .unwrap()
}

#[test]
fn every_type_reads_back_as_its_odoo_name() {
    for name in [
        "boolean",
        "integer",
        "float",
        "monetary",
        "char",
        "text",
        "html",
        "date",
        "datetime",
        "selection",
        "many2one",
        "one2many",
        "many2many",
        "many2one_reference",
        "reference",
        "binary",
        "image",
        "json",
        "properties",
        "properties_definition",
        "serialized",
    ] {
        let ttype: FieldType = serde_json::from_value(json!(name)).unwrap();
        assert_eq!(ttype.as_str(), name);
        assert_eq!(serde_json::to_value(ttype).unwrap(), json!(name));
    }
    assert_eq!(field("x", "geo_point").ttype, FieldType::Other);
}

#[test]
fn a_row_reads_with_all_the_ways_to_say_none() {
    for none in [json!(null), json!(false), json!("")] {
        let row = json!({"name": "name", "ttype": "char", "relation": none, "label": none, "selectable": true});
        let field: Field = serde_json::from_value(row).unwrap();
        assert_eq!(
            (field.relation, field.label, field.searchable, field.store),
            (None, None, true, false)
        );
    }
    let row = json!({"name": "a_id", "ttype": "many2one", "relation": "res.partner", "searchable": true, "label": "A"});
    let field: Field = serde_json::from_value(row).unwrap();
    assert_eq!(field.relation.as_deref(), Some("res.partner"));
    assert_eq!(field.label.as_deref(), Some("A"));
    assert!(
        serde_json::from_value::<Field>(json!({"name": "a", "ttype": "char", "relation": 5}))
            .is_err()
    );
}

#[test]
fn fields_are_found_by_name() {
    let fields = Fields::new("res.partner", vec![field("b", "char"), field("a", "char")]);
    assert_eq!(fields.get("a").map(|field| field.name.as_str()), Some("a"));
    assert!(fields.get("c").is_none());
    assert_eq!(fields.names().collect::<Vec<_>>(), ["b", "a"]);
}

fn sale_order() -> Vec<Field> {
    [
        ("access_token", "char"),
        ("access_url", "char"),
        ("activity_state", "selection"),
        ("amount_total", "monetary"),
        ("amount_untaxed", "monetary"),
        ("client_order_ref", "char"),
        ("company_id", "many2one"),
        ("create_date", "datetime"),
        ("create_uid", "many2one"),
        ("currency_id", "many2one"),
        ("date_order", "datetime"),
        ("display_name", "char"),
        ("id", "integer"),
        ("message_ids", "one2many"),
        ("name", "char"),
        ("note", "html"),
        ("order_line", "one2many"),
        ("origin", "char"),
        ("partner_id", "many2one"),
        ("signature", "binary"),
        ("state", "selection"),
        ("tag_ids", "many2many"),
        ("user_id", "many2one"),
        ("write_date", "datetime"),
        ("password", "char"),
        ("color", "integer"),
        ("json_popover", "json"),
        ("x_note", "text"),
        ("require_payment", "boolean"),
    ]
    .into_iter()
    .map(|(name, ttype)| field(name, ttype))
    .collect()
}

#[test]
fn default_fields_tell_the_record_and_leave_out_the_rest() {
    let chosen = default_fields(&sale_order(), 12);
    assert_eq!(chosen[0], "name");
    for wanted in [
        "state",
        "partner_id",
        "date_order",
        "amount_total",
        "user_id",
    ] {
        assert!(
            chosen[..8].iter().any(|name| name == wanted),
            "{wanted} in {chosen:?}"
        );
    }
    for unwanted in [
        "id",
        "display_name",
        "access_token",
        "access_url",
        "activity_state",
        "create_date",
        "create_uid",
        "write_date",
        "message_ids",
        "note",
        "order_line",
        "signature",
        "tag_ids",
        "password",
        "color",
        "json_popover",
        "x_note",
    ] {
        assert!(
            !chosen.iter().any(|name| name == unwanted),
            "{unwanted} in {chosen:?}"
        );
    }
    assert!(chosen.len() <= 12);
}

#[test]
fn default_fields_do_not_depend_on_the_order_of_rows() {
    let mut reversed = sale_order();
    reversed.reverse();
    assert_eq!(
        default_fields(&sale_order(), 12),
        default_fields(&reversed, 12)
    );
}

#[test]
fn default_fields_keep_to_the_limit() {
    let many: Vec<Field> = (0..50)
        .map(|i| field(&format!("x_field_{i}"), "char"))
        .collect();
    assert_eq!(default_fields(&many, 100).len(), 12);
    assert_eq!(default_fields(&many, 3).len(), 3);
    assert!(default_fields(&many, 0).is_empty());
    assert!(default_fields(&[], 12).is_empty());
}

#[test]
fn without_a_name_the_display_name_comes_first() {
    let mut display_name = field("display_name", "char");
    display_name.store = false;
    let fields = [field("amount", "float"), display_name];
    assert_eq!(default_fields(&fields, 12), ["display_name", "amount"]);
}

#[test]
fn an_address_state_and_an_uncomputed_field_rank_low() {
    let mut computed = field("amount_due", "monetary");
    (computed.store, computed.searchable) = (false, false);
    let fields = [
        field("state_id", "many2one"),
        field("email", "char"),
        field("amount_paid", "monetary"),
        computed,
    ];
    assert_eq!(
        default_fields(&fields, 3),
        ["amount_paid", "email", "amount_due"]
    );
}
