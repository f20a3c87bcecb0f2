"""Seals of the audit log on a running server: sealing next to active writers, messages in the server's log, new chains
in copies, and protection of rows against accidental changes."""

import re
import threading

import psycopg2
import psycopg2.errors
import pytest
from support.logs import Log
from support.workers import wait_for


@pytest.fixture(scope="module")
def own(world):
    """A separate database, so that damage to its audit log affects no other test."""
    db = world.copy("sealed")
    yield db
    db.close()


def _call(db, status="ok"):
    db.value(
        "SELECT mcp_audit_insert(jsonb_build_object('call_id', gen_random_uuid(), 'status', %s::text))",
        status,
    )
    return db.value("SELECT max(id) FROM mcp_audit_log")


def test_a_row_in_the_middle_of_being_written_is_waited_for(own):
    """Its id is lower than the ids of rows that are already committed."""
    own.maintain()
    with own.transaction() as cursor:
        cursor.execute("SELECT mcp_audit_insert(jsonb_build_object('call_id', gen_random_uuid(), 'status', 'ok'))")
        later = _call(own)
        done = own.value("SELECT mcp_maintain()")
        assert done["seals"] == 0
        assert "still open" in done["sealing_put_off"]
        assert own.value("SELECT max(last_id) FROM mcp_audit_seal WHERE last_id >= %s", later) is None
        cursor.connection.commit()
    done = own.maintain()
    assert done["rows_sealed"] == 2
    verified = own.value("SELECT mcp_audit_verify()")
    assert (verified["ok"], verified["unsealed"]) == (True, 0)


def test_an_id_that_was_taken_and_is_not_written_yet_is_waited_for(own):
    """Between taking an id and writing its row, a transaction may have no transaction id to compare."""
    own.maintain()
    own.run(
        "CREATE FUNCTION slow_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF NEW.method = 'slow' THEN PERFORM pg_advisory_lock(77); END IF; RETURN NEW; END $$"
    )
    own.run("CREATE TRIGGER slow_row BEFORE INSERT ON mcp_audit_log FOR EACH ROW EXECUTE FUNCTION slow_row()")
    slow = 'SELECT mcp_audit_insert(\'{"call_id": "%s", "status": "ok", "method": "slow"}\')'

    def write():
        connection = psycopg2.connect(own.dsn)
        with connection, connection.cursor() as cursor:
            cursor.execute(slow % "00000000-0000-4000-8000-00000000f00d")
        connection.close()

    # nextval() assigns a transaction id only when it writes WAL, which is every 32nd call.
    while own.value("SELECT log_cnt FROM mcp_audit_log_id_seq") < 2:
        _call(own)
    thread = threading.Thread(target=write)
    with own.transaction() as cursor:
        cursor.execute("SELECT pg_advisory_lock(77)")
        thread.start()
        wait_for(lambda: own.rows("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))
        _call(own)
        assert "still open" in own.value("SELECT mcp_maintain()")["sealing_put_off"]
        cursor.execute("SELECT pg_advisory_unlock(77)")
    thread.join()
    own.run("DROP TRIGGER slow_row ON mcp_audit_log")
    assert own.maintain()["rows_sealed"] == 2
    assert own.value("SELECT mcp_audit_verify()")["ok"] is True


def test_seals_hold_under_writers(own):
    """Eight writers run while maintenance runs continuously. One in four of their transactions rolls back."""
    done = threading.Event()
    verified = []

    def write(number):
        connection = psycopg2.connect(own.dsn)
        for turn in range(150):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT mcp_audit_insert(jsonb_build_object('call_id', gen_random_uuid(), 'status', 'ok'))"
                )
            if (number + turn) % 4:
                connection.commit()
            else:
                connection.rollback()
        connection.close()

    seals_before = own.value("SELECT count(*) FROM mcp_audit_seal")
    rows_before = own.value("SELECT count(*) FROM mcp_audit_log")
    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()

    def maintain():
        connection = psycopg2.connect(own.dsn)
        connection.autocommit = True
        with connection.cursor() as cursor:
            while not done.is_set():
                # Verifies in the same statement as maintenance and in a separate one, so that the snapshots differ.
                cursor.execute("SELECT mcp_maintain(), mcp_audit_verify()")
                verified.append(cursor.fetchone()[1])
                cursor.execute("SELECT mcp_audit_verify()")
                verified.append(cursor.fetchone()[0])
        connection.close()

    keepers = [threading.Thread(target=maintain) for _ in range(2)]
    for keeper in keepers:
        keeper.start()
    for thread in threads:
        thread.join()
    done.set()
    for keeper in keepers:
        keeper.join()
    assert verified
    assert [said for said in verified if not said["ok"]] == []
    own.maintain()
    assert own.value("SELECT count(*) FROM mcp_audit_log") - rows_before == 8 * 150 * 3 // 4
    assert own.value("SELECT count(*) FROM mcp_audit_seal") - seals_before > 1
    verified = own.value("SELECT mcp_audit_verify()")
    assert (verified["ok"], verified["unsealed"]) == (True, 0)
    assert verified["rows"] == own.value("SELECT count(*) FROM mcp_audit_log")


def test_the_head_goes_to_the_servers_log(environment, own):
    own.maintain()
    log = Log(environment.cluster.log)
    mark = log.mark()
    _call(own)
    own.maintain()
    seal = own.row("SELECT * FROM mcp_audit_seal ORDER BY id DESC LIMIT 1")
    uuid = own.value("SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'")
    (line,) = re.findall(r"LOG:  (odoo_mcp: audit seal .*)", log.since(mark))
    assert line == (
        f"odoo_mcp: audit seal {seal['id']} of database {uuid}: {seal['row_count']} rows with ids "
        f"{seal['first_id']} to {seal['last_id']}, head {seal['mac']}"
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE mcp_audit_log SET login = 'somebody' WHERE id = (SELECT max(id) FROM mcp_audit_log)",
        "UPDATE mcp_audit_log SET count = 0",
        "DELETE FROM mcp_audit_log WHERE id = 1",
        "TRUNCATE mcp_audit_log",
        "UPDATE mcp_audit_seal SET retired_at = now()",
        "DELETE FROM mcp_audit_seal",
        "TRUNCATE mcp_audit_seal",
    ],
)
def test_ordinary_code_changes_no_row_and_no_seal(own, statement):
    before = own.rows("SELECT * FROM mcp_audit_log"), own.rows("SELECT * FROM mcp_audit_seal")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        own.run(statement)
    assert (own.rows("SELECT * FROM mcp_audit_log"), own.rows("SELECT * FROM mcp_audit_seal")) == before


