"""Medians, ratios, the table and the checks."""

import math
import statistics

from . import rows, sizes

# The allowed share of a row's time in the time of its reference row, within one run. The reference is Odoo's empty
# route for rows that need no Odoo, and the same call through /json/2 for rows that use the ORM.
OF_JSON2 = 0.95
OF_JSON2_WITH_MANY_CLIENTS = 1.0
OF_EMPTY_ROUTE = {"without dbfilter": 0.65, "with dbfilter": 0.30}
WITHOUT_ODOO = ("discover", "tools/list")
THROUGH_THE_ORM = ("search", "create")


def barred():
    """The names of the rows with a threshold."""
    return {rows.door_row("fast", what) for what in (*WITHOUT_ODOO, *THROUGH_THE_ORM)}


def _median(values):
    return statistics.median(values) * 1000


def _p95(values):
    return sorted(values)[min(int(len(values) * 0.95), len(values) - 1)] * 1000


def figures(made, sizes, samples):
    """One dictionary for each row: milliseconds, requests per second, bytes, and ratios to its reference row."""
    table = []
    for row in made:
        levels = {}
        for clients, measured in samples.items():
            sample = measured[row.name]
            facts = {"median": _median(sample.times), "p95": _p95(sample.times), "requests": len(sample.times),
                     "throughput": len(sample.times) / sample.wall}
            if row.rival:
                facts["ratio"], facts["ratios"] = _ratio(sample, measured[row.rival])
            levels[clients] = facts
        facts = {"name": row.name, "what": row.what, "rival": row.rival, "bytes": sizes[row.name], "levels": levels}
        table.append(facts)
    return table


def _ratio(sample, rival):
    # Only rounds with both rows count: a machine that slows down affects both.
    reference = sample.against or rival.rounds
    common = sorted(set(sample.rounds) & set(reference))
    rounds = [_median(sample.rounds[number]) / _median(reference[number]) for number in common]
    return statistics.median(rounds), interval(rounds)


def interval(values, confidence=0.95):
    """The interval that contains the median of all possible rounds with this confidence: the order statistics of a sign
    test. The lowest and the highest value of fewer than six rounds."""
    count, values = len(values), sorted(values)
    outside, below = 0, 0.0
    while outside < count // 2:
        below += math.comb(count, outside) / 2**count
        if 2 * below > 1 - confidence:
            break
        outside += 1
    cut = max(outside - 1, 0)
    return [values[cut], values[count - 1 - cut]]


def checks(setup, table):
    """The thresholds of one setup: (passed, text) each, for sequential requests, or else for many clients."""
    levels = list(table[0]["levels"])
    if 1 in levels:
        return [
            *_bars(setup, table, 1, WITHOUT_ODOO, OF_EMPTY_ROUTE[setup]),
            *_bars(setup, table, 1, THROUGH_THE_ORM, OF_JSON2),
        ]
    return [
        check
        for clients in levels
        for check in _bars(f"{setup}, {clients} clients", table, clients, THROUGH_THE_ORM, OF_JSON2_WITH_MANY_CLIENTS)
    ]


def _bars(setup, table, clients, whats, bar):
    """A bar is broken when the whole interval is above it: two runs on one machine then agree."""
    by_name = {row["name"]: row for row in table}
    for what in whats:
        row = by_name[rows.door_row("fast", what)]
        facts = row["levels"][clients]
        low, high = facts["ratios"]
        yield (low <= bar,
               f"{setup}: {what} {facts['median']:.2f} ms is {facts['ratio']:.3f} of {row['rival']} <= {bar}"
               f" (95% interval: {low:.3f} to {high:.3f})")


def markdown(result):
    """The complete report."""
    lines = ["# Benchmark", ""]
    for setup, table in result["setups"].items():
        levels = list(table[0]["levels"])
        lines += [f"## {setup[0].upper()}{setup[1:]}", "",
                  "| row | " + " | ".join(_heading(clients) for clients in levels) + " | bytes | ratio to | what |",
                  "|---|" + "---|" * len(levels) + "---:|---|---|"]
        for row in table:
            cells = " | ".join(_cell(facts) for facts in row["levels"].values())
            lines.append(f"| {row['name']} | {cells} | {row['bytes']:,} | {row['rival'] or ''} | {row['what']} |")
        lines.append("")
    if result["bytes"]:
        lines += sizes.markdown(result["bytes"])
    lines += ["## Checks", ""]
    lines += [f"* {'PASS' if check['passed'] else 'FAIL'} {check['text']}" for check in result["checks"]]
    lines += ["", "## How", ""]
    lines += [f"* {note}" for note in result["notes"]]
    return "\n".join(lines) + "\n"


def _heading(clients):
    who = "one after the other" if clients == 1 else f"{clients} clients"
    return f"{who}: median / p95 ms · per s · ratio"


def _cell(facts):
    ratio = f" · **{facts['ratio']:.2f}**" if "ratio" in facts else ""
    return f"{facts['median']:.2f} / {facts['p95']:.2f} · {facts['throughput']:.0f}{ratio}"
