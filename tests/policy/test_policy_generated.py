"""Generated tests of hidden and read-only data in any model: the catalogue lists the paths to it, and each path is
tried.

The tests name no model. For as many models of the demo database as a run has time for, a text field of one record gets
two values in turn, and every path to it runs with both. Restricted, the answers must be identical. Then every way to
change the model's records is tried, and its table must stay unchanged. `make test` runs a daily sample
(tests/support/sample.py), `make soak ARGS=whole` all models.
"""

import contextlib
import json
import re
from pathlib import Path

import pytest
from support import policy, reach, sample, summary

from harness import methods

DATABASE = "generated"
SAMPLE = 20
WAYS_OF_A_KIND = 4
UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
WORLDS = ("qzxaaron", "qzxzoltan")
EXEMPTIONS = json.loads(Path(__file__).with_name("policy_exemptions.json").read_text(encoding="utf-8"))
OTHERS = ("mail.activity.type", "res.country")
counts = {"models": set(), "reads": 0, "live": 0, "made": 0, "changes": 0, "refused": 0}


@pytest.fixture(scope="module")
def generated(world):
    """A separate database, because the tests write to its rows in SQL."""
    db = world.copy(DATABASE)
    yield db
    db.close()


@pytest.fixture(scope="module")
def client(world, environment, generated):
    """An administrator at one door, with a key that can have a scope."""
    closed = {} if sample.doors(Path(__file__).name)[0] == "fast" else {"ODOO_MCP_FAST_DOOR": "0"}
    server = environment.odoo(DATABASE, name=DATABASE, workers=2, environment=closed)
    yield world.client(server, "admin", "mcp")
    server.stop()


@pytest.fixture(scope="module")
def catalogue(client, generated):
    """The catalogue. Odoo writes it at its start."""
    return reach.Catalogue(generated, client)


def _chosen(names, most):
    """Some of the names, chosen by the day's seed. All of them in a whole run."""
    return sample.some("generated", names, most)


def _hidden(made, target):
    return made.access(target.model, hidden=[target.field])


def _off(made, target):
    return made.access(target.model, off=["read"])


def _domain(made, target):
    return made.access(target.model, domain=[["id", "!=", target.record]])


def _listed(made, target):
    return made.access(target.model, allowed=["id"])


def _other_model(made, target):
    other = next(other for other in OTHERS if other != target.model)
    return made.scope(made.key, [(other, {})], all_models=False)


def _beside(made, target):
    others = {other for other, *_ in (*target.naming, *target.referring, *target.wizards)}
    return made.scope(made.key, [(other, {}) for other in sorted(others - {target.model})], all_models=False)


KINDS = {
    "hidden": _hidden,
    "off": _off,
    "domain": _domain,
    "allowed": _listed,
    "not in scope": _other_model,
    "all that names it in scope": _beside,
}


