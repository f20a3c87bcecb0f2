# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Analyses the source of one method and records the fields that it reads, without running it.

``code_values.py`` describes the values of variables. An unknown value stays unknown and counts as no read.
"""

import ast

from . import code_methods, code_sql
from .code_values import (
    ENVIRONMENT,
    NOTHING,
    carried,
    element,
    found_by_search,
    item,
    listed,
    of_kind,
    one_of,
    records,
    terms,
    text,
    texts,
    unpacked,
)

RELATIONS = ("many2one", "one2many", "many2many")
# Fields that hold any value that code assigns, records included.
HOLDING = ("binary", "json")
# Number of passes through a loop.
PASSES = 2


class Reading:
    """One analysis of a method of ``model``."""

    def __init__(self, code, model, name):
        self.code = code  # code_dependencies.Code
        self.registry = code.registry
        self.model = model
        self.name = name
        # Both tell whether the value only decides something; reads also tell whether a search found the records.
        self.reads = {}
        self.calls = {}
        self.extended = NOTHING  # value of the method that this one extends
        self._functions = []
        self._calling = set()
        self._returned = []
        self._deciding = 0
        self._sql = code_sql.Statements()

    def walk(self, tree, arguments):
        """Analyse one definition; return its value."""
        self._returned = []
        scope = {}
        names = [one.arg for one in (*tree.args.posonlyargs, *tree.args.args)]
        if names and not _is_static(tree):
            scope[names.pop(0)] = records(self.model._name)
        for key, value in arguments:
            name = names[key] if isinstance(key, int) and key < len(names) else key
            scope[name] = value
        self._block(tree.body, scope)
        return one_of(*self._returned)

    def close(self):
        """Record the columns that the method's SQL reads."""
        for model, field, decides in self._sql.columns(self.code.tables, self.registry):
            self._deciding = int(decides)
            self._note(model, field, True)

    # -- statements ----------------------------------------------------------------------------------------------------

    def _block(self, statements, scope):
        for statement in statements:
            self._statement(statement, scope)

    def _statement(self, node, scope):
        handler = getattr(self, f"_do_{type(node).__name__}", None)
        if handler:
            handler(node, scope)
            return
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child, scope)
            elif isinstance(child, ast.stmt):
                self._statement(child, scope)

    def _branches(self, scope, *branches):
        """Analyse alternative blocks."""
        scopes = []
        for block in branches:
            of_block = dict(scope)
            self._block(block, of_block)
            scopes.append(of_block)
        for name in dict.fromkeys(name for of_block in scopes for name in of_block):
            scope[name] = one_of(*(of_block.get(name, NOTHING) for of_block in scopes))

    def _do_If(self, node, scope):
        self._decide(node.test, scope)
        self._branches(scope, node.body, node.orelse)

    def _do_For(self, node, scope):
        for _walk in range(PASSES):
            before = dict(scope)
            self._bind(node.target, element(self.value(node.iter, scope)), scope)
            self._branches(scope, node.body, [])
            if scope == before:
                break
        self._block(node.orelse, scope)

    def _do_While(self, node, scope):
        for _walk in range(PASSES):
            self._decide(node.test, scope)
            self._branches(scope, node.body, [])
        self._block(node.orelse, scope)

    def _do_Try(self, node, scope):
        self._block(node.body, scope)
        self._branches(scope, [], *(handler.body for handler in node.handlers))
        self._block(node.orelse, scope)
        self._block(node.finalbody, scope)

    def _do_With(self, node, scope):
        for with_item in node.items:
            value = self.value(with_item.context_expr, scope)
            if with_item.optional_vars:
                self._bind(with_item.optional_vars, value, scope)
        self._block(node.body, scope)

    def _do_Match(self, node, scope):
        self._decide(node.subject, scope)
        self._branches(scope, [], *(case.body for case in node.cases))

    def _do_Expr(self, node, scope):
        # A text that stands alone is a comment.
        if not isinstance(node.value, ast.Constant):
            self.value(node.value, scope)

    def _do_Return(self, node, scope):
        if node.value:
            self._returned.append(self.value(node.value, scope))

    def _do_Assign(self, node, scope):
        value = self.value(node.value, scope)
        for target in node.targets:
            self._bind(target, value, scope)

    def _do_AnnAssign(self, node, scope):
        if node.value:
            self._bind(node.target, self.value(node.value, scope), scope)

    def _do_AugAssign(self, node, scope):
        value = self.value(node.value, scope)
        before = self.value(node.target, scope)
        if isinstance(node.target, ast.Name):
            scope[node.target.id] = one_of(before, value)
        else:
            self._bind(node.target, value, scope)

    def _do_FunctionDef(self, node, scope):
        scope[node.name] = self._function(node, scope)
        self._call(scope[node.name], [], {})

    def _do_ClassDef(self, _node, _scope):
        """Class definitions in methods are ignored."""

    def _bind(self, target, value, scope):
        """Assign a value to a name, to several names at once, to a field or to an element."""
        if isinstance(target, ast.Name):
            scope[target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            for part, of_part in zip(target.elts, unpacked(value, len(target.elts)), strict=True):
                self._bind(part, of_part, scope)
        elif isinstance(target, ast.Starred):
            self._bind(target.value, listed(value), scope)
        elif isinstance(target, ast.Attribute):
            for _kind, model, _found in of_kind(self.value(target.value, scope), "record"):
                self.code.hold(model, target.attr, value)
        elif isinstance(target, ast.Subscript):
            key = self.value(target.slice, scope)
            self.value(target.value, scope)
            self._add(target.value, frozenset({("dict", key, value)}), scope)

    def _add(self, node, value, scope):
        """Add a value to those of the variable at the start of a node."""
        depth = 0
        while isinstance(node, (ast.Subscript, ast.Attribute)) and depth < 2:
            node, depth = node.value, depth + 1
            if depth and isinstance(node, ast.Name):
                value = frozenset({("dict", NOTHING, value)})
        if isinstance(node, ast.Name) and not of_kind(scope.get(node.id, NOTHING), "record"):
            scope[node.id] = one_of(scope.get(node.id, NOTHING), value)

    # -- expressions ---------------------------------------------------------------------------------------------------

    def value(self, node, scope):
        """Return the value of an expression; record the fields that it reads."""
        handler = getattr(self, f"_of_{type(node).__name__}", None)
        if handler:
            return handler(node, scope)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child, scope)
        return NOTHING

    def _of_Name(self, node, scope):
        return scope.get(node.id, NOTHING)

    def _of_Constant(self, node, _scope):
        if not isinstance(node.value, str):
            return NOTHING
        self._sql.add(node.value)
        return text(node.value)

    def _of_JoinedStr(self, node, scope):
        self._sql.add(" ".join(part.value for part in node.values if isinstance(part, ast.Constant)))
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.value(part.value, scope)
        return NOTHING

    def _of_Attribute(self, node, scope):
        return self._attribute(self.value(node.value, scope), node.attr)

    def _attribute(self, value, name):
        """Return the value of an attribute: a field of records, or a member of the environment."""
        parts = []
        for one in value:
            if one[0] == "env":
                parts.append(self._of_environment(name))
        for one in of_kind(value, "record"):
            if name == "env":
                parts.append(ENVIRONMENT)
            elif name in ("_origin", "_prefetch"):
                parts.append(frozenset({one}))
            else:
                parts.append(self._field(one, name))
        return one_of(*parts)

    def _of_environment(self, name):
        named = {"company": "res.company", "companies": "res.company", "user": "res.users"}
        return records(named[name]) if named.get(name) in self.registry else NOTHING

    def _field(self, record, name):
        """Record a read of a field of records; return its value."""
        _kind, model, found = record
        field = self.registry[model]._fields.get(name)
        if field is None:
            return NOTHING
        if field.type in RELATIONS:
            return records(field.comodel_name, found) if field.comodel_name in self.registry else NOTHING
        self._note(model, name, found)
        return self.code.held(model, field) if field.type in HOLDING else NOTHING

    def _note(self, model, field, found):
        before, decides = self.reads.get((model, field), (False, True))
        self.reads[model, field] = before or found, decides and self._deciding > 0

    def _decide(self, node, scope):
        """Return the value of a condition: the fields in it only decide."""
        self._deciding += 1
        try:
            return self.value(node, scope)
        finally:
            self._deciding -= 1

    def _path(self, value, path):
        """Read along a dotted path; return the value at its end."""
        for step in path.split(":")[0].split("."):
            value = one_of(*(self._field(one, step) for one in of_kind(value, "record")))
        return value

    def _of_Subscript(self, node, scope):
        value = self.value(node.value, scope)
        key = self.value(node.slice, scope)
        reads = [self._path(frozenset({one}), name) for one in of_kind(value, "record") for name in texts(key)]
        if reads:
            return one_of(*reads)
        got = item(value, key, _place(node.slice))
        return frozenset(one for one in got if one[0] != "record" or one[1] in self.registry)

    def _of_Compare(self, node, scope):
        for part in (node.left, *node.comparators):
            self._decide(part, scope)
        return NOTHING

    def _of_UnaryOp(self, node, scope):
        if isinstance(node.op, ast.Not):
            self._decide(node.operand, scope)
            return NOTHING
        return self.value(node.operand, scope)

    def _of_BoolOp(self, node, scope):
        if isinstance(node.op, ast.And):
            parts = [self._decide(part, scope) for part in node.values[:-1]]
            return one_of(*parts, self.value(node.values[-1], scope))
        return one_of(*[self.value(part, scope) for part in node.values])

    def _of_IfExp(self, node, scope):
        self._decide(node.test, scope)
        return one_of(self.value(node.body, scope), self.value(node.orelse, scope))

    def _of_BinOp(self, node, scope):
        both = one_of(self.value(node.left, scope), self.value(node.right, scope))
        return frozenset(one for one in both if one[0] != "text")

    def _of_NamedExpr(self, node, scope):
        scope[node.target.id] = value = self.value(node.value, scope)
        return value

    def _of_Starred(self, node, scope):
        return element(self.value(node.value, scope))

    def _of_List(self, node, scope):
        if _is_term(node):
            return self._of_Tuple(node, scope)
        return listed(one_of(*[self.value(part, scope) for part in node.elts]))

    _of_Set = _of_List

    def _of_Tuple(self, node, scope):
        values = tuple(self.value(part, scope) for part in node.elts)
        return frozenset({("tuple", values)}) if any(values) else NOTHING

    def _of_Dict(self, node, scope):
        keys = [self.value(key, scope) for key in node.keys if key]
        values = [
            self.value(value, scope) if key else item(self.value(value, scope), NOTHING, None)
            for key, value in zip(node.keys, node.values, strict=True)
        ]
        keys = frozenset(one for key in keys for one in key if one[0] != "text")
        return frozenset({("dict", keys, one_of(*values))}) if keys or any(values) else NOTHING

    def _comprehended(self, node, scope):
        """Bind the variables of a comprehension."""
        within = dict(scope)
        for generator in node.generators:
            self._bind(generator.target, element(self.value(generator.iter, within)), within)
            for condition in generator.ifs:
                self._decide(condition, within)
        return within

    def _of_ListComp(self, node, scope):
        return listed(self.value(node.elt, self._comprehended(node, scope)))

    _of_SetComp = _of_GeneratorExp = _of_ListComp

    def _of_DictComp(self, node, scope):
        within = self._comprehended(node, scope)
        parts = [self.value(node.key, within), self.value(node.value, within)]
        return frozenset({("dict", *parts)}) if any(parts) else NOTHING

    def _of_Yield(self, node, scope):
        if node.value:
            self._returned.append(listed(self.value(node.value, scope)))
        return NOTHING

    def _of_YieldFrom(self, node, scope):
        self._returned.append(listed(element(self.value(node.value, scope))))
        return NOTHING

    def _of_Lambda(self, node, scope):
        return self._function(node, scope)

    # -- calls ---------------------------------------------------------------------------------------------------------

    def _function(self, node, scope):
        self._functions.append((node, scope))
        return frozenset({("function", len(self._functions) - 1)})

    def _call(self, value, args, kwargs):
        """Call functions defined in the method; return their value."""
        given = []
        for _kind, number in of_kind(value, "function"):
            node, scope = self._functions[number]
            if node in self._calling:
                continue
            names = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
            within = {**scope, **dict.fromkeys(names, NOTHING), **dict(zip(names, args, strict=False)), **kwargs}
            self._calling.add(node)
            returned, self._returned = self._returned, []
            if isinstance(node, ast.Lambda):
                self._returned.append(self.value(node.body, within))
            else:
                self._block(node.body, within)
            given.extend(self._returned)
            self._returned = returned
            self._calling.discard(node)
        return one_of(*given)

    def _of_Call(self, node, scope):
        function = node.func
        receiver = self.value(function.value, scope) if isinstance(function, ast.Attribute) else NOTHING
        decides = isinstance(function, ast.Name) and function.id in code_methods.DECISIONS
        args = [self._decide(arg, scope) if decides else self.value(arg, scope) for arg in node.args]
        kwargs = {keyword.arg or "": self.value(keyword.value, scope) for keyword in node.keywords}
        if isinstance(function, ast.Name):
            return self._named(function.id, args, kwargs, scope)
        if not isinstance(function, ast.Attribute):
            return self._call(self.value(function, scope), args, kwargs)
        name = function.attr
        if name in code_methods.DOMAINS and not of_kind(receiver, "record"):
            return _domain(args)
        known = [one for one in receiver if one[0] in ("record", "super", "env")]
        if not known:
            self._extend(function, args, kwargs, scope)
            given = self._of_container(receiver, name, args)
            return one_of(given, self._callback(args, kwargs, one_of(*map(element, args), element(receiver))))
        parts = [self._method(one, name, args, kwargs) for one in of_kind(receiver, "record")]
        for one in known:
            if one[0] == "super":
                parts.append(self._of_super(name, args, kwargs))
            elif one[0] == "env" and name not in ("ref", "get"):
                parts.append(ENVIRONMENT)
        others = frozenset(one for one in receiver if one[0] not in ("record", "super", "env"))
        return one_of(*parts, self._of_container(others, name, args))

    def _named(self, name, args, kwargs, scope):
        """Return the value of a function that the source calls by name."""
        if name == "super":
            return frozenset({("super", self.model._name)})
        if of_kind(scope.get(name, NOTHING), "function"):
            return self._call(scope[name], args, kwargs)
        first = args[0] if args else NOTHING
        given = self._callback(args, kwargs, one_of(*map(element, args)))
        if name in code_methods.LISTS:
            return listed(element(first) or element(one_of(*args[1:])))
        if name in code_methods.DOMAINS:
            return _domain(args)
        if name in ("next", "max", "min", "sum"):
            return one_of(element(first), *(args[1:] if name != "max" else args))
        if name == "enumerate":
            return listed(frozenset({("tuple", (NOTHING, element(first)))}))
        if name == "zip":
            return listed(frozenset({("tuple", tuple(map(element, args)))}))
        if name in ("dict", "frozendict"):
            return first
        if name == "defaultdict":
            return frozenset({("dict", NOTHING, given)}) if given else NOTHING
        if name == "map":
            return listed(given)
        if name == "groupby":
            return listed(frozenset({("tuple", (given, listed(element(first))))}))
        if name == "getattr" and len(args) > 1:
            return one_of(*(self._attribute(first, attribute) for attribute in texts(args[1])))
        return NOTHING

    def _callback(self, args, kwargs, given):
        """Call the functions among the arguments with their probable arguments."""
        return one_of(*(self._call(arg, [given], {}) for arg in (*args, *kwargs.values())))

    def _extend(self, function, args, kwargs, scope):
        """Add the values that a method puts into a container to its variable."""
        if function.attr in ("append", "add", "appendleft"):
            self._add(function.value, listed(one_of(*args)), scope)
        elif function.attr in ("extend", "update"):
            self._add(function.value, one_of(*args, *kwargs.values()), scope)
        elif function.attr == "setdefault" and len(args) == 2:
            self._add(function.value, frozenset({("dict", args[0], args[1])}), scope)

    def _of_container(self, receiver, name, args):
        """Return the value of a method of a list or a dictionary."""
        dicts = [one for one in receiver if one[0] == "dict"]
        if name == "items":
            return listed(one_of(*(frozenset({("tuple", one[1:])}) for one in dicts)))
        if name == "values":
            return listed(one_of(*(one[2] for one in dicts)))
        if name == "keys":
            return listed(one_of(*(one[1] for one in dicts)))
        if name in ("get", "pop", "setdefault"):
            return one_of(item(receiver, NOTHING, None), *args[1:])
        return receiver if name == "copy" else NOTHING

    def _of_super(self, name, args, kwargs):
        if name == self.name:
            return self.extended
        return self._method(("record", self.model._name, False), name, args, kwargs)

    def _method(self, record, name, args, kwargs):
        """Return the value of a method of records."""
        _kind, model, found = record
        itself = frozenset({record})
        if name in code_methods.SEARCHES:
            self._domain_reads(itself, args[0] if args else kwargs.get("domain", NOTHING))
        if name in code_methods.FINDING:
            return found_by_search(itself)
        if name in code_methods.NAMING:
            return self._naming(itself, name, args, kwargs)
        if name in code_methods.CALLBACKS:
            return self._by_callback(itself, name, args, kwargs)
        if name.startswith(code_methods.NO_VALUE):
            return NOTHING
        if name == "name_get":
            self._path(itself, "display_name")
            return NOTHING
        if name == "env":
            return ENVIRONMENT
        if name in code_methods.SAME:
            return itself
        arguments = [*enumerate(map(carried, args)), *((key, carried(value)) for key, value in kwargs.items())]
        call = (model, name, found, tuple(pair for pair in arguments if pair[1]))
        given = self.code.follow(call)
        if given is None:
            return NOTHING
        call = self.code.of_context(call)
        self.calls[call] = self.calls.get(call, True) and self._deciding > 0
        return found_by_search(given) if found else given

    def _naming(self, itself, name, args, kwargs):
        """Record the fields that a method's arguments name; return the method's value."""
        if name != "read":
            itself = found_by_search(itself)
        columns = []
        for place, keyword in code_methods.NAMING[name]:
            specs = texts(args[place] if place < len(args) else kwargs.get(keyword, NOTHING))
            ends = [itself if spec.startswith("id:") else self._path(itself, spec) for spec in specs]
            if name in code_methods.WITH_NAMES:
                self._path(one_of(*ends), "display_name")
            elif specs:
                is_whole = keyword == "groupby" or any(spec.endswith(":recordset") for spec in specs)
                columns.append(one_of(*ends) if is_whole else NOTHING)
        # The order of several texts in one argument is unknown, so their values are not distinguished.
        return listed(frozenset({("tuple", tuple(columns))})) if any(columns) else NOTHING

    def _by_callback(self, itself, name, args, kwargs):
        """Analyse filtered, sorted, mapped and grouped, with a function or a field name."""
        self._deciding += name in code_methods.DECIDING
        try:
            return self._called_back(itself, name, args, kwargs)
        finally:
            self._deciding -= name in code_methods.DECIDING

    def _called_back(self, itself, name, args, kwargs):
        given = []
        for arg in (*args, *kwargs.values()):
            given.append(self._call(arg, [itself], {}))
            for path in texts(arg):
                given.extend(self._path(itself, step.split()[0]) for step in path.split(",") if step.strip())
        together = one_of(*given)
        if name == "mapped":
            return together if of_kind(together, "record") else listed(together)
        if name == "grouped":
            return frozenset({("dict", together, itself)})
        return itself

    def _domain_reads(self, itself, domain, depth=0):
        self._deciding += 1
        for path, operators, value in terms(domain):
            end = self._path(itself, path)
            if depth < 4 and any(operator in ("any", "not any", "any!", "not any!") for operator in operators):
                self._domain_reads(end, value, depth + 1)
        self._deciding -= 1


def _is_static(tree):
    decorators = getattr(tree, "decorator_list", ())
    return any(isinstance(one, ast.Name) and one.id == "staticmethod" for one in decorators)


def _is_term(node):
    """Whether a list is one term of a domain: a field, an operator and a value."""
    return (
        isinstance(node, ast.List)
        and len(node.elts) == 3
        and all(isinstance(part, ast.Constant) and isinstance(part.value, str) for part in node.elts[:2])
    )


def _domain(args):
    """Return the domain of ``Domain(...)``, or of AND and OR."""
    if len(args) == 3 and texts(args[0]):
        return listed(frozenset({("tuple", tuple(args))}))
    return one_of(*args)


def _place(node):
    """Return the number in a subscript, ``slice``, or None."""
    if isinstance(node, ast.Slice):
        return "slice"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        node = ast.Constant(-node.operand.value if isinstance(node.operand.value, int) else None)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, int) else None
