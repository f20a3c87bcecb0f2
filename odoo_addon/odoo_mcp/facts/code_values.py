# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Possible values in a method, as far as its source shows them: records with their model, and containers of records.

A value is a frozen set of possibilities, each a tuple that begins with its kind. An empty set is an unknown value.

    ("record", model, found)   records of a model; whether a search has found them
    ("list", value)            a container whose elements all have this value
    ("tuple", (value, ...))    a tuple, with a value for each position
    ("dict", value, value)     a dictionary: the value of its keys, and that of its values
    ("text", text)             a text literal of the source
    ("env",)                   an environment
    ("super", model)           the methods that the class extends
    ("function", number)       a function within the method
"""

NOTHING = frozenset()
ENVIRONMENT = frozenset({("env",)})
# A larger set of possibilities is an unknown value.
MOST = 64


def records(model, found=False):
    """Return records of one model."""
    return frozenset({("record", model, found)})


def text(given):
    """Return a text of the source."""
    return frozenset({("text", given)})


def listed(element):
    """Return a list with elements of one value."""
    return frozenset({("list", element)}) if element else NOTHING


def one_of(*values):
    """Return the union of the values."""
    together = frozenset().union(*values)
    if len(together) <= MOST:
        return together
    return frozenset(one for one in together if one[0] in ("record", "env"))


def of_kind(value, kind):
    """Return the possibilities of one kind, in a fixed order."""
    found = [one for one in value if one[0] == kind]
    return sorted(found) if len(found) > 1 and kind in ("record", "text", "function") else found


def texts(value):
    """Return the possible texts of a value, or of its elements."""
    return sorted({one[1] for one in (*value, *element(value)) if one[0] == "text"})


def found_by_search(value):
    """Return the same records, marked as found by a search."""
    return frozenset((*one[:2], True) if one[0] == "record" else one for one in value)


def element(value):
    """Return the value of a loop variable over the value."""
    parts = []
    for one in value:
        if one[0] == "record":
            parts.append(frozenset({one}))
        elif one[0] in ("list", "dict"):
            parts.append(one[1])
        elif one[0] == "tuple":
            parts.extend(one[1])
    return one_of(*parts)


def item(value, key, place):
    """Return the value of a subscript; ``place`` is the number in the brackets, if it is one."""
    parts = []
    for one in value:
        kind = one[0]
        if kind == "record" or (kind in ("list", "tuple") and place == "slice"):
            parts.append(frozenset({one}))
        elif kind == "list":
            parts.append(one[1])
        elif kind == "dict":
            parts.append(one[2])
        elif kind == "tuple":
            is_there = isinstance(place, int) and -len(one[1]) <= place < len(one[1])
            parts.extend([one[1][place]] if is_there else one[1])
        elif kind == "env":
            parts.extend(records(name) for name in texts(key))
    return one_of(*parts)


def unpacked(value, count):
    """Return the values of ``count`` names in an assignment that unpacks a value."""
    places = [[] for _place in range(count)]
    for one in value:
        if one[0] == "tuple" and len(one[1]) == count:
            for place, part in zip(places, one[1], strict=True):
                place.append(part)
        else:
            for place in places:
                place.append(element(frozenset({one})))
    return [one_of(*place) for place in places]


def terms(domain, depth=0):
    """Yield ``(path, operator, value)`` of each term of a domain."""
    for one in domain:
        if one[0] == "tuple" and len(one[1]) == 3 and any(part[0] == "text" for part in one[1][0]):
            operators = texts(one[1][1])
            for path in texts(one[1][0]):
                yield path, operators, one[1][2]
        elif depth < 4:
            for part in one[1] if one[0] == "tuple" else one[1:2] if one[0] == "list" else ():
                yield from terms(part, depth + 1)


def carried(value, depth=0):
    """Return the part of an argument to follow into a method: records, and containers of records."""
    kept = []
    for one in value:
        if one[0] in ("record", "env"):
            kept.append(one)
        elif depth < 3 and one[0] == "list":
            kept.extend(listed(carried(one[1], depth + 1)))
        elif depth < 3 and one[0] == "dict":
            parts = [carried(part, depth + 1) for part in one[1:]]
            kept.extend([("dict", *parts)] if any(parts) else ())
        elif depth < 3 and one[0] == "tuple":
            parts = tuple(carried(part, depth + 1) for part in one[1])
            kept.extend([("tuple", parts)] if any(parts) else ())
    return frozenset(kept)
