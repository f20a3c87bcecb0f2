# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Finds the fields whose text Odoo evaluates: as a Python expression, as a program, or as a template.

This module searches the source of all methods for calls that evaluate a text. The fields are those that the argument
names, in the call itself or in earlier assignments.
"""

import ast
import types

from .code_source import Sources, is_of_orm

# Functions and methods that evaluate their first argument, or (templates) render it.
EVALUATES = {
    *("safe_eval", "unsafe_eval", "eval", "exec", "test_python_expr"),
    *("render_inline_template", "parse_inline_template", "_render_template", "_render_template_qweb"),
    *("_render_template_inline_template",),
}
# Their parameters for that text.
PARAMETERS = {"expr", "code", "source", "template", "template_src", "inline_template", "template_txt"}
TEXTS = ("char", "text", "html")
# Every model has these; an argument that names them names no code.
COMMON = {"name", "display_name"}
ADDONS = "odoo.addons."


def fields(registry):
    """Yield the model and the name of each field whose text some method evaluates."""
    by_name = {}
    for model in registry.values():
        for field in model._fields.values():
            if field.type in TEXTS and field.store and field.name not in COMMON:
                by_name.setdefault(field.name, []).append(model._name)
    sources = Sources()
    for model in registry.values():
        for function in _functions(model):
            attributes, keys = _named(sources.tree(function.__code__))
            for name in (attributes | keys) & by_name.keys():
                for other in _owners(registry, model, function, by_name[name], name, name in attributes):
                    yield other, name


def _functions(model):
    """Yield the methods of a model's classes that use the name of such a function."""
    for base in model.__mro__:
        for function in vars(base).values():
            function = getattr(function, "__func__", function)
            if isinstance(function, types.FunctionType) and not is_of_orm(function) and _uses(function.__code__):
                yield function


def _uses(code):
    """Whether a code object, or one within it, has the name of such a function."""
    inner = (constant for constant in code.co_consts if isinstance(constant, types.CodeType))
    return bool(EVALUATES.intersection(code.co_names)) or any(map(_uses, inner))


def _named(tree):
    """Return the names of attributes in the evaluated arguments of a function, and those of keys."""
    if tree is None:
        return set(), set()
    assigned = {}
    for node in ast.walk(tree):
        for target, value in _assignments(node):
            for name in ast.walk(target):
                # In `record.field = value` the record is loaded, not assigned.
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                    assigned.setdefault(name.id, []).append(value)
    attributes, keys = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in EVALUATES:
            named = [keyword.value for keyword in node.keywords if keyword.arg in PARAMETERS]
            for argument in node.args[:1] + named:
                for part in _with_assigned(argument, assigned):
                    _add_members(part, attributes, keys)
    return attributes, keys


def _assignments(node):
    """Yield the targets and the value of what a node assigns. Each name of a tuple gets the whole value."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield target, node.value
    elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.NamedExpr)) and node.value:
        yield node.target, node.value
    elif isinstance(node, (ast.For, ast.comprehension)):
        yield node.target, node.iter


def _with_assigned(argument, assigned):
    """Yield an argument, and what is assigned to the variables in it, and in turn to the variables in that."""
    waiting, seen = [argument], set()
    while waiting:
        tree = waiting.pop()
        yield tree
        for part in ast.walk(tree):
            if isinstance(part, ast.Name) and part.id not in seen:
                seen.add(part.id)
                waiting += assigned.get(part.id, ())


def _name(function):
    return getattr(function, "attr", None) or getattr(function, "id", None)


def _add_members(tree, attributes, keys):
    """Add the names of attributes that are not called, and of keys of subscripts and of calls of `get`."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and id(node) not in called:
            attributes.add(node.attr)
        key = node.slice if isinstance(node, ast.Subscript) else None
        if isinstance(node, ast.Call) and _name(node.func) == "get" and node.args:
            key = node.args[0]
        if isinstance(key, ast.Constant):
            keys.add(key.value)


def _owners(registry, model, function, models, name, is_attribute):
    """Return the models whose field of that name the function can mean: its own, else those of its app.

    A key may be that of any dictionary: it only stands for a field of the own model.
    """
    if model._name in models:
        return [model._name]
    if not is_attribute:
        return []
    app = (function.__module__ or "").removeprefix(ADDONS).partition(".")[0]
    return [other for other in models if app in registry[other]._fields[name]._modules]
