"""Which door the tests of the core go through: another one each day, both in `make soak`.

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
