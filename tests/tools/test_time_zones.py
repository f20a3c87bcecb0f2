"""Times between Odoo's UTC and the user's time zone: in every place, and compared with other implementations."""

import datetime
import json
import random
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from support import mcp, summary
from support.browser import Browser

MOMENT = "mcp.test.moment"
ZONES = ["Europe/Brussels", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"]
INSTANTS = 100_000
FIRST, LAST = datetime.datetime(1970, 1, 1), datetime.datetime(2037, 12, 31, 23, 59, 59)


# -- the conversion itself ---------------------------------------------------------------------------------------------


def _known_zones(db):
    """Zones that PostgreSQL, Python and the extension know by the same name."""
    theirs = {row["name"] for row in db.rows("SELECT name FROM pg_timezone_names WHERE name ~ '^[A-Z][A-Za-z_]+/'")}
    known = set()
    for zone in sorted((theirs & available_timezones()) | set(ZONES)):
        try:
            db.value("SELECT mcp_to_local('2000-01-01 00:00:00', %s)", zone)
            known.add(zone)
        except db.connection.Error as error:
            assert "Unknown time zone" in str(error), zone
    return sorted(known)


def _disagreeing(db, zones):
    """Zones whose time zone data differ: their offsets differ on some thirtieth day."""
    grid = "generate_series('1970-01-01'::timestamp, '2037-12-31', '30 days') u"
    ours = db.rows(
        f"SELECT z, bool_or(left(mcp_to_local(u, z), 19)::timestamp <> u AT TIME ZONE 'UTC' AT TIME ZONE z) AS differs,"
        f" json_agg(to_char(u AT TIME ZONE 'UTC' AT TIME ZONE z, 'YYYY-MM-DD HH24:MI:SS') ORDER BY u) AS locals"
        f" FROM unnest(%s::text[]) z, {grid} GROUP BY z",
        zones,
    )
    instants = [row["u"].replace(tzinfo=datetime.UTC) for row in db.rows(f"SELECT u FROM {grid} ORDER BY u")]
    found = set()
    for row in ours:
        zone = ZoneInfo(row["z"])
        python = [instant.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") for instant in instants]
        if row["differs"] or python != row["locals"]:
            found.add(row["z"])
    return found


def test_it_agrees_with_postgresql_and_python(db):
    """UTC to local always; local to UTC where the local time is unambiguous."""
    zones = _known_zones(db)
    disagreeing = _disagreeing(db, zones)
    agreeing = [zone for zone in zones if zone not in disagreeing]
    # The time zone data may be of different releases, so the test compares only where they agree.
    assert set(ZONES) <= set(agreeing)
    assert len(agreeing) > 0.9 * len(zones), sorted(disagreeing)
    versions = {"extension": db.value("SELECT mcp_status()")["time_zones"]}
    data = Path("/usr/share/zoneinfo/tzdata.zi")
    versions["system"] = data.read_text()[:20].split()[2] if data.exists() else "unknown"
    if versions["extension"] == versions["system"]:
        # Its offset had seconds until 1972. ISO 8601 cannot express them.
        assert disagreeing <= {"Africa/Monrovia"}
    numbers = random.Random(20261122)
    span = int((LAST - FIRST).total_seconds())
    pairs = []
    for number in range(INSTANTS):
        moment = FIRST + datetime.timedelta(seconds=numbers.randint(0, span))
        pairs.append((numbers.choice(agreeing), moment))
        pairs.append((ZONES[number % len(ZONES)], moment))
    rows = db.rows(
        "SELECT z, u, mcp_to_local(u, z) AS local, u AT TIME ZONE 'UTC' AT TIME ZONE z AS pg_local,"
        " mcp_to_utc(to_char(u, 'YYYY-MM-DD HH24:MI:SS'), z) AS utc, u AT TIME ZONE z AT TIME ZONE 'UTC' AS pg_utc"
        " FROM unnest(%s::text[], %s::timestamp[]) AS pair (z, u)",
        [zone for zone, _ in pairs],
        [moment for _, moment in pairs],
    )
    assert len(rows) == 2 * INSTANTS
    wrong, doubtful = [], 0
    for row in rows:
        zone, moment = ZoneInfo(row["z"]), row["u"]
        python = moment.replace(tzinfo=datetime.UTC).astimezone(zone)
        ours = datetime.datetime.fromisoformat(row["local"])
        # Python treats ambiguous times of two zones as unequal, whatever their offsets.
        same = ours.utcoffset() == python.utcoffset()
        same = same and ours.replace(tzinfo=None) == python.replace(tzinfo=None) == row["pg_local"]
        first, second = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
        if first.utcoffset() == second.utcoffset():
            expected = first.astimezone(datetime.UTC).replace(tzinfo=None)
            same = same and row["utc"] == expected == row["pg_utc"]
        else:
            doubtful += 1
        if not same:
            wrong.append(dict(row))
    assert not wrong, (len(wrong), wrong[:3])
    # Reports the number of ambiguous times that the second half omits. It must be small.
    assert doubtful < len(rows) / 1_000
    summary.add(
        "time zones: agreement with PostgreSQL and Python",
        f"{INSTANTS} random instants of 1970 to 2037, {len(rows)} conversions each way in {len(agreeing)} zones of"
        f" {len(zones)}; {doubtful} local times in gaps and overlaps left to our own rule.\n"
        f"Data: extension {versions['extension']}, system {versions['system']}."
        f" Zones whose data differ: {', '.join(sorted(disagreeing)) or 'none'}.",
    )


def test_in_gaps_and_overlaps_it_is_the_time_before_the_change(db):
    """A gap moves the time forward by its length, and an overlap means the earlier instant. Same as Python's `fold=0`,
    around every change."""
    checked = 0
    for name in ZONES:
        zone = ZoneInfo(name)
        day, locals_ = FIRST, []
        while day < LAST:
            following = day + datetime.timedelta(days=1)
            if day.replace(tzinfo=zone).utcoffset() != following.replace(tzinfo=zone).utcoffset():
                for half in range(48):
                    begin = day + datetime.timedelta(minutes=30 * half)
                    if begin.replace(tzinfo=zone).utcoffset() != begin.replace(tzinfo=zone, fold=1).utcoffset():
                        locals_ += [begin + datetime.timedelta(minutes=minute) for minute in (0, 7, 15, 29)]
            day = following
        if not locals_:
            continue
        given = [moment.strftime("%Y-%m-%d %H:%M:%S") for moment in locals_]
        ours = db.rows(
            "SELECT mcp_to_utc(l, %s) AS utc FROM unnest(%s::text[]) WITH ORDINALITY AS x (l, n) ORDER BY n",
            name,
            given,
        )
        expected = [moment.replace(tzinfo=zone).astimezone(datetime.UTC).replace(tzinfo=None) for moment in locals_]
        assert [row["utc"] for row in ours] == expected, name
        checked += len(given)
    assert checked > 1_000


def test_the_status_tells_the_release_of_the_data(db):
    version = db.value("SELECT mcp_status()")["time_zones"]
    assert version[:2] == "20" and version[4:].isalpha()


# -- through MCP -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clock(world, fast_server):
    """A user whose time zone the tests change."""
    return world.spare()


@pytest.fixture(scope="module")
def odoo(world, fast_server):
    return world.json2(fast_server)


@pytest.fixture
def client(world, door, clock):
    return mcp.Client(door, mcp.bearer(clock.key))


@pytest.fixture
def in_zone(db, clock):
    """Sets the user's zone."""

    def put(zone):
        db.run(
            "UPDATE res_partner SET tz = %s WHERE id = (SELECT partner_id FROM res_users WHERE id = %s)", zone, clock.id
        )
        return ZoneInfo(zone if zone in available_timezones() else "UTC")

    return put


@pytest.fixture
def gone(db):
    """Deletes all moments."""
    yield
    db.run("DELETE FROM mcp_test_moment")
    db.run("DELETE FROM mcp_test_moment_line")


UTC_TIMES = [
    "2026-01-15 23:30:00",
    "2026-07-15 03:45:10",
    "2026-10-25 00:30:00",
    "2026-10-25 01:30:00",
    "2011-12-30 09:59:59",
]


def _shown(utc, zone):
    """The expected form in the answer."""
    moment = datetime.datetime.fromisoformat(utc).replace(tzinfo=datetime.UTC).astimezone(zone)
    return moment.isoformat()


def _local(utc, zone):
    return _shown(utc, zone)[:19].replace("T", " ")


@pytest.mark.parametrize("name", [*ZONES, None, "Nowhere/Land", "UTC"])
def test_times_are_read_in_the_users_zone(world, client, in_zone, odoo, gone, name):
    zone = in_zone(name)
    ids = odoo.value(
        MOMENT, "create", vals_list=[{"name": utc, "at": utc, "day": utc[:10], "line_ids": []} for utc in UTC_TIMES]
    )
    found = client.result(
        "search", {"model": MOMENT, "domain": [["id", "in", ids]], "fields": ["name", "at", "day"], "order": "id"}
    )
    rows = [[ids[at], utc, _shown(utc, zone), utc[:10]] for at, utc in enumerate(UTC_TIMES)]
    assert found["rows"] == rows
    assert client.result("read", {"model": MOMENT, "ids": ids, "fields": ["name", "at", "day"]})["rows"] == rows
    for number, utc in zip(ids, UTC_TIMES, strict=True):

        def read(uri):
            return client.modern("resources/read", {"uri": uri}).json["result"]["contents"][0]["text"]

        assert _shown(utc, zone) in read(f"odoo://record/{MOMENT}/{number}")
        assert json.loads(read(f"odoo://record/{MOMENT}/{number}/at")) == _shown(utc, zone)
        assert json.loads(read(f"odoo://record/{MOMENT}/{number}/day")) == utc[:10]


@pytest.mark.parametrize("name", [*ZONES, None])
def test_times_are_searched_by_in_the_users_zone(client, in_zone, odoo, gone, name):
    """Same results as Odoo with UTC: alone, in lists, at the end of a path, and in `any` and `not any`."""
    zone = in_zone(name)
    times = UTC_TIMES[:2] + UTC_TIMES[4:]
    ids = odoo.value(
        MOMENT,
        "create",
        vals_list=[{"name": utc, "at": utc, "line_ids": [[0, 0, {"name": utc, "at": utc}]]} for utc in times],
    )
    assert len({_local(utc, zone) for utc in times}) == len(times)
    compared = 0
    for utc in times:
        for written in (_local(utc, zone), _shown(utc, zone), utc.replace(" ", "T") + "Z", utc + "+00:00"):
            for domain in (
                lambda at: [["at", "=", at]],
                lambda at: [["at", "!=", at]],
                lambda at: ["!", ["at", ">", at]],
                lambda at: ["|", ["at", "<", at], ["at", "in", [at, False]]],
                lambda at: [["at", "not in", [at, "2000-01-01 00:00:00"]]],
                lambda at: [["line_ids.at", "=", at]],
                lambda at: [["line_ids.at", "in", [at]]],
                lambda at: [["line_ids", "any", [["at", ">=", at], ["moment_id.at", "in", [at]]]]],
                lambda at: [["line_ids", "not any", [["at", "=", at]]]],
            ):
                mine = [["id", "in", ids]]
                found = client.result(
                    "search", {"model": MOMENT, "domain": mine + domain(written), "fields": ["id"], "order": "id"}
                )
                theirs = odoo.value(MOMENT, "search", domain=mine + domain(utc), order="id")
                assert [row[0] for row in found["rows"]] == theirs, (written, domain(written))
                compared += 1
    assert compared == len(times) * 36


@pytest.mark.parametrize("name", [*ZONES, None])
def test_a_day_in_a_domain_is_the_users(client, in_zone, odoo, gone, name):
    """The server passes a date on to Odoo, which knows the call's time zone."""
    zone = in_zone(name)
    ids = odoo.value(MOMENT, "create", vals_list=[{"name": utc, "at": utc, "line_ids": []} for utc in UTC_TIMES])
    for utc in UTC_TIMES:
        day = _local(utc, zone)[:10]
        within = [["id", "in", ids], ["at", ">=", day], ["at", "<=", day]]
        found = client.result("search", {"model": MOMENT, "domain": within, "fields": ["at"]})["rows"]
        assert {row[1][:10] for row in found} == {day}
        theirs = odoo.value(MOMENT, "search_count", domain=within, context={"tz": name or "UTC"})
        assert len(found) == theirs == sum(_local(other, zone)[:10] == day for other in UTC_TIMES)


@pytest.mark.parametrize("name", [*ZONES, None])
def test_times_are_written_in_the_users_zone(client, db, in_zone, gone, name):
    zone = in_zone(name)

    def at(table, number):
        return str(db.value(f"SELECT at FROM {table} WHERE {number}"))

    for utc in ("2026-01-15 23:30:00", "2026-07-15 03:45:00"):
        for written in (
            _local(utc, zone),
            _shown(utc, zone),
            _local(utc, zone).replace(" ", "T"),
            utc + "Z",
            _local(utc, zone)[:16] if utc.endswith("00") else utc,
        ):
            values = {"name": "x", "at": written, "day": utc[:10], "line_ids": [[0, 0, {"name": "l", "at": written}]]}
            (number,) = client.result("create", {"model": MOMENT, "values": values})["ids"]
            assert at("mcp_test_moment", f"id = {number}") == utc, written
            assert at("mcp_test_moment_line", f"moment_id = {number}") == utc
            assert str(db.value("SELECT day FROM mcp_test_moment WHERE id = %s", number)) == utc[:10]
            line = db.value("SELECT id FROM mcp_test_moment_line WHERE moment_id = %s", number)
            db.run("UPDATE mcp_test_moment SET at = NULL")
            changes = {"at": written, "line_ids": [[1, line, {"at": written}], [0, 0, {"name": "m", "at": written}]]}
            client.result("write", {"model": MOMENT, "ids": [number], "values": changes})
            assert at("mcp_test_moment", f"id = {number}") == utc
            times = db.rows("SELECT at FROM mcp_test_moment_line WHERE moment_id = %s", number)
            assert [str(row["at"]) for row in times] == [utc, utc]
            client.result("write", {"model": MOMENT, "values": [{"id": number, "at": written}]})
            assert at("mcp_test_moment", f"id = {number}") == utc


@pytest.mark.parametrize(
    ("name", "local", "utc"),
    [
        ("Europe/Brussels", "2026-03-29 02:30:00", "2026-03-29 01:30:00"),
        ("Europe/Brussels", "2026-10-25 02:30:00", "2026-10-25 00:30:00"),
        ("America/New_York", "2026-03-08 02:30:00", "2026-03-08 07:30:00"),
        ("America/New_York", "2026-11-01 01:30:00", "2026-11-01 05:30:00"),
        ("Australia/Lord_Howe", "2026-10-04 02:15:00", "2026-10-03 15:45:00"),
        ("Australia/Lord_Howe", "2026-04-05 01:45:00", "2026-04-04 14:45:00"),
        ("Pacific/Apia", "2011-12-30 12:00:00", "2011-12-30 22:00:00"),
        ("Asia/Kolkata", "2026-03-29 02:30:00", "2026-03-28 21:00:00"),
    ],
)
def test_gaps_and_overlaps(client, db, in_zone, gone, name, local, utc):
    in_zone(name)
    (number,) = client.result("create", {"model": MOMENT, "values": {"name": "x", "at": local}})["ids"]
    assert str(db.value("SELECT at FROM mcp_test_moment WHERE id = %s", number)) == utc
    assert client.result("count", {"model": MOMENT, "domain": [["id", "=", number], ["at", "=", local]]})["count"] == 1


@pytest.mark.parametrize("name", [*ZONES, None])
def test_defaults_are_in_the_users_zone(client, in_zone, name):
    """Defaults of the record, and of the records that it would create."""
    noon = _shown("2026-07-01 12:00:00", in_zone(name))
    values = client.result("default_get", {"model": MOMENT, "fields": ["at", "line_ids", "day"]})["values"]
    assert values["at"] == noon
    assert values["line_ids"][-1] == [0, 0, {"name": "first", "at": noon}]


@pytest.mark.parametrize("name", [*ZONES, None])
def test_what_methods_take_and_give(client, in_zone, name):
    zone = in_zone(name)
    noon = _shown("2026-07-01 12:00:00", zone)
    given = ["2026-11-22T14:30:00+01:00", {"at": ["2026-11-22 13:30:00Z"]}, "2026-11-22", "at 2026-11-22 13:30:00"]
    arguments = {"model": MOMENT, "method": "tell", "args": given, "kwargs": {"until": "2026-11-22T08:30-0500"}}
    answer = client.result("method_call", arguments)
    told = answer["result"]
    assert told["args"] == ["2026-11-22 13:30:00", {"at": ["2026-11-22 13:30:00"]}, "2026-11-22", given[3]]
    assert told["kwargs"] == {"until": "2026-11-22 13:30:00"}
    assert told["datetime"] == noon
    assert told["aware"] == _shown("2026-07-01 10:00:00", zone)
    assert (told["date"], told["text"]) == ("2026-07-01", "2026-07-01 12:00:00")
    assert told["nested"] == [{"at": [noon]}]
    assert "UTC" in answer["note"]


def test_a_time_without_a_zone_is_no_argument_of_a_method(client, in_zone):
    in_zone("Asia/Kolkata")
    for more, place in (
        ({"args": ["2026-11-22 14:30:00"]}, "args[0]"),
        ({"args": [1, [["at", ">", "2026-11-22T14:30"]]]}, "args[1][0][2]"),
        ({"kwargs": {"values": {"at": "2026-11-22 14:30:00"}}}, "kwargs.values.at"),
    ):
        said = client.refusal("method_call", {"model": MOMENT, "method": "tell", **more})
        assert said.startswith(f"{place}: ")
        assert "2026-11-22T14:30:00+05:30" in said
    plain = client.result("method_call", {"model": "res.partner", "method": "address_get", "ids": [1]})
    assert "note" not in plain


def test_a_day_is_no_instant(client, in_zone):
    in_zone("Europe/Brussels")
    said = client.refusal("count", {"model": MOMENT, "domain": [["day", "=", "2026-11-22T23:30:00Z"]]})
    assert "domain[0][2]" in said
    said = client.refusal("create", {"model": MOMENT, "values": {"name": "x", "day": "2026-11-22T23:30:00Z"}})
    assert '"2026-11-22"' in said


def test_properties_that_are_times(world, fast_server, db, odoo):
    """The administrator's time zone is Europe/Brussels."""
    team = db.value("SELECT team_id FROM crm_lead WHERE id = %s", world.leads[0])
    before = odoo.value("crm.team", "read", ids=[team], fields=["lead_properties_definition"])[0][
        "lead_properties_definition"
    ]
    when = {"name": "aaaaaaaaaaaaaaaa", "string": "When", "type": "datetime"}
    word = {"name": "bbbbbbbbbbbbbbbb", "string": "Word", "type": "char"}
    odoo.value("crm.team", "write", ids=[team], vals={"lead_properties_definition": [when, word]})
    try:
        admin = world.client(fast_server)

        def stored():
            return db.value("SELECT lead_properties FROM crm_lead WHERE id = %s", world.leads[0])

        properties = [{**when, "value": "2026-07-01 12:00:00"}, {**word, "value": "2026-07-01 12:00:00"}]
        admin.result("write", {"model": "crm.lead", "ids": [world.leads[0]], "values": {"lead_properties": properties}})
        assert stored() == {when["name"]: "2026-07-01 10:00:00", word["name"]: "2026-07-01 12:00:00"}
        read = admin.result("read", {"model": "crm.lead", "ids": [world.leads[0]], "fields": ["lead_properties"]})
        shown = {item["name"]: item["value"] for item in read["rows"][0][1]}
        assert shown == {when["name"]: "2026-07-01T12:00:00+02:00", word["name"]: "2026-07-01 12:00:00"}

        # Without the type, the name alone does not identify a time.
        def by_name(at):
            return {"model": "crm.lead", "ids": [world.leads[0]], "values": {"lead_properties": {when["name"]: at}}}

        assert "2026-07-01T14:00:00+02:00" in admin.refusal("write", by_name("2026-07-01 14:00:00"))
        admin.result("write", by_name("2026-07-01T14:00:00+02:00"))
        assert stored()[when["name"]] == "2026-07-01 12:00:00"
    finally:
        odoo.value("crm.team", "write", ids=[team], vals={"lead_properties_definition": before or False})


def test_who_has_no_zone_is_told(world, client, in_zone):
    """The model finds this in the server's instructions and in the resource about the user."""
    instructions = client.modern("server/discover").json["result"]["instructions"]
    assert "UTC for who has none" in instructions

    def system():
        return json.loads(
            client.modern("resources/read", {"uri": "odoo://system"}).json["result"]["contents"][0]["text"]
        )["user"]

    for zone in (None, "Nowhere/Land"):
        in_zone(zone)
        told = system()
        assert told["time_zone"] == "UTC"
        assert "UTC" in told["time_zone_note"]
        if zone:
            assert zone in told["time_zone_note"]
    in_zone("Asia/Kolkata")
    assert system()["time_zone"] == "Asia/Kolkata"
    assert "time_zone_note" not in system()


def test_the_browser_shows_what_was_written(world, environment, db, gone):
    """A time written through MCP appears unchanged in Odoo's web client."""
    server = environment.odoo(world.name, name="browser", workers=0)
    try:
        sally = world.client(server, "sally")
        values = {"name": "Evening in New York", "at": "2026-07-15 23:30:00", "line_ids": []}
        (number,) = sally.result("create", {"model": MOMENT, "values": values})["ids"]
        assert str(db.value("SELECT at FROM mcp_test_moment WHERE id = %s", number)) == "2026-07-16 03:30:00"
        with Browser() as browser:
            # Odoo's pages use the browser's time zone, which is the user's.
            browser.command("Emulation.setTimezoneOverride", timezoneId=world["sally"].tz)
            browser.sign_in(server.url, "sally", world["sally"].password)
            browser.open(f"{server.url}/odoo/{MOMENT}/{number}")
            field = "document.querySelector('.o_form_view .o_field_widget[name=at]')"
            shown = browser.wait(f"{field} && ({field}.querySelector('input')?.value || {field}.textContent).trim()")
        read = sally.result("read", {"model": MOMENT, "ids": [number], "fields": ["at"]})["rows"][0][1]
        assert read == "2026-07-15T23:30:00-04:00"
        assert "15" in shown and ("11:30" in shown or "23:30" in shown), shown
    finally:
        server.stop()
