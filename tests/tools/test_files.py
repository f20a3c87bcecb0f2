"""Files of records at both doors: listing, reading and attaching, with the user's own rights in Odoo."""

import base64
import json
import socket
import threading
import zlib

import pytest
from support.files import noise, packed_zeros, pdf, png

ATTACHMENT = "ir.attachment"
ORDER = "sale.order"
MARK = "files of the tests"


SMALL = noise(20, 10)
LARGE = noise(1800, 1200)
BOMB = png(30_000, 30_000)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'
HTML = "<html><body onload='alert(1)'><script>alert('ä')</script>Hello</body></html>"


@pytest.fixture
def files(world, door):
    """Attaches files to an order of sally's through Odoo's own interface. Deletes all files of the order afterwards."""
    odoo = world.json2(door)
    order = world.orders[0]

    def make(name, raw, **values):
        raw = raw.encode() if isinstance(raw, str) else raw
        values = {"res_model": ORDER, "res_id": order, **values, "name": name, "datas": base64.b64encode(raw).decode()}
        context = {"image_no_postprocess": True}
        return odoo.value(ATTACHMENT, "create", vals_list=[values], context=context)[0]

    make.order = order
    make.odoo = odoo
    yield make
    made = odoo.value(
        ATTACHMENT,
        "search",
        domain=["|", ["description", "=", MARK], "&", ["res_model", "=", ORDER], ["res_id", "in", world.orders]],
    )
    odoo.value(ATTACHMENT, "unlink", ids=made)


def _raw(odoo, attachment):
    return base64.b64decode(odoo.value(ATTACHMENT, "read", ids=[attachment], fields=["datas"])[0]["datas"])


def _content(client, attachment):
    result = client.call("read_file", {"id": attachment}).json["result"]
    assert not result["isError"], result
    return result


# -- listed and read ----------------------------------------------------------------------------------


def test_the_files_of_a_record_are_found_by_search(sally, files):
    ids = [files("a.txt", "a"), files("b.png", SMALL)]
    domain = [["res_model", "=", ORDER], ["res_id", "=", files.order]]
    fields = ["name", "mimetype", "file_size", "checksum"]
    found = sally.result("search", {"model": ATTACHMENT, "domain": domain, "fields": fields, "order": "id"})
    odoos = files.odoo.value(ATTACHMENT, "search_read", domain=domain, fields=fields, order="id")
    assert found["rows"] == [[row[name] for name in ("id", *fields)] for row in odoos]
    assert [row[0] for row in found["rows"]] == ids


