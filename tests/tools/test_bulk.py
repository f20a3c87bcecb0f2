"""Several records in one call, all or none: each record has its own values, and an error names the record's
position."""

import json

import pytest

MOMENT, LINE, ITEM = "mcp.test.moment", "mcp.test.moment.line", "mcp.test.item"


@pytest.fixture
def moments(db, admin):
    """Creates moments with these names. Deletes them afterwards, with what their writes recorded."""
    db.run("DELETE FROM mcp_test_moment_line")

    def make(*names):
        made = admin.result("create", {"model": MOMENT, "values": [{"name": name, "line_ids": []} for name in names]})
        db.run("DELETE FROM mcp_test_moment_line")
        return made["ids"]

    yield make
    db.run("DELETE FROM mcp_test_moment")
    db.run("DELETE FROM mcp_test_moment_line")


@pytest.fixture
def no_items(db):
    """No item exists before or after the test."""
    db.run("DELETE FROM mcp_test_item")
    yield
    db.run("DELETE FROM mcp_test_item")


def _writes(db):
    """What each call of `write` recorded, in order."""
    return [row["name"] for row in db.rows("SELECT name FROM mcp_test_moment_line ORDER BY id")]


def _rows(db, ids):
    rows = db.rows(
        "SELECT id, name ->> 'en_US' AS name, kind, day::text AS day, at::text AS at FROM mcp_test_moment"
        " WHERE id = ANY(%s) ORDER BY id",
        ids,
    )
    return {row.pop("id"): row for row in rows}


def test_each_record_gets_its_own_values(admin, db, moments):
    one, two, three = moments("One", "Two", "Three")
    values = [
        {"id": two, "name": "Zwei", "at": "2026-07-01 09:00:00"},
        {"name": "Eins", "id": one, "day": "2026-02-03"},
        {"id": three, "kind": "two", "at": "2026-07-01T09:00:00Z"},
    ]
    assert admin.result("write", {"model": MOMENT, "values": json.dumps(values)}) == {
        "model": MOMENT,
        "ids": [two, one, three],
    }
    rows = _rows(db, [one, two, three])
    assert rows[one] == {"name": "Eins", "kind": None, "day": "2026-02-03", "at": "2026-07-01 12:00:00"}
    # The administrator's time zone is Europe/Brussels.
    assert rows[two] == {"name": "Zwei", "kind": None, "day": None, "at": "2026-07-01 07:00:00"}
    assert rows[three] == {"name": "Three", "kind": "two", "day": None, "at": "2026-07-01 09:00:00"}


def test_it_leaves_what_one_write_after_the_other_leaves(admin, db, world, moments):
    """Odoo's own interface makes the same changes record by record on copies."""
    ours, theirs = moments("A", "B", "C", "D"), moments("A", "B", "C", "D")
    each = [{"kind": "one"}, {"kind": "one"}, {"kind": "two", "day": "2026-01-01"}, {"kind": "one"}]
    # In descending order of ids, so that an unwanted order by id would show.
    admin.result(
        "write",
        {"model": MOMENT, "values": [{"id": id_, **vals} for id_, vals in zip(reversed(ours), each, strict=True)]},
    )
    odoo = world.json2(admin.port)
    for id_, vals in zip(reversed(theirs), each, strict=True):
        assert odoo.value(MOMENT, "write", ids=[id_], vals=vals) is True
    assert list(_rows(db, ours).values()) == list(_rows(db, theirs).values())


def test_equal_values_in_a_row_are_one_write(admin, db, moments):
    ids = moments("A", "B", "C", "D", "E")
    kinds = ["one", "one", "two", "one", "one"]
    values = [{"id": id_, "kind": kind} for id_, kind in zip(ids, kinds, strict=True)]
    admin.result("write", {"model": MOMENT, "values": values})
    assert _writes(db) == ["write ['kind'] to 2", "write ['kind'] to 1", "write ['kind'] to 2"]
    assert [row["kind"] for row in _rows(db, ids).values()] == kinds


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (lambda ids: [], "values: give 1 to"),
        (lambda ids: [{"id": ids[0], "name": "x"}, {"id": ids[0], "kind": "one"}], "values[1].id"),
        (lambda ids: [{"id": ids[0], "name": "x"}, {"name": "y"}], "values[1].id: is missing"),
        (lambda ids: [{"id": ids[0], "name": "x"}, {"id": ids[1]}], "values[1]: names no field"),
        (lambda ids: [{"id": ids[0], "name": "x"}, {"id": ids[1], "nmae": "y"}], "values[1].nmae"),
        (lambda ids: [{"id": ids[0], "name": "x"}, {"id": ids[1], "at": "soon"}], "values[1].at"),
        (
            lambda ids: [{"id": ids[0], "name": "x"}, {"id": ids[1], "line_ids": [[0, 0, {"at": "x"}]]}],
            "line_ids[0][2].at",
        ),
        (lambda ids: [{"id": ids[0], "name": "x"}, {"id": 2_000_000_000, "name": "y"}], "2000000000"),
        (
            lambda ids: [{"id": ids[0], "name": "x"}, {"id": ids[1], "name": "refused"}],
            "values[1]: This name is refused",
        ),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(admin, db, moments, values, said):
    ids = moments("A", "B")
    before = _rows(db, ids)
    assert said in admin.refusal("write", {"model": MOMENT, "values": values(ids)})
    assert _rows(db, ids) == before
    assert _writes(db) == []


