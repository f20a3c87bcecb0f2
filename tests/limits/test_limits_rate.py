"""Rate limit and concurrency limit: exact across all workers, for every kind of message."""

import json
import re
import threading
import time

import pytest
from support import mcp, workers
from support.input_required import accept
from support.input_streams import ask, open_session, questions, respond, stream, take_up
from support.limits import PATIENT, limits, statuses, together, wait_of
from support.logs import Log
from support.seed import chance

DATABASE = "limits"
WORKERS = 4
CLIENTS = 64
# Log entries that no limit may cause, in Odoo's log or in PostgreSQL's.
TROUBLE = re.compile(r"could not serialize|deadlock detected|bad query|TRANSACTION_ROLLBACK", re.I)


@pytest.fixture(scope="module")
def db(world):
    """A separate database, so that requests of other tests do not count."""
    made = world.copy(DATABASE)
    yield made
    made.close()


@pytest.fixture(scope="module", params=["fast", "ordinary"])
def server(request, environment, db):
    """Four workers behind each door."""
    variables = PATIENT if request.param == "fast" else {**PATIENT, "ODOO_MCP_FAST_DOOR": "0"}
    started = environment.odoo(DATABASE, name=f"limits-{request.param}", workers=WORKERS, environment=variables)
    yield started
    trouble = Log(started.log).trouble()
    started.stop()
    assert not trouble, trouble[:3]


def tokens(db, holder):
    """The tokens that a bucket held when it was last filled."""
    return db.value("SELECT tokens FROM mcp_rate_bucket WHERE holder = %s", holder)


def key_of(db, person, scope="rpc"):
    """The database row of a person's key."""
    return db.value(
        "SELECT id FROM res_users_apikeys WHERE user_id = %s AND index = %s", person.id, person.keys[scope][:8]
    )


@pytest.fixture
def quiet(environment, server):
    """Neither log may report a conflict that the test caused."""
    logs = [Log(server.log), Log(environment.cluster.log)]
    marks = [log.mark() for log in logs]
    yield
    for log, mark in zip(logs, marks, strict=True):
        assert not TROUBLE.findall(log.since(mark))


def test_of_many_at_once_exactly_the_allowed_number_pass(world, db, server, quiet):
    """A mix of lists (one statement), core tools (two statements), and Odoo tools that read and that write."""
    user = world.spare()
    client = mcp.Client(server, mcp.bearer(user.key))
    asks = [
        lambda: client.modern("tools/list"),
        lambda: client.call("list_models", {"search": "partner"}),
        lambda: client.call("count", {"model": "res.company"}),
        lambda: client.call("test_greet", {"name": "all"}),
    ]
    burst, sent, clients = 40, 320, CLIENTS
    if (random := chance()) is not None:
        burst, sent, clients = random.randint(1, 150), random.randint(200, 600), random.choice([8, 32, 64])
        random.shuffle(asks)
    # One token per minute, so none arrives during the test.
    with limits(db, rate_per_minute=1, rate_burst=burst):
        mark = db.audit_mark()
        began = time.monotonic()
        answers = together(sent, clients, lambda number: asks[number % len(asks)]())
        refilled = int((time.monotonic() - began) / 60)
    found = statuses(answers)
    assert set(found) == {200, 429}, found
    assert burst <= found[200] <= burst + refilled, found
    assert found[200] + found[429] == sent
    for answer in answers:
        if answer.status == 429:
            wait_of(answer, 60)
            assert answer.json["id"] is not None
    rows = db.audit_since(mark)
    assert sum(row["count"] for row in rows if row["http_status"] == 429) == found[429]
    assert all(row["user_id"] == user.id for row in rows)
    # The refusals of one user and minute share one row.
    assert len([row for row in rows if row["http_status"] == 429]) <= 1 + 1 + refilled
    assert len([row for row in rows if row["http_status"] != 429]) == found[200]
    assert db.value("SELECT count(*) FROM mcp_inflight_call") == 0


def test_a_refused_message_says_what_to_do_and_leaves_nothing_undone(world, db, server):
    user = world.spare()
    client = mcp.Client(server, mcp.bearer(user.key), [("Origin", "http://localhost:6274")])
    with limits(db, rate_per_minute=30, rate_burst=2):
        assert [client.modern("tools/list").status for _ in range(2)] == [200, 200]
        answer = client.call("test_greet", {"name": "nobody"}, headers=())
        assert wait_of(answer, 2)
        assert answer.json["id"] is not None and answer.code == -31000
        assert "30 in a minute and 2 at once" in answer.message
        assert answer.header("Access-Control-Allow-Origin") == "http://localhost:6274"
        assert "Retry-After" in answer.header("Access-Control-Expose-Headers")
        assert answer.header("WWW-Authenticate") is None
        for version in ("2025-11-25", "2025-03-26"):
            old = client.send(mcp.message("ping", number=77), [("MCP-Protocol-Version", version)])
            wait_of(old, 2)
            assert old.json["id"] == 77
        wait_of(client.send(b"{"), 2)
        wait_of(client.send(method="GET"), 2)
        # The announced waiting time is correct.
        time.sleep(wait_of(client.modern("tools/list"), 2))
        assert client.modern("tools/list").status == 200


