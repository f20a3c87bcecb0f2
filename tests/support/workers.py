"""Chooses the process that answers: it stops the other workers, so that only one can accept the request.

A stopped worker (SIGSTOP) waits for connections and has accepted none. Odoo's watchdog would end it only after two
minutes. Two logs show which process answered: Odoo's access log has the worker's process id, PostgreSQL's statement log
has the backend's. A unique query string or User-Agent identifies the request in both.
"""

import contextlib
import itertools
import os
import re
import signal
import time

_numbers = itertools.count(1)


@contextlib.contextmanager
def only(server, pid):
    """Within the block only the worker `pid` of a preforking server can answer."""
    others = [other for other in server.worker_pids() if other != pid]
    assert pid in server.worker_pids()
    for other in others:
        os.kill(other, signal.SIGSTOP)
    try:
        for other in others:
            _wait(lambda other=other: _state(other) == "T")
        yield pid
    finally:
        for other in others:
            os.kill(other, signal.SIGCONT)


def _state(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        return file.read().rpartition(")")[2].split()[0]


def _wait(condition, patience=30):
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "the awaited did not happen"
        time.sleep(0.01)


def wait_for(condition, patience=30):
    """Waits until a condition holds. Fails after the timeout."""
    _wait(condition, patience)


def backends(database):
    """Process ids of Odoo's current connections to the database."""
    return {
        row["pid"]
        for row in database.rows(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name ~ '^odoo-[0-9]+$'"
        )
    }


def probe_name():
    """A unique User-Agent."""
    return f"probe-{os.getpid()}-{next(_numbers)}"


def worker_that_answered(log, probe, mark=0):
    """The process id in Odoo's access log for the request with the probe as its query string."""

    def found():
        return re.findall(rf"^\S+ \S+ (\d+) INFO \S+ werkzeug: .*?{re.escape(probe)}[ #\"].*$", log.since(mark), re.M)

    _wait(found)
    pids = set(map(int, found()))
    assert len(pids) == 1, pids
    return pids.pop()


def backends_that_answered(postgres_log, probe, mark=0):
    """The backends that ran a statement with the probe (log_statement = all)."""
    lines = [line for line in postgres_log.since(mark).splitlines() if probe in line]
    pids = [re.match(r"\S+ \S+ \S+ \[(\d+)\] \S+@\S+ LOG:  ", line) for line in lines]
    return {int(match[1]) for match in pids if match}