def test_a_copy_has_a_chain_and_secrets_of_its_own(environment, world, own):
    """The copy is neutralized, so that nothing else renews its secrets. Its rows must not pass for the original's."""
    _call(own)
    own.maintain()
    unsealed = _call(own)
    secrets = {bytes(row["secret"]) for row in own.rows("SELECT secret FROM mcp_secret")}
    heads = own.rows("SELECT id, mac FROM mcp_audit_seal ORDER BY id")
    own.close()
    world.db.close()
    environment.fresh_database("sealed_copy", "sealed")
    environment.run_odoo("neutralize", "sealed_copy")
    copy = type(own)(environment.dsn("sealed_copy"))
    assert not secrets & {bytes(row["secret"]) for row in copy.rows("SELECT secret FROM mcp_secret")}
    # Verification raises no alarm, before the copy is sealed or after.
    verified = copy.value("SELECT mcp_audit_verify()")
    assert (verified["ok"], verified["copied_up_to"], verified["seals"]) == (True, unsealed, 0)
    later = _call(copy)
    copy.maintain()
    verified = copy.value("SELECT mcp_audit_verify()")
    assert (verified["ok"], verified["unsealed"]) == (True, 0)
    first = copy.row("SELECT * FROM mcp_audit_seal ORDER BY id LIMIT 1")
    assert (first["id"], first["previous"], first["since"]) == (1, None, unsealed)
    assert not {row["mac"] for row in heads} & {row["mac"] for row in copy.rows("SELECT mac FROM mcp_audit_seal")}
    # Verification of the copy reports damage to the copy.
    with copy.as_owner():
        copy.run("DELETE FROM mcp_audit_log WHERE id = %s", unsealed)
    found = copy.value("SELECT mcp_audit_verify()")
    assert (found["what"], found["id"]) == ("missing", unsealed)
    # The original rejects a row and a seal that were written in the copy.
    forged = copy.row("SELECT * FROM mcp_audit_log WHERE id = %s", later)
    own.run(
        "INSERT INTO mcp_audit_log (id, call_id, create_date, status, mac) VALUES (%s, %s, %s, %s, %s)",
        forged["id"],
        forged["call_id"],
        forged["create_date"],
        forged["status"],
        forged["mac"],
    )
    found = own.value("SELECT mcp_audit_verify()")
    assert (found["what"], found["id"]) == ("altered", forged["id"])
    copy.close()
    with own.as_owner():
        own.run("DELETE FROM mcp_audit_log WHERE id = %s", forged["id"])
    assert own.value("SELECT mcp_audit_verify()")["ok"] is True
    environment.drop_database("sealed_copy")


def test_retention_takes_whole_stretches_and_no_writer_waits(own):
    with own.as_owner():
        own.run("TRUNCATE mcp_audit_log, mcp_audit_seal")
        own.run("DELETE FROM mcp_secret WHERE name = 'audit_head'")
    old = (
        "SELECT count(mcp_audit_insert(jsonb_build_object('call_id', gen_random_uuid(), 'status', 'ok',"
        " 'create_date', timezone('UTC', now()) - interval '100 days'))) FROM generate_series(1, %s)"
    )
    assert own.value(old, 12_000) == 12_000
    done = own.value("SELECT mcp_maintain()")
    assert (done["seals"], done["rows_sealed"], done["audit_rows_deleted"]) == (3, 12_000, 12_000)
    with own.transaction() as writer:
        # A row that another transaction is writing blocks nothing.
        assert own.value(old, 30_000) == 30_000
        young = _call(own)
        own.maintain()
        writer.execute("SELECT mcp_audit_insert(jsonb_build_object('call_id', gen_random_uuid(), 'status', 'ok'))")
        own.maintain()
        writer.connection.commit()
    own.maintain()
    verified = own.value("SELECT mcp_audit_verify()")
    # The last checkpoint contains a recent row, so its old rows stay with it.
    kept = own.value("SELECT count(*) FROM mcp_audit_log")
    assert verified["ok"] is True
    assert verified["rows_retired"] == 12_000 + 30_000 + 2 - kept
    assert own.value("SELECT count(*) FROM mcp_audit_log WHERE id = %s", young) == 1
    assert own.value("SELECT count(*) FROM mcp_audit_seal WHERE retired_at IS NOT NULL") >= 9
