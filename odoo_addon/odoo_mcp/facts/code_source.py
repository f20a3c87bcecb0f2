# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The source of methods as syntax trees, each parsed once."""

import ast
import dis
import inspect
import linecache
import types

from .. import compat


class Sources:
    """Syntax trees of functions."""

    def __init__(self):
        self._lines = {}
        self._trees = {}

    def definitions(self, model, name):
        """Return the definitions of ``name`` in the classes of ``model``, down to one that extends no other.

        The list begins with the last class. The ORM's own definitions are left out. ``None`` stands for a definition
        without source.
        """
        found = []
        for base in model.__mro__:
            function = vars(base).get(name)
            function = inspect.unwrap(getattr(function, "__func__", function)) if function else None
            if not isinstance(function, types.FunctionType) or is_of_orm(function):
                continue
            found.append(self.tree(function.__code__))
            if "super" not in function.__code__.co_names and "__class__" not in function.__code__.co_freevars:
                break
        return found

    def tree(self, code):
        """Return the syntax tree of the function with this byte code, or ``None``."""
        if code not in self._trees:
            self._trees[code] = self._parse(code)
        return self._trees[code]

    def _parse(self, code):
        if code.co_filename not in self._lines:
            self._lines[code.co_filename] = linecache.getlines(code.co_filename)
            linecache.cache.pop(code.co_filename, None)
        lines = self._lines[code.co_filename]
        first = code.co_firstlineno - 1
        if first >= len(lines):
            return None
        for end in _ends(lines, first, _last_line(code)):
            try:
                # In a block the lines can keep their indentation.
                tree = ast.parse("if 1:\n" + "".join(lines[first:end]))
            except (SyntaxError, ValueError):
                continue
            except RecursionError:
                return None
            found = [node for node in tree.body[0].body if getattr(node, "name", None) == code.co_name]
            return found[0] if found else None
        return None


def is_of_orm(function):
    """Whether a function is the ORM's own, whose effect on types is known by name."""
    return (function.__module__ or "").startswith(compat.ORM_MODULES)


def _last_line(code):
    """Return the last line of a code object."""
    within = [_last_line(constant) for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return max([code.co_firstlineno, *within, *(line for _start, line in dis.findlinestarts(code) if line)])


def _ends(lines, first, last):
    """Return possible ends of the block that begins at a line: each later line that is not indented further."""
    indent = _indent(lines[first])
    for place in range(last, len(lines)):
        if lines[place].strip() and _indent(lines[place]) <= indent:
            yield place
    yield len(lines)


def _indent(line):
    return len(line) - len(line.lstrip())
