# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import os
import signal
import threading
import time

import psycopg2

from odoo import _, models
from odoo.exceptions import RedirectWarning, UserError

from .. import faults

SECRET = "hunter2-the-secret-of-the-tests"


class McpTool(models.Model):
    """How another app adds tools: a method with the prefix ``_tool_``, and a record."""

    _inherit = "mcp.tool"

    # Attempts of ``_tool_test_serialization`` by label, in this process.
    _test_tries = {}
    _test_lock = threading.Lock()

    def _tool_test_greet(self, name, times=1):
        return {"greeting": " ".join([f"Hello, {name}!"] * times), "login": self.env.user.login}

    def _tool_test_context(self):
        return {"uid": self.env.uid, "su": self.env.su, "context": dict(self.env.context)}

    def _tool_test_reader(self):
        return self.env["mcp.test.item"].create({"name": "Made by a reader"}).name

    def _tool_test_sleep(self, seconds, name=None):
        if name:
            self._test_item(name)
        self.env.cr.execute("SELECT pg_sleep(%s), pg_backend_pid()", (seconds,))
        return {"slept": seconds, "backend": self.env.cr.fetchone()[1]}

    def _tool_test_fail_at_flush(self, name):
        # Written only at the flush, where the check constraint refuses it.
        self._test_item(name).amount = -1
        return {"written": name}

    def _tool_test_fail_at_commit(self, name):
        self.env.cr.execute(
            "INSERT INTO mcp_test_item (name, amount) VALUES (%(name)s, 0), (%(name)s, 0)", {"name": name}
        )
        return {"written": name}

    def _tool_test_commit(self, name, fail=False, swallow=False, login=None):
        self._test_item(name)
        if login:
            self.env.cr.execute("UPDATE res_users SET login = %s WHERE id = %s", (login, self.env.uid))
        try:
            self.env.cr.commit()  # pylint: disable=invalid-commit
        except Exception:
            if not swallow:
                raise
        self._test_item(f"{name}, after the commit")
        if fail:
            raise UserError(_("failed after the commit"))
        return {"written": name}

    def _tool_test_rollback(self, name):
        self._test_item(name)
        self.env.cr.rollback()
        return {"written": name}

    def _tool_test_savepoint(self, name):
        try:
            with self.env.cr.savepoint():
                self._test_item(f"{name}, rolled back")
                raise UserError(_("rolled back"))
        except UserError:
            self._test_item(name)
        return {"written": name}

    def _tool_test_not_json(self, name):
        self._test_item(name)
        return {"object": object()}

    def _tool_test_values(self):
        items = self.env["mcp.test.item"]
        item = items.create({"name": "values", "due": "2026-02-03", "happened": "2026-02-03 04:05:06"})
        return {
            "date": item.due,
            "datetime": item.happened,
            "bytes": b"\x00\xff",
            "nan": float("nan"),
            "infinity": float("inf"),
            "records": item,
            "none": items,
            "text": "NUL \0 and half a pair \ud83d",
            "tuple": (1, 2),
            "keys": {1: "one"},
        }

    def _tool_test_text(self):
        return "plain text"

    def _tool_test_list(self):
        return [1, "two", None]

    def _tool_test_secret_error(self, name):
        self._test_item(name)
        raise Exception(f"The password is {SECRET}")

    def _tool_test_redirect(self):
        raise RedirectWarning(_("Configure a journal first."), 1, _("Go there"))

    def _tool_test_serialization(self, label, times, name):
        with self._test_lock:
            tried = self._test_tries[label] = self._test_tries.get(label, 0) + 1
        self._test_item(name)
        if tried <= times:
            self.env.cr.execute("DO $$ BEGIN RAISE EXCEPTION 'test' USING ERRCODE = '40001'; END $$")
        return {"tries": tried}

    def _tool_test_after_commit(self, name):
        self._test_item(name)

        def fail():
            raise psycopg2.OperationalError("a hook after the commit failed")

        self.env.cr.postcommit.add(fail)
        return {"written": name}

    def _tool_test_die(self, name):
        """Maintenance declares the call dead while it runs, so its audit row already exists."""
        self._test_item(name)
        with self.env.registry.cursor() as cr:
            cr.execute(
                "INSERT INTO mcp_audit_log (call_id, create_date, status)"
                " SELECT call_id, started, 'died' FROM mcp_inflight_call ORDER BY started DESC LIMIT 1"
            )
        return {"written": name}

    def _tool_test_swallow(self, name, seconds):
        """Continues after any error that stops its statement."""
        try:
            with self.env.cr.savepoint():
                self.env.cr.execute("SELECT pg_sleep(%s)", (seconds,))
        except psycopg2.errors.QueryCanceled:
            name = f"{name}, all the same"
        self._test_item(name)
        return {"written": name}

    def _tool_test_until_settled(self, name):
        """Works outside the database until another process has written the call's audit row."""
        self._test_item(name).flush_recordset()
        with self.env.registry.cursor() as cr:
            cr.execute("SELECT call_id FROM mcp_inflight_call WHERE entry ->> 'tool' = 'test_until_settled'")
            (call_id,) = cr.fetchone()
            for _try in range(3000):
                cr.rollback()
                cr.execute("SELECT 1 FROM mcp_audit_log WHERE call_id = %s", (call_id,))
                if cr.fetchone():
                    break
                time.sleep(0.01)
        return {"written": name}

    def _tool_test_fault(self, point, kind, name):
        """A change with a fault at a point (``faults.py``)."""
        self._test_item(name).flush_recordset()
        faults.strike("inside_call", self.env.cr)
        return {"written": name}

    def _tool_test_fault_after_own_commit(self, name):
        """A method that may commit on its own. Its process ends afterwards."""
        self._test_item(name)
        self.env.cr.commit()  # pylint: disable=invalid-commit
        os.kill(os.getpid(), signal.SIGKILL)

    def _tool_test_large(self, size):
        return {"text": "x" * size}

    def _test_item(self, name):
        return self.env["mcp.test.item"].create({"name": name})