def test_user_and_key_both_need_a_token_and_a_refusal_takes_none(world, db, server):
    sally, key = world["sally"], key_of(db, world["sally"], "mcp")
    narrow, plain = world.client(server, "sally", "mcp"), world.client(server, "sally", "rpc")
    own = "UPDATE mcp_key_scope SET rate_per_minute = %s, burst = %s WHERE api_key_id = %s"
    db.run(own, 1, 3, key)
    try:
        with limits(db, rate_per_minute=1, rate_burst=6):
            found = statuses(together(24, 8, lambda _: narrow.modern("tools/list")))
            assert found == {200: 3, 429: 21}
            # The key's bucket was empty, so the user's bucket is unchanged.
            assert int(tokens(db, f"user {sally.id}") + 0.5) == 3
            assert "this API key may send 1 in a minute and 3 at once" in narrow.modern("tools/list").message
            found = statuses(together(24, 8, lambda _: plain.modern("tools/list")))
            assert found == {200: 3, 429: 21}
            assert "this user may send 1 in a minute and 6 at once" in plain.modern("tools/list").message
            assert int(tokens(db, f"key {key_of(db, sally)}") + 0.5) == 3
    finally:
        db.run(own, 0, 0, key)


def test_each_message_costs_one_token_however_it_comes(world, db, server):
    user = world.spare()
    client = mcp.Client(server, mcp.bearer(user.key))
    ways = {
        "a list": lambda: client.modern("tools/list"),
        "a tool of the core": lambda: client.call("list_models", {"search": "partner"}),
        "a tool of Odoo": lambda: client.call("test_greet", {"name": "one"}),
        "a large body": lambda: client.call("count", {"model": "res.company", "domain": json.dumps(
            [["name", "in", ["x" * 100] * 900]])}),
        "a notification": lambda: client.legacy("notifications/initialized"),
        "what is no message": lambda: client.send(b"[1, 2"),
        "a session": lambda: client.initialize(keep=False),
        "the end of none": lambda: client.send(method="DELETE"),
        "a password that is verified first": lambda: mcp.Client(
            server, mcp.basic("sally", world["sally"].password)).modern("tools/list"),
    }
    with limits(db, rate_per_minute=1, rate_burst=1000):
        left = {}
        for way, ask in ways.items():
            answer = ask()
            assert answer.status < 429, (way, answer.text)
            holder = f"user {world['sally'].id if 'password' in way else user.id}"
            before = left.get(holder, 1000)
            left[holder] = int(tokens(db, holder) + 0.5)
            assert before - left[holder] == 1, way


def test_a_batch_costs_a_token_for_each_of_its_messages(world, db, server):
    user = world.spare()
    client = mcp.Client(server, mcp.bearer(user.key), [("MCP-Protocol-Version", "2025-03-26")])
    batch = [mcp.message("ping", number=number) for number in range(8)]
    with limits(db, rate_per_minute=1, rate_burst=5):
        answer = client.send(batch)
        assert answer.status == 200, answer.text
        by_id = {one["id"]: one for one in answer.json}
        assert [number for number in range(8) if "result" in by_id[number]] == [0, 1, 2, 3, 4]
        assert all(by_id[number]["error"]["code"] == -31000 for number in (5, 6, 7))
        wait_of(client.send(batch), 60)
        # An invalid batch costs as much as any message.
        assert client.send([]).status == 429
    with limits(db, rate_per_minute=1, rate_burst=5):
        assert client.send([]).status == 400
        assert int(tokens(db, f"user {user.id}") + 0.5) == 4


def test_looking_whether_a_stream_goes_on_costs_nothing(world, db, server):
    """A client polls every second while its user thinks. Polling is not a message and must not use up tokens."""
    client = open_session(world, server)
    holder = f"user {world['admin'].id}"
    with limits(db, rate_per_minute=1, rate_burst=3):
        events = stream(ask(client, "limited"))
        last = events[-1].id
        for _ in range(8):
            (pause,) = stream(take_up(client, last))
            last = pause.id
        assert int(tokens(db, holder) + 0.5) == 2
        respond(client, questions(events)["sure"], accept(ok=True))
        # Resuming the call is a message. After a refusal the client can resume later.
        db.run("UPDATE mcp_rate_bucket SET tokens = 0, filled = clock_timestamp()")
        wait_of(take_up(client, last), 60)
        db.run("UPDATE mcp_rate_bucket SET tokens = 1, filled = clock_timestamp()")
        assert stream(take_up(client, last))[-1].message["result"]["structuredContent"]
        wait_of(client.legacy("ping"), 60)
        db.run("DELETE FROM mcp_test_item WHERE name LIKE 'limited%%'")


