"""Progress display for long commands, and the exception that ends a command with one clear line.

A command consists of steps. A terminal shows one line with the running steps, their elapsed time and their expected
duration. Other outputs get a line when a step begins and one when it ends.
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

# Seconds that a step took on a fast and on a slow machine with two cores. Used on a machine that has not run it yet.
LIKELY = {
    "packages": (20, 90),
    "test packages": (20, 120),
    "Odoo": (15, 60),
    "Python packages of odoo19-requirements.txt": (30, 90),
    "Python packages of requirements.txt": (20, 80),
    "Python packages of requirements-lint.txt": (5, 30),
    "the clients": (60, 200),
    "the extension": (75, 600),
    "the packaged extension": (300, 900),
    "the Rust tests": (15, 60),
    "the demo database": (80, 400),
    "the addon": (10, 60),
    "the addon and the test addons": (20, 130),
    "starting Odoo": (2, 10),
    "making an API key": (3, 12),
}


class Failure(Exception):
    """An error that the user at the terminal can fix. Shown as one line, with exit status 1."""


class Board:
    """The running steps, and the terminal line that shows them."""

    def __init__(self, stream):
        self.stream = stream
        self.lock = threading.Lock()
        self.running = {}  # title: (monotonic start time, expected duration)
        self.done = []  # (title, seconds), in the order of completion
        self.drawn = False
        self.painter = None

    @property
    def live(self):
        """Whether the output allows redrawing the line."""
        return self.stream.isatty()

    def say(self, text):
        """Prints a permanent line."""
        with self.lock:
            self._clear()
            print(f"[{time.monotonic() - _START:6.1f} s] {text}", file=self.stream, flush=True)
            self.draw()

    def begin(self, title, likely):
        """Starts a step."""
        with self.lock:
            self.running[title] = time.monotonic(), likely
            if self.live and not self.painter:
                self.painter = threading.Thread(target=self._paint, daemon=True)
                self.painter.start()

    def end(self, title):
        """Ends a step and returns its seconds."""
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
        """Draws the line. The caller holds the lock, or no other thread draws."""
        if not self.live or not self.running:
            return
        now = time.monotonic()
        parts = [f"{title} {duration(now - began)}{likely}" for title, (began, likely) in self.running.items()]
        text = f"[{now - _START:6.1f} s] {'; '.join(parts)}"
        print(f"\r\x1b[K{text[: shutil.get_terminal_size().columns - 1]}", end="", file=self.stream, flush=True)
        self.drawn = True


_BOARD = Board(sys.stderr)


def progress(text):
    """Prints a message with the seconds since the command started."""
    _BOARD.say(text)


def steps_done():
    """(title, seconds) of this process's completed steps."""
    return list(_BOARD.done)


def duration(seconds):
    """Seconds in readable form: `47 s`, `2 min 05 s`."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02} s"


@contextlib.contextmanager
def step(title, name=None, log=None):
    """Shows a step while the block runs, and its seconds afterwards.

    `name` identifies the step in the stored durations (None: the title). `log` is the file that receives the output of
    its programs.
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
        # Immediately, because the exception may reach the waiting caller only after another step has ended.
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
    # Steps end in several threads. A lost race only loses an estimate.
    text = json.dumps({**_durations(), name: round(seconds, 1)}, indent=1, sort_keys=True)
    partial = directory(CACHE) / f"durations.{threading.get_ident()}"
    partial.write_text(text + "\n")
    partial.replace(_DURATIONS)