def test_several_refused_together_are_named_from_the_first_to_the_last(admin, db, moments):
    ids = moments("A", "B", "C")
    values = [{"id": ids[0], "name": "x"}] + [{"id": id_, "name": "refused"} for id_ in ids[1:]]
    assert "values[1] to values[2]: This name" in admin.refusal("write", {"model": MOMENT, "values": values})
    assert [row["name"] for row in _rows(db, ids).values()] == ["A", "B", "C"]


def test_the_old_form_takes_ids_and_one_object(admin, db, moments):
    ids = moments("A", "B")
    admin.result("write", {"model": MOMENT, "ids": ids, "values": {"kind": "two"}})
    assert [row["kind"] for row in _rows(db, ids).values()] == ["two", "two"]
    assert "ids: give at least one" in admin.refusal("write", {"model": MOMENT, "values": {"kind": "one"}})
    both = {"model": MOMENT, "ids": ids, "values": [{"id": ids[0], "kind": "one"}]}
    assert "ids: leave it out" in admin.refusal("write", both)
    assert [row["kind"] for row in _rows(db, ids).values()] == ["two", "two"]


def test_no_more_than_the_administrator_allows(admin, db, moments):
    ids = moments("A", "B", "C")
    with db.parameter("odoo_mcp.max_records", "2"):
        values = [{"id": id_, "kind": "one"} for id_ in ids]
        assert "1 to 2 objects" in admin.refusal("write", {"model": MOMENT, "values": values})
        new = [{"name": "D"}] * 3
        assert "1 to 2 objects" in admin.refusal("create", {"model": MOMENT, "values": new})
        assert len(admin.result("write", {"model": MOMENT, "values": values[:2]})["ids"]) == 2
    assert [row["kind"] for row in _rows(db, ids).values()] == ["one", "one", None]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([{"name": "a"}, {"name": "b", "amount": -1}, {"name": "c"}], "values[1]: "),
        ([{"name": "a"}, {"name": "b"}, {"amount": 1}], "values[2]: "),
    ],
)
def test_create_names_the_record_that_the_database_refuses(admin, db, no_items, values, said):
    refusal = admin.refusal("create", {"model": ITEM, "values": values})
    assert said in refusal
    assert "Nothing was changed." in refusal
    assert db.value("SELECT count(*) FROM mcp_test_item") == 0
    # An error about a single record names no position.
    alone = admin.refusal(
        "create", {"model": ITEM, "values": [item for item in values if "name" not in item or "amount" in item]}
    )
    assert "values[" not in alone


def test_create_names_the_record_that_odoo_refuses(admin, db, moments):
    values = [{"name": "a"}, {"name": "b"}, {"name": "refused"}, {"name": "refused"}]
    assert "values[2]: This name is refused" in admin.refusal("create", {"model": MOMENT, "values": values})
    assert db.value("SELECT count(*) FROM mcp_test_moment") == 0


def test_the_policy_holds_for_each_record(admin, db, world, restrict, moments):
    inside, outside = moments("inside", "outside")
    with restrict.access(MOMENT, domain=[["name", "!=", "outside"]]):
        both = [{"id": inside, "kind": "one"}, {"id": outside, "kind": "one"}]
        assert "[record_domain]" in admin.refusal("write", {"model": MOMENT, "values": both})
        out = [{"id": inside, "name": "outside"}]
        assert "[record_domain]" in admin.refusal("write", {"model": MOMENT, "values": out})
        refusal = admin.refusal("create", {"model": MOMENT, "values": [{"name": "x"}, {"name": "outside"}]})
        assert "values[1]: " in refusal
        assert "[record_domain]" in refusal
        assert db.value("SELECT count(*) FROM mcp_test_moment") == 2
        assert admin.result("write", {"model": MOMENT, "values": both[:1]})["ids"] == [inside]
    with restrict.access(MOMENT, hidden=["day"]):
        hidden = [{"id": inside, "kind": "two"}, {"id": outside, "day": "2026-01-01"}]
        assert "values[1].day" in admin.refusal("write", {"model": MOMENT, "values": hidden})
    assert _rows(db, [inside])[inside]["kind"] == "one"
    # The server writes what the policy allows.
    assert admin.result("write", {"model": MOMENT, "values": hidden})["ids"] == [inside, outside]


def test_the_row_names_all_records_and_their_changes(admin, db, moments):
    ids = moments("A", "B", "C")
    mark = db.audit_mark()
    with db.parameter("odoo_mcp.audit_values", "True"):
        values = [{"id": id_, "kind": kind} for id_, kind in zip(ids, ["one", "two", "two"], strict=True)]
        values[0]["day"] = "2026-01-01"
        admin.result("write", {"model": MOMENT, "values": values})
    (row,) = db.audit_since(mark)

    def as_json(value):
        return json.loads(value) if isinstance(value, str) else value

    assert as_json(row["record_ids"]) == ids
    changes = as_json(row["changes"])
    assert {id_: after["kind"] for id_, after in changes["after"].items()} == dict(
        zip(map(str, ids), ["one", "two", "two"], strict=True)
    )
    assert changes["after"][str(ids[0])]["day"] == "2026-01-01"
    assert set(changes["before"]) == set(map(str, ids))
