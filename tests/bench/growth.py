"""Time of everything that reads what a client sends, for inputs of 200 kB and 2 MB: what allocations do not show."""

import os
import re
import subprocess

from harness.extension import CARGO_TEST, cargo_environment
from harness.paths import CHECKOUT

COMMAND = [*CARGO_TEST, "--test", "properties", "--", "grows"]


def checks():
    """(passed, text) for each parser; all lines of the measurement are printed."""
    done = subprocess.run(COMMAND, check=False, cwd=CHECKOUT, env={**cargo_environment(), "PROPERTY_TIMES": "1"},
                          stdout=subprocess.PIPE, text=True)
    print(done.stdout)
    found = re.findall(r"^property (.*?) \.\.\. (ok|FAILED).*(?:\n    (.*))?", done.stdout, re.M)
    if not found or (done.returncode and all(verdict == "ok" for _name, verdict, _why in found)):
        return [(False, f"{os.fspath(CHECKOUT / 'tests' / 'properties')} did not run")]
    return [(verdict == "ok", f"{name}{': ' + why if why else ''}") for name, verdict, why in found]
