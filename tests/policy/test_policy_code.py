"""Values that Odoo's methods compute from hidden fields without declaring it are hidden too."""

import json

import pytest


@pytest.fixture
def client(world, door):
    """An administrator with a key that can have a scope."""
    return world.client(door, "admin", "mcp")


def _call(client, tool, arguments):
    """The result of a call, or None when the server refuses it."""
    result = client.call(tool, arguments).json["result"]
    return None if result.get("isError") else result["structuredContent"]


def _create(client, model, **values):
    return client.result("create", {"model": model, "values": json.dumps(values)})["ids"][0]


def _read(client, model, record, field):
    got = _call(client, "read", {"model": model, "ids": [record], "fields": [field]})
    return got and got["rows"] and got["rows"][0][1]


def test_the_cost_is_not_told_by_the_value_of_stock(client, db, restrict):
    quant, quantity, cost = db.rows(
        "SELECT q.id, q.quantity, (p.standard_price ->> '1')::float AS cost FROM stock_quant q"
        " JOIN product_product p ON p.id = q.product_id JOIN stock_location l ON l.id = q.location_id"
        " WHERE l.usage = 'internal' AND q.company_id = 1 AND q.quantity > 0 ORDER BY q.id LIMIT 1"
    )[0].values()
    with restrict.access("product.product", hidden=["standard_price"]):
        value = _read(client, "stock.quant", quant, "value")
    assert value is None, (value / float(quantity), cost)


def test_a_birthday_is_not_told_by_a_field_of_the_same_record(client, db, restrict):
    employee = db.value("SELECT min(id) FROM hr_employee")
    values = json.dumps({"birthday": "1984-05-17", "birthday_public_display": True})
    client.result("write", {"model": "hr.employee", "ids": [employee], "values": values})
    with restrict.access("hr.employee", hidden=["birthday"]):
        told = _read(client, "hr.employee", employee, "birthday_public_display_string")
    assert told is None


TOLD = [
    ("product.supplierinfo", ["price"], "stock.warehouse.orderpoint", "supplier_id_placeholder"),
    ("res.partner", ["name"], "stock.warehouse.orderpoint", "supplier_id_placeholder"),
    ("res.partner", ["name"], "project.task", "portal_user_names"),
    ("project.project", ["name"], "project.task", "link_preview_name"),
    ("product.template", ["name"], "sale.order.line", "translated_product_name"),
    ("account.account", ["name"], "account.tax", "repartition_lines_str"),
    ("stock.location", ["name"], "stock.rule", "rule_message"),
    ("account.move.line", ["amount_residual"], "res.partner", "credit"),
    ("account.move.line", ["balance", "debit", "credit"], "account.account", "current_balance"),
    ("sale.order.line", ["product_uom_qty"], "product.template", "sales_count"),
    ("mail.activity", ["summary"], "account.journal", "json_activity_data"),
    ("account.move.line", ["amount_residual"], "account.move", "invoice_outstanding_credits_debits_widget"),
]


@pytest.mark.parametrize(("model", "hidden", "other", "field"), TOLD)
def test_what_code_makes_of_a_hidden_field_is_hidden(client, restrict, model, hidden, other, field):
    ask = {"model": other, "fields": [field], "limit": 5}
    client.result("search", ask)
    with restrict.access(model, hidden=hidden):
        got = _call(client, "search", ask)
    assert got is None, got["rows"]


# Basic fields that stay visible, although their code also reads the hidden field's model.
STAYS = {
    ("res.partner", "email"): {
        "sale.order": ["display_name", "amount_total", "partner_id", "invoice_status"],
        "sale.order.line": ["name", "price_total", "qty_invoiced"],
        "account.move": ["display_name", "amount_total", "payment_state", "tax_totals"],
        "purchase.order": ["display_name", "amount_total", "invoice_status"],
        "hr.employee": ["display_name"],
        "product.product": ["display_name", "qty_available"],
        "project.task": ["display_name", "stage_id"],
    },
    ("res.partner", "name"): {
        "sale.order": ["amount_total", "invoice_status"],
        "sale.order.line": ["price_total", "qty_invoiced"],
        "account.move": ["amount_total", "payment_state", "tax_totals"],
        "account.account": ["display_name", "current_balance"],
        "product.product": ["display_name", "qty_available"],
        "project.task": ["display_name"],
    },
    ("product.product", "standard_price"): {
        "product.product": ["display_name", "lst_price", "qty_available"],
        "sale.order": ["display_name", "amount_total", "tax_totals"],
        "sale.order.line": ["name", "price_total", "qty_delivered"],
        "account.move": ["display_name", "amount_total"],
        "purchase.order.line": ["name", "product_qty"],
        "stock.picking": ["display_name"],
    },
    ("hr.employee", "birthday"): {
        "hr.employee": ["display_name", "work_email", "job_title"],
        "res.users": ["display_name", "email"],
        "project.task": ["display_name", "portal_user_names"],
    },
    ("account.move.line", "balance"): {
        "sale.order": ["display_name", "amount_total", "invoice_status"],
        "sale.order.line": ["price_unit", "qty_invoiced"],
        "res.partner": ["display_name", "email"],
        "product.product": ["display_name", "lst_price"],
        "purchase.order.line": ["qty_invoiced"],
    },
}


@pytest.mark.parametrize(("model", "field"), STAYS)
def test_what_code_does_not_make_of_a_hidden_field_stays(client, restrict, model, field):
    with restrict.access(model, hidden=[field]):
        for other, shown in STAYS[model, field].items():
            client.result("search", {"model": other, "fields": shown, "limit": 2})


