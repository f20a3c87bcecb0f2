# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What compute and inverse methods read and write of other records without declaring it.

`@api.depends("warehouse_id")` says which link a field is computed from; that the method then reads the name of the
warehouse (`record.warehouse_id.name`) stands in its code alone. What a method reads by way of a variable is not found.
"""

import dis
import inspect
import itertools
import types

LOADS = ("LOAD_ATTR", "LOAD_METHOD")
# Values; whether a relation is set tells little, and nothing could be shown of records otherwise.
VALUES = ("char", "text", "html", "integer", "float", "monetary", "date", "datetime")


def read(registry, model, field, loaded):
    """The fields of other records that the compute method of a field reads, as ``(model, field)``.

    :param loaded: what has been found so far, by model and method
    """
    if not field.compute or field.related or field.type not in VALUES:
        return
    chains, _texts = _words(model, method(field.compute), loaded)
    for chain in chains:
        for place in range(len(chain) - 1):
            yield from _walk(registry, model, chain[place:])


def _walk(registry, model, chain):
    """The values of other records along attributes that begin with a relation of ``model``."""
    current = model
    for step in chain:
        field = current._fields.get(step)
        if field is None:
            return
        if current is not model and field.type in VALUES:
            yield current._name, step
        if field.comodel_name not in registry:
            return
        current = registry[field.comodel_name]


def method(given):
    """The name of a method that a field has as a name or as a function."""
    return given if isinstance(given, str) else given.__name__


def models(registry, model, name, loaded):
    """The models that a method of ``model`` names, or whose records it reaches by a relation of its own."""
    chains, texts = _words(model, name, loaded)
    attributes = {attribute for chain in chains for attribute in chain}
    relations = (model._fields[word].comodel_name for word in attributes if word in model._fields)
    return {other for other in (*relations, *texts) if other in registry}


def called_on(model, name, loaded):
    """The fields of ``model`` on whose records a method calls the method of the same name."""
    chains, _texts = _words(model, name, loaded)
    steps = {step for chain in chains for step, called in itertools.pairwise(chain) if called == name}
    return [model._fields[step] for step in steps if step in model._fields]


def _words(model, name, loaded):
    """What :func:`_loaded` gives of a method of ``model`` and of its helpers on the same model."""
    found = loaded.get((model, name))
    if found is None:
        chains, texts = _loaded(model, name)
        helpers = {word for chain in chains for word in chain if word.startswith("_") and not word.startswith("__")}
        for more_chains, more_texts in [_loaded(model, helper) for helper in helpers]:
            chains |= more_chains
            texts |= more_texts
        loaded[model, name] = found = chains, texts
    return found


def _loaded(model, name):
    """The chains of attributes that a method loads, and the texts in it, with all the methods that it extends."""
    chains, texts = set(), set()
    for base in model.__mro__:
        function = inspect.unwrap(vars(base).get(name) or _none)
        if isinstance(function, types.FunctionType):
            for code in _codes(function.__code__):
                chains.update(_chains(code))
                texts.update(constant for constant in code.co_consts if isinstance(constant, str))
    return chains, texts


def _none():
    """In place of a method that a class does not have."""


def _codes(code):
    """The code of a function and of those within it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def _chains(code):
    """Attributes that are loaded one from the other, as tuples: ``a.b.c`` gives ``("b", "c")``."""
    chain = ()
    for step in dis.get_instructions(code):
        if step.opname in LOADS:
            chain += (step.argval,)
        elif chain:
            yield chain
            chain = ()
    if chain:
        yield chain
