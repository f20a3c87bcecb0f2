# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Runs a ``call`` step: a method of one of the addon's models as the user, in one transaction with its audit row."""

import contextlib
import copy
import json
import logging
import threading

import psycopg2

from .. import compat, content, core
from ..policy import guarded_writes, user_changes
from . import changes, dry_run, errors, sandbox
from .json_values import encode

_logger = logging.getLogger(__name__)

METHOD_PREFIX = "_tool_"
# The callable methods of a step: of these models, with these prefixes.
METHOD_PREFIXES = {"mcp.tool": METHOD_PREFIX, "mcp.resource": "_resource_", "mcp.prompt": "_prompt_"}
# Marks the call as alive for maintenance, and limits the time of each of its statements.
FIRST_STATEMENT = (
    "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(%s, 0)),"
    " pg_catalog.set_config('statement_timeout', %s, true)"
)
FIRST_STATEMENT_COUNTING = f"{FIRST_STATEMENT}, {user_changes.COUNTS}"
# Idempotency claim: the first call gets it, the others wait here until that one has committed or rolled back.
CLAIM = """
    INSERT INTO public.mcp_idempotency
        (user_id, tool, key, call_id, credential, digest, prepared, create_date, expires_at)
    SELECT c.user_id, c.tool, c.key, c.call_id, c.credential, c.digest, c.prepared, n.now,
           n.now + pg_catalog.make_interval(secs => c.seconds)
    FROM (SELECT pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()) AS now) n,
         pg_catalog.json_to_recordset(%s) AS c (user_id integer, tool varchar, key varchar, call_id uuid,
            credential varchar, digest varchar, prepared varchar, seconds integer)"""
# A cancelling transaction holds this lock from before it looks up the call's connection until its signal is sent.
LAST_STATEMENT = "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(%s, 1))"
# The unique constraint that a second audit row of the same call violates.
AUDIT_CONSTRAINT = "mcp_audit_log_call_id_key"
COMMITS = "The method %s commits or rolls back by itself, and its tool has no mark May Commit, so nothing was changed."


def run(database, step, state, environ):
    """Return the core's next ``Answer`` when the call is committed, else the failure outcome for the core."""
    call = Call(database, step, state)
    try:
        return call.run(environ)
    except Exception as error:
        if isinstance(error, CommittedHalfway):
            error = error.__cause__
        described = errors.describe(error)
        if call.guard is not None and call.guard.committed:
            described["committed"] = True
        _log(step, described, error)
        told = call.attempt.outcome() if call.attempt is not None else {}
        return {"error": described, **told}


def _log(step, described, error):
    kind = described["type"]
    if kind == "internal":
        _logger.error("MCP call %s (%s) failed", step["call_id"], step["method"], exc_info=error)
    elif kind == "unusable":
        _logger.warning("MCP call %s (%s): %s", step["call_id"], step["method"], described["message"])
    else:
        _logger.info("MCP call %s (%s): %s", step["call_id"], step["method"], kind)


class CommittedHalfway(Exception):
    """A failure after the method committed by itself: the call must not be repeated."""


