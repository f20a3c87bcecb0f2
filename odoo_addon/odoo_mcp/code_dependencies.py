# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What compute and inverse methods read and write without declaring it.

`@api.depends("warehouse_id")` says which link a field is computed from; that the method then reads the name of the
warehouse (`record.warehouse_id.name`) stands in its code alone. The source of the method is looked through, with the
methods that it calls (``code_reading.py``). A model that it only names counts as read for no field.
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
# Fields that show words of other records, and those of them that can hold any value.
TEXTS = ("char", "text", "html")
ANYTHING = ("json", "binary")
# Fields that cannot show a text, and fields that show no more than a decision.
NUMBERS = ("integer", "float", "monetary", "date", "datetime")
DECISIONS = ("boolean", "selection")
# Before the name of a field of which the value decides something and goes nowhere.
DECIDES = "@if:"
# The names of records are shown wherever they are mentioned; of those only what is declared is taken as quoted.
NAMES = ("display_name", "complete_name")
# Models of which code takes formats, labels and settings, or the times of changes: what is made with these does not
# count as showing their records.
COMMON = {
    *("res.country", "res.country.state", "res.country.group", "res.currency", "res.lang", "uom.uom"),
    *("decimal.precision", "ir.config_parameter", "ir.model", "ir.model.data", "ir.model.fields"),
    *("ir.model.fields.selection", "mail.message", "mail.tracking.value"),
}
# How many methods deep from the one of the field.
DEPTH = 6
# How deep methods are walked through at once, and with how many kinds of arguments each.
NESTED = 12
CONTEXTS = 6
# No fact comes from these: every record has them, and they say who and when.
EVERYWHERE = ("id", "create_date", "write_date", "__last_update")


class Code:
    """What is known of the code of a registry's methods, found as it is asked for."""

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
        """What a method of a model gives, or ``None`` if it is not one of the model's own.

        :param call: the model, the name of the method, whether a search found its records, and its arguments
        """
        model, name, *_more = call
        # Methods that the ORM has, too, are known by their names.
        if hasattr(BaseModel, name) or not self._defined(model, name):
            return None
        call = self.of_context(call)
        if call in self._walked:
            return self._walked[call].given
        if call in self._walking or len(self._walking) >= NESTED:
            return NOTHING
        return self._walk(call).given

    def of_context(self, call):
        """The call, without its arguments where the method has been called with too many kinds."""
        known = self._contexts.setdefault(call[:2], {})
        if call not in known and len(known) >= CONTEXTS:
            return (*call[:3], ())
        known[call] = None
        return call

    def hold(self, model, field, value):
        """Remember what code puts into a field that can hold anything."""
        if value and field in self.registry[model]._fields and self.registry[model]._fields[field].type in ANYTHING:
            self._held[model, field] = one_of(value, self._held.get((model, field), NOTHING))

    def held(self, model, field):
        """What code has put into such a field."""
        if field.compute and isinstance(field.compute, str):
            self.follow((model, field.compute, False, ()))
        return self._held.get((model, field.name), NOTHING)

    # -- for the facts -------------------------------------------------------------------------------------------------

    def reads(self, model, name):
        """``{(model, field): (found, decides)}`` of a method with all that it calls.

        Whether a search found a record that it is read of, and whether it is only read to decide something. ``None``
        where the source of one of the methods cannot be looked through.
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
            # Again, where it was only for a decision before.
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
    """What a walk through a method has found."""

    def __init__(self, reading, is_known):
        self.is_known = is_known
        self.reads = reading.reads
        self.calls = reading.calls
        self.given = reading.extended


def read(code, model, field):
    """The fields that the methods of a field read, as ``(model, field, quoted)``.

    A field that only decides something stands there as ``@if:`` and its name. ``quoted``: the field may show this value
    of a record of another model, or of one that a search found.
    """
    if not field.compute or field.related or field.type in RELATIONS:
        return
    # What people can edit once Odoo has filled it is a value of its own; as it is, a text may be a copy.
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
    """The name of a method that a field has as a name or as a function."""
    return given if isinstance(given, str) else given.__name__


def called_on(model, name):
    """The fields of ``model`` on whose records a method, or a helper of it, calls the method of the same name."""
    attributes, _texts = _loaded(model, name)
    steps = set()
    for function in {name, *_helpers(attributes)}:
        for code in _method_codes(model, function):
            for step, called in itertools.pairwise(dis.get_instructions(code)):
                if {step.opname, called.opname} <= set(LOADS) and called.argval == name:
                    steps.add(step.argval)
    return [model._fields[step] for step in sorted(steps) if step in model._fields]


def models(registry, model, name, loaded):
    """The models that a method of ``model`` names, or whose records it reaches by a relation of its own.

    :param loaded: what has been found so far, by model and method
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
    """Those of the attributes that can be helper methods."""
    return {word for word in attributes if word.startswith("_") and not word.startswith("__")}


def _loaded(model, name):
    """The attributes that a method loads, and the texts in it, with all the methods that it extends."""
    attributes, texts = set(), set()
    for code in _method_codes(model, name):
        attributes.update(step.argval for step in dis.get_instructions(code) if step.opname in LOADS)
        texts.update(constant for constant in code.co_consts if isinstance(constant, str))
    return attributes, texts


def _method_codes(model, name):
    """The code of a method and of all the methods that it extends, with what is within them."""
    for base in model.__mro__:
        function = inspect.unwrap(vars(base).get(name) or _none)
        if isinstance(function, types.FunctionType):
            yield from _codes(function.__code__)


def _none():
    """In place of a method that a class does not have."""


def _codes(code):
    """The code of a function and of those within it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)
