"""Every example in docs/tools.md is, word for word, a method of the test-only addon."""

import ast
import re
import textwrap

from harness.paths import CHECKOUT

EXAMPLES = CHECKOUT / "tests" / "addons" / "odoo_mcp_test" / "models" / "mcp_example.py"


def _methods(text):
    lines = text.splitlines()
    return {
        node.name: textwrap.dedent("\n".join(lines[node.lineno - 1 : node.end_lineno]))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and re.match(r"_(tool|resource|prompt)_", node.name)
    }


def test_every_example_of_the_guide_is_a_method_that_runs():
    blocks = re.findall(r"```python\n(.*?)```", (CHECKOUT / "docs" / "tools.md").read_text(), re.S)
    shown = {}
    for block in blocks:
        shown.update(_methods(block))
    assert shown == _methods(EXAMPLES.read_text())
    assert len(shown) > 15