def test_a_text_is_read_as_odoo_has_it(sally, files):
    attachment = files("notes.txt", 'Grüße\nan €uch\t"alle"')
    odoos = files.odoo.value(
        ATTACHMENT,
        "read",
        ids=[attachment],
        fields=["name", "mimetype", "file_size", "checksum", "res_model", "res_id"],
    )[0]
    assert sally.result("read_file", {"id": attachment}) == {
        "id": attachment,
        "name": odoos["name"],
        "mimetype": odoos["mimetype"],
        "size": odoos["file_size"],
        "checksum": odoos["checksum"],
        "model": ORDER,
        "record_id": files.order,
        "shown_as": "text",
        "text": _raw(files.odoo, attachment).decode(),
        "length": len(_raw(files.odoo, attachment).decode()),
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_texts_of_other_programs_are_read(sally, files, encoding):
    attachment = files("export.csv", "naam;prijs €\nJosé;5".encode(encoding))
    assert sally.result("read_file", {"id": attachment})["text"] == "naam;prijs €\nJosé;5"


@pytest.mark.parametrize(
    ("name", "mimetype", "source"),
    [("a.svg", "image/svg+xml", SVG), ("a.html", "text/html", HTML), ("a.json", "application/json", '{"a": [1]}')],
)
def test_pages_and_drawings_are_given_as_their_source_only(admin, files, name, mimetype, source):
    # Odoo keeps the declared type of an administrator's upload.
    attachment = files(name, source, mimetype=mimetype)
    result = _content(admin, attachment)
    assert result["structuredContent"]["mimetype"] == mimetype
    if name == "a.svg":
        assert result["structuredContent"]["shown_as"] == "text"
    assert result["structuredContent"]["text"] == source
    assert [part["type"] for part in result["content"]] == ["text"]


def test_a_long_text_is_read_in_parts(sally, files):
    whole = "".join(f"line {number} ä€\n" for number in range(5_000))
    attachment = files("long.txt", whole)
    parts, offset = [], 0
    while offset is not None:
        part = sally.result("read_file", {"id": attachment, "offset": offset})
        assert part["length"] == len(whole)
        assert 0 < len(part["text"]) <= 20_000
        parts.append(part["text"])
        offset = part.get("next_offset")
    assert len(parts) > 2
    assert "".join(parts) == whole


def test_a_text_is_cut_to_what_an_answer_may_have(sally, files, db):
    whole = '"quoted"\n' * 3_000
    attachment = files("long.txt", whole)
    with db.parameter("odoo_mcp.max_answer_kb", "10"):
        part = sally.result("read_file", {"id": attachment})
        rest = sally.result("read_file", {"id": attachment, "offset": part["next_offset"]})
    assert 3_000 < len(part["text"]) < 10_000
    assert whole.startswith(part["text"] + rest["text"])


def test_an_image_is_given_as_an_image(sally, files):
    attachment = files("a.png", SMALL)
    result = _content(sally, attachment)
    image, told = result["content"]
    assert image == {"type": "image", "data": base64.b64encode(SMALL).decode(), "mimeType": "image/png"}
    structured = result["structuredContent"]
    assert json.loads(told["text"]) == structured
    assert (structured["shown_as"], structured["width"], structured["height"]) == ("image", 20, 10)
    assert "note" not in structured


def test_a_large_image_is_made_smaller(sally, files):
    assert len(LARGE) > 2_000_000
    attachment = files("a.png", LARGE)
    result = _content(sally, attachment)
    image, structured = result["content"][0], result["structuredContent"]
    data = base64.b64decode(image["data"])
    assert image["mimeType"] == "image/jpeg"
    assert data.startswith(b"\xff\xd8\xff")
    assert len(image["data"]) < 200_000
    assert max(structured["width"], structured["height"]) <= 1568
    assert abs(structured["width"] / structured["height"] - 1.5) < 0.02
    assert "scaled down" in structured["note"]
    # Odoo's own file is unchanged.
    assert structured["size"] == len(LARGE) == len(_raw(files.odoo, attachment))


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("a.pdf", b"%PDF-1.4\n%\xe2\xe3\xcf\xd3 nothing"),
        ("a.zip", b"PK\x03\x04 nothing"),
        ("bomb.png", BOMB),
        ("no.png", b"this is no image"),
        ("cut.png", SMALL[:60]),
        ("binary.txt", b"a\0b"),
        ("post.jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_shown_is_described(sally, files, name, raw):
    attachment = files(name, raw)
    result = _content(sally, attachment)
    told = result["structuredContent"]
    assert [part["type"] for part in result["content"]] == ["text"]
    assert (told["shown_as"], told["name"], told["size"]) == ("none", name, len(raw))
    assert told["note"]
    assert "text" not in told


def test_the_text_of_a_pdf_is_read(sally, files):
    attachment = files("offer.pdf", pdf("The first page", "Total: 1,740.00"))
    told = _content(sally, attachment)["structuredContent"]
    assert (told["mimetype"], told["shown_as"]) == ("application/pdf", "text")
    assert told["text"] == "The first page\n\nTotal: 1,740.00"
    assert told["length"] == len(told["text"])
    assert "without layout" in told["note"]


def test_a_pdf_that_unpacks_to_too_much_harms_nobody(sally, files):
    """One megabyte that expands to one and a half gigabytes. A separate process with a memory limit reads it."""
    bomb = pdf(packed=packed_zeros(1500))
    assert len(bomb) < 3_000_000
    told = _content(sally, files("bomb.pdf", bomb))["structuredContent"]
    assert (told["shown_as"], told["size"]) == ("none", len(bomb))
    # Control: the server reads the same file with little content.
    fine = pdf(packed=zlib.compress(b"BT /F1 12 Tf 72 720 Td (small) Tj ET"))
    assert sally.result("read_file", {"id": files("fine.pdf", fine)})["text"] == "small"


def test_a_link_is_never_followed(admin, files, db):
    """A user who can attach a link must not make the server open it."""
    listener = socket.create_server(("127.0.0.1", 0))
    came = []
    thread = threading.Thread(target=lambda: came.append(listener.accept()), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/secret.txt"
    attachment = files("link.txt", "", mimetype="text/plain")
    db.run("UPDATE ir_attachment SET type = 'url', url = %s WHERE id = %s", url, attachment)
    told = _content(admin, attachment)["structuredContent"]
    assert (told["shown_as"], told["url"]) == ("none", url)
    assert not came
    # Control: a connection to the listener is detected.
    socket.create_connection(listener.getsockname()).close()
    thread.join(10)
    assert len(came) == 1
    listener.close()


def test_tokens_are_never_told(admin, files, db):
    attachment = files("a.txt", "a")
    token = files.odoo.value(ATTACHMENT, "generate_access_token", ids=[attachment])[0]
    assert token
    assert db.value("SELECT access_token FROM ir_attachment WHERE id = %s", attachment) == token
    result = admin.call("read_file", {"id": attachment})
    assert token not in result.text
    assert not {"public", "access_token", "store_fname", "db_datas"} & set(result.json["result"]["structuredContent"])


def test_who_may_not_read_the_record_may_not_read_its_files(world, sally, admin, files, door):
    others = files("a.txt", "not for sally", res_id=world.orders[1])
    assert admin.result("read_file", {"id": others})["text"] == "not for sally"
    said = sally.refusal("read_file", {"id": others})
    assert "not for sally" not in said
    odoos = world.json2(door, "sally").call(ATTACHMENT, "read", ids=[others], fields=["raw"])
    assert odoos.status == 403
    assert odoos.json["message"].splitlines()[0] in said
    assert "9999999" in admin.refusal("read_file", {"id": 9_999_999})


def test_files_without_a_record_are_their_makers(world, sally, admin, files, db, door):
    own = world.json2(door, "sally").value(
        ATTACHMENT, "create", vals_list=[{"name": "own.txt", "datas": "aGk=", "description": MARK}]
    )[0]
    assert sally.result("read_file", {"id": own})["text"] == "hi"
    other = files("x.txt", "x", res_model=False, res_id=0, description=MARK)
    assert admin.result("read_file", {"id": other})["text"] == "x"
    sally.refusal("read_file", {"id": other})


def test_the_file_of_a_field_is_no_attachment(world, admin, db, door):
    image = db.value(
        "SELECT id FROM ir_attachment WHERE res_model = 'res.partner' AND res_field = 'image_1920' ORDER BY id LIMIT 1"
    )
    assert image
    assert world.json2(door).value(ATTACHMENT, "read", ids=[image], fields=["name"])
    assert "field" in admin.refusal("read_file", {"id": image})


# -- attached -----------------------------------------------------------------------------------------


def test_a_file_is_attached_as_odoo_does_it(world, sally, files, door):
    """Except for the creator, the record equals the one that Odoo's own interface creates."""
    given = {"model": ORDER, "id": files.order}
    fields = ["name", "mimetype", "file_size", "checksum", "res_model", "res_id", "res_field", "type", "public", "url"]
    fields += ["description", "company_id", "create_uid", "index_content"]
    odoo = world.json2(door, "sally")
    for name, arguments, raw in (
        ("plan.txt", {"text": "Über alles\n"}, "Über alles\n".encode()),
        ("a.png", {"base64": base64.b64encode(SMALL).decode()}, SMALL),
        ("big.png", {"base64": base64.encodebytes(LARGE).decode()}, LARGE),
        ("no extension", {"text": "%PDF-1.4 x"}, b"%PDF-1.4 x"),
        ("a.csv", {"text": "a;b\n"}, b"a;b\n"),
    ):
        made = sally.result("attach_file", {**given, "name": name, **arguments})
        values = {"name": name, "datas": base64.b64encode(raw).decode(), "res_model": ORDER, "res_id": files.order}
        twin = odoo.value(ATTACHMENT, "create", vals_list=[values])[0]
        ours, odoos = files.odoo.value(ATTACHMENT, "read", ids=[made["id"], twin], fields=fields)
        assert ours.pop("id") == made["id"]
        assert odoos.pop("id") == twin
        assert ours == odoos, name
        assert ours["create_uid"][0] == world["sally"].id
        told = {key: made[key] for key in ("name", "mimetype", "size", "checksum", "model", "record_id")}
        assert told == {
            "name": name,
            "mimetype": ours["mimetype"],
            "size": ours["file_size"],
            "checksum": ours["checksum"],
            "model": ORDER,
            "record_id": files.order,
        }


@pytest.mark.parametrize("name", ["page.html", "page.xhtml", "drawing.svg"])
def test_pages_are_attached_as_plain_text_whoever_does_it(admin, files, name):
    made = admin.result("attach_file", {"model": ORDER, "id": files.order, "name": name, "text": HTML})
    assert made["mimetype"] == "text/plain"
    assert admin.result("read_file", {"id": made["id"]})["text"] == HTML


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"name": "../../etc/cron.d/x", "text": "x"}, "path"),
        ({"name": "a\\b.txt", "text": "x"}, "path"),
        ({"name": "a\nb", "text": "x"}, "control"),
        ({"name": "..", "text": "x"}, "file name"),
        ({"name": "x" * 300, "text": "x"}, "200"),
        ({"name": "a.txt"}, "text"),
        ({"name": "a.txt", "text": ""}, "empty"),
        ({"name": "a.txt", "text": "a", "base64": "YQ=="}, "one content"),
        ({"name": "a.txt", "base64": "data:text/plain;base64,YQ=="}, "data: prefix"),
        ({"name": "a.txt", "base64": "YQ"}, "no base64"),
        ({"name": "bomb.png", "base64": base64.b64encode(BOMB).decode()}, "pixels"),
        ({"name": "bomb.dat", "base64": base64.b64encode(BOMB).decode()}, "pixels"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.get("name")[:20],
)
def test_what_is_no_proper_file_is_not_attached(admin, files, db, arguments, why):
    before = db.counts()["ir_attachment"]
    assert why in admin.refusal("attach_file", {"model": ORDER, "id": files.order, **arguments})
    assert db.counts()["ir_attachment"] == before


def test_the_largest_file_is_a_setting(admin, files, db):
    given = {"model": ORDER, "id": files.order, "name": "a.bin"}
    with db.parameter("odoo_mcp.max_file_mb", "1"):
        assert admin.result("attach_file", {**given, "base64": base64.b64encode(b"x" * 1_000_000).decode()})
        for larger in ({"base64": base64.b64encode(b"x" * 1_000_001).decode()}, {"text": "x" * 1_000_001}):
            assert "1000000" in admin.refusal("attach_file", {**given, **larger})
    assert admin.result("attach_file", {**given, "text": "x" * 1_000_001})["size"] == 1_000_001


def test_who_may_not_write_the_record_may_not_attach(world, sally, files, db, door):
    before = db.counts()["ir_attachment"]
    for record in (world.orders[1], 9_999_999):
        said = sally.refusal("attach_file", {"model": ORDER, "id": record, "name": "a.txt", "text": "x"})
        values = {"name": "a.txt", "datas": "eA==", "res_model": ORDER, "res_id": record}
        assert world.json2(door, "sally").call(ATTACHMENT, "create", vals_list=[values]).status in (403, 404)
        assert said
    assert "ir.config_parameter" in sally.refusal(
        "attach_file", {"model": "ir.config_parameter", "id": 1, "name": "a.txt", "text": "x"}
    )
    assert db.counts()["ir_attachment"] == before


def test_the_audit_keeps_no_file(admin, files, db):
    mark = db.audit_mark()
    data = base64.b64encode(b"a secret in a file").decode()
    admin.result("attach_file", {"model": ORDER, "id": files.order, "name": "a.bin", "base64": data})
    (row,) = db.audit_since(mark)
    assert data not in json.dumps(row["request"])
    assert "bytes of base64" in json.dumps(row["request"])
    assert (row["model"], row["record_ids"], row["status"]) == (ORDER, [files.order], "ok")
