"""python -m soak [part] [--seeds n]: seeds that have held are remembered; a run goes on where the last one ended."""

import argparse
import json
import os
import sys

from support import sample

from harness.paths import BUILD, directory

from . import crash, suites

PARTS = {"crash": crash.run, "whole": suites.whole, **{name: suites.runner(name) for name in suites.SUITES}}


def main():
    """Status 1 when a seed does not hold; its number is in the message, and `--from` runs it again."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("part", nargs="*", help=", ".join(PARTS))
    parser.add_argument("--seeds", type=int, default=10, help="how many more")
    parser.add_argument("--from", type=int, dest="first", help="begin with this seed instead of the next one")
    arguments = parser.parse_args()
    os.environ[sample.VARIABLE] = sample.ALL
    for part in arguments.part or PARTS:
        file = directory(BUILD / "soak") / f"{part}.json"
        held = json.loads(file.read_text()) if file.exists() else []
        first = arguments.first if arguments.first is not None else max(held, default=0) + 1
        for seed in PARTS[part](range(first, first + arguments.seeds)):
            held = sorted({*held, seed})
            file.write_text(json.dumps(held))
        print(f"{part}: {len(held)} seeds have held, up to {max(held)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
