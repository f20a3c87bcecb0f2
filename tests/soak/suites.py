"""Tests of `make test` whose values are other ones for each seed: what is hidden, how many ask at once."""

import os
import subprocess
import sys

from support.seed import VARIABLE

from harness import Failure
from harness.console import progress
from harness.paths import BUILD, CHECKOUT

SUITES = {
    # Names with quotes, wildcards, other scripts: two worlds that differ in them must look the same.
    "bypass": ["tests/test_policy_bypass.py"],
    # Other numbers of clients, messages and tokens: exactly the allowed number passes.
    "limits": ["tests/test_limits_rate.py", "-k", "exactly_the_allowed_number"],
}


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
