"""What a run of the tests should show though everything passed: printed at its end."""

_parts = {}


def add(title, text):
    """Show a text under a title; one of the same title is replaced."""
    _parts[title] = text


def parts():
    """(title, text) of everything added, in its order."""
    return list(_parts.items())


def table(head, rows):
    """A table as text, its columns as wide as what is in them."""
    lines = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = [[cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines]
    return "\n".join("  ".join(cells).rstrip() for cells in padded)