def test_names_and_amounts_stay_where_records_are_out_of_reach(world, client, restrict):
    """Code may still use records outside the scope for counts and labels."""
    shown = {
        "crm.lead": ["display_name", "expected_revenue", "phone_sanitized", "duration_tracking"],
        "res.partner": ["display_name", "contact_address", "phone_sanitized", "vat_label"],
        "product.product": ["display_name", "lst_price", "weight_uom_name"],
        "sale.order": ["display_name", "amount_total", "tax_totals"],
        "sale.order.line": ["display_name", "translated_product_name"],
        "account.move": ["display_name", "amount_total"],
    }
    scope = [(model, {}) for model in (*shown, "product.template")]
    with restrict.scope(world["admin"].keys["mcp"], scope, all_models=False):
        for model, fields in shown.items():
            client.result("search", {"model": model, "fields": fields, "limit": 2})


def test_an_analysis_by_a_query_is_hidden_with_what_it_sums_up(client, restrict):
    ask = {"model": "sale.report", "fields": ["price_subtotal"], "limit": 2}
    client.result("search", ask)
    with restrict.access("sale.order.line", hidden=["price_subtotal"]):
        assert _call(client, "search", ask) is None


def test_activities_of_what_is_closed_are_not_listed_by_a_journal(world, client, db, restrict):
    move, journal = db.rows(
        "SELECT id, journal_id FROM account_move WHERE company_id = 1 AND state = 'posted'"
        " AND move_type = 'in_invoice' ORDER BY id LIMIT 1"
    )[0].values()
    model = db.value("SELECT id FROM ir_model WHERE model = 'account.move'")
    _create(client, "mail.activity", res_model_id=model, res_id=move, summary="SECRET SUMMARY")
    with restrict.scope(world["admin"].keys["mcp"], [("account.journal", {})], all_models=False):
        told = _read(client, "account.journal", journal, "json_activity_data")
    assert "SECRET SUMMARY" not in str(told)


def test_a_widget_lists_no_record_outside_the_domain(client, db, restrict):
    bills = db.rows(
        "SELECT id FROM account_move WHERE company_id = 1 AND state = 'posted' AND move_type = 'in_invoice'"
        " AND amount_residual > 0 ORDER BY id"
    )
    field = "invoice_outstanding_credits_debits_widget"
    bill = next(row["id"] for row in bills if _read(client, "account.move", row["id"], field))
    with restrict.access("account.move", domain=[["id", "=", bill]]):
        told = _read(client, "account.move", bill, field)
    assert not told, told


@pytest.mark.parametrize("how", ["off", "domain"])
def test_a_resource_shows_no_job_of_an_employee_out_of_reach(client, restrict, how):
    kinds = {"off": {"off": ["read"]}, "domain": {"domain": [["id", "=", 1]]}}
    search = {"model": "resource.resource", "fields": ["job_title"], "order": "id desc", "limit": 3}
    with restrict.access("hr.employee", **kinds[how]):
        got = _call(client, "search", search)
    assert got is None or not any(row[1] for row in got["rows"]), got


def test_records_are_not_found_by_the_name_of_what_they_are_named_after(world, client, db, restrict):
    name = db.value("SELECT p.name FROM res_partner p JOIN account_move m ON m.partner_id = p.id ORDER BY m.id LIMIT 1")
    db.run("UPDATE product_product SET barcode = '777000111' WHERE id = (SELECT min(product_id) FROM stock_move_line)")

    def count(model, term):
        got = _call(client, "count", {"model": model, "domain": json.dumps([term])})
        return got and got["count"]

    with restrict.access("res.partner", hidden=["name"]):
        assert count("account.move", ["display_name", "ilike", name]) is None
        by_name = count("account.move.line", ["display_name", "ilike", name])
    with restrict.access("product.product", hidden=["barcode"]):
        by_code = count("stock.move.line", ["display_name", "=", "777000111"])
        by_none = count("stock.move.line", ["display_name", "=", "777000112"])
    db.run("UPDATE product_product SET barcode = NULL WHERE barcode = '777000111'")
    assert (by_name, by_code, by_none) == (None, None, None)


def test_a_wizard_tells_no_hidden_number(client, db, restrict):
    line, open_amount = db.rows(
        "SELECT l.id, l.amount_residual FROM account_move_line l JOIN account_account a ON a.id = l.account_id"
        " JOIN account_move m ON m.id = l.move_id WHERE m.state = 'posted' AND m.move_type = 'out_invoice'"
        " AND l.company_id = 1 AND a.account_type = 'asset_receivable' AND l.amount_residual > 0 LIMIT 1"
    )[0].values()
    hidden = ["amount_residual", "amount_residual_currency", "balance", "debit", "credit", "amount_currency"]
    with restrict.access("account.move.line", hidden=hidden):
        wizard = _create(client, "account.payment.register", line_ids=[[6, 0, [line]]])
        told = _read(client, "account.payment.register", wizard, "source_amount")
    assert told is None, (told, open_amount)


def test_odoo_starts_while_a_transaction_holds_tables_of_views(environment, world, db):
    """The registry setup may itself hold the locks, on another cursor of the same thread: it must not wait for them."""
    with db.transaction() as holder:
        holder.execute("LOCK TABLE sale_order_line, account_move_line, stock_move IN ACCESS EXCLUSIVE MODE")
        for mark in ("on_field", "'unknown'"):
            db.run(f"UPDATE mcp_field_dependency SET on_field = {mark} WHERE model = ''")
            assert environment.shell(world.name, "result = 'sale.order' in env", timeout=50)
    assert db.value("SELECT count(*) FROM mcp_field_dependency") > 10000
