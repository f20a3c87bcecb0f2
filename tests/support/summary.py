"""What a run of the tests should show though everything passed: printed at its end."""

import pytest

_parts = {}
_collected = {}


def add(title, text):
    """Show a text under a title; one of the same title is replaced."""
    _parts[title] = text


def parts():
    """(title, text) of everything added here and by other processes, in its order."""
    return [*_parts.items(), *((title, "\n\n".join(texts)) for title, texts in _collected.items())]


class Collector:
    """Takes what the processes of pytest-xdist have to show."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node, error):
        """A process has ended."""
        for title, text in getattr(node, "workeroutput", {}).get("summary", ()):
            _collected.setdefault(title, []).append(text)


def table(head, rows):
    """A table as text, its columns as wide as what is in them."""
    lines = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = [[cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines]
    return "\n".join("  ".join(cells).rstrip() for cells in padded)
