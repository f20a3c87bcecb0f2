"""python -m bench: measure, write Markdown and JSON, print both the table and the checks."""

import argparse
import dataclasses
import json
import os
import platform
import sys
from pathlib import Path

from harness import Environment, Failure
from harness.console import step
from harness.odoo_tree import version as odoo_version
from harness.paths import BUILD, directory

from . import growth, load, report, rows, sealing, sizes, stage


@dataclasses.dataclass(frozen=True)
class Plan:
    """The amount of work: rounds, requests per client in a round for each number of clients, and time limits."""

    rounds: int
    counts: dict
    seconds: float  # no client starts a request after this time in one round of one row
    warm: int
    others: int  # rows without a threshold run in every n-th round
    sealing: int  # rounds of the throughput measurement during sealing


# For each request of the plan, of a row that needs no Odoo.
PAIRS = 5

LONG = Plan(rounds=15, counts={1: 20, 8: 6, 32: 2}, seconds=10, warm=96, others=1, sealing=15)
NORMAL = Plan(rounds=15, counts={1: 12, 8: 2}, seconds=10, warm=64, others=5, sealing=7)
QUICK = Plan(rounds=2, counts={1: 5, 8: 1, 32: 1}, seconds=5, warm=16, others=1, sealing=2)


def measure(made, plan, levels):
    """Measures all rows at all these numbers of clients, in turn within each round. Returns {clients: {row:
    Sample}}."""
    samples = {clients: {row.name: load.Sample() for row in made} for clients in levels}
    barred, by_name = report.barred(), {row.name: row for row in made}
    for number in range(plan.rounds):
        wanted = [row for row in made if row.name in barred or number % plan.others == 0]
        for clients in levels:
            for row in wanted if number % 2 == 0 else reversed(wanted):
                sample, count = samples[clients][row.name], plan.counts[clients]
                if clients == 1 and row.name in barred:
                    # A message that needs no Odoo takes a tenth of the others' time.
                    count *= PAIRS if row.rival == rows.EMPTY else 1
                    load.measure_pair(sample, number, row, by_name[row.rival], count=count, seconds=plan.seconds)
                else:
                    load.measure(sample, number, row.name, row.port, row.request,
                                 clients=clients, count=count, seconds=plan.seconds)
    return samples


def run(environment, plan, setups):
    """Measures the setups and returns the complete result."""
    busy = os.getloadavg()[0]
    key, domain, ids = stage.prepare(environment)
    result = {"setups": {}, "bytes": [], "checks": [], "notes": []}
    shares, more = [], []
    for name in setups:
        setup = stage.SETUPS[name]
        levels = [clients for clients in setup.clients if clients in plan.counts]
        with step(f"measuring {name}"), stage.servers(environment, setup, key) as (ports, others):
            made = stage.all_rows(ports, others, key, domain, ids)
            bodies = stage.warm_up(environment, made, plan.warm)
            samples = measure(made, plan, levels)
            if setup.with_peers and not more:
                result["bytes"] = stage.bytes_for_models(environment, ports["fast"], key, others)
                more = [*sealing.checks(environment, "fast", made, plan), *sizes.checks(result["bytes"])]
        table = report.figures(made, bodies, samples)
        result["setups"][name] = table
        result["checks"] += [{"passed": passed, "text": text} for passed, text in report.checks(name, table)]
        shares.append(_share(samples))
    result["checks"] += [{"passed": passed, "text": text} for passed, text in more]
    result["notes"] = _notes(environment, plan, busy, shares)
    return result


def _share(samples):
    # The load generator's own share of one core, for each number of clients.
    return {clients: sum(sample.cpu for sample in measured.values()) / sum(sample.wall for sample in measured.values())
            for clients, measured in samples.items()}


def _notes(environment, plan, busy, shares):
    requests = ", ".join(f"{count} by each of {clients}" for clients, count in plan.counts.items())
    generator = "; ".join(", ".join(f"{share:.0%} with {clients}" for clients, share in one.items()) for one in shares)
    postgresql = environment.sql("SELECT version()").split(" on ")[0]
    return [
        f"Odoo {odoo_version()}, a server for each door; workers of each: "
        + ", ".join(f"{name} {setup.workers}" for name, setup in stage.SETUPS.items()) + ". "
        f"{postgresql} with durable settings (fsync and synchronous_commit on).",
        "A new connection for each request, all on loopback; milliseconds until the whole answer was there.",
        f"{plan.rounds} rounds, every other one backwards. Rows with a bar are in each round, in turn with requests of "
        f"their reference row; the others are in one of {plan.others}. Requests: {requests} clients; one after the "
        f"other, {PAIRS} times as many of the rows with a bar that need no Odoo.",
        "Bytes in the tables of times: the answer's body. Ratio: to the row named, the median of the rounds' ratios of "
        "medians. A bar is broken when the whole 95% interval of that median is above it. Floor, empty route, /json/2 "
        "are on the fast door's server.",
        "Odoo queues 8 connections for each worker, too few for 32 clients: a test-only addon makes the queue longer, "
        "or the table would show the second after which a dropped client tries again.",
        "Without dbfilter: the server serves one named database (`-d`). With: the host name chooses, for which Odoo "
        "opens a connection of its own to the database `postgres` at each request.",
        "The other MCP servers are one process each, hold Odoo's API key themselves, use /json/2, write no audit row.",
        f"{os.cpu_count()} cores ({platform.machine()}) for load generator, PostgreSQL, Odoo and the others together; "
        f"load average before the start {busy:.2f}. The generator's own share of one core: {generator} clients.",
    ]


def write(result, folder):
    """Writes the result as Markdown and JSON. Returns the Markdown."""
    text = report.markdown(result)
    directory(folder)
    (folder / "result.md").write_text(text)
    (folder / "result.json").write_text(json.dumps(result, indent=1) + "\n")
    return text


def main():
    """Exits with 1 when a threshold is missed. A quick run has too few requests to judge."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--quick", action="store_true", help="a few requests for each row: does it all work?")
    length.add_argument("--long", action="store_true", help="more clients and rounds, every set-up, growth of parsers")
    parser.add_argument("--rounds", type=int, help="instead of the plan's number")
    parser.add_argument("--setup", action="append", choices=list(stage.SETUPS), help="only this one (may be repeated)")
    parser.add_argument("--output", type=Path, default=BUILD / "bench", help="folder for result.md and result.json")
    arguments = parser.parse_args()
    plan = QUICK if arguments.quick else LONG if arguments.long else NORMAL
    if arguments.rounds:
        plan = dataclasses.replace(plan, rounds=arguments.rounds, sealing=arguments.rounds)
    every = arguments.quick or arguments.long
    usual = [name for name, setup in stage.SETUPS.items() if every or 1 in setup.clients]
    try:
        with Environment(os.environ.get("ODOO_MCP_INSTANCE", "bench")) as environment:
            result = run(environment, plan, arguments.setup or usual)
    except (Failure, load.Refused) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if arguments.long:
        result["checks"] += [{"passed": passed, "text": text} for passed, text in growth.checks()]
    print(write(result, arguments.output))
    return 0 if arguments.quick or all(check["passed"] for check in result["checks"]) else 1


if __name__ == "__main__":
    sys.exit(main())
