# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import psycopg2
from psycopg2 import errorcodes
from psycopg2.pool import PoolError

from odoo.tests import BaseCase, tagged

from .. import cursor_cache


class Deadlock(psycopg2.OperationalError):
    pgcode = errorcodes.DEADLOCK_DETECTED


@tagged("post_install", "-at_install")
class TestKeptCursor(BaseCase):
    def run_with(self, *outcomes, again=None):
        """What ``value`` gives where running the statement has these outcomes, and the parameters it was run with."""
        kept = cursor_cache.KeptCursor("no database")
        seen = []
        outcomes = iter(outcomes)

        def run(query, parameters):
            seen.append(parameters)
            outcome = next(outcomes)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        with patch.object(kept, "_run", run):
            return kept.value("SELECT", ("first",), again), seen

    def test_a_repeat_says_that_it_is_one(self):
        self.assertEqual(self.run_with("answer", again=lambda: ("again",)), ("answer", [("first",)]))
        self.assertEqual(
            self.run_with(Deadlock(), "answer", again=lambda: ("again",)), ("answer", [("first",), ("again",)])
        )
        self.assertEqual(self.run_with(Deadlock(), "answer"), ("answer", [("first",), ("first",)]))

    def test_a_second_deadlock_is_told(self):
        with self.assertRaises(Deadlock):
            self.run_with(Deadlock(), Deadlock(), "answer")

    def test_no_more_are_lent_than_there_may_be(self):
        stacks = cursor_cache._Stacks()
        with patch.object(cursor_cache.compat, "pool_size", lambda: 4):
            first, second = stacks.pop("a"), stacks.pop("b")
            with patch.object(cursor_cache, "SECONDS_TO_WAIT", 0.01), self.assertRaises(PoolError):
                stacks.pop("a")
            stacks.push(first)
            third = stacks.pop("a")
            with ThreadPoolExecutor(1) as pool:
                waiting = pool.submit(stacks.pop, "a")
                stacks.push(second)
                fourth = waiting.result()
            stacks.push(third)
            stacks.push(fourth)
            self.assertEqual((stacks._in_use, stacks._waiting), (0, 0))
