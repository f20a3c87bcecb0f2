# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One HTTP exchange with the database core, the same for the fast path and the ordinary route."""

import base64
import json
import logging
import time
import uuid
from http import HTTPStatus

import psycopg2
from psycopg2.pool import PoolError

from .. import compat, core, cursor_cache
from ..execution import executor
from . import client_watch, credentials, passwords, unavailable
from .databases import CHANGED, Choice
from .http_message import BatchMessage, Reply, reply_of, utf8_text

_logger = logging.getLogger(__name__)

ADDON = {"contract": core.CONTRACT, "version": compat.addon_version(), "series": compat.SERIES}
# Columns of the audit log that come from the authentication context when an exchange fails.
WHO = ("user_id", "api_key_id", "login", "api_key_name")


def exchange(http, choice):
    """Answer ``http`` from the chosen database.

    :returns: a ``Reply``, None when the ordinary route must serve it, or ``CHANGED`` when nothing was run because the
        database must be chosen anew
    """
    conversation = Conversation(http, choice)
    # A slow client holds no connection while it sends.
    http.read_early()
    try:
        with cursor_cache.borrowed(choice.database) as kept:
            reply = conversation.hold(kept)
    except PoolError as error:
        reply = conversation.failed(error)
    if isinstance(reply, Reply):
        http.body.drain()
    return reply


def _has_no_core(error):
    """Whether ``error`` means that the database has no core, or that there is no connection to it."""
    return unavailable.extension_is_missing(error) or (
        isinstance(error, psycopg2.OperationalError) and error.pgcode is None
    )


