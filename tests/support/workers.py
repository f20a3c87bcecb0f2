"""Which process answers: stop the other workers, so that the one meant is the only one that can.

A stopped worker sits in its wait for connections and has accepted none; Odoo's watchdog would end it only after two
minutes. Who answered is then read from the two logs: Odoo's access line carries the worker's process id, and
PostgreSQL's statement log carries the backend's, found by the request's own User-Agent, which is part of the request
that the worker hands over.
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
    """Wait until a condition holds; fails after the patience."""
    _wait(condition, patience)


def backends(database):
    """Process ids of Odoo's connections to the database now."""
    return {
        row["pid"]
        for row in database.rows(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name ~ '^odoo-[0-9]+$'"
        )
    }


def probe_name():
    """A User-Agent that no other request has."""
    return f"probe-{os.getpid()}-{next(_numbers)}"


def worker_that_answered(log, probe, mark=0):
    """The process id in Odoo's access line of the request whose query string is the probe."""

    def found():
        return re.findall(rf"^\S+ \S+ (\d+) INFO \S+ werkzeug: .*?{re.escape(probe)}[ #\"].*$", log.since(mark), re.M)

    _wait(found)
    pids = set(map(int, found()))
    assert len(pids) == 1, pids
    return pids.pop()


def backends_that_answered(postgres_log, probe, mark=0):
    """The backends that ran a statement carrying the probe (log_statement = all)."""
    lines = [line for line in postgres_log.since(mark).splitlines() if probe in line]
    pids = [re.match(r"\S+ \S+ \S+ \[(\d+)\] \S+@\S+ LOG:  ", line) for line in lines]
    return {int(match[1]) for match in pids if match}
