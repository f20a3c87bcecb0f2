# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged

INSERT = """
INSERT INTO mcp_audit_log (call_id, create_date, method, tool, model, user_id, path, status, row_count, response_bytes,
                           duration_ms, count, refusal)
SELECT gen_random_uuid(), %s::timestamp + make_interval(mins => n), 'tools/call', 'search', 'mcp.made.up', %s, %s, %s,
       2, 10, n, 1, NULL
FROM generate_series(1, %s) n
"""


@tagged("post_install", "-at_install")
class TestStatistics(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "mcp_stat_user", "base.group_user,odoo_mcp.group_mcp_user")
        cls.administrator = new_test_user(cls.env, "mcp_stat_admin", "base.group_user,odoo_mcp.group_mcp_administrator")
        for day, path, status, number in (
            ("2026-03-01", "orm", "ok", 20),
            ("2026-03-01", "orm", "failed", 1),
            ("2026-03-01", "orm", "denied", 3),
            ("2026-03-01", "core", "ok", 5),
            ("2026-03-02", "orm", "ok", 7),
        ):
            cls.env.cr.execute(INSERT, (day, cls.user.id, path, status, number))

    def rows(self, user):
        return self.env["mcp.stat.call"].with_user(user).search([("model", "=", "mcp.made.up")], order="day, path")

    def test_the_numbers_are_those_of_the_audit_log(self):
        core, orm, later = self.rows(self.administrator)
        self.assertEqual((core.path, core.calls, core.errors, core.denied), ("core", 5, 0, 0))
        self.assertEqual((orm.path, orm.calls, orm.errors, orm.denied), ("orm", 24, 1, 3))
        self.assertEqual((orm.rows, orm.bytes), (48, 240))
        self.assertEqual((later.calls, later.day.isoformat()), (7, "2026-03-02T00:00:00"))
        # of 1 to 20, 1, and 1 to 3: the 23rd of 24 values and a bit
        self.assertAlmostEqual(orm.p95_ms, 18.85)
        self.assertAlmostEqual(orm.max_ms, 20)
        self.assertAlmostEqual(orm.total_ms, 210 + 1 + 6)
        self.assertAlmostEqual(orm.mean_ms, 217 / 24)

    def test_only_administrators_see_them(self):
        with self.assertRaises(AccessError):
            self.rows(self.user)

    def test_a_condition_on_the_day_reaches_the_rows(self):
        # The plan filters the rows of the log, not what was made of all of them.
        self.env.cr.execute("EXPLAIN SELECT * FROM mcp_stat_calls WHERE day = '2026-03-02'")
        plan = "\n".join(line for (line,) in self.env.cr.fetchall())
        self.assertRegex(plan, r"(?s)Scan on mcp_audit_log.*Filter: .*date_trunc\('day'")
