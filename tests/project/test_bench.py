"""The benchmark runs from end to end and reports every row. It does not assert speed, because the machine may be
busy."""

import json
import os
import subprocess
import sys

import pytest
from bench import report, rows, sizes, stage
from bench.load import Sample

from harness.paths import CHECKOUT

DOOR_ROWS = ["discover", "tools/list", "ping", "search", "create"]
PEERS = ["mcp-server-odoo", "odoo-mcp"]


def expected(setup):
    """Names of the rows of one setup."""
    return [rows.FLOOR, rows.FLOOR_OF_GET, rows.EMPTY, rows.JSON2_SEARCH, rows.JSON2_CREATE,
            *(rows.door_row(door, what) for door in setup.doors for what in DOOR_ROWS),
            *(PEERS if setup.with_peers else [])]


pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def quick(environment, tmp_path_factory):
    """The output folder of a quick run, and what the run printed."""
    folder = tmp_path_factory.mktemp("bench")
    # Uses this session's cluster, which already has the template database.
    variables = {**os.environ, "PYTHONPATH": "tests", "ODOO_MCP_INSTANCE": environment.name}
    done = subprocess.run([sys.executable, "-m", "bench", "--quick", "--rounds", "1", "--output", folder], check=False,
                          cwd=CHECKOUT, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder, done.stdout


def test_bench_leaves_every_row_of_every_set_up(quick):
    folder, _ = quick
    result = json.loads((folder / "result.json").read_text())
    assert list(result["setups"]) == list(stage.SETUPS)
    for name, table in result["setups"].items():
        setup = stage.SETUPS[name]
        assert [row["name"] for row in table] == expected(setup)
        for row in table:
            assert row["bytes"] > 0
            assert list(row["levels"]) == [str(clients) for clients in setup.clients]
            for facts in row["levels"].values():
                assert facts["requests"] > 0
                assert 0 < facts["median"] <= facts["p95"]
                assert ("ratio" in facts) == bool(row["rival"])


def test_bench_prints_the_table_and_a_verdict_on_every_bar(quick):
    folder, printed = quick
    text = (folder / "result.md").read_text()
    assert text in printed
    for setup in stage.SETUPS.values():
        for name in expected(setup):
            assert f"| {name} |" in text
    verdicts = [line for line in text.splitlines() if line.startswith(("* PASS", "* FAIL"))]
    # plus two for sealing and one for bytes
    assert len(verdicts) == 4 * len(stage.SETUPS) + 3
    assert sum("sealing" in line for line in verdicts) == 2


def test_bench_counts_the_bytes_of_every_question(quick):
    folder, printed = quick
    table = json.loads((folder / "result.json").read_text())["bytes"]
    assert len(table) == 10
    for row in table:
        assert list(row["answers"]) == [sizes.OURS, "mcp-server-odoo", "odoo-mcp"]
        assert row["answers"][sizes.OURS]["text"] > 0
        assert f"| {row['question']} |" in printed
    ((passed, text),) = sizes.checks(table)
    assert passed, text


def _table(clients=1, **milliseconds):
    # Invented measurements: two rounds, the first ten percent slower.
    samples = {
        name: Sample({0: [ms * 0.0011] * 3, 1: [ms * 0.001] * 3}, wall=1.0) for name, ms in milliseconds.items()
    }
    made = [rows.Row(name, "", 0, b"", None, rival) for name, rival in _RIVALS.items()]
    return report.figures(made, dict.fromkeys(milliseconds, 1), {clients: samples})


_FAST = {what: rows.door_row("fast", what) for what in DOOR_ROWS}
_RIVALS = {rows.EMPTY: None, rows.JSON2_SEARCH: None, rows.JSON2_CREATE: None, _FAST["discover"]: rows.EMPTY,
           _FAST["tools/list"]: rows.EMPTY, _FAST["search"]: rows.JSON2_SEARCH, _FAST["create"]: rows.JSON2_CREATE}


def test_bars_are_met_and_missed_where_they_should_be():
    table = _table(**{rows.EMPTY: 5.0, rows.JSON2_SEARCH: 20.0, rows.JSON2_CREATE: 30.0, _FAST["discover"]: 3.2,
                      _FAST["tools/list"]: 3.3, _FAST["search"]: 18.9, _FAST["create"]: 29.0})
    assert [passed for passed, _ in report.checks("without dbfilter", table)] == [True, False, True, False]
    assert [passed for passed, _ in report.checks("with dbfilter", table)] == [False, False, True, False]


def test_many_clients_are_held_against_json2_only():
    table = _table(8, **{rows.EMPTY: 1.0, rows.JSON2_SEARCH: 20.0, rows.JSON2_CREATE: 30.0, _FAST["discover"]: 9.0,
                         _FAST["tools/list"]: 9.0, _FAST["search"]: 21.0, _FAST["create"]: 29.0})
    found = report.checks("a set-up", table)
    assert [passed for passed, _ in found] == [False, True]
    assert all("8 clients" in text for _, text in found)


def test_a_ratio_is_the_median_of_the_rounds_that_both_are_in():
    ours = Sample({0: [0.002, 0.004, 0.003], 1: [0.006, 0.006, 0.006], 2: [0.001], 3: [0.009]})
    theirs = Sample({0: [0.004, 0.004, 0.004], 1: [0.006, 0.006, 0.006], 3: [0.010]})
    ratio, spread = report._ratio(ours, theirs)
    assert ratio == pytest.approx(0.9)
    assert spread == pytest.approx([0.75, 1.0])


def test_the_interval_of_a_median_leaves_out_one_round_in_forty_on_each_side():
    assert report.interval(range(15)) == [3, 11]
    assert report.interval(range(21)) == [5, 15]
    # With fewer than six rounds no interval has this confidence.
    assert report.interval([2, 1, 3]) == [1, 3]


def test_a_bar_is_broken_when_the_whole_interval_is_above_it():
    def verdict(ratios):
        facts = {1: {"median": 2.0, "ratio": 0.66, "ratios": ratios}}
        table = [{"name": rows.door_row("fast", "discover"), "rival": rows.EMPTY, "levels": facts}]
        ((passed, _),) = report._bars("a set-up", table, 1, ["discover"], 0.65)
        return passed

    assert verdict([0.64, 0.68]) and not verdict([0.651, 0.68])
