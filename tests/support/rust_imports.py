"""Imports between the files of ``src/``, derived from the paths in the source text.

A module is a tuple of names: ``("policy", "model")``; ``()`` is ``lib.rs``. Test modules are excluded. A ``pub use`` in
a parent only gives its users another name and is not an import of its own.
"""

import re

from harness.paths import CHECKOUT

SRC = CHECKOUT / "src"


def edges():
    """Maps each module to the modules that its code names."""
    files = _files()
    found = {}
    for module, path in files.items():
        text = _code(path.read_text(encoding="utf-8"))
        declared = set(re.findall(r"\bmod (\w+);", text))
        text = re.sub(r"\bpub(?:\([\w ]+\))? use [^;]+;", "", text)
        paths = {path for use in re.findall(r"\buse ([^;]+);", text) for path in _expand(use)}
        body = re.sub(r"\buse [^;]+;", "", text)
        paths |= set(re.findall(r"\b(?:crate|super|self)(?:::\w+)+", body))
        paths |= {path for path in re.findall(r"\b\w+(?:::\w+)+", body) if path.split("::")[0] in declared}
        found[module] = {_resolved(files, module, path, declared) for path in paths} - {None, module}
    return found


def circles(graph):
    """Strongly connected sets of nodes (Tarjan's algorithm)."""
    numbers, lows, stack, found = {}, {}, [], []

    def visit(node):
        numbers[node] = lows[node] = len(numbers)
        stack.append(node)
        for other in graph.get(node, ()):
            if other not in numbers:
                visit(other)
                lows[node] = min(lows[node], lows[other])
            elif other in stack:
                lows[node] = min(lows[node], numbers[other])
        if lows[node] == numbers[node]:
            component = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(component) > 1:
                found.append(set(component))

    for node in graph:
        if node not in numbers:
            visit(node)
    return found


def name(module):
    """A module in Rust's notation."""
    return "::".join(module) or "lib"


def _files():
    found = {}
    for path in sorted(SRC.rglob("*.rs")):
        if path.stem == "tests" or path.stem.endswith("_tests"):
            continue
        parts = list(path.relative_to(SRC).with_suffix("").parts)
        if parts[-1] in ("mod", "lib"):
            parts.pop()
        found[tuple(parts)] = path
    return found


def _code(text):
    """Code without comments, string literals and the test module at its end."""
    text = re.sub(r"//[^\n]*", "", text)
    text = re.sub(r'"(?:\\.|[^"\\])*"', '""', text, flags=re.S)
    return re.split(r"#\[cfg\(test\)\]\s*mod \w+ \{", text)[0]


def _expand(tree):
    """Expands the braces of a `use`."""
    tree = tree.strip()
    head, brace, body = tree.partition("{")
    if not brace:
        yield re.split(r"\s+as\s+", tree)[0].strip()
        return
    depth, piece = 0, ""
    for letter in body.rsplit("}", 1)[0] + ",":
        if letter == "," and depth == 0:
            if piece.strip():
                for inner in _expand(piece):
                    yield head + inner
            piece = ""
        else:
            depth += (letter == "{") - (letter == "}")
            piece += letter


def _resolved(files, module, path, declared):
    """The module at the start of a path, or None for another crate."""
    steps = [step.strip() for step in path.split("::")]
    base = list(module)
    if steps[0] == "crate":
        base, steps = [], steps[1:]
    elif steps[0] == "self":
        steps = steps[1:]
    elif steps[0] == "super":
        while steps and steps[0] == "super":
            base, steps = base[:-1], steps[1:]
    elif steps[0] not in declared:
        return None
    full = tuple(base + steps)
    return next((full[:length] for length in range(len(full), -1, -1) if full[:length] in files), None)
