# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What compute methods read of related records without declaring it.

`@api.depends("warehouse_id")` says which link a field is computed from; that the method then reads the name of the
warehouse stands in its code alone. The attributes that the code loads are compared with the fields of the records that
its declared paths lead to. So it may name too much, as where it reads the name of another record.
"""

import dis
import inspect
import types

LOADS = ("LOAD_ATTR", "LOAD_METHOD")
# Values; whether a relation is set tells little, and nothing could be shown of records otherwise.
VALUES = ("char", "text", "html", "integer", "float", "monetary", "date", "datetime")


def read(registry, model, field, paths, loaded):
    """The fields of other records that a compute method may read, as ``(model, field)``.

    :param paths: what the field is declared to be computed from, dotted
    :param loaded: what :func:`attributes` has found so far, by model and method
    """
    if not paths or not field.compute or field.related or field.type not in VALUES:
        return
    method = field.compute if isinstance(field.compute, str) else field.compute.__name__
    names = None
    for path in paths:
        end = _end(registry, model, path)
        if end is None:
            continue
        if names is None:
            names = attributes(model, method, loaded)
        for name in names:
            found = end._fields.get(name)
            if found is not None and name != "id" and found.type in VALUES:
                yield end._name, name


def _end(registry, model, path):
    """The model of the records that a path leads to; None for one that ends at a value."""
    for step in path.split("."):
        field = model._fields.get(step)
        if field is None or field.comodel_name not in registry:
            return None
        model = registry[field.comodel_name]
    return model


def attributes(model, method, loaded):
    """The names of attributes that a method of ``model`` loads, and those methods of its own that it calls."""
    found = loaded.get((model, method))
    if found is None:
        found = _loaded(model, method)
        helpers = [name for name in found if name.startswith("_") and not name.startswith("__")]
        for helper in helpers:
            found |= _loaded(model, helper)
        loaded[model, method] = found
    return found


def _loaded(model, method):
    """The same without those that it calls; with all the methods that it extends."""
    found = set()
    for base in model.__mro__:
        function = inspect.unwrap(vars(base).get(method) or _none)
        if isinstance(function, types.FunctionType):
            found.update(_of_code(function.__code__))
    return found


def _none():
    """In place of a method that a class does not have."""


def _of_code(code):
    for instruction in dis.get_instructions(code):
        if instruction.opname in LOADS:
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _of_code(constant)
