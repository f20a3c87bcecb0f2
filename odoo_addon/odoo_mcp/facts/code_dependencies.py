# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Finds the fields that compute and inverse methods read and write without a declaration.

`@api.depends("warehouse_id")` declares only the relation. Only the code shows that the method then reads the
warehouse's name (`record.warehouse_id.name`). This module analyses the source of the method and of the methods that it
calls (``code_reading.py``). A model that a method only names counts as read for no field.
"""

import dis
import inspect
import itertools
import types

from odoo.models import BaseModel

from .code_reading import RELATIONS, Reading
from .code_source import Sources
from .code_values import NOTHING, one_of

LOADS = ("LOAD_ATTR", "LOAD_METHOD")
# Fields that show text of other records, and fields that can hold any value.
TEXTS = ("char", "text", "html")
ANYTHING = ("json", "binary")
# Fields that cannot show a text, and fields that show only a decision.
NUMBERS = ("integer", "float", "monetary", "date", "datetime")
DECISIONS = ("boolean", "selection")
# Prefix of a field whose value only decides something and is stored nowhere.
DECIDES = "@if:"
# Every mention of a record shows its name; only declared dependencies count as quoting the name.
NAMES = ("display_name", "complete_name")
# Models from which code takes formats, labels and settings, or modification times. Values made with these do not count
# as showing their records.
COMMON = {
    *("res.country", "res.country.state", "res.country.group", "res.currency", "res.lang", "uom.uom"),
    *("decimal.precision", "ir.config_parameter", "ir.model", "ir.model.data", "ir.model.fields"),
    *("ir.model.fields.selection", "mail.message", "mail.tracking.value"),
}
# Maximum call depth from the field's own method.
DEPTH = 6
# Maximum depth of methods analysed at once, and maximum kinds of arguments of each.
NESTED = 12
CONTEXTS = 6
# Fields that yield no facts: every record has them, and they only say who and when.
EVERYWHERE = ("id", "create_date", "write_date", "__last_update")


class Code:
    """Analyses the methods of a registry on demand, and caches the results."""

    def __init__(self, registry):
        self.registry = registry
        self.tables = {model._table: model._name for model in registry.values() if not model._abstract}
        self._sources = Sources()
        self._definitions = {}
        self._walked = {}
        self._walking = []
        self._contexts = {}
        self._held = {}

    # -- for a walk ----------------------------------------------------------------------------------------------------

    def follow(self, call):
        """Return the value of a model's method, or ``None`` for a method of the ORM or an unknown one.

        :param call: the model, the method's name, whether a search found its records, and its arguments
        """
        model, name, *_more = call
        # Methods that the ORM also defines are known by name.
        if hasattr(BaseModel, name) or not self._defined(model, name):
            return None
        call = self.of_context(call)
        if call in self._walked:
            return self._walked[call].given
        if call in self._walking or len(self._walking) >= NESTED:
            return NOTHING
        return self._walk(call).given

    def of_context(self, call):
        """Return the call, without its arguments after too many kinds of arguments for the method."""
        known = self._contexts.setdefault(call[:2], {})
        if call not in known and len(known) >= CONTEXTS:
            return (*call[:3], ())
        known[call] = None
        return call

    def hold(self, model, field, value):
        """Add a value that code assigns to a field that can hold anything."""
        if value and field in self.registry[model]._fields and self.registry[model]._fields[field].type in ANYTHING:
            self._held[model, field] = one_of(value, self._held.get((model, field), NOTHING))

    def held(self, model, field):
        """Return the values that code assigns to such a field."""
        if field.compute and isinstance(field.compute, str):
            self.follow((model, field.compute, False, ()))
        return self._held.get((model, field.name), NOTHING)

    # -- for the facts -------------------------------------------------------------------------------------------------

    def reads(self, model, name):
        """Return ``{(model, field): (found, decides)}`` of a method and all methods that it calls.

        ``found``: whether a search found the record. ``decides``: whether the value only decides something. ``None``
        where the source of a method cannot be analysed.
        """
        found, calls = {}, {(model, name, False, ()): False}
        seen = dict(calls)
        for _depth in range(DEPTH):
            following = {}
            for call, decides in calls.items():
                walked = self._walked.get(call) or self._walk(call)
                if not walked.is_known:
                    return None
                for read, (by_search, read_decides) in walked.reads.items():
                    before, decided = found.get(read, (False, True))
                    found[read] = before or by_search or call[2], decided and (decides or read_decides)
                for other, call_decides in walked.calls.items():
                    following[other] = following.get(other, True) and (decides or call_decides)
            # Repeat a call that only decided something before.
            calls = {call: decides for call, decides in following.items() if decides < seen.get(call, 2)}
            seen.update(calls)
        return found

    def _defined(self, model, name):
        key = (model, name)
        if key not in self._definitions:
            self._definitions[key] = self._sources.definitions(self.registry[model], name)
        return self._definitions[key]

    def _walk(self, call):
        model, name, _found, arguments = call
        reading = Reading(self, self.registry[model], name)
        trees = self._defined(model, name)
        is_known = None not in trees
        self._walking.append(call)
        try:
            for tree in reversed(trees if is_known else ()):
                reading.extended = one_of(reading.extended, reading.walk(tree, arguments))
            reading.close()
        except RecursionError:
            is_known = False
        self._walking.pop()
        self._walked[call] = walked = Walked(reading, is_known)
        return walked


class Walked:
    """The result of analysing a method."""

    def __init__(self, reading, is_known):
        self.is_known = is_known
        self.reads = reading.reads
        self.calls = reading.calls
        self.given = reading.extended


def read(code, model, field):
    """Yield the fields that the methods of a field read, as ``(model, field, quoted)``.

    A field that only decides something has the prefix ``@if:``. ``quoted``: whether the field may show this value of a
    record of another model, or of a record that a search found.
    """
    if not field.compute or field.related or field.type in RELATIONS:
        return
    # A field that people can edit once Odoo has filled it counts as a value of its own; only a text may still be a
    # copy.
    editable = field.store and not field.readonly and not model._transient
    if editable and field.type not in TEXTS:
        return
    names = [method(field.compute)] + ["name_get"] * (field.name == "display_name")
    shown = field.type in (*TEXTS, *ANYTHING) and field.name not in NAMES and not editable
    for name in names:
        reads = code.reads(model._name, name)
        if reads is None:
            yield model._name, "*", False
            continue
        for (on_model, on_field), (found, decides) in reads.items():
            if (on_model, on_field) == (model._name, field.name) or on_field in EVERYWHERE:
                continue
            on_type = code.registry[on_model]._fields[on_field].type
            if editable and (decides or on_type not in TEXTS):
                continue
            decides = decides or field.type in DECISIONS or (field.type in NUMBERS and on_type in TEXTS)
            quoted = on_type in TEXTS or (found and field.type in ANYTHING)
            is_other = found or on_model != model._name
            is_quoted = shown and quoted and is_other and not decides and on_model not in COMMON
            yield on_model, DECIDES * decides + on_field, is_quoted


def method(given):
    """Return the name of a method that a field has as a name or as a function."""
    return given if isinstance(given, str) else given.__name__


def called_on(model, name):
    """Return the relations of ``model`` on whose records a method or its helpers call the method of the same name."""
    attributes, _texts = _loaded(model, name)
    steps = set()
    for function in {name, *_helpers(attributes)}:
        for code in _method_codes(model, function):
            for step, called in itertools.pairwise(dis.get_instructions(code)):
                if {step.opname, called.opname} <= set(LOADS) and called.argval == name:
                    steps.add(step.argval)
    return [model._fields[step] for step in sorted(steps) if step in model._fields]


def models(registry, model, name, loaded):
    """Return the models that a method of ``model`` names, or whose records it reaches by a relation of its own.

    :param loaded: cache of results by model and method
    """
    if (model, name) not in loaded:
        attributes, texts = _loaded(model, name)
        for more_attributes, more_texts in [_loaded(model, helper) for helper in _helpers(attributes)]:
            attributes |= more_attributes
            texts |= more_texts
        loaded[model, name] = attributes, texts
    attributes, texts = loaded[model, name]
    relations = (model._fields[word].comodel_name for word in attributes if word in model._fields)
    return {other for other in (*relations, *texts) if other in registry}


def _helpers(attributes):
    """Return the attributes that may be helper methods."""
    return {word for word in attributes if word.startswith("_") and not word.startswith("__")}


def _loaded(model, name):
    """Return the attributes and texts that a method loads, with all methods that it extends."""
    attributes, texts = set(), set()
    for code in _method_codes(model, name):
        attributes.update(step.argval for step in dis.get_instructions(code) if step.opname in LOADS)
        texts.update(constant for constant in code.co_consts if isinstance(constant, str))
    return attributes, texts


def _method_codes(model, name):
    """Yield the code of a method and of all methods that it extends, with nested code."""
    for base in model.__mro__:
        function = inspect.unwrap(vars(base).get(name) or _none)
        if isinstance(function, types.FunctionType):
            yield from _codes(function.__code__)


def _none():
    """Stands for a method that a class does not have."""


def _codes(code):
    """Yield the code of a function and of the functions nested in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)
