# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import contextlib
import socket

from odoo.sql_db import Connection
from odoo.tests import BaseCase, tagged

from ..execution import errors
from ..execution.sandbox import enclosed


def functions():
    return [socket.socket.connect, socket.socket.sendto, socket.getaddrinfo, Connection.cursor]


@tagged("post_install", "-at_install")
class TestSandbox(BaseCase):
    def test_what_it_replaces_is_there_again_afterwards(self):
        before = functions()
        with enclosed():
            within = functions()
            with enclosed():
                self.assertEqual(functions(), within)
            self.assertEqual(functions(), within)
        self.assertEqual(functions(), before)
        self.assertFalse(set(within) & set(before))

    def test_it_refuses_the_network_also_where_code_hides_the_refusal(self):
        before = functions()
        with self.assertRaises(errors.Outside), enclosed(), contextlib.suppress(Exception):
            socket.create_connection(("192.0.2.1", 80), timeout=0.1)
        self.assertEqual(functions(), before)