class Call:
    """One call of a method, on a cursor of its own."""

    def __init__(self, database, step, state):
        self.database = database
        self.step = step
        self.state = state
        self.guard = None
        self.attempt = None

    def run(self, environ):
        """Return the core's answer, committed together with the change; raise when nothing is committed.

        :raises Undone: when the core rejects the method's result
        """
        registry = compat.Registry(self.database)
        if not registry.ready:
            raise errors.ModuleState("")
        with contextlib.closing(compat.fresh_cursor(registry.cursor)) as cr:
            registry = compat.checked_registry(self.database, cr)
            # The first statement of the call must be the first of its transaction.
            cr.rollback()
            env = compat.user_environment(cr, self.step["uid"], self.step["context"] or {})
            threading.current_thread().uid = env.uid
            compat.name_rpc_call(f"{self.step['model']}.{self.step['method']}")
            self.guard = TransactionGuard(env, self.step)
            try:
                with compat.bound_request(environ, self.database, env):
                    return self._committed(env, registry)
            except Exception:
                self._await_cancellation(cr)
                raise

    def _await_cancellation(self, cr):
        """Keep the connection until no cancellation can be aimed at this call any more."""
        with contextlib.suppress(psycopg2.Error):
            cr.rollback()
            cr.execute(LAST_STATEMENT, (self.step["call_id"],), log_exceptions=False)
        with contextlib.suppress(psycopg2.Error):
            cr.rollback()

    def _committed(self, env, registry):
        answers = []
        try:
            return compat.retrying(lambda: self._attempt(env, answers), env)
        except Exception:
            if not self.guard.finished:
                registry.reset_changes()
                raise
            # The change and its audit row are committed: a failure here comes after the answer.
            _logger.exception("MCP call %s is done; work after its commit failed", self.step["call_id"])
            try:
                registry.signal_changes()
            except Exception:
                _logger.exception("MCP call %s: other processes could not be told of it", self.step["call_id"])
            return answers[-1]

    def _attempt(self, env, answers):
        step = self.step
        # Discard the notifications of an earlier attempt.
        self.attempt = content.Attempt(
            step.get("inputs"), step.get("input_state"), step.get("capabilities"), step.get("listening", False)
        )
        try:
            self.guard.begin()
            self._claim(env.cr)
            if step.get("dry_run"):
                self._try(env)
            bounds = read_only(env.cr) if step.get("read_only") else contextlib.nullcontext()
            with self.guard, self.attempt, bounds:
                watch = changes.Watch(env, step.get("changes"))
                watch.before()
                result = self._call_method(env)
                outcome = content.outcome(result)
                env.cr.flush()
                watch.after(result)
                outcome = encode({**outcome, **self.attempt.outcome(), **watch.outcome()})
                env.cr.flush()
            self.guard.check()
            answers.append(self._resume(env.cr, outcome))
            return answers[-1]
        except (psycopg2.OperationalError, compat.ConcurrencyError) as error:
            if self.guard.committed:
                raise CommittedHalfway from error
            raise

    def _try(self, env):
        """Run the method, read its changes, and end like every failure: with a rollback."""
        step = self.step
        model = (step["arguments"] or {}).get("model")
        new_cursor = compat.Registry(self.database).cursor
        with dry_run.DryRun(env, new_cursor, model, step["timeout_ms"]) as run:
            with self.guard, self.attempt, sandbox.enclosed():
                outcome = content.outcome(self._call_method(env))
                env.cr.flush()
                report = {**run.report(), **outcome}
            self.guard.check()
        raise errors.Tried(json.loads(encode(report)))

    def _claim(self, cr):
        """Insert the call's idempotency claims."""
        if not self.step.get("claims"):
            return
        try:
            cr.execute(CLAIM, (core.dumps(self.step["claims"]),), log_exceptions=False)
        except psycopg2.IntegrityError as error:
            raise errors.Claimed("") from error
        except psycopg2.extensions.QueryCanceledError as error:
            raise errors.Busy("") from error

    def _call_method(self, env):
        step = self.step
        with guarded_writes.guarded(step):
            result = call_method(env, step["model"], step["record_id"], step["method"], step["arguments"])
            # Statements that Odoo defers to the end of the transaction belong to the call.
            env.cr.flush()
            self.guard.check_users()
            return result

    def _resume(self, cr, outcome):
        try:
            cr.execute(core.CONTINUE, (self.state, outcome), log_exceptions=False)
        except psycopg2.IntegrityError as error:
            # The core passes only the error's text on.
            if AUDIT_CONSTRAINT in (error.diag.constraint_name or error.diag.message_primary or ""):
                raise errors.CallDied("") from error
            raise
        answer = core.Answer.of_text(cr.fetchone()[0])
        if "undo" in answer.head:
            raise errors.Undone(answer.head["undo"])
        return answer


def call_method(env, model, record_id, method, arguments):
    """Return the value of ``method`` of ``model`` or of its record; only methods that a step may call."""
    prefix = METHOD_PREFIXES.get(model)
    record = env[model].browse(record_id or ()) if prefix else None
    function = getattr(type(record), method, None)
    if not prefix or not method.startswith(prefix) or not callable(function):
        raise errors.NoMethod(f"The model {model} has no method {method}.")
    # A retry must not see changes that the attempt before it made to the arguments.
    arguments = copy.deepcopy(arguments or {})
    try:
        compat.bind_arguments(function, record, **arguments)
    except TypeError as error:
        raise errors.BadArguments(str(error)) from error
    return function(record, **arguments)


@contextlib.contextmanager
def read_only(cr):
    """Make the transaction read-only for the code within, whichever code writes; afterwards it is writable again.

    A failure within leaves the savepoint to the rollback of the whole call.
    """
    cr.execute("SAVEPOINT mcp_read_only")
    cr.execute("SET TRANSACTION READ ONLY")
    yield
    cr.execute("RELEASE SAVEPOINT mcp_read_only")


class TransactionGuard:
    """Keeps the transaction of a call under the executor's control while a method runs."""

    def __init__(self, env, step):
        self.env = env
        self.cr = env.cr
        self.step = step
        self.finished = False  # the executor's own commit is done
        self.committed = False  # the method committed
        self.refused = False
        self.user_counts = None  # of the rows that earlier transactions wrote to the tables of users

    def begin(self):
        """Run the first statement of an attempt, or of the transaction after a method's own commit."""
        self.finished = False
        statement = FIRST_STATEMENT_COUNTING if self.step.get("check_users") else FIRST_STATEMENT
        self.cr.execute(statement, (self.step["call_id"], str(self.step["timeout_ms"])))
        if self.step.get("check_users"):
            self.user_counts = self.cr.fetchone()[-1]
        # Runs before every other hook, right after the commit.
        self.cr.postcommit.add(self._finish)

    def _finish(self):
        self.finished = True

    def __enter__(self):
        self.cr.commit = self._commit
        self.cr.rollback = self._rollback
        return self

    def __exit__(self, *exc_info):
        del self.cr.commit, self.cr.rollback

    def check(self):
        """Refuse a method that tried to commit and swallowed the refusal."""
        if self.refused:
            raise self._refusal()

    def check_users(self):
        """Refuse a transaction that has changed how users sign in, where the call may not do so."""
        if self.user_counts:
            user_changes.check(self.env, self.user_counts)

    def _refusal(self):
        return errors.CommitsItself(COMMITS % self.step["method"])

    def _commit(self):
        if not self.step.get("commits"):
            self.refused = True
            raise self._refusal()
        self.cr.flush()
        self.check_users()
        type(self.cr).commit(self.cr)
        self.committed = True
        self.begin()

    def _rollback(self):
        if not self.step.get("commits"):
            self.refused = True
            raise self._refusal()
        type(self.cr).rollback(self.cr)
        self.begin()
