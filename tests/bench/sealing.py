"""The throughput of messages while maintenance seals the audit log, relative to the throughput without, in one run."""

import statistics
import threading

import psycopg2
from support.database import Database

from . import load, rows, stage

CLIENTS = 8
# Maintenance runs every hour in production. Here it runs continuously, with this pause in seconds.
PAUSE = 1.0
LEAST = 0.9


def checks(environment, door, made, plan):
    """(passed, text) for discovery and for a tool that Odoo runs. `made` are the rows of the running servers."""
    found = []
    for what in ("discover", "search"):
        (row,) = [row for row in made if row.name == rows.door_row(door, what)]
        # A discovery is short: more of them, so that a round is no moment.
        times = 8 if what == "discover" else 2
        ratios = [_round(environment, row, plan, number, times) for number in range(plan.sealing)]
        ratio = statistics.median(ratios)
        found.append((ratio >= LEAST,
                      f"sealing all the time: {door} door {what} with {CLIENTS} clients has {ratio:.2f} of the "
                      f"throughput without >= {LEAST} (rounds: {min(ratios):.2f} to {max(ratios):.2f})"))
    return found


def _round(environment, row, plan, number, times):
    order = (False, True) if number % 2 == 0 else (True, False)
    figures = {sealing: _throughput(environment, row, plan, sealing, times) for sealing in order}
    return figures[True] / figures[False]


def _throughput(environment, row, plan, sealing, times):
    sample = load.Sample()
    done = threading.Event()
    failures = []
    keeper = threading.Thread(target=_maintain, args=(environment, done, failures))
    if sealing:
        keeper.start()
    try:
        load.measure(sample, 0, row.name, row.port, row.request,
                     clients=CLIENTS, count=max(plan.counts[1] * times, 1), seconds=plan.seconds)
    finally:
        done.set()
        if sealing:
            keeper.join()
    if failures:
        raise load.Refused(f"mcp_maintain() failed: {failures[0]}")
    return len(sample.times) / sample.wall


def _maintain(environment, done, failures):
    database = Database(environment.dsn(stage.DATABASE))
    try:
        while not done.is_set():
            database.value("SELECT mcp_maintain()")
            done.wait(PAUSE)
    except psycopg2.Error as error:
        failures.append(error)
    finally:
        database.close()