def _reads(target):
    """Every path that could reveal the text: (path, method or tool, parameters)."""
    model, field, record = target.model, target.field, target.record
    first = WORLDS[0]
    yield "record", "read", {"model": model, "ids": [record]}
    yield "field", "read", {"model": model, "ids": [record], "fields": [field]}
    yield "domain", "count", {"model": model, "domain": json.dumps([[field, "=", first]])}
    yield "order", "search", {"model": model, "order": f"{field}, id", "fields": ["id"], "limit": 5}
    yield "group", "aggregate", {"model": model, "groupby": [field]}
    yield "resource", "resources/read", {"uri": f"odoo://record/{model}/{record}"}
    for other, name, number in _chosen(target.referring, WAYS_OF_A_KIND):
        yield f"name through {other}.{name}", "read", {"model": other, "ids": [number], "fields": [name]}
        path = json.dumps([["id", "=", number], [f"{name}.{field}", "=", first]])
        yield f"path through {other}.{name}", "count", {"model": other, "domain": path}
        yield f"order by {other}.{name}", "search", {"model": other, "order": name, "fields": ["id"], "limit": 5}
    for other, name, number, by_code in _chosen(target.made, WAYS_OF_A_KIND):
        how = "by code" if by_code else "as declared"
        yield f"made {how}: {other}.{name}", "read", {"model": other, "ids": [number], "fields": [name]}
        yield f"found {how}: {other}.{name}", "count", {"model": other, "domain": json.dumps([[name, "=", first]])}
    for other, number in target.parents:
        if number:
            yield f"as {other}", "read", {"model": other, "ids": [number], "fields": [field]}
            yield f"all as {other}", "read", {"model": other, "ids": [number]}
    for other, name, values in (*_chosen(target.wizards, WAYS_OF_A_KIND), *_chosen(target.naming, WAYS_OF_A_KIND)):
        yield f"new {other}.{name}", "create", {"model": other, "values": values, "dry_run": True}
    told = json.dumps([["model", "=", model], ["res_id", "=", record]])
    yield "messages", "search", {"model": "mail.message", "domain": told, "fields": ["body"]}
    told = json.dumps([["res_model", "=", model], ["res_id", "=", record]])
    yield "files", "search", {"model": "ir.attachment", "domain": told, "fields": ["name"]}


def _ask(client, method, params):
    """The text of the answer without call ids and without the ids of records in dry runs."""
    for _attempt in range(5):
        answer = (client.modern(method, params) if "/" in method else client.call(method, params)).json
        said = json.dumps(answer.get("result", answer.get("error")), sort_keys=True)
        # A busy server says to try again.
        if "The database is busy" not in said:
            break
    return re.sub(f"{UUID}|[0-9]+", "0", said) if params.get("dry_run") else said


def _answers(db, client, target, made):
    """The answers of each path for both values."""
    asked = list(_reads(target))
    worlds = []
    for text in WORLDS:
        db.run(f'UPDATE "{reach.table(target.model)}" SET "{target.field}" = %s WHERE id = %s', text, target.record)
        db.run("UPDATE mail_message SET body = %s WHERE id = %s", text, made["message"])
        db.run("UPDATE ir_attachment SET name = %s WHERE id = %s", text, made["file"])
        worlds.append([_ask(client, method, params) for _path, method, params in asked])
    return {path: pair for (path, *_), pair in zip(asked, zip(*worlds, strict=True), strict=True)}


def _quotes(db, target):
    """A message and a file of the record that quote its text."""
    message = "INSERT INTO mail_message (model, res_id, body, message_type, date) VALUES (%s, %s, '', 'comment', now())"
    file = "INSERT INTO ir_attachment (res_model, res_id, name, type) VALUES (%s, %s, 'x', 'binary')"
    return {
        "message": db.value(f"{message} RETURNING id", target.model, target.record),
        "file": db.value(f"{file} RETURNING id", target.model, target.record),
    }


def test_what_is_hidden_of_any_model_is_told_by_no_path(world, generated, client, catalogue):
    made = policy.Restrictions(generated)
    made.key = world["admin"].keys["mcp"]
    leaks, live = [], 0
    for model in _chosen(catalogue.models(), SAMPLE):
        target = catalogue.target(model)
        if target is None:
            continue
        before = generated.value(f'SELECT "{target.field}" FROM "{reach.table(model)}" WHERE id = %s', target.record)
        quotes = _quotes(generated, target)
        free = _answers(generated, client, target, quotes)
        shown = {path for path, (one, other) in free.items() if one != other}
        live += len(shown)
        counts["made"] += sum(path.startswith("new ") and '"isError": false' in one for path, (one, _) in free.items())
        for kind in _chosen(sorted(KINDS), 2):
            with KINDS[kind](made, target):
                told = _answers(generated, client, target, quotes)
            counts["reads"] += len(told)
            leaks += [
                f"{kind}: {model}.{target.field}: {path}"
                for path, (one, other) in told.items()
                if (one != other or any(text in one + other for text in WORLDS if f'"{text}"' in one + other))
                and not _is_exempt("reads", model, f"{kind}: {path}")
            ]
        counts["models"].add(model)
        generated.run(f'UPDATE "{reach.table(model)}" SET "{target.field}" = %s WHERE id = %s', before, target.record)
        generated.run("DELETE FROM mail_message WHERE id = %s", quotes["message"])
        generated.run("DELETE FROM ir_attachment WHERE id = %s", quotes["file"])
    counts["live"] += live
    _show()
    assert not leaks, "\n".join(leaks)
    # Without restrictions the paths do reveal the text.
    assert live >= 3 * len(counts["models"])


