# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Odoo's own password check, and its pause after several failures (``base.login_cooldown_after``)."""

import contextlib
import datetime
import math

from odoo import SUPERUSER_ID, api
from odoo.exceptions import AccessDenied
from odoo.http import request
from odoo.modules.registry import Registry

from .. import compat


class PasswordCooldown(Exception):
    """Odoo checks no password from this address for ``seconds`` (``res.users._on_login_cooldown``)."""

    def __init__(self, seconds):
        super().__init__(seconds)
        self.seconds = seconds


def check_password(database, login, password):
    """Check a password by Odoo's own non-interactive check, as XML-RPC does. ``odoo.http.request`` must be bound.

    :returns: ``(uid, local)``, where ``local`` says that the hash in ``res_users`` decided, or ``(None, False)``
    :raises PasswordCooldown: when Odoo did not check the password
    """
    registry = Registry(database)
    _raise_cooldown(registry)
    try:
        return compat.authenticate(registry, database, login, password)
    except AccessDenied:
        return None, False
    except Exception:
        # A concurrent attempt exceeded the limit: Odoo then translates its refusal, for which it needs a user.
        _raise_cooldown(registry)
        raise


def _raise_cooldown(registry):
    # The data of `res.users._assert_can_auth`: failures and the time of the last one, by address.
    failures, last = getattr(registry, "_login_failures", {}).get(request.httprequest.remote_addr, (0, None))
    if not failures:
        return
    with contextlib.closing(registry.cursor()) as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        if not env["res.users"]._on_login_cooldown(failures, last):
            return
        pause = int(env["ir.config_parameter"].get_param("base.login_cooldown_duration", 60))
    left = pause - (datetime.datetime.now() - last).total_seconds()
    raise PasswordCooldown(max(1, math.ceil(left)))
