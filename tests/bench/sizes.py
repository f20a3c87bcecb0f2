"""The number of bytes that a model reads: ten typical questions to this server and to the others.

The size is that of the text content, which clients pass to their models. The structured content is listed too, for
clients that pass that. Each question is one call that follows the descriptions of the server's tools.
"""

import json

from support import http

from . import load, rows

OURS = "odoo_mcp"
# The other servers' answer to the first question when this benchmark was written, and the allowed share of it.
YARDSTICK = 28_700
SHARE = 1 / 3
HEAD = "60 records of 6 fields"

PEER, SECOND = "mcp-server-odoo", "odoo-mcp"
ORDER_FIELDS = ["name", "partner_id", "date_order", "amount_total", "state"]
INVOICE_FIELDS = ["name", "partner_id", "invoice_date", "amount_total", "payment_state"]


def _search(model, **more):
    """The same search for all three servers. Ours takes the domain as text."""
    ours = {"model": model, **more}
    if "domain" in more:
        ours["domain"] = json.dumps(more["domain"])
    theirs = ("search_records", {"model": model, "domain": [], **more})
    return {OURS: ("search", ours), PEER: theirs, SECOND: theirs}


def _read(model, record, **more):
    theirs = {"model": model, "record_id": record, **more}
    return {
        OURS: ("read", {"model": model, "ids": [record], **more}),
        PEER: ("get_record", theirs),
        SECOND: ("read_record", theirs),
    }


def questions(database):
    """The questions: a title and each server's call. `database` finds records with data to report."""
    order = database.value("SELECT id FROM sale_order ORDER BY id LIMIT 1")
    partner = database.value("SELECT id FROM res_partner WHERE is_company ORDER BY id LIMIT 1")
    about = database.row(
        "SELECT model, res_id FROM mail_message WHERE model IN ('sale.order', 'crm.lead', 'res.partner')"
        " GROUP BY model, res_id ORDER BY count(*) DESC, model, res_id LIMIT 1"
    )
    messages = [["model", "=", about["model"]], ["res_id", "=", about["res_id"]]]
    fields = {"model": "res.partner", "fields": ["email", "country_id", "type"]}
    return [
        (HEAD, _search(rows.MODEL, fields=rows.FIELDS, order=rows.ORDER, limit=rows.LIMIT)),
        ("20 contacts, no fields named", _search("res.partner", limit=20, order="id")),
        ("one company, no fields named", _read("res.partner", partner)),
        ("the last 20 orders, 5 fields", _search("sale.order", fields=ORDER_FIELDS, order="id desc", limit=20)),
        ("one order, no fields named", _read("sale.order", order)),
        ("30 posted invoices, 5 fields", _search(
            "account.move", fields=INVOICE_FIELDS, domain=[["state", "=", "posted"]], order="id desc", limit=30)),
        ("40 opportunities, no fields named", _search(
            "crm.lead", domain=[["type", "=", "opportunity"]], order="id", limit=40)),
        ("messages of a record, with their HTML", _search(
            "mail.message", fields=["date", "author_id", "body"], domain=messages, order="id", limit=20)),
        ("which fields an order has", {
            OURS: ("describe_model", {"model": "sale.order"}),
            PEER: ("get_fields", {"model": "sale.order"}),
            SECOND: ("get_model_fields", {"model": "sale.order"})}),
        ("three fields of a contact", {
            OURS: ("describe_model", fields),
            PEER: ("get_fields", {"model": "res.partner", "field_names": fields["fields"]}),
            SECOND: ("get_model_fields", {"model": "res.partner", "field_names": fields["fields"]})}),
    ]


def measure(database, port, key, peers):
    """One dictionary for each question: the bytes of each server's answer."""
    bearer = [("Authorization", rows.mcp.bearer(key))]
    ports = {OURS: (port, bearer), **{peer.name: (peer.port, []) for peer in peers}}
    table = []
    for title, calls in questions(database):
        answers = {}
        for name, (at, headers) in ports.items():
            tool, arguments = calls[name]
            request = rows.call(at, headers, tool, arguments)
            try:
                result = rows.result(http.parse(load.fetch(at, request)))
            except (AssertionError, KeyError) as error:
                if name == OURS:
                    raise load.Refused(f"{title}: {error!r}") from error
                # A question that a server cannot answer has no size.
                answers[name] = None
                continue
            answers[name] = {"text": _text(result), "structured": _structured(result)}
        table.append({"question": title, "answers": answers})
    return table


def _text(result):
    return sum(len(part.get("text", "").encode()) for part in result["content"])


def _structured(result):
    if "structuredContent" not in result:
        return 0
    return len(json.dumps(result["structuredContent"], ensure_ascii=False, separators=(",", ":")).encode())


def checks(table):
    """The threshold: (passed, text)."""
    first = next(row["answers"][OURS]["text"] for row in table if row["question"] == HEAD)
    most = int(YARDSTICK * SHARE)
    return [(first <= most, f"bytes: {HEAD} has {first:,} <= {most:,}, a third of {YARDSTICK:,}")]


def markdown(table):
    """The table, with the sum of the questions that all servers answered."""
    names = list(table[0]["answers"])
    lines = ["## Bytes for the model: text (structured)", "", "| question | " + " | ".join(names) + " |",
             "|---|" + "---:|" * len(names)]
    for row in table:
        lines.append(f"| {row['question']} | " + " | ".join(_cell(row["answers"][name]) for name in names) + " |")
    whole = [row["answers"] for row in table if all(row["answers"].values())]
    sums = {name: {kind: sum(answers[name][kind] for answers in whole) for kind in ("text", "structured")}
            for name in names}
    lines.append(f"| **all that each has answered ({len(whole)})** | " + " | ".join(_cell(sums[name]) for name in names)
                 + " |")
    return [*lines, ""]


def _cell(sizes):
    return f"{sizes['text']:,} ({sizes['structured']:,})" if sizes else "refused"
