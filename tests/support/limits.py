"""Helpers for tests of limits: many simultaneous requests, requests from any address, the settings of the limits."""

import contextlib
import threading

# On a busy machine one of many clients can be slow to send its request. Odoo closes it after two seconds by default.
PATIENT = {"ODOO_HTTP_SOCKET_TIMEOUT": "30"}
LIMITS = "SELECT key, value FROM ir_config_parameter WHERE key LIKE 'odoo\\_mcp.%'"


def come_from(address):
    """The headers of a proxy that names the client, as Odoo's proxy mode reads them."""
    return [("X-Forwarded-For", address), ("X-Forwarded-Host", "odoo.example.com")]


@contextlib.contextmanager
def limits(db, **values):
    """Sets limits for the duration of a block and resets all counters. The core reads the settings on every request."""
    before = {row["key"]: row["value"] for row in db.rows(LIMITS)}
    forget(db)
    try:
        for name, value in values.items():
            db.set_parameter(f"odoo_mcp.{name}", str(value))
        yield
    finally:
        for name in values:
            db.set_parameter(f"odoo_mcp.{name}", before.get(f"odoo_mcp.{name}"))
        forget(db)


def forget(db):
    """Resets all usage and failure counters."""
    db.run("TRUNCATE mcp_rate_bucket, mcp_lockout, mcp_inflight_call")


def together(count, clients, ask):
    """Calls `ask` with 0 to `count` - 1 from this many threads, which start together. Returns the results in no
    order."""
    numbers = iter(range(count))
    lock = threading.Lock()
    start = threading.Barrier(clients)
    given, failures = [], []

    def work():
        start.wait()
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            try:
                given.append(ask(number))
            except Exception as failure:
                failures.append(failure)
                return

    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures[:3]
    return given


def statuses(answers):
    """The number of answers for each status."""
    found = {}
    for answer in answers:
        found[answer.status] = found.get(answer.status, 0) + 1
    return found


def wait_of(answer, most):
    """Asserts a 429 and returns the seconds to wait: at least one, at most the given number."""
    assert answer.status == 429, answer.text
    seconds = int(answer.header("Retry-After"))
    assert 1 <= seconds <= most, seconds
    return seconds
