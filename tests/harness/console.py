"""Progress lines and the one exception that ends a command with one clear line."""

import sys
import time

_START = time.monotonic()


class Failure(Exception):
    """Something the person at the terminal can fix; shown as one line, exit status 1."""


def progress(text):
    """Say what happens now, with the seconds since the command started."""
    print(f"[{time.monotonic() - _START:6.1f} s] {text}", file=sys.stderr, flush=True)
