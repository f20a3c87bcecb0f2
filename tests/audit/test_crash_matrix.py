"""The crash matrix: a fault of each kind at each point of a call.

Invariants for every cell: a change and its success row exist together or not at all; a call whose gate committed has
exactly one row after maintenance; a call that was declared dead has changed nothing; the audit log verifies.
"""

import os

import pytest
from support import summary
from support.crash import CELLS, CHANGED, EITHER, IMPOSSIBLE, KINDS, POINTS, Matrix
from support.workers import wait_for
from support.world import make_world

from harness import Environment

RUNS = {}


@pytest.fixture(scope="module")
def matrix(environment):
    """One Odoo with one worker and its database, in a separate cluster that may crash."""
    with Environment(f"{environment.name}-crash") as own:
        made = Matrix(own, make_world(own))
        yield made
        made.close()
    _report()


def _report():
    rows = []
    for point in POINTS:
        cells = [RUNS.get((point, kind), "impossible" if (point, kind) in IMPOSSIBLE else "") for kind in KINDS]
        rows.append([point, *cells])
    told = summary.table(["fault point", *KINDS], rows)
    reasons = {}
    for (point, kind), reason in IMPOSSIBLE.items():
        reasons.setdefault(reason, []).append(f"{point} x {kind}")
    listed = [f"impossible: {', '.join(cells)}: {reason}" for reason, cells in reasons.items()]
    others = [f"{name}: {told}" for name, told in RUNS.items() if isinstance(name, str)]
    head = (
        "status of the row after maintenance, + the change is there, - it is not, = 1 it is there once when the"
        " client has sent the call again with its key; each fault left its mark"
    )
    summary.add("crash matrix", "\n".join([head, told, *listed, *others]))


def _told(found):
    return f"{found['status'] or 'no row'} {'+' if found['changed'] else '-'}{' = 1' if 'repeat' in found else ''}"


@pytest.mark.parametrize("point, kind", CELLS, ids=lambda part: part)
def test_a_cell(matrix, point, kind):
    found = matrix.run(point, kind)
    RUNS[point, kind] = _told(found)
    assert found["struck"]["point"] == point
    if (point, kind) not in EITHER:
        assert found["changed"] == ((point, kind) in CHANGED), found
    if found["changed"] and kind not in ("worker_killed", "client_gone", "server_restart"):
        # The client sees an error of ours on the way out as an error. The change stays and has its row.
        assert found["answer"].status == (500 if (point, kind) == ("before_reply", "orm_error") else 200)


def test_the_matrix_is_whole():
    assert len(CELLS) + len(IMPOSSIBLE) == len(POINTS) * len(KINDS) == 56


def test_a_full_connection_pool(matrix):
    found = matrix.run("after_gate", "pool_full")
    RUNS["full connection pool"] = _told(found)
    assert found["changed"] is False
    assert found["answer"].status == 503
    assert found["answer"].header("Retry-After")
    # The worker is free again afterwards.
    assert matrix.world.client(matrix.server).result("count", {"model": "res.company"})["count"] >= 1


@pytest.mark.parametrize("arguments", [{}, {"swallow": True}], ids=["refused", "refused and swallowed"])
def test_a_method_that_commits_by_itself(matrix, arguments):
    mark = matrix.db.audit_mark()
    matrix.world.client(matrix.server).refusal("test_commit", {"name": "escaped", **arguments})
    (row,) = matrix.db.audit_since(mark)
    RUNS[f"a method commits by itself{' and swallows the refusal' if arguments else ''}"] = f"{row['status']} -"
    assert row["status"] == "denied"
    assert matrix.db.value("SELECT count(*) FROM mcp_test_item WHERE name LIKE 'escaped%%'") == 0


def test_a_process_that_ends_after_a_commit_that_its_tool_allows(matrix):
    """The only change without a success row: its row does not claim that nothing changed."""
    mark = matrix.db.audit_mark()
    (worker,) = matrix.server.worker_pids()
    with pytest.raises((OSError, AttributeError)):
        matrix.world.client(matrix.server).result("test_fault_after_own_commit", {"name": "saved before"})
    wait_for(lambda: not os.path.exists(f"/proc/{worker}"))
    matrix.db.run("UPDATE mcp_inflight_call SET started = started - interval '2 days'")
    wait_for(lambda: matrix.db.value("SELECT mcp_maintain()") and not matrix.db.rows("SELECT 1 FROM mcp_inflight_call"))
    (row,) = matrix.db.audit_since(mark)
    RUNS["a marked method's process ends after its own commit"] = f"{row['status']} +"
    assert row["status"] == "died"
    assert "nothing" not in row["error"] and "stays saved" in row["error"]
    assert matrix.db.value("SELECT count(*) FROM mcp_test_item WHERE name = 'saved before'") == 1
