"""Reports that a test run prints at its end, even if everything passed."""

import pytest

_parts = {}
_collected = {}


def add(title, text):
    """Adds a text under a title. Replaces a text with the same title."""
    _parts[title] = text


def parts():
    """(title, text) of all reports from here and from other processes, in order."""
    return [*_parts.items(), *((title, "\n\n".join(texts)) for title, texts in _collected.items())]


class Collector:
    """Collects the reports of the pytest-xdist processes."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node, error):
        """Called when a process has ended."""
        for title, text in getattr(node, "workeroutput", {}).get("summary", ()):
            _collected.setdefault(title, []).append(text)


def table(head, rows):
    """A text table with columns as wide as their contents."""
    lines = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = [[cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines]
    return "\n".join("  ".join(cells).rstrip() for cells in padded)
