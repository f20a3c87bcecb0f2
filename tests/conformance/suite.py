"""Installs, lists and runs the suite, and parses its output.

package.json pins the version. With ODOO_MCP_CONFORMANCE_NEWEST, the newest version on npm runs.
"""

import functools
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from harness.npm import ensure_packages, node
from harness.paths import BUILD, CACHE, LOGS, directory
from harness.process import run

HERE = Path(__file__).parent
PACKAGE = "@modelcontextprotocol/conformance"
NEWEST = "ODOO_MCP_CONFORMANCE_NEWEST"

# The two revisions with a frozen list of requirements, and the earlier ones.
REQUIREMENTS = ("2026-07-28", "2025-11-25")
EARLIER = ("2025-06-18", "2025-03-26")
VERSIONS = REQUIREMENTS + EARLIER

_PATIENCE = 300


@functools.cache
def install():
    """The command that runs the suite, as a list."""
    home = ensure_packages(HERE, "npm-conformance")
    program = home
    if os.environ.get(NEWEST):
        program = CACHE / "npm-conformance-newest"
        shutil.rmtree(program, ignore_errors=True)
        directory(program)
        wanted = f"{PACKAGE}@{newest()}"
        run(["npm", "install", "--no-audit", "--no-fund", wanted], cwd=program, log=LOGS / "npm-newest.log")
    return [str(node(home)), str(program / "node_modules" / PACKAGE / "dist" / "index.js")]


def release():
    """The version of the suite."""
    package = Path(install()[1]).parents[1] / "package.json"
    return json.loads(package.read_text(encoding="utf-8"))["version"]


def newest():
    """The latest published version, including pre-releases."""
    return json.loads(run(["npm", "view", PACKAGE, "versions", "--json"], log=None).stdout)[-1]


@functools.cache
def _list(*options):
    return run([*install(), "list", "--server", *options]).stdout


@dataclass(frozen=True)
class Plan:
    """The run for one protocol version: the required scenarios, and those that are only reported."""

    version: str
    required: tuple
    reported: tuple

    @property
    def options(self):
        """The suite's own options for this run."""
        if self.version in REQUIREMENTS:
            return ["--requirements", self.version]
        return ["--spec-version", self.version, "--suite", "all"]


@functools.cache
def plan(version):
    """The scenarios of a version from the suite's own list, without extensions that the server does not offer."""
    if version in EARLIER:
        return Plan(version, tuple(re.findall(r"^  - (\S+) \[", _list("--spec-version", version), re.M)), ())
    text = _list("--requirements", version)
    required, _, unscored = text.partition("Run and reported, but never scored")
    required = re.search(r"^Server scenarios .*\n((?:  - .*\n)+)", required, re.M)[1]
    reported = []
    for reason, names in re.findall(r"^  ([\w-]+) \(\d+\):\n((?:    - .*\n?)+)", unscored, re.M):
        if reason != "extension":
            reported += re.findall(r"^    - (\S+) \[server\]", names, re.M)
    return Plan(version, tuple(re.findall(r"^  - (\S+)$", required, re.M)), tuple(reported))


@dataclass
class Outcome:
    """The result of one scenario: the number of passed checks, and the other checks by id."""

    passed: int = 0
    trouble: dict = field(default_factory=dict)


@dataclass
class Run:
    """One run of the suite: its exit status, its own summary, and the result of each scenario."""

    plan: Plan
    status: int
    summary: str
    outcomes: dict

    @property
    def passed(self):
        """The required scenarios without a failed check. Warnings do not count, as in the suite."""
        return [
            name
            for name in self.plan.required
            if name in self.outcomes and "FAILURE" not in self.outcomes[name].trouble.values()
        ]


def conduct(wanted, url, name):
    """Runs a plan against a server. `name` names the log and the folder with the results."""
    folder = BUILD / "reports" / "conformance" / name
    shutil.rmtree(folder, ignore_errors=True)
    directory(folder)
    log = directory(LOGS) / f"conformance-{name}.log"
    command = [*install(), "server", "--url", url, "--output-dir", str(folder), *wanted.options]
    with open(log, "wb") as output:
        done = subprocess.run(command, check=False, stdout=output, stderr=subprocess.STDOUT, timeout=_PATIENCE)
    text = log.read_text(encoding="utf-8", errors="replace")
    summary = text.partition("=== SUMMARY ===")[2].strip()
    return Run(wanted, done.returncode, summary, _outcomes(folder, summary))


def _outcomes(folder, summary):
    outcomes = {}
    for file in folder.glob("server-*/checks.json"):
        name = re.fullmatch(r"server-(.+?)-\d{4}-\d\d-\d\dT[\d-]+Z", file.parent.name)[1]
        outcome = outcomes[name] = Outcome()
        for check in json.loads(file.read_text(encoding="utf-8")):
            if check["status"] == "SUCCESS":
                outcome.passed += 1
            elif check["status"] in ("FAILURE", "WARNING"):
                # An id may be checked several times. The worst result counts.
                known = outcome.trouble.get(check["id"])
                outcome.trouble[check["id"]] = "FAILURE" if known == "FAILURE" else check["status"]
    # A scenario that could not run leaves no file, only its line.
    for name, failed in re.findall(r"^[✓✗] (\S+): \d+ passed, (\d+) failed$", summary, re.M):
        if name not in outcomes:
            outcomes[name] = Outcome(trouble={name: "FAILURE"} if int(failed) else {})
    return outcomes
