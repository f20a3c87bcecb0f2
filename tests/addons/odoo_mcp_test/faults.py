# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Faults at named points of a call, for the crash matrix. The shipped addon contains nothing of this.

When the variable ODOO_MCP_FAULTS names a folder, this module wraps functions of the executor and of the exchange in
this process. A call of the tool ``test_fault`` names the point and the kind. The fault strikes there once. It first
writes the file ``<name>.struck`` with the data that the test needs: point, call, process and connections.
"""

import contextlib
import json
import os
import signal
import threading
import time

import psycopg2

from odoo import sql_db
from odoo.addons.odoo_mcp.controllers import exchange
from odoo.addons.odoo_mcp.execution import executor
from odoo.exceptions import UserError

FOLDER = os.environ.get("ODOO_MCP_FAULTS")
PATIENCE = 60
_current = threading.local()


def strike(point, cr=None):
    """Triggers the planned fault if this is its point and it has not struck yet."""
    plan = getattr(_current, "plan", None)
    if not FOLDER or not plan or plan["point"] != point:
        return
    struck = os.path.join(FOLDER, plan["name"] + ".struck")
    try:
        with open(struck + ".part", "x", encoding="utf-8") as file:
            facts = {"point": point, "kind": plan["kind"], "call_id": plan["call_id"], "process": os.getpid()}
            json.dump(facts, file)
    except FileExistsError:
        return
    # The link makes the file appear complete.
    os.link(struck + ".part", struck)
    _FAULTS[plan["kind"]](plan, cr)


def _kill(_plan, _cr):
    os.kill(os.getpid(), signal.SIGKILL)


def _wait(plan, _cr):
    """Waits while the test acts from outside."""
    deadline = time.monotonic() + PATIENCE
    while not os.path.exists(os.path.join(FOLDER, plan["name"] + ".go")):
        if time.monotonic() > deadline:
            raise RuntimeError("nobody said go")
        time.sleep(0.01)


def _time_out(_plan, cr):
    cr.execute("SELECT set_config('statement_timeout', '20', true)")
    cr.execute("SELECT pg_sleep(10)", log_exceptions=False)


def _conflict(_plan, cr):
    cr.execute("DO $$ BEGIN RAISE EXCEPTION 'struck' USING ERRCODE = '40001'; END $$", log_exceptions=False)


def _refuse(_plan, _cr):
    raise UserError("struck")


def _fill_pool(plan, _cr):
    """Takes every remaining connection of Odoo's pool."""
    taken = _current.taken = []
    with contextlib.suppress(psycopg2.pool.PoolError):
        while True:
            taken.append(sql_db.db_connect(plan["database"]).cursor())


_FAULTS = {
    "worker_killed": _kill,
    "backend_killed": _wait,
    "server_restart": _wait,
    "client_gone": _wait,
    "statement_timeout": _time_out,
    "serialization": _conflict,
    "orm_error": _refuse,
    "pool_full": _fill_pool,
}


def _wrapped_run(database, step, state, environ, _original=executor.run):
    arguments = step.get("arguments") or {}
    _current.plan = None
    if step.get("method") == "_tool_test_fault":
        _current.plan = {**arguments, "call_id": step["call_id"], "database": database}
    try:
        strike("after_gate")
        return _original(database, step, state, environ)
    except UserError as error:
        # The same shape as an error before the call's first statement.
        return {"error": {"type": "user_error", "message": str(error)}}
    finally:
        for cr in getattr(_current, "taken", ()):
            cr.close()
        _current.taken = []


def _wrapped_resume(call, cr, outcome, _original=executor.Call._resume):
    strike("after_flush", cr)
    answer = _original(call, cr, outcome)
    strike("before_commit", cr)
    return answer


def _wrapped_finish(guard, _original=executor.TransactionGuard._finish):
    _original(guard)
    strike("after_commit", guard.cr)


def _wrapped_reply(head, rest, _original=exchange.reply_of):
    try:
        strike("before_reply")
    finally:
        _current.plan = None
    return _original(head, rest)


if FOLDER:
    executor.run = _wrapped_run
    executor.Call._resume = _wrapped_resume
    executor.TransactionGuard._finish = _wrapped_finish
    exchange.reply_of = _wrapped_reply
