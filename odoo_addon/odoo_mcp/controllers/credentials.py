# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Parses the ``Authorization`` header, and caches the claims of verified credentials.

The secret stays in this process and never enters SQL text.
"""

import base64
import binascii
import collections
import functools
import hashlib
import os
import re
import threading
import time

from odoo.addons.base.models.res_users import KEY_CRYPT_CONTEXT

API_KEY = re.compile(r"[0-9a-fA-F]{40}")
TOKEN = re.compile(r"[\x21-\x7e]+")
INDEX_SIZE = 8
MOST_REMEMBERED = 4096


class Credential:
    """A parsed ``Authorization`` header: the part for the core, and the secret, which the core never sees."""

    def __init__(self, scheme, secret=None, login=None, reason=None):
        self.scheme = scheme
        self.login = login
        self.reason = reason
        self.was_verified = False
        self._secret = secret

    def describe(self, database):
        """Return the ``credential`` object of the contract."""
        if self.scheme == "malformed":
            return {"scheme": "malformed", "reason": self.reason}
        described = {"scheme": self.scheme, "index": None, "claim": _memory.recall(self._fingerprint(database))}
        if self.login is not None:
            described["login"] = self.login
        # The start of a password must not reach SQL: only a possible key has an index.
        if API_KEY.fullmatch(self._secret):
            described["index"] = self._secret[:INDEX_SIZE]
        return described

    def remember(self, database, claim, seconds):
        """Store the core's claim for the next request with the same credential."""
        _memory.remember(self._fingerprint(database), claim, seconds)

    def matching_key(self, candidates):
        """Return the id of the candidate whose stored hash matches the secret, or None."""
        self.was_verified = True
        for candidate in candidates:
            try:
                if KEY_CRYPT_CONTEXT.verify(self._secret, candidate["hash"]):
                    return candidate["id"]
            except (TypeError, ValueError):
                continue  # a damaged hash matches nothing
        return None

    def spend_verification(self):
        """Spend the time of a verification if there was none: a refusal must not reveal whether a key begins so."""
        if not self.was_verified and self._secret and API_KEY.fullmatch(self._secret):
            KEY_CRYPT_CONTEXT.verify(self._secret, _hash_of_nothing())

    def check_password(self, check, database, login):
        """Pass login and secret to ``check``, Odoo's own check."""
        self.was_verified = True
        return check(database, login, self._secret)

    def _fingerprint(self, database):
        # None of the parts before the secret can contain a NUL.
        message = "\0".join((database, self.scheme, self.login or "", self._secret))
        return hashlib.blake2b(message.encode(), key=_memory.key, digest_size=32).digest()


def parse(header):
    """Return the credential in an ``Authorization`` header, or None without one."""
    if header is None:
        return None
    # WSGI joins two headers with a comma, which no valid value of the two schemes contains.
    if "," in header:
        return Credential("malformed", reason="several")
    scheme, _space, value = header.strip().partition(" ")
    value = value.strip()
    scheme = scheme.lower()
    if scheme == "bearer":
        if TOKEN.fullmatch(value):
            return Credential("bearer", value)
        return Credential("malformed", reason="unparsable")
    if scheme == "basic":
        return _parse_basic(value)
    return Credential("malformed", reason="unsupported")


def _parse_basic(value):
    try:
        text = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        return Credential("malformed", reason="unparsable")
    login, colon, secret = text.partition(":")
    if not colon or not login or not secret or "\0" in text:
        return Credential("malformed", reason="unparsable")
    return Credential("basic", secret, login)


@functools.cache
def _hash_of_nothing():
    # No key matches: nobody knows the secret.
    return KEY_CRYPT_CONTEXT.hash(os.urandom(20).hex())


class _Memory:
    """Claims by fingerprint, with the least recently used evicted first; a forked process starts empty."""

    def __init__(self):
        self._lock = threading.Lock()
        self._start()

    def _start(self):
        self._pid = os.getpid()
        self._key = os.urandom(32)
        self._claims = collections.OrderedDict()

    @property
    def key(self):
        if self._pid != os.getpid():
            self._start()
        return self._key

    def recall(self, fingerprint):
        with self._lock:
            claim, deadline = self._claims.get(fingerprint, (None, None))
            if claim is None:
                return None
            if deadline is not None and time.monotonic() >= deadline:
                del self._claims[fingerprint]
                return None
            self._claims.move_to_end(fingerprint)
            return claim

    def remember(self, fingerprint, claim, seconds):
        deadline = None if seconds is None else time.monotonic() + seconds
        with self._lock:
            self._claims[fingerprint] = (claim, deadline)
            self._claims.move_to_end(fingerprint)
            while len(self._claims) > MOST_REMEMBERED:
                self._claims.popitem(last=False)


_memory = _Memory()
