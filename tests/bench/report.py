"""Medians, ratios, the table and the checks."""

import statistics

from . import rows, sizes

# Discovery and lists: the floor plus this many milliseconds; ORM tools: at most this share of the same /json/2 call.
ABOVE_FLOOR = 0.7
OF_JSON2 = 1.0


def _median(values):
    return statistics.median(values) * 1000


def _p95(values):
    return sorted(values)[min(int(len(values) * 0.95), len(values) - 1)] * 1000


def figures(made, sizes, samples):
    """One dictionary for each row: milliseconds, requests per second, bytes, and ratios to its rival."""
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
    # Of all requests; beside it the lowest and the highest of any round, which shows how much the machine wavers.
    rounds = [_median(ours) / _median(theirs) for ours, theirs in zip(sample.rounds, rival.rounds, strict=True)]
    return _median(sample.times) / _median(rival.times), [min(rounds), max(rounds)]


def checks(setup, table):
    """The bars of one set-up: (passed, text) each; of sequential requests, or without these of many clients."""
    levels = list(table[0]["levels"])
    if 1 not in levels:
        return [check for clients in levels for check in _of_json2(f"{setup}, {clients} clients", table, clients)]
    return [*_above_floor(setup, table), *_of_json2(setup, table, 1)]


def _above_floor(setup, table):
    by_name = {row["name"]: row["levels"][1] for row in table}
    floor = by_name[rows.FLOOR]["median"]
    for what in ("discover", "tools/list"):
        median = by_name[rows.door_row("fast", what)]["median"]
        yield (median <= floor + ABOVE_FLOOR,
               f"{setup}: fast door {what} {median:.2f} ms <= floor {floor:.2f} ms + {ABOVE_FLOOR} ms"
               f" (above the floor: {median - floor:.2f} ms)")


def _of_json2(setup, table, clients):
    by_name = {row["name"]: row["levels"][clients] for row in table}
    for what in ("search", "create"):
        facts = by_name[rows.door_row("fast", what)]
        low, high = facts["ratios"]
        yield (facts["ratio"] <= OF_JSON2,
               f"{setup}: ORM {what} {facts['median']:.2f} ms is {facts['ratio']:.2f} of /json/2's"
               f" <= {OF_JSON2} (rounds: {low:.2f} to {high:.2f})")


def markdown(result):
    """The whole report."""
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
