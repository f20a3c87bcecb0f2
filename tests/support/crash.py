"""The crash matrix: a fault of each kind at each point of a call, and the invariants afterwards.

The test addon defines the points and faults in Odoo's process (`tests/addons/odoo_mcp_test/faults.py`). The two points
within a PostgreSQL commit are deferred triggers in the test's own database. They wait for a lock that the test holds,
or fail.
"""

import contextlib
import json
import os
import signal
import socket
import threading

import psycopg2

from harness.paths import directory

from . import http, mcp
from .workers import backends, wait_for

IN_COMMIT = {"before_gate_commits", "during_commit"}
POINTS = (
    "before_gate_commits",
    "after_gate",
    "inside_call",
    "after_flush",
    "before_commit",
    "during_commit",
    "after_commit",
    "before_reply",
)
KINDS = (
    "worker_killed",
    "backend_killed",
    "server_restart",
    "statement_timeout",
    "serialization",
    "orm_error",
    "client_gone",
)
NO_STATEMENT = "no statement of the call runs between the gate's commit and its first one"
NO_ORM = "Odoo's ORM has not begun"
ALL_DONE = "every statement of the call has ended"
IMPOSSIBLE = {
    ("before_gate_commits", "orm_error"): NO_ORM,
    ("after_gate", "statement_timeout"): NO_STATEMENT,
    ("after_gate", "serialization"): NO_STATEMENT,
    ("before_reply", "statement_timeout"): ALL_DONE,
    ("before_reply", "serialization"): ALL_DONE,
}
CELLS = [(point, kind) for point in POINTS for kind in KINDS if (point, kind) not in IMPOSSIBLE]
# Cells where the change happens anyway: Odoo retries, or the fault comes too late.
CHANGED = {
    *((point, kind) for point in ("after_commit", "before_reply") for kind in KINDS),
    *((point, "serialization") for point in ("inside_call", "after_flush", "before_commit")),
    # The gate's statement is repeated on a new connection with the same call id.
    ("before_gate_commits", "backend_killed"),
    # Only the exchange's own connection is in use, and it is opened again.
    ("after_gate", "backend_killed"),
    ("after_gate", "server_restart"),
    # PostgreSQL finishes the commit of a client that has died.
    ("during_commit", "worker_killed"),
    # The first writer of the row settles the call, and here the call itself wrote it first.
    ("before_commit", "client_gone"),
    ("during_commit", "client_gone"),
}
# Cells with a race: the server may or may not notice the closed connection before the call ends, or may or may not
# repeat the gate's statement before PostgreSQL is back.
EITHER = {("before_gate_commits", "client_gone"), ("before_gate_commits", "server_restart")}
LOCK = 4711

TRIGGERS = f"""
CREATE FUNCTION fault_in_commit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    plan json := CASE TG_TABLE_NAME WHEN 'mcp_inflight_call' THEN (to_jsonb(NEW) -> 'entry' -> 'request')::json
                                    ELSE (to_jsonb(NEW) -> 'request')::json END;
BEGIN
    IF plan ->> 'point' = TG_ARGV[0] THEN
        RAISE LOG 'fault % struck % of call %', plan ->> 'kind', plan ->> 'name', NEW.call_id;
        CASE plan ->> 'kind'
            WHEN 'statement_timeout' THEN
                PERFORM pg_cancel_backend(pg_backend_pid());
                PERFORM pg_sleep(10);
            WHEN 'serialization' THEN
                RAISE EXCEPTION 'struck' USING ERRCODE = '40001';
            WHEN 'orm_error' THEN
                RAISE EXCEPTION 'struck' USING ERRCODE = '23514';
            ELSE
                PERFORM pg_advisory_xact_lock({LOCK});
        END CASE;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER fault_before_gate_commits AFTER INSERT ON mcp_inflight_call DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION fault_in_commit('before_gate_commits');
CREATE CONSTRAINT TRIGGER fault_during_commit AFTER INSERT ON mcp_audit_log DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.status = 'ok') EXECUTE FUNCTION fault_in_commit('during_commit');
"""


