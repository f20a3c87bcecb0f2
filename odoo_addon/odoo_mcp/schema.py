# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Creates, updates and drops the extension and the tables outside the ORM."""

import logging

import psycopg2
from psycopg2 import errorcodes, sql

from odoo.exceptions import UserError
from odoo.tools import file_open

_logger = logging.getLogger(__name__)

EXTENSION = "odoo_mcp"
TABLES = (
    "mcp_audit_log",
    "mcp_audit_seal",
    "mcp_rate_bucket",
    "mcp_inflight_call",
    "mcp_catalogue",
    "mcp_field_dependency",
    "mcp_lockout",
    "mcp_model_fact",
    "mcp_idempotency",
    "mcp_input_request",
    "mcp_secret",
    "mcp_session",
)

FILES_MISSING = """\
The PostgreSQL extension "odoo_mcp" is not available on the database server.

Ask the administrator of the PostgreSQL server with the database "%(database)s" to install the extension's \
package for PostgreSQL %(version)s. The package contains odoo_mcp.control, odoo_mcp--*.sql and odoo_mcp.so. \
Then install this app again. The installation has changed nothing.

A hosted PostgreSQL without access to its files cannot run this app."""

NO_PRIVILEGE = """\
The database user "%(user)s" cannot create the PostgreSQL extension "odoo_mcp" in the database "%(database)s".

Ask the PostgreSQL administrator to run this statement in that database:
    CREATE EXTENSION odoo_mcp SCHEMA public;
or to grant the privilege:
    GRANT CREATE ON DATABASE "%(database)s" TO "%(user)s";
Then install this app again. The installation has changed nothing."""

UPDATE_FAILED = """\
The PostgreSQL extension "odoo_mcp" could not be updated to the version of its installed files (SQLSTATE %s). \
Ask the PostgreSQL administrator to run this statement in the database "%s" as the owner of the extension: \
ALTER EXTENSION odoo_mcp UPDATE;"""


def create_extension(cr):
    """Create the extension, or report to the administrator what is missing."""
    facts = _server_facts(cr)
    try:
        with cr.savepoint(flush=False):
            cr.execute("CREATE EXTENSION IF NOT EXISTS odoo_mcp SCHEMA public", log_exceptions=False)
    except psycopg2.Error as error:
        if error.pgcode == errorcodes.INSUFFICIENT_PRIVILEGE:
            raise UserError(NO_PRIVILEGE % facts) from error
        if error.pgcode in (errorcodes.FEATURE_NOT_SUPPORTED, errorcodes.UNDEFINED_FILE):
            raise UserError(FILES_MISSING % facts) from error
        raise


def _server_facts(cr):
    cr.execute(
        "SELECT pg_catalog.current_database(), CURRENT_USER::text,"
        " pg_catalog.current_setting('server_version_num')::int / 10000"
    )
    database, user, version = cr.fetchone()
    return {"database": database, "user": user, "version": version}


def create_tables(cr):
    """Run ``schema.sql``, whose statements are all repeatable."""
    with file_open("odoo_mcp/schema.sql") as script:
        cr.execute(script.read())


def watch_catalogue(cr):
    """Create the triggers that change the catalogue version: run ``catalogue.sql``, which is repeatable."""
    with file_open("odoo_mcp/catalogue.sql") as script:
        cr.execute(script.read())


def forget_changes(cr):
    """Replace the rows for the many changes of an installation by a single row; maintenance does so later."""
    cr.execute("DELETE FROM public.mcp_catalogue")
    cr.execute("INSERT INTO public.mcp_catalogue DEFAULT VALUES")


def update_extension(cr):
    """Update the extension to the version of the installed files; a failure is reported, not raised.

    While the versions differ the core answers 503 with a hint; the rest of the addon's update must not be lost.
    """
    cr.execute("SELECT 1 FROM pg_catalog.pg_extension WHERE extname = %s", (EXTENSION,))
    if not cr.fetchone():
        return
    try:
        with cr.savepoint(flush=False):
            cr.execute("ALTER EXTENSION odoo_mcp UPDATE", log_exceptions=False)
    except psycopg2.Error as error:
        _logger.error(UPDATE_FAILED, error.pgcode, cr.dbname)


def drop(cr):
    """Drop the extension and the tables of ``schema.sql``."""
    try:
        with cr.savepoint(flush=False):
            cr.execute("DROP EXTENSION IF EXISTS odoo_mcp", log_exceptions=False)
    except psycopg2.Error as error:
        _logger.warning(
            "The PostgreSQL extension odoo_mcp remains in the database %s (%s): only its owner can drop it.",
            cr.dbname,
            error.pgcode,
        )
    cr.execute("DROP VIEW IF EXISTS public.mcp_stat_calls")
    for table in TABLES:
        cr.execute(sql.SQL("DROP TABLE IF EXISTS public.{}").format(sql.Identifier(table)))
    cr.execute("DROP FUNCTION IF EXISTS public.mcp_audit_guard()")
    # The tables of the models are dropped later, their triggers now.
    cr.execute("DROP FUNCTION IF EXISTS public.mcp_catalogue_changed() CASCADE")
