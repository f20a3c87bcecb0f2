"""Selects the part of a long test matrix that a run covers: another part each day, all in `make soak ARGS=whole`.

`ODOO_MCP_SAMPLE` is the seed (a number, to repeat a run) or `all`. Without it the day is the seed. The end of a run
prints the seed.
"""

import datetime
import hashlib
import os

VARIABLE = "ODOO_MCP_SAMPLE"
ALL = "all"


def chosen():
    """The variable's value, else the day's number. Sets the variable, so that child processes use the same value."""
    today = datetime.datetime.now(datetime.UTC).date()
    return os.environ.setdefault(VARIABLE, str(today.toordinal()))


def whole():
    """Whether everything runs."""
    return chosen() == ALL


def one_of(name, values):
    """One of the values for this name. All processes of a run choose the same one."""
    digest = hashlib.sha256(f"{chosen()} {name}".encode()).digest()
    return values[int.from_bytes(digest[:8]) % len(values)]


def doors(file):
    """The entry points for a test file of the core, `fast` or `ordinary`: the day's one, or both."""
    both = ("fast", "ordinary")
    return both if whole() else (one_of(file, both),)


def some(name, values, most):
    """This many of the values, in order, for this name."""
    values = list(values)
    if whole():
        return values
    # A sort number for each value, which changes every day.
    chosen = sorted(values, key=lambda value: one_of(f"{name} {value}", range(2**32)))[:most]
    return [value for value in values if value in chosen]


def in_turn(name, values, place, of, each=2):
    """Distributes the values over `of` places. Each value runs at `each` places, and at others each day."""
    values = list(values)
    if whole():
        return values
    start = one_of(name, range(of))
    return [value for number, value in enumerate(values) if (number + start + place) % of < each]