class Matrix:
    """One database, and one Odoo with one worker. Each cell of the matrix runs here in turn."""

    def __init__(self, environment, world, name="crash"):
        self.environment = environment
        self.world = world
        self.name = name
        self.db = world.copy(name)
        self.db.run(TRIGGERS)
        self.folder = directory(environment.cluster.home / "faults", environment.cluster.odoo_user, 0o777)
        self.clear()
        # Otherwise recovery syncs every file of the cluster one by one.
        environment.sql("ALTER SYSTEM SET recovery_init_sync_method = 'syncfs'")
        environment.cluster.reload()
        self.server = environment.odoo(name, name=name, workers=1, environment={"ODOO_MCP_FAULTS": str(self.folder)})

    def clear(self):
        """Deletes the marks of earlier runs."""
        for file in self.folder.iterdir():
            file.unlink()

    def close(self):
        """Stops the server."""
        self.server.stop()
        self.environment.sql("ALTER SYSTEM RESET recovery_init_sync_method")
        self.environment.cluster.reload()
        self.db.close()

    # -- one cell ---------------------------------------------------------------------------------

    def run(self, point, kind, label=""):
        """Runs a cell and returns the result: {"struck", "row", "changed", "answer"}."""
        name = f"{point}-{kind}{label}"
        worker = self._worker()
        log_mark = self.environment.cluster.log.stat().st_size
        with self._lock(point, kind) as held:
            plan = {"point": point, "kind": kind, "name": name, "idempotency_key": name}
            call = _Call(self, plan)
            struck = self._struck(name, point, log_mark)
            self._fault(kind, point, worker, struck, call)
            held.release()
            (self.folder / f"{name}.go").touch()
            answer = call.join()
        found = self.settle(name, struck["call_id"])
        return {"struck": struck, "answer": answer, "repeat": self._repeat(plan), **found}

    def _repeat(self, plan):
        """Sends the same call again with the same key and checks the answer. The call still runs only once."""
        self._worker()
        triggers = (("mcp_inflight_call", "fault_before_gate_commits"), ("mcp_audit_log", "fault_during_commit"))
        for table, trigger in triggers:
            self.db.run(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        before = self.db.value("SELECT count(*) FROM mcp_test_item WHERE name = %s", plan["name"])
        mark = self.db.audit_mark()
        answer = self.world.client(self.server).call("test_fault", plan)
        assert answer.json["result"]["isError"] is False, answer.text
        (row,) = self.db.audit_since(mark)
        for table, trigger in triggers:
            self.db.run(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")
        # The change and its key exist together or not at all.
        assert row["status"] == ("repeated" if before else "ok"), (plan, row)
        assert self.db.value("SELECT count(*) FROM mcp_test_item WHERE name = %s", plan["name"]) == 1, plan
        return row["status"]

    def _worker(self):
        wait_for(lambda: len(self.server.worker_pids()) == 1 and self.server.answers())
        return self.server.worker_pids()[0]

    @contextlib.contextmanager
    def _lock(self, point, kind):
        lock = _Lock(self.db.dsn if point in IN_COMMIT else None)
        try:
            yield lock
        finally:
            lock.release()

    def _struck(self, name, point, log_mark):
        """The file that the fault wrote when it struck."""
        if point not in IN_COMMIT:
            file = self.folder / f"{name}.struck"
            wait_for(file.exists)
            facts = json.loads(file.read_text())
            assert facts["point"] == point
            return facts
        found = []

        def logged():
            with open(self.environment.cluster.log, "rb") as log:
                log.seek(log_mark)
                text = log.read().decode(errors="replace")
            found[:] = [line for line in text.splitlines() if f" struck {name} of call " in line]
            return found

        wait_for(logged)
        return {"point": point, "call_id": found[0].rpartition(" ")[2]}

    def _fault(self, kind, point, worker, struck, call):
        """The part of a fault that acts from outside the process."""
        if kind == "worker_killed":
            if point in IN_COMMIT:
                os.kill(worker, signal.SIGKILL)
            wait_for(lambda: not os.path.exists(f"/proc/{worker}") or worker not in self.server.worker_pids())
        elif kind == "backend_killed":
            killed = backends(self.db)
            for pid in killed:
                self.db.value("SELECT pg_terminate_backend(%s)", pid)
            wait_for(lambda: not killed & backends(self.db))
        elif kind == "server_restart":
            self.db.close()
            self.world.db.close()
            # Odoo's main process exits if it checks its workers while PostgreSQL recovers.
            os.kill(self.server.pid, signal.SIGSTOP)
            try:
                self.environment.cluster.crash()
                self.environment.cluster.start()
            finally:
                os.kill(self.server.pid, signal.SIGCONT)
        elif kind == "client_gone":
            call.leave()
            if point in ("after_gate", "inside_call", "after_flush"):
                wait_for(lambda: self._row(struck["call_id"]))
            elif point in ("before_commit", "during_commit"):
                # A cancellation waits for the row that is not committed yet.
                wait_for(
                    lambda: self.db.rows(
                        "SELECT 1 FROM pg_stat_activity"
                        " WHERE datname = current_database() AND wait_event = 'transactionid'"
                    )
                )

    def _row(self, call_id):
        return self.db.rows("SELECT * FROM mcp_audit_log WHERE call_id = %s", call_id)

    # -- afterwards -------------------------------------------------------------------------------

    def settle(self, name, call_id):
        """Lets maintenance settle dead calls, and checks the invariants."""
        wait_for(
            lambda: (
                not self.db.rows(
                    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    " AND backend_type = 'client backend' AND (state <> 'idle' OR backend_xid IS NOT NULL)"
                )
            )
        )
        gate_committed = bool(self._row(call_id)) or bool(
            self.db.rows("SELECT 1 FROM mcp_inflight_call WHERE call_id = %s", call_id)
        )
        wait_for(self._settled)
        rows = self._row(call_id)
        changed = bool(self.db.rows("SELECT 1 FROM mcp_test_item WHERE name = %s", name))
        assert len(rows) == int(gate_committed), (name, rows)
        status = rows[0]["status"] if rows else None
        # Every change has its row, and every success row has its change.
        assert changed == (status == "ok"), (name, status, changed)
        verified = self.db.value("SELECT mcp_audit_verify()")
        assert verified["ok"] is True, verified
        return {"status": status, "changed": changed}

    def _settled(self):
        # Repeatedly, because a process that is still ending its call looks idle between two of its statements.
        self.db.run("UPDATE mcp_inflight_call SET started = started - interval '2 days'")
        self.db.maintain()
        return self.db.value("SELECT count(*) FROM mcp_inflight_call") == 0


class _Lock:
    """A lock that makes a transaction wait at its commit."""

    def __init__(self, dsn):
        self.connection = psycopg2.connect(dsn) if dsn else None
        if self.connection:
            with self.connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
            self.connection.commit()

    def release(self):
        connection, self.connection = self.connection, None
        if connection is not None:
            # A crash of the server has already released it.
            with contextlib.suppress(psycopg2.Error):
                connection.close()


class _Call:
    """A tool call in a thread, over a connection that the test can close."""

    def __init__(self, matrix, plan, tool="test_fault"):
        client = matrix.world.client(matrix.server)
        params = mcp.modern_params({"name": tool, "arguments": plan})
        body = json.dumps(mcp.message("tools/call", params)).encode()
        headers = [
            ("Host", f"127.0.0.1:{matrix.server.port}"),
            ("Authorization", client.authorization),
            ("Content-Type", "application/json"),
            ("Accept", mcp.ACCEPT),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
            *mcp.modern_headers("tools/call", params),
        ]
        self.socket = socket.create_connection(("127.0.0.1", matrix.server.port), timeout=60)
        self.socket.sendall(http.request_bytes("POST", "/mcp", headers, body))
        self.received = b""
        self.thread = threading.Thread(target=self._read)
        self.thread.start()

    def _read(self):
        with contextlib.suppress(OSError):
            while chunk := self.socket.recv(65536):
                self.received += chunk

    def leave(self):
        """Closes the connection like a client that gives up."""
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def join(self):
        """Waits for the answer. None without one."""
        self.thread.join()
        self.socket.close()
        return http.parse(self.received) if self.received else None
