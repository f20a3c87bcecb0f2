"""Reports at both doors: as text, as PDF where Odoo can make one, and only for users who may print them."""

import base64
import json
import os

import pytest
from support.files import pdf

from harness.paths import BUILD, directory

ORDER = "sale.order"
REPORT = "sale.report_saleorder"


def test_the_reports_of_a_model_are_listed(world, sally, db):
    listed = sally.result("render_report", {"model": ORDER})["reports"]
    known = db.rows("SELECT report_name FROM ir_act_report_xml WHERE model = %s", ORDER)
    assert REPORT in {report["report"] for report in listed}
    assert {report["report"] for report in listed} <= {row["report_name"] for row in known}
    assert sally.result("render_report", {"model": "res.partner.category"})["reports"] == []


def test_a_report_is_only_for_its_groups(sally, admin, db):
    number = db.value("SELECT id FROM ir_act_report_xml WHERE report_name = %s", REPORT)
    group = db.value("SELECT res_id FROM ir_model_data WHERE module = 'base' AND name = 'group_system'")
    db.run("INSERT INTO res_groups_report_rel (uid, gid) VALUES (%s, %s)", number, group)
    try:
        assert REPORT in [one["report"] for one in admin.result("render_report", {"model": ORDER})["reports"]]
        assert REPORT not in [one["report"] for one in sally.result("render_report", {"model": ORDER})["reports"]]
    finally:
        db.run("DELETE FROM res_groups_report_rel WHERE uid = %s AND gid = %s", number, group)


def test_a_report_is_printed_as_text(world, door, sally):
    order = world.orders[0]
    name = world.json2(door).value(ORDER, "read", ids=[order], fields=["name"])[0]["name"]
    printed = sally.result("render_report", {"model": ORDER, "ids": [order], "report": REPORT})
    assert (printed["model"], printed["report"], printed["ids"]) == (ORDER, REPORT, [order])
    assert name in printed["text"]
    assert "Zebra Customer 0" in printed["text"]
    assert printed["length"] == len(printed["text"])
    assert "<" not in printed["text"]
    assert "\n\n\n" not in printed["text"]


def test_a_pdf_that_odoo_cannot_make_is_said(world, sally):
    said = sally.refusal("render_report", {"model": ORDER, "ids": [world.orders[0]], "report": REPORT, "pdf": True})
    assert "PDF" in said
    assert "Omit pdf" in said


@pytest.fixture(scope="module")
def printing(environment, world):
    """A server with a stand-in for the PDF converter, which returns the same file for every report."""
    # A folder that Odoo's user can read.
    folder = directory(BUILD / "bin")
    (folder / "made.pdf").write_bytes(pdf("printed"))
    program = folder / "wkhtmltopdf"
    program.write_text(
        '#!/bin/sh\nfor last; do :; done\ncase "$1" in\n'
        '--version) echo "wkhtmltopdf 0.12.6 (with patched qt)" ;;\n'
        f'*) cp "{folder}/made.pdf" "$last" ;;\nesac\n'
    )
    program.chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    server = environment.odoo(world.name, name="printing", workers=2, environment={"PATH": path})
    yield world.client(server)
    server.stop()


def test_a_report_is_printed_as_pdf_where_odoo_can(printing, world, db):
    given = {"model": ORDER, "ids": [world.orders[0]], "report": REPORT, "pdf": True}
    result = printing.call("render_report", given).json["result"]
    assert not result["isError"], result
    file, told = result["content"]
    assert file["resource"]["mimeType"] == "application/pdf"
    data = base64.b64decode(file["resource"]["blob"])
    # Odoo rewrites the file with the same page.
    assert data.startswith(b"%PDF-")
    assert b"(printed)" in data
    assert result["structuredContent"] == json.loads(told["text"])
    assert (told["type"], result["structuredContent"]["size"]) == ("text", len(data))
    # Printing for a reader stores nothing on the record.
    mine = "SELECT count(*) FROM ir_attachment WHERE res_model = %s AND res_id = %s"
    assert db.value(mine, ORDER, world.orders[0]) == 0


def test_what_cannot_be_printed_is_said(world, sally, admin):
    order, other = world.orders[:2]
    given = {"model": ORDER, "report": REPORT}
    assert REPORT in sally.refusal("render_report", {**given, "report": "no.such", "ids": [order]})
    # The server refuses a report of another model.
    sally.refusal("render_report", {"model": "res.partner", "report": REPORT, "ids": [1]})
    assert "ids" in sally.refusal("render_report", given)
    assert "ids" in sally.refusal("render_report", {**given, "ids": list(range(1, 40))})
    assert admin.result("render_report", {**given, "ids": [other]})["text"]
    sally.refusal("render_report", {**given, "ids": [order, other]})
    sally.refusal("render_report", {**given, "ids": [9_999_999]})
    sally.refusal("render_report", {"model": "ir.config_parameter"})
    sally.refusal("render_report", {"model": "no.such.model"})