def test_a_change_of_the_settings_counts_on_the_next_request_of_every_worker(world, db, server):
    user = world.spare()
    client = mcp.Client(server, mcp.bearer(user.key))

    def ask_each():
        found = []
        for pid in server.worker_pids():
            with workers.only(server, pid):
                found.append(client.modern("tools/list").status)
        return found

    with limits(db, rate_per_minute=1, rate_burst=WORKERS):
        assert ask_each() == [200] * WORKERS
        assert ask_each() == [429] * WORKERS
        # A higher rate helps an empty bucket at once, and 0 means no limit.
        db.set_parameter("odoo_mcp.rate_per_minute", "0")
        assert ask_each() == [200] * WORKERS
        db.set_parameter("odoo_mcp.ip_strategy", "deny")
        db.set_parameter("odoo_mcp.ip_networks", "127.0.0.0/8")
        try:
            assert ask_each() == [403] * WORKERS
        finally:
            db.set_parameter("odoo_mcp.ip_strategy", None)
            db.set_parameter("odoo_mcp.ip_networks", None)
        assert ask_each() == [200] * WORKERS


def test_no_more_calls_at_a_time_than_allowed(world, db, server, quiet):
    user = world.spare()
    client = mcp.Client(server, mcp.bearer(user.key))
    assert client.modern("tools/list").status == 200
    with limits(db, max_concurrent=2):
        answers = together(WORKERS, WORKERS, lambda _: client.call("test_sleep", {"seconds": 3}))
        assert statuses(answers) == {200: 2, 429: WORKERS - 2}
        refused = next(answer for answer in answers if answer.status == 429)
        wait_of(refused, 1)
        assert "2 calls" in refused.message and refused.json["id"] is not None
        # The calls have ended, and other requests never counted.
        assert client.call("test_sleep", {"seconds": 0}).status == 200
        assert db.value("SELECT count(*) FROM mcp_inflight_call") == 0


def test_another_keys_calls_and_those_of_the_dead_take_no_place(world, db, server):
    user, other = world.spare(), world.spare()
    client, another = (mcp.Client(server, mcp.bearer(one.key)) for one in (user, other))
    with limits(db, max_concurrent=1):
        running = threading.Thread(target=lambda: client.call("test_sleep", {"seconds": 4}))
        running.start()
        workers.wait_for(lambda: db.value("SELECT count(*) FROM mcp_inflight_call") == 1)
        assert client.call("count", {"model": "res.company"}).status == 429
        assert client.modern("tools/list").status == 200
        assert another.call("count", {"model": "res.company"}).status == 200
        # A call counts as long as its process runs it, whatever its age.
        db.run("UPDATE mcp_inflight_call SET started = started - interval '1 hour'")
        assert client.call("count", {"model": "res.company"}).status == 429
        running.join()
        holder = f"key {key_of(db, user)}"
        db.run(
            "INSERT INTO mcp_inflight_call (call_id, started, entry, holder) VALUES (gen_random_uuid(),"
            " timezone('UTC', now()) - interval '10 seconds', '{}', %s)",
            holder,
        )
        assert client.call("count", {"model": "res.company"}).status == 429
        # No process runs it, and it is older than a call that waits for its turn.
        db.run("UPDATE mcp_inflight_call SET started = started - interval '2 minutes' WHERE holder = %s", holder)
        assert client.call("count", {"model": "res.company"}).status == 200
        db.run("DELETE FROM mcp_inflight_call")


def test_the_limits_are_on_where_nobody_has_set_them(environment, world, server, db):
    """The tests' shared database has no limits. A fresh one has the shipped defaults."""
    user = world.spare()
    client = mcp.Client(server, mcp.bearer(user.key))
    before = {name: db.value("SELECT value FROM ir_config_parameter WHERE key = %s", f"odoo_mcp.{name}")
              for name in ("rate_per_minute", "rate_burst")}
    assert before["rate_per_minute"] == "0"
    db.set_parameter("odoo_mcp.rate_per_minute", None)
    try:
        began = time.monotonic()
        found = statuses(together(150, 16, lambda _: client.legacy("ping")))
        # Two tokens per second arrive.
        most = 60 + 2 * (time.monotonic() - began) + 1
        assert 60 <= found[200] <= most and found[200] + found[429] == 150
    finally:
        db.set_parameter("odoo_mcp.rate_per_minute", before["rate_per_minute"])
