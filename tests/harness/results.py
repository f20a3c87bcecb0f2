"""Test results: counts and seconds by layer and by file, and their tables."""

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field


@dataclass
class Part:
    """A test file, check or program. A skipped test counts as failed, because it proves nothing."""

    name: str
    seconds: float = 0.0
    passed: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass
class Result:
    """The result of a layer. `output` is the text of its programs, `note` a line for the end of the run."""

    parts: list = field(default_factory=list)
    seconds: float = 0.0
    output: str = ""
    note: str = ""

    def total(self, what):
        """The sum of `passed`, `failed` or `skipped` over all parts."""
        return sum(getattr(part, what) for part in self.parts)

    @property
    def good(self):
        """Whether at least one test exists and all passed."""
        return bool(self.total("passed")) and not self.total("failed") and not self.total("skipped")


def of_junit(path):
    """The parts of a JUnit report: one for each test file. The seconds include its fixtures."""
    parts = {}
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name = _file(case.get("classname", ""))
        part = parts.setdefault(name, Part(name))
        part.seconds += float(case.get("time", 0))
        outcomes = {child.tag for child in case}
        if outcomes & {"failure", "error"}:
            part.failed += 1
        elif "skipped" in outcomes:
            part.skipped += 1
        else:
            part.passed += 1
    return list(parts.values())


def _file(classname):
    """The path of a test file below `tests`, from the dotted name that pytest gives a test's module or class."""
    parts = classname.removeprefix("tests.").split(".")
    module = next((at for at, part in enumerate(parts) if part.startswith("test_")), 0)
    return "/".join(parts[: module + 1]) + ".py"


def tables(results, wall):
    """Both tables, the notes and the closing line, as text. `wall` is the duration of the whole run in seconds."""
    lines = ["", _row("layer", "seconds", "passed", "failed", "skipped")]
    lines += [_figures(name, result.seconds, result.total) for name, result in results.items()]
    lines += [f"{'whole run':<44}{wall:>9.1f}   layers run side by side", ""]
    lines.append(_row("file", "seconds", "passed", "failed", "skipped"))
    for layer, result in results.items():
        for part in sorted(result.parts, key=lambda part: -part.seconds):
            lines.append(_figures(f"{layer}: {part.name}", part.seconds, part.__dict__.get))
    lines.append("")
    lines += [f"{name}: {result.note}" for name, result in results.items() if result.note]
    passed, failed, skipped = (
        sum(result.total(what) for result in results.values()) for what in ("passed", "failed", "skipped")
    )
    if skipped:
        lines.append(f"a skipped test counts as failed: {skipped} skipped")
    return "\n".join([*lines, f"{passed} passed, {failed + skipped} failed"])


def _row(name, *cells):
    return f"{name:<44}" + "".join(f"{cell:>9}" for cell in cells)


def _figures(name, seconds, count):
    return _row(name, f"{seconds:.1f}", *(count(what) for what in ("passed", "failed", "skipped")))
