"""Progress of long commands, and the one exception that ends a command with one clear line.

A command is made of steps. On a terminal one line shows the steps that run now, for how long, and how long they are
likely to take. Elsewhere each step prints a line when it begins and one when it ends.
"""

import contextlib
import json
import shutil
import sys
import threading
import time

from .paths import CACHE, CHECKOUT, directory

_START = time.monotonic()
_DURATIONS = CACHE / "durations.json"
_REFRESH = 0.5

# Seconds that a step took on a fast and on a slow machine of two cores, for a machine that has not run it yet.
LIKELY = {
    "packages": (20, 90),
    "test packages": (20, 120),
    "Odoo": (15, 60),
    "Python packages of odoo19-requirements.txt": (30, 90),
    "Python packages of requirements.txt": (20, 80),
    "Python packages of requirements-lint.txt": (5, 30),
    "the clients": (60, 200),
    "the extension": (75, 300),
    "the Rust tests": (15, 60),
    "the demo database": (80, 250),
    "the addon": (10, 60),
    "starting Odoo": (2, 10),
    "making an API key": (3, 10),
}


class Failure(Exception):
    """Something the person at the terminal can fix; shown as one line, exit status 1."""


class Board:
    """The steps that run now, and the line on the terminal that shows them."""

    def __init__(self, stream):
        self.stream = stream
        self.lock = threading.Lock()
        self.running = {}  # title: (monotonic time of its beginning, what it is likely to take)
        self.done = []  # (title, seconds), in the order in which they ended
        self.drawn = False
        self.painter = None

    @property
    def live(self):
        """Whether a line can be drawn again and again."""
        return self.stream.isatty()

    def say(self, text):
        """Print a line that stays."""
        with self.lock:
            self._clear()
            print(f"[{time.monotonic() - _START:6.1f} s] {text}", file=self.stream, flush=True)
            self.draw()

    def begin(self, title, likely):
        """A step begins."""
        with self.lock:
            self.running[title] = time.monotonic(), likely
            if self.live and not self.painter:
                self.painter = threading.Thread(target=self._paint, daemon=True)
                self.painter.start()

    def end(self, title):
        """A step ends; returns its seconds."""
        with self.lock:
            began, _likely = self.running.pop(title)
            self._clear()
            self.done.append((title, time.monotonic() - began))
            return self.done[-1][1]

    def _paint(self):
        while True:
            with self.lock:
                if not self.running:
                    self.painter = None
                    return
                self.draw()
            time.sleep(_REFRESH)

    def _clear(self):
        if self.drawn:
            print("\r\x1b[K", end="", file=self.stream, flush=True)
            self.drawn = False

    def draw(self):
        """Draw the line; the lock is held, or nobody else draws."""
        if not self.live or not self.running:
            return
        now = time.monotonic()
        parts = [f"{title} {duration(now - began)}{likely}" for title, (began, likely) in self.running.items()]
        text = f"[{now - _START:6.1f} s] {'; '.join(parts)}"
        print(f"\r\x1b[K{text[: shutil.get_terminal_size().columns - 1]}", end="", file=self.stream, flush=True)
        self.drawn = True


_BOARD = Board(sys.stderr)


def progress(text):
    """Say what happens now, with the seconds since the command started."""
    _BOARD.say(text)


def steps_done():
    """(title, seconds) of the steps of this process that have ended."""
    return list(_BOARD.done)


def duration(seconds):
    """Seconds as a person says them: `47 s`, `2 min 05 s`."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02} s"


@contextlib.contextmanager
def step(title, name=None, log=None):
    """Show a step while the block runs, and its seconds when it has ended.

    `name` is the step's own in the memory of durations (the title when it is None), `log` the file that takes the
    output of its programs.
    """
    name = name or title
    last = _durations().get(name)
    facts = []
    if not _BOARD.live:
        facts.append(f"last time {duration(last)}" if last else _range(name, "likely "))
    if log:
        facts.append(f"output: {_short(log)}")
    facts = "; ".join(filter(None, facts))
    if facts or not _BOARD.live:
        _BOARD.say(f"{title} ({facts})" if facts else title)
    _BOARD.begin(title, f" of {duration(last)}" if last else _range(name, " of "))
    try:
        yield
    except BaseException as error:
        # At once: whoever waits for this step may be told of it only when another one has ended.
        why = f": {error}" if isinstance(error, Failure) else ""
        _BOARD.say(f"{title}: broken off after {duration(_BOARD.end(title))}{why}")
        raise
    seconds = _BOARD.end(title)
    _BOARD.say(f"{title}: {duration(seconds)}")
    _remember(name, seconds)


def _range(name, before):
    if name not in LIKELY:
        return ""
    low, high = LIKELY[name]
    return f"{before}{duration(low)} to {duration(high)}"


def _short(path):
    return path.relative_to(CHECKOUT) if path.is_relative_to(CHECKOUT) else path


def _durations():
    try:
        return json.loads(_DURATIONS.read_text())
    except (OSError, json.JSONDecodeError):
        return {}


def _remember(name, seconds):
    # Steps of several threads end at any time: whoever loses a race loses no more than an estimate.
    text = json.dumps({**_durations(), name: round(seconds, 1)}, indent=1, sort_keys=True)
    partial = directory(CACHE) / f"durations.{threading.get_ident()}"
    partial.write_text(text + "\n")
    partial.replace(_DURATIONS)
