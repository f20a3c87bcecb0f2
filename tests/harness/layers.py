"""`make test`: every layer in order, seconds and counts of each, one closing line."""

import os
import re
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass

from . import extension, lint, odoo_server, prerequisites, regress
from .console import Failure, progress
from .environment import Environment
from .paths import BUILD, CACHE, CHECKOUT, LOGS, directory
from .process import watch
from .virtualenv import ensure_virtualenv

REQUIREMENTS = CHECKOUT / "tests" / "requirements.txt"
ADDON_TEST_DATABASE = "addon_tests"


@dataclass
class Result:
    """What a layer came to. A skipped test counts as failed: it has shown nothing."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    note: str = ""


def test_python():
    """The interpreter of the tests' own environment."""
    return ensure_virtualenv(CACHE / "test-venv", REQUIREMENTS)


def test_environment():
    """Variables for programs of the tests' own environment: our packages on the path, no byte code in the tree."""
    return {**os.environ, "PYTHONPATH": str(CHECKOUT / "tests"), "PYTHONDONTWRITEBYTECODE": "1"}


def clients():
    """Have the clients that are no Python packages; instant when they are there."""
    if watch([test_python(), "-m", "clients"], cwd=CHECKOUT, env=test_environment()):
        raise Failure("the clients cannot be installed, see the messages above")


def rust(_environment):
    """Unit tests and properties of the pure parts, without PostgreSQL."""
    command = ["cargo", "test", "--no-default-features"]
    done = subprocess.run(
        command, check=False, cwd=CHECKOUT, env=extension.cargo_environment(), text=True, stdout=subprocess.PIPE
    )
    print(done.stdout)
    counts = [
        tuple(map(int, found))
        for found in re.findall(r"^test result: .*? (\d+) passed; (\d+) failed; (\d+) ignored", done.stdout, re.M)
    ]
    passed, failed, ignored = map(sum, zip(*counts, strict=True)) if counts else (0, 0, 0)
    tried = re.findall(r"^properties: .*", done.stdout, re.M)
    # Properties that were not tried must not look as if they held.
    failed = failed or int(done.returncode != 0 or not tried)
    return Result(passed, failed, ignored, note="; ".join(tried))


def linters(_environment):
    """All linters."""
    return Result(*lint.run_checks())


def sql(environment):
    """The SQL surface by pg_regress."""
    passed, failed, _seconds = regress.run_regress(environment.cluster)
    return Result(passed, failed)


def addon(environment):
    """The addon's own tests, run by Odoo."""
    environment.fresh_database(ADDON_TEST_DATABASE, "plain")
    log = directory(LOGS) / "addon-tests.log"
    done = odoo_server.run_addon_tests(environment.cluster, ADDON_TEST_DATABASE, "odoo_mcp", log)
    text = log.read_text(encoding="utf-8", errors="replace")
    environment.drop_database(ADDON_TEST_DATABASE)
    return addon_counts(text, done.returncode)


def addon_counts(text, status):
    """Counts from Odoo's log: it says one line when all tests are done, and one for each that is skipped."""
    found = re.findall(r"odoo\.tests\.result: (\d+) failed, (\d+) error\(s\) of (\d+) tests", text)
    failed, errors, total = map(int, found[-1]) if found else (0, 0, 0)
    skipped = len(re.findall(r": skipped \S+ : ", text))
    wrong = failed + errors
    if status or wrong:
        print("\n".join(re.findall(r"^.* (?:ERROR|CRITICAL|FAIL) .*(?:\n(?!\d{4}-).*)*", text, re.M)))
        wrong = max(wrong, 1)
    return Result(max(total - wrong - skipped, 0), wrong, skipped)


def pytest(_environment):
    """Everything against the running Odoo: clients, protocol, governance, installation."""
    report = directory(BUILD / "reports") / "pytest.xml"
    report.unlink(missing_ok=True)
    # Minutes the first time, which no test should be charged with.
    clients()
    variables = test_environment()
    arguments = [
        "-m",
        "pytest",
        "tests",
        f"--junit-xml={report}",
        "-o",
        f"cache_dir={BUILD / 'pytest-cache'}",
        "--durations=15",
        "--strict-markers",
        # No test may hang; the first one of a session also waits for the servers.
        "--timeout=600",
        "-ra",
        *os.environ.get("PYTEST_ARGS", "").split(),
    ]
    status = watch([test_python(), *arguments], cwd=CHECKOUT, env=variables)
    if not report.exists():
        return Result(failed=1)
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    total = failed = skipped = 0
    for suite in suites:
        total += int(suite.get("tests"))
        failed += int(suite.get("failures")) + int(suite.get("errors"))
        skipped += int(suite.get("skipped"))
    # A status other than 0 in a run without failures: it did not end well.
    return Result(max(total - failed - skipped, 0), failed or int(status != 0 and not skipped), skipped)


LAYERS = {"rust": rust, "lint": linters, "sql": sql, "addon": addon, "pytest": pytest}


def run_layers(chosen):
    """Run the layers named (all when none is); print the table and the closing line; the exit status."""
    unknown = set(chosen) - set(LAYERS)
    if unknown:
        raise Failure(f"no layer {', '.join(sorted(unknown))}; there are {', '.join(LAYERS)}")
    started = time.monotonic()
    prerequisites.ensure(tests=True)
    results = {}
    with Environment() as environment:
        for name, layer in LAYERS.items():
            if chosen and name not in chosen:
                continue
            progress(f"layer {name}: {layer.__doc__.splitlines()[0]}")
            begun = time.monotonic()
            try:
                result = layer(environment)
            except Failure as failure:
                print(f"error: {failure}", flush=True)
                result = Result(failed=1)
            if not result.passed + result.failed + result.skipped:
                print(f"error: layer {name} has no tests", flush=True)
                result.failed = 1
            result.seconds = time.monotonic() - begun
            results[name] = result
    print_table(results, time.monotonic() - started)
    return 1 if any(result.failed or result.skipped for result in results.values()) else 0


def print_table(results, seconds):
    """Seconds and counts per layer, and the closing line that sums them."""
    print(f"\n{'layer':<10}{'seconds':>10}{'passed':>10}{'failed':>10}{'skipped':>10}")
    for name, result in results.items():
        print(f"{name:<10}{result.seconds:>10.1f}{result.passed:>10}{result.failed:>10}{result.skipped:>10}")
    passed = sum(result.passed for result in results.values())
    failed = sum(result.failed for result in results.values())
    skipped = sum(result.skipped for result in results.values())
    setup = seconds - sum(result.seconds for result in results.values())
    print(f"{'set-up':<10}{setup:>10.1f}\n{'total':<10}{seconds:>10.1f}\n")
    for name, result in results.items():
        if result.note:
            print(f"{name}: {result.note}")
    if skipped:
        print(f"a skipped test counts as failed: {skipped} skipped")
    print(f"{passed} passed, {failed + skipped} failed", flush=True)
