# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Checks the records that a call has created or changed, by any code: the caller's domain must include all of them."""

from odoo import _, api
from odoo.exceptions import AccessError

from ..written_rows import state_before, written_ids


def check(model, domain):
    """Refuse writes of this transaction to a model's records outside ``domain``, now or before.

    The state before is read on a separate connection, which does not see this transaction.

    :raises AccessError: naming the model
    """
    env = model.env
    env.flush_all()
    ids = written_ids(env.cr, model._table)
    if not ids:
        return
    env.invalidate_all()
    if _outside(model.browse(ids), domain):
        _refuse(model._name)
    with state_before(env) as before:
        then = model.with_env(api.Environment(before, env.uid, env.context)).browse(ids)
        if _outside(then.sudo().exists().sudo(False), domain):
            _refuse(model._name)


def _outside(records, domain):
    """Whether some of the records are outside the domain."""
    everywhere = records.browse().with_context(active_test=False)
    try:
        return len(everywhere.search([("id", "in", records.ids), *domain])) < len(records)
    except AccessError:
        # Records that the user may not see count as outside.
        return True


def _refuse(name):
    raise AccessError(
        _("The call would change records of %s that the policy does not allow this caller. [record_domain]", name)
    )
