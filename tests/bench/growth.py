"""The time of all code that parses client input, for inputs of 200 kB and 2 MB. Counting allocations does not show
it."""

import os
import re
import subprocess

from harness.extension import CARGO_TEST, cargo_environment
from harness.paths import CHECKOUT

COMMAND = [*CARGO_TEST, "--test", "properties", "--", "grows"]


def checks():
    """(passed, text) for each parser. Prints all lines of the measurement."""
    done = subprocess.run(COMMAND, check=False, cwd=CHECKOUT, env={**cargo_environment(), "PROPERTY_TIMES": "1"},
                          stdout=subprocess.PIPE, text=True)
    print(done.stdout)
    found = re.findall(r"^property (.*?) \.\.\. (ok|FAILED).*(?:\n    (.*))?", done.stdout, re.M)
    if not found or (done.returncode and all(verdict == "ok" for _name, verdict, _why in found)):
        return [(False, f"{os.fspath(CHECKOUT / 'tests' / 'properties')} did not run")]
    return [(verdict == "ok", f"{name}{': ' + why if why else ''}") for name, verdict, why in found]
