"""What of a long matrix runs: another part each day, all of it in `make soak ARGS=whole`.

`ODOO_MCP_SAMPLE` is the seed (a number, to repeat a run) or `all`. Without it the day is the seed. The end of a
run prints it.
"""

import datetime
import hashlib
import os

VARIABLE = "ODOO_MCP_SAMPLE"
ALL = "all"


def chosen():
    """What the variable says; the day's number where it says nothing, which then holds for child processes too."""
    today = datetime.datetime.now(datetime.UTC).date()
    return os.environ.setdefault(VARIABLE, str(today.toordinal()))


def whole():
    """Whether everything is to run."""
    return chosen() == ALL


def one_of(name, values):
    """One of the values, for the thing of that name; the same in every process of a run."""
    digest = hashlib.sha256(f"{chosen()} {name}".encode()).digest()
    return values[int.from_bytes(digest[:8]) % len(values)]


def doors(file):
    """The doors that a file of tests about the core goes through: the day's, or both."""
    both = ("fast", "ordinary")
    return both if whole() else (one_of(file, both),)


def some(name, values, most):
    """So many of the values, in their order, for the thing of that name."""
    values = list(values)
    if whole():
        return values
    # A number for each value that is another one each day.
    chosen = sorted(values, key=lambda value: one_of(f"{name} {value}", range(2**32)))[:most]
    return [value for value in values if value in chosen]


def in_turn(name, values, place, of, each=2):
    """The values whose turn it is at one of `of` places: each value comes at `each` places, other ones each day."""
    values = list(values)
    if whole():
        return values
    start = one_of(name, range(of))
    return [value for number, value in enumerate(values) if (number + start + place) % of < each]
