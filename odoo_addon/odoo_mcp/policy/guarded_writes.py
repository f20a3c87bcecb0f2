# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Writes that no MCP call may make, whichever code makes them: a tool, a button, an inverse method or a wizard.

The models with such values call one of these functions before they write.
"""

import contextlib
import threading

from odoo import _
from odoo.exceptions import AccessError

from .. import compat
from ..settings import PREFIX

# Fields of a user or a user's contact that decide who can sign in: Odoo mails a new password to `email`.
SIGN_IN = (
    *("active", "email", "login", "password", "new_password", "partner_id", "share"),
    *("oauth_uid", "oauth_provider_id"),  # auth_oauth
)
# Fields of users and groups that decide a user's groups (some of them up to Odoo 18, some from 19 on).
GROUPS = ("groups_id", "group_ids")
MEMBERS = ("users", "user_ids", "implied_ids", "implied_by_ids")


class _Running(threading.local):
    """Whether this thread runs an MCP call, and whether that call may change how users sign in."""

    on = False
    may_change_users = False


_running = _Running()


@contextlib.contextmanager
def guarded(step):
    """Run a step of the core under these rules."""
    _running.on, _running.may_change_users = True, bool(step.get("may_change_users"))
    try:
        yield
    finally:
        _running.on = False


def keeps_users():
    """Whether this thread runs a call that may not change how users sign in."""
    return _running.on and not _running.may_change_users


def refuse_sign_in(users, vals):
    """Refuse values that decide who can sign in as one of the users, unless the core allows the call to write them.

    :raises AccessError: naming the field
    """
    if not keeps_users():
        return
    for name in SIGN_IN:
        if name in vals and any((user[name] or False) != (vals[name] or False) for user in users.sudo()):
            raise AccessError(
                _(
                    "MCP cannot change %s of a user because it decides who can sign in as that user. An administrator "
                    "can change it in Odoo. [closed]",
                    name,
                )
            )


def refuse_users(users):
    """Refuse to create or delete users, unless the core allows the call to do so.

    A new user has Odoo's default groups, and gets an invitation by mail.

    :raises AccessError: always, within such a call
    """
    if keeps_users():
        raise AccessError(
            _(
                "MCP cannot create or delete users (%s). An administrator can do it in Odoo, or open users and groups "
                "with MCP access records. [closed]",
                users._description,
            )
        )


def refuse_groups(vals, names):
    """Refuse values that decide a user's groups, unless the core allows the call to write them.

    :param names: such fields of the model
    :raises AccessError: naming the field
    """
    found = [name for name in vals if name in names or name.startswith(("in_group_", "sel_groups_"))]
    if found and keeps_users():
        raise AccessError(
            _("%s decides the groups of a user. MCP cannot change it. [closed]", found[0])
        )


def refuse_made_groups(groups):
    """Refuse new groups that have members or imply groups, also where a default of Odoo says so.

    :raises AccessError: naming the field
    """
    if keeps_users():
        for name in MEMBERS:
            if name in groups._fields and groups.sudo()[name]:
                refuse_groups([name], MEMBERS)


def refuse_deleted_groups():
    """Refuse to delete groups, unless the core allows the call to do so: each member loses one.

    :raises AccessError: always, within such a call
    """
    if keeps_users():
        raise AccessError(
            _("MCP cannot delete a group because this changes the groups of users. [closed]")
        )


def refuse_own_records(records):
    """Refuse to create, change or delete the MCP server's own records that govern access through it.

    :raises AccessError: always, within a call
    """
    if _running.on:
        raise AccessError(_("Records of %s are never changed through MCP. [closed]", records._name))


def refuse_settings(keys):
    """Refuse to change the settings of the MCP server.

    :raises AccessError: naming the first of them
    """
    ours = [key for key in keys if str(key or "").startswith(PREFIX)]
    if _running.on and ours:
        raise AccessError(_("%s is a setting of the MCP server and never changed through MCP. [closed]", ours[0]))


def refuse_global_prompts(prompts):
    """Refuse to change prompts without an owner: they address the models of all users.

    :raises AccessError: always, within a call, for such a prompt; Odoo's own first, where the user may not write it
    """
    ours = prompts.sudo().filtered(lambda prompt: not prompt.user_id) if _running.on else prompts.browse()
    if ours:
        # Odoo's own refusal does not say what a record is to a user who may not see it.
        compat.check_record_access(ours.sudo(False), "write")
        raise AccessError(_("MCP cannot change a global prompt. [closed]"))
