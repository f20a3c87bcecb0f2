"""Tests of `make test` with other values for each seed (hidden values, number of clients), and all tests without
sampling."""

import os
import subprocess
import sys

from support.seed import VARIABLE

from harness import Failure, layers
from harness.console import progress
from harness.paths import BUILD, CHECKOUT

SUITES = {
    # Names with quotes, wildcards and other scripts: two databases that differ in them must give the same answers.
    "bypass": ["tests/policy/test_policy_bypass.py"],
    # Other numbers of clients, messages and tokens: exactly the allowed number passes.
    "limits": ["tests/limits/test_limits_rate.py", "-k", "exactly_the_allowed_number"],
}


def whole(seeds):
    """Every test, without the sampling of `make test`. One run, whatever the number of seeds."""
    for seed in list(seeds)[:1]:
        progress("every test, whole matrices")
        result = layers.run_layer("pytest", None)
        if not result.good:
            raise Failure(f"not every test passes\n{result.output}")
        yield seed


def runner(suite):
    """A function that runs the seeds of a suite in order and yields each that passed."""

    def run(seeds):
        for seed in seeds:
            progress(f"{suite}, seed {seed}")
            command = [sys.executable, "-m", "pytest", "-q", "-x", "-o", f"cache_dir={BUILD / 'pytest_cache'}"]
            environment = {**os.environ, VARIABLE: str(seed), "PYTHONPATH": str(CHECKOUT / "tests")}
            if subprocess.run([*command, *SUITES[suite]], cwd=CHECKOUT, env=environment, check=False).returncode:
                raise Failure(f"{suite}: seed {seed} does not hold; --from {seed} runs it again")
            yield seed

    return run