class Conversation:
    """The statements of one exchange, on one cached connection."""

    def __init__(self, http, choice):
        self.http = http
        self.database = choice.database
        self.choice = choice
        self.kept = None
        self.call_id = str(uuid.uuid4())
        self.credential = credentials.parse(http.authorization)
        self.entered = False
        self.auth_context = None

    def hold(self, kept):
        """Answer the request. None leaves it to the ordinary route, ``CHANGED`` to another database."""
        self.kept = kept
        try:
            return self._loop()
        except Exception as error:
            # A database without the core is left to the ordinary route.
            if self.http.door == "fast" and not self.entered and _has_no_core(error):
                return self.choice.among and CHANGED
            return self.failed(error)

    def _loop(self):
        """The loop of the contract."""
        request = self._request()
        statement, before = self.choice.guarded(core.EXCHANGE_CALL)
        answer = self._ask_with(request, statement, before, self.http.early_text)
        if answer is None:
            return CHANGED
        answer = self._follow(answer)
        self.entered = True
        text = None
        while "pass" in answer.head:
            if self.auth_context is None:
                body = self._body(answer.head["pass"]["max_body_bytes"])
                text = body.pop("body", None)
                request.update(body)
            self.auth_context = answer.rest
            answer = self._follow(self._ask_with(request, core.EXCHANGE, (), text))
        if answer.head.get("ordinary"):
            return None
        if self.credential and answer.head["reply"]["status"] == HTTPStatus.UNAUTHORIZED:
            self.credential.spend_verification()
        return reply_of(answer.head["reply"], answer.rest)

    def _request(self):
        http = self.http
        return {
            "call_id": self.call_id,
            "door": http.door,
            "addon": ADDON,
            "http_method": http.method,
            "path": http.path,
            "headers": http.headers(),
            "remote_addr": http.remote_addr,
            "in_batch": http.in_batch,
            "credential": self.credential and self.credential.describe(self.database),
        }

    def _body(self, limit):
        if self.http.early_text is not None:
            return {"body": self.http.early_text}
        raw, error = self.http.body.take(limit)
        if error:
            return {"body_error": error}
        text = utf8_text(raw)
        if text is None:
            return {"body_base64": base64.b64encode(raw).decode("ascii")}
        return {"body": text}

    def _ask_with(self, request, statement, before, text):
        """Send the request, the text of its body and the authentication context. ``first_try`` is false in a repeat."""

        def parameters(first_try):
            request["first_try"] = first_try
            return (*before, core.dumps(request), text, self.auth_context)

        return self._answer(self.kept.value(statement, parameters(True), lambda: parameters(False)))

    def _ask(self, statement, *parameters):
        return self._answer(self.kept.value(statement, parameters))

    def _answer(self, text):
        if text is None:
            return None
        answer = core.Answer.of_text(text)
        remember = answer.head.get("remember")
        if remember and self.credential:
            self.credential.remember(self.database, remember["claim"], remember.get("seconds"))
        return answer

    def _follow(self, answer):
        """Run the steps that the core asks for, until it returns a reply."""
        while "step" in answer.head:
            answer = self._run(answer.head["step"], answer.rest)
        return answer

    def _run(self, step, state):
        kind = step["kind"]
        if kind == "call":
            with client_watch.over(self.http.environ, self.database, step, state):
                outcome = executor.run(self.database, step, state, self.http.environ)
            if isinstance(outcome, core.Answer):
                return outcome
        elif kind == "batch":
            outcome = {"replies": self._batch(step)}
        elif kind == "verify_key":
            outcome = {"key_id": self.credential.matching_key(step["candidates"])}
        elif kind == "verify_password":
            outcome = self._verify_password(step["login"])
        else:
            raise RuntimeError(f"the core asks for a step that this version of the addon does not know: {kind}")
        return self._ask(core.CONTINUE, state, core.dumps(outcome))

    def _batch(self, step):
        """Return the replies to a batch's messages, each from its own exchange; None for those not begun in time."""
        deadline = time.monotonic() + step["seconds"]
        replies = []
        for text in step["messages"]:
            if time.monotonic() > deadline:
                replies.append(None)
                continue
            message = Conversation(BatchMessage(self.http, text), Choice(self.database, None))
            reply = message.hold(self.kept)
            if reply is None:  # the fast path was switched off meanwhile
                replies.append(None)
                continue
            replies.append({"status": reply.status, "headers": reply.headers, "body": reply.body.decode()})
        return replies

    def _verify_password(self, login):
        try:
            with compat.bound_request(self.http.environ, self.database):
                uid, local = self.credential.check_password(passwords.check_password, self.database, login)
        except passwords.PasswordCooldown as cooldown:
            return {"uid": None, "wait": cooldown.seconds}
        if not uid:
            return {"uid": None}
        return {"uid": uid, "local": local, "fields": compat.session_token_fields(self.database)}

    def failed(self, error):
        """Log and record an exchange that the core could not finish. The reply contains no details."""
        reply = unavailable.reply(error, self.call_id)
        code = getattr(error, "pgcode", None)
        if isinstance(error, (psycopg2.Error, PoolError)):
            # Never the driver's full text: it may quote the statement.
            text = error.diag.message_primary if code else type(error).__name__
            _logger.error("MCP call %s failed in the database: SQLSTATE %s: %s", self.call_id, code, text)
        else:
            _logger.error("MCP call %s failed", self.call_id, exc_info=error)
        if self.kept is not None and not unavailable.extension_is_missing(error):
            self._record(f"SQLSTATE {code}" if code else type(error).__name__, reply.status)
        return reply

    def _record(self, error, http_status):
        entry = {"call_id": self.call_id, "status": "failed", "error": error, "http_status": http_status}
        entry.update(http_method=self.http.method, remote_addr=self.http.remote_addr, door=self.http.door)
        if self.auth_context:
            auth_context = json.loads(self.auth_context)
            known = {**auth_context, **auth_context["principal"]}
            entry.update({column: known.get(column) for column in WHO})
        try:
            self.kept.value(core.AUDIT_INSERT, (core.dumps(entry),))
        except (psycopg2.Error, PoolError) as again:
            reason = getattr(again, "pgcode", None) or type(again).__name__
            _logger.error("MCP call %s could not be recorded: %s", self.call_id, reason)