def _is_exempt(part, model, path):
    ways = [*EXEMPTIONS[part].get("*", ()), *EXEMPTIONS[part].get(model, ())]
    return any(path.startswith(way) for way in ways)


def _changes(target):
    """Every way to change, create or delete a record of the model: (path, tool, arguments)."""
    model = target.model
    text = {target.field: "changed by a test"}

    def values(of):
        return json.dumps(of)

    yield "write", "write", {"model": model, "ids": [target.record], "values": values(text)}
    yield "create", "create", {"model": model, "values": values(text)}
    # The record is looked up each time, because another one replaces it where deletion is allowed.
    commands = (
        lambda record: [1, record, text],
        lambda _record: [0, 0, text],
        lambda record: [4, record],
        lambda record: [3, record],
        lambda _record: [6, 0, []],
        lambda _record: [5],
        lambda record: [2, record],
    )
    for other, name, number in _chosen(target.listing, WAYS_OF_A_KIND):
        for command in commands:
            given = command(target.record)
            way = {"model": other, "ids": [number], "values": values({name: [given]})}
            yield f"{other}.{name} {given[0]}", "write", way
    for other, name, number in _chosen(target.changed_by, WAYS_OF_A_KIND):
        way = {"model": other, "ids": [number], "values": values({name: "changed by a test"})}
        yield f"{other}.{name}", "write", way
    for other, number in target.parents:
        if number:
            yield f"unlink as {other}", "unlink", {"model": other, "ids": [number]}
    yield "unlink", "unlink", {"model": model, "ids": [target.record]}


def _state(db, model):
    """A digest of each record of a model by its id."""
    rows = db.rows(f'SELECT t.id, md5(t::text) AS digest FROM ONLY "{reach.table(model)}" t')
    return {row["id"]: row["digest"] for row in rows}


def _done(before, after):
    """The operations that lead from one state to the other."""
    kept = before.keys() & after.keys()
    found = {
        "write": any(before[record] != after[record] for record in kept),
        "create": bool(after.keys() - before.keys()),
        "unlink": bool(before.keys() - after.keys()),
    }
    return {operation for operation, happened in found.items() if happened}


OFF = {name: (name,) for name in ("write", "create", "unlink")} | {"all": ("write", "create", "unlink")}


def _try_changes(db, client, target, off):
    """Tries every way to change the model's records. Returns the forbidden operations that happened, and by which
    way."""
    before = _state(db, target.model)
    for path, tool, arguments in _changes(target):
        said = _ask(client, tool, arguments)
        counts["changes"] += 1
        counts["refused"] += "[access_record]" in said
        after = _state(db, target.model)
        done = _done(before, after) & set(off)
        if done and not _is_exempt("changes", target.model, path):
            yield f"{target.model} without {', '.join(off)}: {path} did {', '.join(sorted(done))}: {said[:200]}"
        if target.record not in after:
            if not after:
                return
            target.record = max(after)
        before = after


def test_what_may_not_be_changed_of_any_model_does_not_change(generated, client, catalogue):
    """Each operation is switched off alone, and then all of them together."""
    made = policy.Restrictions(generated)
    faults = []
    for model in _chosen(catalogue.models(), SAMPLE):
        for name in ("all", *_chosen(sorted(OFF.keys() - {"all"}), 1)):
            target = catalogue.target(model)
            if target is None:
                continue
            with made.access(model, off=OFF[name]):
                faults += _try_changes(generated, client, target, OFF[name])
    _show()
    assert not faults, "\n".join(faults)
    assert counts["refused"] > counts["changes"] / 3


