"""What differs from one seed to the next; without one (`make test`) it is always the same."""

import os
import random

VARIABLE = "ODOO_MCP_SEED"


def seed():
    """The seed of this run, or None."""
    text = os.environ.get(VARIABLE)
    return int(text) if text else None


def chance():
    """Random choices of this run, or None where nothing is left to chance."""
    return None if seed() is None else random.Random(seed())
