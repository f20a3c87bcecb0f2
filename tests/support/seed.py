"""The random choices of a run, which depend on its seed. Without a seed (`make test`) nothing is random."""

import os
import random

VARIABLE = "ODOO_MCP_SEED"


def seed():
    """The seed of this run, or None."""
    text = os.environ.get(VARIABLE)
    return int(text) if text else None


def chance():
    """Random choices of this run, or None when nothing is random."""
    return None if seed() is None else random.Random(seed())
