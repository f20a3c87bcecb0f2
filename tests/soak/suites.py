"""Tests of `make test` whose values are other ones for each seed (what is hidden, how many ask at once), and all of
them with nothing left out."""

import os
import subprocess
import sys

from support.seed import VARIABLE

from harness import Failure, layers
from harness.console import progress
from harness.paths import BUILD, CHECKOUT

SUITES = {
    # Names with quotes, wildcards, other scripts: two worlds that differ in them must look the same.
    "bypass": ["tests/test_policy_bypass.py"],
    # Other numbers of clients, messages and tokens: exactly the allowed number passes.
    "limits": ["tests/test_limits_rate.py", "-k", "exactly_the_allowed_number"],
}


def whole(seeds):
    """Every test, nothing left out of the matrices that `make test` samples; one run, whatever number of seeds."""
    for seed in list(seeds)[:1]:
        progress("every test, whole matrices")
        result = layers.run_layer("pytest", None)
        if not result.good:
            raise Failure(f"not every test passes\n{result.output}")
        yield seed


def runner(suite):
    """What runs seeds of a suite, one after the other, and gives each that held."""

    def run(seeds):
        for seed in seeds:
            progress(f"{suite}, seed {seed}")
            command = [sys.executable, "-m", "pytest", "-q", "-x", "-o", f"cache_dir={BUILD / 'pytest_cache'}"]
            environment = {**os.environ, VARIABLE: str(seed), "PYTHONPATH": str(CHECKOUT / "tests")}
            if subprocess.run([*command, *SUITES[suite]], cwd=CHECKOUT, env=environment, check=False).returncode:
                raise Failure(f"{suite}: seed {seed} does not hold; --from {seed} runs it again")
            yield seed

    return run
