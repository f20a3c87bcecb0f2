# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Addresses of resources: URIs (RFC 3986) and URI templates (RFC 6570, level 1). The core has the same rules."""

import re

LONGEST = 2048

_PCHAR = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_NAME = r"(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})"
_URI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:"
    rf"(?://(?P<authority>(?:(?:{_NAME}|:)*@)?{_NAME}*(?::[0-9]*)?)(?=[/?#]|\Z)|(?!//))"
    rf"(?P<path>(?:{_PCHAR}|/)*)"
    rf"(?:\?(?:{_PCHAR}|[/?])*)?(?:\#(?:{_PCHAR}|[/?])*)?"
)
_VARIABLE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


class BadUri(ValueError):
    """The problem of an address: ``brace``, ``neighbours``, ``twice`` or ``uri``."""


def is_uri(text):
    """Whether ``text`` is a URI with at least one character after its scheme."""
    match = _URI.fullmatch(text)
    return bool(match and len(text) <= LONGEST and (match["authority"] or match["path"]))


def variables(text):
    """Return the names of the variables in the template ``text``, in order; none for a plain URI.

    :raises BadUri: when it is neither
    """
    parts = _VARIABLE.split(text)
    texts, names = parts[::2], parts[1::2]
    if any(brace in part for part in texts for brace in "{}"):
        raise BadUri("brace")
    if not all(texts[1:-1]):
        raise BadUri("neighbours")
    if len(set(names)) < len(names):
        raise BadUri("twice")
    # Text must not end within a percent-encoding, which a value would then complete.
    cut_off = any(re.search(r"%[0-9A-Fa-f]?\Z", part) for part in texts)
    if cut_off or ":" not in texts[0] or not is_uri("x".join(texts)):
        raise BadUri("uri")
    return names