def _show():
    text = (
        f"{len(counts['models'])} models, {len(KINDS)} kinds of restriction: {counts['reads']} reads"
        f" ({counts['live']} paths tell where nothing is restricted, {counts['made']} made a record that names the"
        f" hidden one), {counts['changes']} changes"
        f" ({counts['refused']} refused by the policy itself, the others by Odoo or of no effect);"
        f" exemptions: {sum(map(len, EXEMPTIONS['reads'].values()))} of reads,"
        f" {sum(map(len, EXEMPTIONS['changes'].values()))} of changes"
    )
    summary.add("policy: the generated matrix", text)


# -- methods ------------------------------------------------------------------------------------------

# Models that the caller may not change while every public method is called. Odoo itself does not change these in the
# meantime.
KEPT = (methods.RESTRICTED, "crm.stage", "hr.job", "product.category", "project.tags", "res.partner.category")
MOST_REFUSED, MOST_ALLOWED = 150, 50
GUESSES = {"model": "res.partner", "res_model": "hr.job", "vals": {}, "values": {}, "domain": [], "fields": []}
# Texts that show that the policy refused the call, or that no such method can be called.
REFUSED = ("[closed]", "[blocked_method]", "[access_record]", "cannot be called", "is not called through", "private")


def _guessed(name):
    """A value for a parameter, guessed from its name."""
    if name in GUESSES:
        return GUESSES[name]
    return [1] if name.endswith("_ids") or name == "ids" else 1 if name.endswith("_id") else "x"


def _call_of(db, one):
    call = {"model": one["model"], "method": one["method"]}
    call["kwargs"] = json.dumps({name: _guessed(name) for name in one["needs"]})
    known = db.value(
        "SELECT count(*) > 0 FROM information_schema.columns WHERE table_name = %s AND column_name = 'id'",
        reach.table(one["model"]),
    )
    if known and not one["of_model"]:
        record = db.value(f'SELECT max(id) FROM "{reach.table(one["model"])}"')
        if record:
            call["ids"] = [record]
    return call


def test_no_public_method_changes_what_may_not_be_changed(environment, generated, client):
    """Refused methods do not run. Allowed methods leave the tables of restricted models unchanged."""
    made = policy.Restrictions(generated)
    known = methods.of(environment, DATABASE)
    name = "{model}.{method}".format_map
    refused = [one for one in known if one["layer"] in ("closed", "blocked_method", "access_record")]
    allowed = [one for one in known if one["allowed"]]
    assert refused and allowed
    faults, ran = [], 0
    with contextlib.ExitStack() as records:
        for model in KEPT:
            records.enter_context(made.access(model, off=["write", "create", "unlink"]))
        before = [_state(generated, model) for model in KEPT]
        for one in _sample_of(refused, MOST_REFUSED, name):
            said = client.refusal("method_call", _call_of(generated, one))
            if not any(word in said for word in REFUSED):
                faults.append(f"{name(one)} was not refused by the policy: {said[:150]}")
        for one in _sample_of(allowed, MOST_ALLOWED, name):
            said = _ask(client, "method_call", _call_of(generated, one))
            ran += "[blocked_method]" not in said
            after = [_state(generated, model) for model in KEPT]
            changed = [model for model, old, new in zip(KEPT, before, after, strict=True) if old != new]
            changed = [model for model in changed if not _is_exempt("methods", model, name(one))]
            faults += [f"{name(one)} changed {model}" for model in changed]
            before = after
    text = f"{len(known)} public methods, {len(allowed)} left to a caller with restrictions; {ran} of these ran here"
    summary.add("policy: methods", text)
    assert not faults, "\n".join(faults)


def _sample_of(found, most, name):
    by_name = {name(one): one for one in found}
    return [by_name[key] for key in _chosen(by_name, most)]
