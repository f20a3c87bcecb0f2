# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import psycopg2
from psycopg2.pool import PoolError

from odoo.exceptions import AccessDenied, AccessError, MissingError, RedirectWarning, UserError, ValidationError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..execution import errors


@tagged("post_install", "-at_install")
class TestErrors(TransactionCase):
    def described(self, function):
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                function()
        except Exception as error:
            return errors.describe(error)
        self.fail("nothing was raised")

    def test_odoos_own(self):
        cases = [
            (AccessError("no"), "access_error"),
            (AccessDenied("no"), "access_denied"),
            (MissingError("no"), "missing_error"),
            (ValidationError("no"), "validation_error"),
            (RedirectWarning("no", 1, "there"), "redirect_warning"),
            (UserError("no"), "user_error"),
            (errors.NoMethod("no"), "no_method"),
            (errors.CallDied("no"), "died"),
        ]
        for error, kind in cases:
            with self.subTest(kind=kind):
                self.assertEqual(errors.describe(error), {"type": kind, "message": "no"})

    def test_secrets_stay(self):
        for error in (Exception("secret"), ValueError("secret"), KeyError("secret"), psycopg2.InternalError("secret")):
            self.assertEqual(errors.describe(error), {"type": "internal", "message": ""})
        self.assertEqual(errors.describe(PoolError("secret")), {"type": "pool_full", "message": ""})

    def test_the_orms_own_complaints_are_told(self):
        partner = self.env.ref("base.main_partner")
        described = self.described(lambda: partner.write({"type": "nonsense"}))
        self.assertEqual(described["type"], "validation_error")
        self.assertIn("nonsense", described["message"])
        described = self.described(lambda: partner.search([("no_such_field", "=", 1)]))
        self.assertEqual(described["type"], "validation_error")

    def test_database_errors(self):
        described = self.described(
            lambda: self.env.cr.execute("INSERT INTO res_groups_users_rel (gid, uid) VALUES (-1, -1)")
        )
        self.assertEqual((described["type"], described["sqlstate"]), ("constraint", "23503"))
        self.assertTrue(described["constraint"])
        described = self.described(lambda: self.env.cr.execute("SELECT 99999999999::int"))
        self.assertEqual((described["type"], described["sqlstate"]), ("validation_error", "22003"))
        described = self.described(
            lambda: self.env.cr.execute("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$")
        )
        self.assertEqual(described["type"], "serialization")
        described = self.described(
            lambda: self.env.cr.execute("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '57014'; END $$")
        )
        self.assertEqual(described["type"], "timeout")

    def test_the_row_is_not_quoted(self):
        error = ValidationError("It cannot be.\nDETAIL:  Failing row contains (1, secret).")
        error.__cause__ = psycopg2.IntegrityError()
        self.assertEqual(errors.describe(error)["message"], "It cannot be.")
