"""The layers of ``src/`` follow docs/architecture.md: imports go down and form no cycle."""

import collections
import re

import pytest
from support import rust_imports

from harness.paths import CHECKOUT

EDGES = rust_imports.edges()


def _floors():
    """The folders and files of the table in docs/architecture.md, from top to bottom."""
    text = (CHECKOUT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.split("## The extension: `src/`")[1].split("Where to look")[0]
    rows = re.findall(r"(?m)^\| (`[^|]+`) \|", table)
    return [[re.sub(r"(/|\.rs)$", "", cell) for cell in re.findall(r"`([^`]+)`", row)] for row in rows]


FLOORS = {room: floor for floor, rooms in enumerate(_floors()) for room in rooms}


def _room(module):
    return module[0] if module else "lib"


def test_there_are_imports_to_look_at():
    assert len(EDGES) > 150
    assert sum(map(len, EDGES.values())) > 800


def test_each_folder_has_a_floor():
    assert {_room(module) for module in EDGES} == set(FLOORS)


@pytest.mark.parametrize("module", EDGES, ids=rust_imports.name)
def test_imports_go_down(module):
    above = [
        rust_imports.name(other)
        for other in EDGES[module]
        if _room(other) != _room(module) and FLOORS[_room(other)] <= FLOORS[_room(module)]
    ]
    assert above == []


def test_no_type_name_has_two_meanings():
    found = collections.Counter(
        kind
        for path in rust_imports.SRC.rglob("*.rs")
        for kind in re.findall(
            r"(?m)^ *(?:pub(?:\([\w ]+\))? )?(?:struct|enum|trait|type) ([A-Z]\w+)", path.read_text(encoding="utf-8")
        )
    )
    assert len(found) > 150
    assert [name for name, count in found.items() if count > 1] == []


def test_no_files_import_each_other_in_a_circle():
    assert [sorted(map(rust_imports.name, circle)) for circle in rust_imports.circles(EDGES)] == []
